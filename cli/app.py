"""The `deck` app: its commands in the order in which a person meets them."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

from typing import Annotated

import typer

from cli import __version__
from cli.commands import (
    account,
    admin,
    advisories,
    audit,
    aws,
    backends,
    build,
    cloud,
    delivery,
    deploy,
    deployments,
    detect,
    device,
    dns,
    domains,
    env,
    env_many,
    environments,
    factors,
    git,
    guard,
    hooks,
    keys,
    members,
    policy,
    previews,
    project,
    protect,
    purge,
    queue,
    release,
    rollout,
    rules,
    schedules,
    session,
    settings,
    sso,
    supply,
    team,
)
from cli.context import ApiOption, JsonOption, of
from cli.door import Door

app = typer.Typer(
    name="deck",
    cls=Door,
    help="Deploy sites with CloudDeck.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Deploy sites with CloudDeck."""
    out = of(ctx).out
    if version:
        out.result({"version": __version__}, lambda: out.say(f"deck {__version__}"))
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


for command in (
    cloud.up,
    cloud.down,
    cloud.status,
    cloud.doctor,
    session.login,
    session.logout,
    session.whoami,
    account.signup,
    account.confirm,
    account.reset,
    account.password,
    account.profile,
    project.init,
    project.link,
    project.unlink,
    project.projects,
    detect.detect,
    detect.config,
    deploy.deploy,
    deployments.list_,
    deployments.inspect,
    deployments.logs,
    build.build,
    queue.queue,
    deployments.open_,
    deployments.promote,
    deployments.rollback,
    deployments.cancel,
    release.release,
    release.diff,
    release.history,
    release.lock,
    release.unlock,
    release.unpin,
    previews.previews,
    previews.pulls,
    previews.approve,
    supply.verify,
    supply.sbom,
    supply.vulnerabilities,
    supply.advice,
    aws.install,
    aws.upgrade,
    aws.uninstall,
    aws.cost,
):
    app.command(name=command.__name__.rstrip("_"))(command)
app.command(name="tests")(build.show_tests)
app.add_typer(account.access, name="access")
env.app.command(name="import")(env_many.import_)
env.app.command()(env_many.effective)
env.app.command()(env_many.history)
app.add_typer(env.app, name="env")
app.add_typer(environments.app, name="environments")
app.add_typer(settings.app, name="settings")
app.add_typer(hooks.app, name="hooks")
app.add_typer(delivery.app, name="delivery")
app.add_typer(schedules.app, name="schedules")
app.add_typer(rules.app, name="rules")
app.add_typer(rollout.app, name="rollout")
app.add_typer(protect.app, name="protect")
app.command()(protect.share)
app.command()(protect.shares)
app.command()(protect.unshare)
app.add_typer(guard.app, name="guard")
app.command()(purge.purge)
app.command()(backends.backends)
app.add_typer(domains.app, name="domains")
app.command()(domains.certificates)
app.add_typer(dns.app, name="dns")
app.add_typer(git.app, name="git")
app.command()(policy.can)
app.add_typer(policy.app, name="policy")
app.add_typer(team.app, name="team")
app.add_typer(members.app, name="members")
app.command()(members.invite)
app.add_typer(members.invitations, name="invitations")
app.add_typer(keys.app, name="keys")
app.add_typer(keys.deploy_keys, name="deploy-keys")
app.add_typer(device.app, name="device")
app.add_typer(factors.mfa, name="mfa")
app.add_typer(factors.sessions, name="sessions")
app.add_typer(sso.app, name="sso")
app.add_typer(audit.app, name="audit")
admin.app.add_typer(advisories.app, name="osv")
admin.app.command(name="github-app")(git.github_app)
app.add_typer(admin.app, name="admin")
app.command(name="git-credential", hidden=True)(session.git_credential)
