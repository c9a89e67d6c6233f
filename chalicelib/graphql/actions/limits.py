"""How large a document is, and what answering it would take: known before anything is checked.

Fragments are measured once each, whatever number of times they are spread, so measuring takes no
longer than reading. What a fragment adds counts at every place, though.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)
from graphql.type import (
    GraphQLList,
    GraphQLNonNull,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
)

from chalicelib.graphql import rules
from chalicelib.graphql.actions import faults
from chalicelib.graphql.actions.schema import Graph

_META = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
    "__typename": TypeNameMetaFieldDef,
}
_INTO = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})
"""Fields by which one goes from a type of the schema to others."""


@dataclass(frozen=True)
class Size:
    """What a part of a document adds: depth and numbers of fields, and its cost where it stands."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    introspected: int = 0
    cost: float = 0

    def beside(self, other: Size) -> Size:
        """Both, one after the other."""
        return Size(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            max(self.introspected, other.introspected),
            self.cost + other.cost,
        )


def check(document: DocumentNode, variables: dict[str, Any], graph: Graph) -> None:
    """Raise Problem `query_too_large` or `query_too_costly` for a document over a limit."""
    fragments = {
        part.name.value: part
        for part in document.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    operations = [
        part for part in document.definitions if isinstance(part, OperationDefinitionNode)
    ]
    measure = _Measure(graph, fragments, variables)
    whole = Size()
    for operation in operations:
        root = graph.schema._schema.get_root_type(operation.operation)
        whole = whole.beside(measure.selections(operation.selection_set, root, None))
    for name in fragments:  # those that nobody spreads are validated as well
        whole = whole.beside(replace(measure.fragment(name, None), fields=0, aliases=0, cost=0))
    for found, limit, what in (
        (whole.depth, rules.MAX_DEPTH, "levels of fields"),
        (whole.fields, rules.MAX_FIELDS, "fields, fragments spread out"),
        (whole.aliases, rules.MAX_ALIASES, "aliases"),
        (whole.introspected, rules.MAX_INTROSPECTED, "steps from type to type of the schema"),
    ):
        if found > limit:
            raise faults.too_large(f"The document has more than {limit} {what}.")
    if whole.cost > rules.MAX_COST:
        raise faults.too_costly(
            f"The document may cost {whole.cost:,.0f} points; {rules.MAX_COST:,} are allowed. A "
            f"field that asks a route costs {rules.ASK}, an item of a list 1, and what is inside a "
            "list counts for each of its items."
        )


@dataclass
class _Measure:
    graph: Graph
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]
    known: dict[tuple[str, int | None], Size] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def selections(self, of: SelectionSetNode, parent: Any, page: int | None) -> Size:
        """What a selection costs in one object; `page` is the `limit` of the list around it."""
        found = Size()
        for part in of.selections:
            if isinstance(part, FieldNode):
                found = found.beside(self.field(part, parent, page))
            elif isinstance(part, InlineFragmentNode):
                inner = self._type(part.type_condition, parent)
                found = found.beside(self.selections(part.selection_set, inner, page))
            elif isinstance(part, FragmentSpreadNode):
                found = found.beside(self.fragment(part.name.value, page))
        return found

    def fragment(self, name: str, page: int | None) -> Size:
        """A fragment, measured once; validation names one that leads back to itself."""
        definition = self.fragments.get(name)
        if definition is None or name in self.open:
            return Size()
        if (name, page) not in self.known:
            self.open.add(name)
            parent = self._type(definition.type_condition, None)
            self.known[name, page] = self.selections(definition.selection_set, parent, page)
            self.open.discard(name)
        return self.known[name, page]

    def field(self, of: FieldNode, parent: Any, page: int | None) -> Size:
        """A field with all that is in it."""
        name = of.name.value
        told: Any = _META.get(name) or (parent.fields.get(name) if _has_fields(parent) else None)
        kind = None if told is None else get_named_type(told.type)
        cost, times = 0.0, 1
        if (getattr(parent, "name", ""), name) in self.graph.asking:
            cost, page = float(rules.ASK), self.limit(of, told)
        elif (
            told is not None and kind is not None and not is_leaf_type(kind) and _is_list(told.type)
        ):
            times, page = page or rules.UNTOLD, None
            cost = float(times)
        inner = Size()
        if of.selection_set is not None:
            inner = self.selections(of.selection_set, kind, page)
        into = getattr(parent, "name", "") == "__Type" and name in _INTO
        return Size(
            inner.depth + 1,
            inner.fields + 1,
            inner.aliases + (of.alias is not None),
            inner.introspected + into,
            cost + times * inner.cost,
        )

    def limit(self, of: FieldNode, told: Any) -> int | None:
        """How many items a list is asked for; None for a route that takes no `limit`."""
        if told is None or "limit" not in told.args:
            return None
        for argument in of.arguments or ():
            if argument.name.value == "limit":
                value: Any = argument.value
                if isinstance(value, IntValueNode):
                    wanted = value.value[:10]
                    return min(abs(int(wanted)), rules.MAX_LIMIT)
                if isinstance(value, VariableNode):
                    sent = self.variables.get(value.name.value)
                    if isinstance(sent, int):
                        return min(abs(sent), rules.MAX_LIMIT)
                return rules.MAX_LIMIT
        default = told.args["limit"].default_value
        return min(default, rules.MAX_LIMIT) if isinstance(default, int) else rules.MAX_LIMIT

    def _type(self, condition: Any, otherwise: Any) -> Any:
        if condition is None:
            return otherwise
        return self.graph.schema._schema.get_type(condition.name.value)


def _has_fields(kind: Any) -> bool:
    return isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)


def _is_list(kind: Any) -> bool:
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)
