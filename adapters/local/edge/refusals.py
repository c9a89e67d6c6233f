"""The answers to visitors who get no file."""

from dataclasses import replace

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context
from adapters.local.edge.store import AbsentError
from chalicelib.edge.rules import pages
from chalicelib.edge.rules.resolve import Decision


def method(context: Context) -> Answer:
    """Sites are read, not written to."""
    return answers.page(pages.METHOD, context, headers=[("Allow", "GET, HEAD")], close=True)


def no_file(decision: Decision, context: Context) -> Answer:
    """A path that leads nowhere."""
    if decision.status == 404:
        return answers.page(pages.NOT_FOUND, context)
    return answers.page(pages.bad_address(decision.status, decision.reason), context)


def no_deployment(context: Context) -> Answer:
    """A preview or pin of nothing, or of another site: one answer, and no deployment named."""
    return answers.page(pages.NO_DEPLOYMENT, replace(context, deployment=""))


def unavailable(error: Exception, context: Context) -> Answer:
    """A file of this deployment cannot be had now; other deployments are no substitute."""
    missing = isinstance(error, AbsentError)
    return answers.page(pages.unavailable(context.deployment, missing=missing), context)
