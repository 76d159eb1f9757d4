"""What a column of a table of entries can be, by the schema: whether it is a field, and whether of texts."""

import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from sim.scenario.cells import ID
from sim.scenario.fields import Ref
from sim.scenario.shapes import SCENARIO, Leaf, Mapping, Shape, fields_of, nearest
from sim.scenario.sheets import models_of
from sim.scenario.typed import SAY_NOTES

LIKE = "like"


@dataclass(frozen=True, slots=True)
class Known:
    """What the entries of a collection have under a path: a field for each kind of them that has it."""

    annotations: tuple[Any, ...]

    @property
    def is_text(self) -> bool:
        """Whether it is a text whatever it looks like, so that a firm may be called 1984."""
        return bool(self.annotations) and all(map(_is_text, self.annotations))


LIKE_COLUMN = Known((str,))


def known(collection: str, path: tuple[str, ...]) -> Known | str:
    """What stands under a path in the entries of a collection, or what is wrong with the path.

    Examples
    --------
    >>> known("firms", ("name",)).is_text, known("lanes", ("price",)).is_text
    (True, False)
    >>> known("lanes", ("prise",))[:70]
    "found 'prise', which is no field of lanes; did you mean 'price'? allow"
    """
    if path == (LIKE,):
        return LIKE_COLUMN
    entries = fields_of(SCENARIO.model)[collection]
    assert isinstance(entries, Mapping)  # noqa: S101 - collections are
    found: list[tuple[Shape, Any]] = [(entries.value, None)]
    for depth, name in enumerate(path):
        allowed: dict[str, None] = {}
        below: list[tuple[Shape, Any]] = []
        for shape, _ in found:
            if isinstance(shape, Mapping):
                below.append((shape.value, None))
            for model in models_of(shape):
                fields = fields_of(model)
                allowed |= dict.fromkeys(fields)
                if name in fields:
                    below.append((fields[name], _annotation(model, name)))
        if not below:
            return _say_unknown(collection, path, depth, list(allowed))
        found = below
    return Known(tuple(annotation if isinstance(shape, Leaf) else None for shape, annotation in found))


def _annotation(model: Any, name: str) -> Any:
    info = model.model_fields.get(name) or next(
        info for info in model.model_fields.values() if info.alias == name
    )
    marks = tuple(mark for mark in info.metadata if isinstance(mark, Ref))
    return Annotated[(info.annotation, *marks)] if marks else info.annotation


def _say_unknown(collection: str, path: tuple[str, ...], depth: int, allowed: list[str]) -> str:
    around = ".".join((collection, *path[:depth]))
    if not allowed:
        found = f"found '{path[depth][:60]}', but {around} has no parts"
        return f"{found}; allowed: the column {'.'.join(path[:depth])}"
    if not depth:
        allowed = [ID, LIKE, *allowed]
    hint = nearest(path[depth], allowed) or ";"
    told = f"found '{path[depth][:60]}', which is no field of {around}{hint} allowed: {', '.join(allowed)}"
    return told + SAY_NOTES


def _is_text(annotation: Any) -> bool:
    """Whether a field takes texts only."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _is_text(annotation.__origin__)
    if origin in (typing.Union, types.UnionType):
        return all(_is_text(part) for part in typing.get_args(annotation) if part is not types.NoneType)
    if origin is Literal:
        return all(isinstance(value, str) for value in typing.get_args(annotation))
    return annotation is str
