"""The schema: the table of links, with the types of the routes behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any, get_args

import strawberry
from graphql import ExecutionResult, GraphQLError
from pydantic import BaseModel
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from chalicelib.core.errors import Problem
from chalicelib.core.http import Route
from chalicelib.core.observe import logger
from chalicelib.graphql.actions.asking import Asker, route
from chalicelib.graphql.actions.types import LONG, Long, Types, given, text_of
from chalicelib.graphql.rules.links import LINKS, MUTATIONS, NODES, QUERIES, Link


@dataclass(frozen=True)
class Graph:
    """The schema, and which of its fields ask a route: (type, field as the schema spells it)."""

    schema: strawberry.Schema
    asking: frozenset[tuple[str, str]]

    def run(
        self, query: str, variables: dict[str, Any] | None, operation: str | None, asker: Asker
    ) -> ExecutionResult:
        """Validate and carry out a document; what goes wrong stands in the result."""
        try:
            done: Any = self.schema.execute_sync(
                query, variables, context_value=asker, operation_name=operation
            )
        except CannotGetOperationTypeError as error:
            return ExecutionResult(None, [GraphQLError(error.as_http_error_reason())])
        except InvalidOperationTypeError:
            return ExecutionResult(None, [GraphQLError("There are queries and mutations only.")])
        return ExecutionResult(done.data, done.errors)


@lru_cache(maxsize=1)
def graph() -> Graph:
    """The schema of all routes; made once in a process."""
    types = Types({_node(*where): name for name, where in NODES.items()})
    every = (*QUERIES, *MUTATIONS, *(link for links in LINKS.values() for link in links))
    types.collect([*types.names, *(route(link.route).answer for link in every)])
    for name, model in types.outputs.items():
        links = LINKS.get(name, ())
        fields = [*types.fields(model, {link.name for link in links}), *_fields(links, types)]
        types.output(name, fields, text_of(model))
    schema = _Schema(
        query=types.output("Query", _fields(QUERIES, types), "What can be read."),
        mutation=types.output("Mutation", _fields(MUTATIONS, types), "The deeds of every day."),
        config=StrawberryConfig(default_resolver=_held, scalar_map={Long: LONG}),
    )
    parents = {"Query": QUERIES, "Mutation": MUTATIONS, **LINKS}
    return Graph(
        schema,
        frozenset((name, _camel(link.name)) for name, links in parents.items() for link in links),
    )


class _Schema(strawberry.Schema):
    """Errors are told to the caller; those of our own making were logged where they arose."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log what is no Problem: a fault in this very package."""
        del execution_context
        for error in errors:
            if error.original_error is not None and not isinstance(error.original_error, Problem):
                logger().error("unexpected", exc_info=error.original_error)


def _node(name: str, listed: str) -> type[BaseModel]:
    answer = route(name).answer
    if not listed:
        return answer
    item: type[BaseModel]
    (item,) = get_args(answer.model_fields[listed].annotation)
    return item


def _held(source: Any, name: str) -> Any:
    """A field of what a route answered; a link took the name of what ends in `_id`."""
    return source[name] if name in source else source[name.removesuffix("_id")]


def _fields(links: Iterable[Link], types: Types) -> list[StrawberryField]:
    return [_field(link, types) for link in links]


def _field(link: Link, types: Types) -> StrawberryField:
    """A field that asks a route."""
    of = route(link.route)
    # an error of one field leaves its neighbours as they are, so each may be null
    expression = f"Optional[{types.expression(of.answer)}]"
    return StrawberryField(
        python_name=link.name,
        type_annotation=StrawberryAnnotation(expression, namespace=types.made),
        base_resolver=StrawberryResolver(_resolver(link, of, types)),
        description=f"{text_of(of.view)} As `{link.route}`; needs `{of.permission}`.",
    )


def _resolver(link: Link, of: Route, types: Types) -> Callable[..., Any]:
    """What strawberry calls; its signature is what the route takes and the parent does not give."""
    names = [name for name in re.findall(r"{(\w+)}", of.path) if name not in link.path]

    def resolve(root: Any, info: strawberry.Info[Asker, None], **told: Any) -> Any:
        path = {name: str(told[name]) for name in names}
        for name, key in link.path.items():
            if root[key] is None:
                return None
            path[name] = str(root[key])
        body = given(told["input"]) if "input" in told else None
        query = {key: told[key] for key in told if key not in {*names, "input"}}
        query = {key: value for key, value in query.items() if value is not None}
        query.update({key: root[value] for key, value in link.query.items()})
        if of.method == "GET":
            return info.context.read(of, path, query)
        return info.context.change(of, path, query, body, str(info.path.key))

    takes = [
        Parameter("root", Parameter.POSITIONAL_OR_KEYWORD),
        Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
        *(Parameter(name, Parameter.KEYWORD_ONLY, annotation=str) for name in names),
        *_query(link, of, types),
    ]
    if of.body is not None:
        body_type = types.input(of.body)
        takes.append(Parameter("input", Parameter.KEYWORD_ONLY, annotation=body_type))
    # functions have no such attribute until somebody says so: inspect's own convention
    vars(resolve)["__signature__"] = Signature(takes)
    return resolve


def _query(link: Link, of: Route, types: Types) -> list[Parameter]:
    if of.query is None:
        return []
    of.query.model_rebuild()
    found = []
    for name, told in of.query.model_fields.items():
        if name in link.query:
            continue
        kind = types.argument(told.annotation)
        extra = {} if told.is_required() else {"default": told.default}
        found.append(Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, **extra))
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
