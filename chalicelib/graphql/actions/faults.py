"""Errors of a GraphQL answer: each with the code, the hint and the status of our Problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Invalid, Problem

if TYPE_CHECKING:
    from graphql import GraphQLError

_LONGEST = 500


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error as `errors` of the answer lists it."""
    from graphql import GraphQLSyntaxError

    problem = error.original_error
    if not isinstance(problem, Problem):
        problem = (
            syntax(error)
            if isinstance(error, GraphQLSyntaxError)
            else Invalid(
                "graphql_invalid",
                error.message[:_LONGEST],
                hint="Look the field up in the schema; introspection shows it.",
            )
        )
    extensions: dict[str, Any] = {"code": problem.code, "status": problem.status}
    if problem.hint:
        extensions["hint"] = problem.hint
    if problem.errors:
        extensions["errors"] = [
            {"pointer": e.pointer, "detail": e.detail, "code": e.code} for e in problem.errors
        ]
    found: dict[str, Any] = {"message": problem.detail, "extensions": extensions}
    if error.locations:
        found["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        found["path"] = error.path
    return found


def syntax(error: GraphQLError) -> Problem:
    """What is said of a document that cannot be read."""
    from chalicelib.graphql.rules import MAX_TOKENS

    if "more than" in error.message and "tokens" in error.message:
        return too_large(f"The document has more than {MAX_TOKENS} words and brackets.")
    if "nested too deeply" in error.message:
        return too_large("The document is nested too deeply to be read.")
    return Problem(
        "graphql_syntax",
        error.message[:_LONGEST],
        hint="Correct the document where `locations` says.",
        status=400,
    )


def too_large(detail: str) -> Problem:
    """A document over one of the limits."""
    return Invalid(
        "query_too_large", detail, hint="Ask for less at once, in several requests if need be."
    )


def too_costly(detail: str) -> Problem:
    """A document that would ask too many routes, or for too many things."""
    return Invalid(
        "query_too_costly",
        detail,
        hint="Give lists a smaller `limit`, or ask for what is in them in requests of their own.",
    )
