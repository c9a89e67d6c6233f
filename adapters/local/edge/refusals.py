"""The pages for visitors who get no file: whose mistake it is, and what to do."""

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context
from adapters.local.edge.store import AbsentError
from chalicelib.edge.rules.resolve import Decision


def method(context: Context) -> Answer:
    """Sites are read, not written to."""
    text = "This address can only be read."
    headers = [("Allow", "GET, HEAD")]
    return answers.page(
        405, "Not allowed", text, context, code="method", headers=headers, close=True
    )


def unknown_host(context: Context) -> Answer:
    """No site has this name, or it was taken off the air."""
    text = "There is no site at this address. Check the spelling, or deploy one."
    return answers.page(404, "No site here", text, context, code="unknown_host")


def not_published(context: Context) -> Answer:
    """A site before its first deployment."""
    text = "This site exists, but nothing has been published yet."
    return answers.page(404, "Nothing here yet", text, context, code="not_published")


def no_file(decision: Decision, context: Context) -> Answer:
    """The pages for paths that lead nowhere."""
    if decision.status == 404:
        text = "This site has no page at this address."
        return answers.page(404, "Page not found", text, context, code="not_found")
    text = "This address cannot be understood."
    return answers.page(decision.status, "Bad address", text, context, code=decision.reason)


def no_deployment(context: Context) -> Answer:
    """A preview or pin of nothing, or of another site: one answer, and no deployment named."""
    bare = Context(context.host, context.site, "", context.path)
    text = "This site has no such deployment."
    return answers.page(404, "No deployment here", text, bare, code="unknown_deployment")


def unavailable(error: Exception, context: Context) -> Answer:
    """A file of this deployment cannot be had now; other deployments are no substitute."""
    code = "blob_missing" if isinstance(error, AbsentError) else "store_unavailable"
    text = (
        f"A file of deployment {context.deployment} cannot be read from the store right now. "
        "The rest of the site is not affected; please try again in a moment."
    )
    return answers.page(502, "File not available", text, context, code=code)
