"""One address for many questions."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from chalicelib.core.http import SIGNED_IN, Call, Input, Output, Routes
from chalicelib.graphql import actions

routes = Routes("graphql")


class GraphqlInput(Input):
    """A GraphQL document and what it takes."""

    query: str
    variables: dict[str, Any] | None = None
    operationName: str | None = Field(  # noqa: N815  # what all clients call it
        None, max_length=200, description="which, if it holds several"
    )
    extensions: dict[str, Any] | None = Field(None, description="what clients add; not looked at")


class GraphqlPlace(Output):
    """A place in a document."""

    line: int
    column: int


class GraphqlError(Output):
    """An error: of the document, or of one field while the others were answered."""

    message: str
    extensions: dict[str, Any] = Field(description="as a Problem: `code`, `status`, `hint`")
    locations: list[GraphqlPlace] | None = None
    path: list[str | int] | None = None


class GraphqlAnswer(Output):
    """What was found, and what went wrong."""

    data: dict[str, Any] | None = None
    errors: list[GraphqlError] | None = None


@routes.post(
    "/graphql",
    permission=SIGNED_IN,
    body=GraphqlInput,
    answer=GraphqlAnswer,
    limit="read",
    audited=False,
    passes_on=True,
)
def graphql(call: Call) -> dict[str, Any]:
    """Many questions, or changes, in one request; each as its own route, permissions and all."""
    asked = call.body
    return actions.answer(call, asked.query, asked.variables, asked.operationName)
