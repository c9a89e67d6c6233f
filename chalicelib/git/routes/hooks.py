"""Where git hosts send their webhooks."""

from __future__ import annotations

from chalicelib.core.http import PUBLIC, Call, Output
from chalicelib.git.actions import deliveries
from chalicelib.git.routes.blueprint import routes


class Receipt(Output):
    """What came of a webhook."""

    delivery: str
    events: int
    reason: str | None = None


@routes.post(
    "/hooks/git/{provider}/{project}",
    permission=PUBLIC,
    answer=Receipt,
    status=202,
    also=(200,),
    problems=(401, 422),
    limit="hook",
    audited=False,  # the log has it from the deployment that begins
)
def hear_host(call: Call) -> Receipt | tuple[Receipt, dict[str, str], int]:
    """A webhook of a project's repository, signed with the secret of that project."""
    webhook = deliveries.Webhook(call.headers, call.raw)
    return _receipt(deliveries.of_project(call.path["provider"], call.path["project"], webhook))


@routes.post(
    "/hooks/github",
    permission=PUBLIC,
    answer=Receipt,
    status=202,
    also=(200,),
    problems=(401, 404, 422),
    limit="hook",
    audited=False,
)
def hear_github_app(call: Call) -> Receipt | tuple[Receipt, dict[str, str], int]:
    """A webhook of the GitHub App, signed with the App's secret."""
    return _receipt(deliveries.of_app(deliveries.Webhook(call.headers, call.raw)))


def _receipt(taken: deliveries.Taken) -> Receipt | tuple[Receipt, dict[str, str], int]:
    receipt = Receipt(delivery=taken.delivery, events=taken.events, reason=taken.reason or None)
    return (receipt, {}, 200) if taken.is_ping else receipt
