"""The Chalice app: every subject's routes behind one handler. Opens nothing at import."""

from chalicelib import wiring
from chalicelib.accounts.routes import routes as accounts
from chalicelib.admin.routes import routes as admin
from chalicelib.artifacts.routes import routes as artifacts
from chalicelib.audit.routes import routes as audit
from chalicelib.builds.routes import detection
from chalicelib.builds.routes import routes as builds
from chalicelib.builds.routes.queue import routes as queue
from chalicelib.core.http import App
from chalicelib.deployments.routes import routes as deployments
from chalicelib.deployments.routes.built import routes as built
from chalicelib.domains.routes import routes as domains
from chalicelib.git.routes import routes as git
from chalicelib.graphql.routes import routes as graphql
from chalicelib.identity.routes import routes as identity
from chalicelib.meta.routes import routes as meta
from chalicelib.overview.routes import routes as overview
from chalicelib.projects.routes import routes as projects
from chalicelib.protection.routes import routes as protection
from chalicelib.push.routes import routes as push
from chalicelib.rollouts.routes import routes as rollouts
from chalicelib.routing.routes import routes as rules
from chalicelib.supply.routes import routes as supply
from chalicelib.teams.routes import routes as teams
from chalicelib.traffic.routes import routes as traffic

wiring.install()
app = App("clouddeck", configure_logs=False)

for subject in (
    identity,
    teams,
    accounts,
    audit,
    admin,
    projects,
    protection,
    git,
    artifacts,
    detection,
    builds,
    queue,
    rules,
    deployments,
    built,
    rollouts,
    supply,
    domains,
    push,
    traffic,
    overview,
    meta,
    graphql,
):
    app.register_blueprint(subject)
