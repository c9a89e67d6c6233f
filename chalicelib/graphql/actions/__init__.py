"""Answering a GraphQL request. Everything heavy is imported by the first one that comes."""

from __future__ import annotations

from typing import Any

from chalicelib.core.http import Call
from chalicelib.graphql.rules import MAX_CHARACTERS, MAX_TOKENS, MOST_ERRORS


def answer(
    call: Call, query: str, variables: dict[str, Any] | None, operation: str | None
) -> dict[str, Any]:
    """`data`, `errors`, or both, as the specification of GraphQL has them; raises nothing.

    Every field that fetches something calls the route it stands for, as the caller of `call`.
    """
    from graphql import GraphQLError, parse

    from chalicelib.core.errors import Problem
    from chalicelib.graphql.actions import faults, limits
    from chalicelib.graphql.actions.asking import Asker
    from chalicelib.graphql.actions.schema import graph

    try:
        if len(query) > MAX_CHARACTERS:
            raise faults.too_large(f"The document has more than {MAX_CHARACTERS:,} characters.")
        document = parse(query, max_tokens=MAX_TOKENS)
        limits.check(document, variables or {}, graph())
        operations = [part for part in document.definitions if part.kind == "operation_definition"]
        if len(operations) > 1 and operation is None:
            raise GraphQLError("The document holds several operations: say `operationName`.")
    except GraphQLError as error:
        return {"errors": [faults.shown(error)]}
    except Problem as problem:
        return {"errors": [faults.shown(GraphQLError("", original_error=problem))]}
    done = graph().run(query, variables, operation, Asker(call))
    found: dict[str, Any] = {}
    if done.errors:
        found["errors"] = [faults.shown(error) for error in done.errors[:MOST_ERRORS]]
    # without data nothing was carried out: the document did not fit the schema
    if done.data is not None or not done.errors or any(error.path for error in done.errors):
        found["data"] = done.data
    return found
