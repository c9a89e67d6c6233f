"""GraphQL types out of the models of the routes, so that both say the same."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NewType, Optional, Union, get_args, get_origin

import strawberry
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from strawberry.annotation import StrawberryAnnotation
from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)
LONG: ScalarDefinition = strawberry.scalar(
    name="Long",
    description="A whole number of up to 64 bits; as JSON a number.",
    serialize=int,
    parse_value=int,
)


@dataclass
class Types:
    """The types that were made, by their names in the schema."""

    names: dict[type[BaseModel], str]
    """Names of the models that are known by another name than their own."""

    made: dict[str, Any] = field(
        default_factory=lambda: {
            "Optional": Optional,
            "ID": strawberry.ID,
            "Long": Long,
            "JSON": JSON,
        }
    )
    outputs: dict[str, type[BaseModel]] = field(default_factory=dict)

    def collect(self, models: Iterable[type[BaseModel]]) -> None:
        """Know these models and all in them, which get the name of their subject before theirs."""
        found: dict[type[BaseModel], None] = {}
        for model in models:
            _within(model, found)
        for model in found:
            if model not in self.names and not _listed(model):
                # never the bare name: another subject may have one like it tomorrow
                subject = model.__module__.split(".")[1].capitalize()
                self.names[model] = f"{subject}{_plain(model)}"
        for model in found:
            if model not in self.names:
                self.names[model] = f"{self.names[_listed(model)]}Page"
        self.outputs.update({self.names[model]: model for model in found})

    def expression(self, wanted: Any) -> str:
        """A type of an answer as text, to be looked up among `made` once all are there."""
        inner = _bare(wanted)
        if inner is not None and inner is not wanted:
            return f"Optional[{self.expression(inner)}]"
        wanted = _unwrapped(wanted)
        if get_origin(wanted) is list:
            return f"list[{self.expression(get_args(wanted)[0])}]"
        if isinstance(wanted, type) and issubclass(wanted, BaseModel):
            return self.names[wanted] if wanted.model_fields else "bool"
        if wanted is int:
            return "Long"
        if wanted is type(None):
            return "Optional[str]"
        return wanted.__name__ if wanted in {str, float, bool} else "JSON"

    def fields(self, model: type[BaseModel], renamed: Iterable[str]) -> list[StrawberryField]:
        """The fields of a model; those in `renamed` are called `<name>_id`."""
        model.model_rebuild()
        return [
            self.field(
                f"{name}_id" if name in renamed else name,
                "ID" if name == "id" else self.expression(told.annotation),
                told,
            )
            for name, told in model.model_fields.items()
        ]

    def output(self, name: str, fields: list[StrawberryField], text: str | None) -> Any:
        """Make a type; what its fields name may be made later."""
        space: dict[str, Any] = {part.python_name: part for part in fields}
        told = {part.python_name: part.type_annotation for part in fields}
        space["__annotations__"] = dict.fromkeys(told, JSON)
        made = types.new_class(name, (), {}, lambda body: body.update(space))
        self.made[name] = strawberry.type(made, name=name, description=text)
        # making a class resolves the types of its fields, and not all of them are there by then
        for part in self.made[name].__strawberry_definition__.fields:
            part.type_annotation = told[part.python_name]
        return self.made[name]

    def field(self, name: str, expression: str, told: FieldInfo) -> StrawberryField:
        """A field that is read from the object it belongs to."""
        return StrawberryField(
            python_name=name,
            type_annotation=StrawberryAnnotation(expression, namespace=self.made),
            description=told.description,
        )

    def input(self, model: type[BaseModel]) -> Any:
        """The input that a body is; what is left out is left to the route."""
        name = f"{model.__name__.removesuffix('Input')}Input"
        if name not in self.made:
            model.model_rebuild()
            space: dict[str, Any] = {"__annotations__": {}}
            for key, told in model.model_fields.items():
                space["__annotations__"][key] = self.argument(told.annotation)
                space[key] = strawberry.field(
                    description=told.description,
                    **({} if told.is_required() else {"default": strawberry.UNSET}),
                )
                if not told.is_required():
                    space["__annotations__"][key] = space["__annotations__"][key] | None
            made = types.new_class(name, (), {}, lambda body: body.update(space))
            made.__module__ = __name__
            self.made[name] = strawberry.input(made, name=name, description=text_of(model))
        return self.made[name]

    def argument(self, wanted: Any) -> Any:
        """A type of an input."""
        inner = _bare(wanted)
        if inner is not None and inner is not wanted:
            return self.argument(inner) | None
        wanted = _unwrapped(wanted)
        if get_origin(wanted) is list:
            return types.GenericAlias(list, (self.argument(get_args(wanted)[0]),))
        if isinstance(wanted, type) and issubclass(wanted, BaseModel):
            return self.input(wanted)
        return wanted if wanted in {str, int, float, bool} else JSON


def given(value: Any) -> Any:
    """What somebody gave for an input, as the JSON that the route reads."""
    if isinstance(value, list):
        return [given(item) for item in value]
    known = getattr(value, "__strawberry_definition__", None)
    if known is None:
        return value
    held = {part.python_name: getattr(value, part.python_name) for part in known.fields}
    return {key: given(part) for key, part in held.items() if part is not strawberry.UNSET}


def _within(model: type[BaseModel], found: dict[type[BaseModel], None]) -> None:
    if model in found or not model.model_fields:
        return
    found[model] = None
    model.model_rebuild()
    for told in model.model_fields.values():
        _search(told.annotation, found)


def _search(wanted: Any, found: dict[type[BaseModel], None]) -> None:
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        _within(wanted, found)
    for part in get_args(wanted):
        _search(part, found)


def _bare(wanted: Any) -> Any:
    """What may be null; None unless something may be."""
    if get_origin(wanted) not in {Union, types.UnionType}:
        return None
    left = [part for part in get_args(wanted) if part is not type(None)]
    return left[0] if len(left) == 1 else Any


def _unwrapped(wanted: Any) -> Any:
    if get_origin(wanted) is Annotated:
        return _unwrapped(get_args(wanted)[0])
    return str if get_origin(wanted) is Literal else wanted


def _plain(model: type[BaseModel]) -> str:
    return model.__name__.removesuffix("View").removesuffix("Input") or model.__name__


def _listed(model: type[BaseModel]) -> Any:
    """What a `Page[...]` has pages of; None for other models."""
    arguments = model.__pydantic_generic_metadata__["args"]
    return arguments[0] if arguments else None


def text_of(model: Any) -> str | None:
    """What a model or a view says of itself."""
    return " ".join((model.__doc__ or "").split()) or None
