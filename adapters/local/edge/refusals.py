"""The answers to visitors who get no file."""

from dataclasses import replace

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context, Headers
from adapters.local.edge.store import AbsentError
from chalicelib.edge.rules import pages
from chalicelib.edge.rules.routing.verdicts import Nothing, Refused


def method(context: Context) -> Answer:
    """Sites are read, not written to."""
    return answers.page(pages.METHOD, context, headers=[("Allow", "GET, HEAD")], close=True)


def nothing(verdict: Nothing, context: Context, headers: Headers) -> Answer:
    """A path that leads nowhere, or whose rule says no more than a status."""
    if verdict.rule is not None:
        return answers.page(pages.ruled(verdict.status), context, ruled=headers)
    if verdict.status == 404:
        return answers.page(pages.NOT_FOUND, context, ruled=headers)
    return answers.page(pages.bad_address(verdict.status, verdict.reason), context)


def credentials(verdict: Refused, context: Context, headers: Headers) -> Answer:
    """Who wants to see this has to say a name and a password (RFC 7617)."""
    asked = ("WWW-Authenticate", f'Basic realm="{verdict.realm}", charset="UTF-8"')
    return answers.page(pages.CREDENTIALS, context, headers=[asked], ruled=headers)


def no_deployment(context: Context) -> Answer:
    """A preview or pin of nothing, or of another site: one answer, and no deployment named."""
    return answers.page(pages.NO_DEPLOYMENT, replace(context, deployment=""))


def unavailable(error: Exception, context: Context) -> Answer:
    """A file of this deployment cannot be had now; other deployments are no substitute."""
    missing = isinstance(error, AbsentError)
    return answers.page(pages.unavailable(context.deployment, missing=missing), context)
