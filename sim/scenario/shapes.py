"""The schema as a tree of shapes, so that messages, references and merging can walk it without knowing it."""

import re
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel
from rapidfuzz import fuzz, process
from typing_extensions import TypeAliasType

from sim.scenario import covers, distributions, levers, schema
from sim.scenario.fields import Ref
from sim.scenario.source import SourceNode

LEAST_ALIKE = 60
"""How similar an allowed name must be, in per cent, to be offered."""
FEWEST_LETTERS = 3
"""Of a name that is part of the one that is offered."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value; ``ref`` if it names an object."""

    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An object with named fields."""

    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several objects, told apart by the text of one field; ``default`` if that is not given."""

    key: str
    options: dict[str, type[BaseModel]]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """Objects by id, or amounts by the object they belong to (then the keys have a ``ref``)."""

    value: "Shape"
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Any number of the same."""

    item: "Shape"


Shape = Leaf | Record | Choice | Mapping | Listing

_NAMES: dict[type[BaseModel], str] = {
    schema.Scenario: "a scenario",
    schema.Calendar: "the calendar",
    schema.Claim: "the claim",
    schema.AnalysisSettings: "the analysis",
    schema.Stress: "the stress test",
    schema.FailureRates: "the failure rates of the stress test",
    levers.Levels: "the levels of a lever",
    levers.LeverCost: "the cost of a lever",
    levers.LeverDates: "the dates of a lever",
    levers.ChanceOfLoss: "a chance of loss",
    levers.Constraints: "the constraints of the mitigation",
    levers.Mitigation: "the mitigation",
    schema.Demand: "a demand stream",
    covers.LaneCover: "a choice of lanes",
    covers.PointCover: "a choice of stock points",
    covers.StreamCover: "a choice of demand streams",
    distributions.Value: "a number",
}


@cache
def fields_of(model: type[BaseModel]) -> dict[str, Shape]:
    """Shapes of a model's fields, by the name that a file uses for them."""
    return {
        info.alias or name: _shape(info.annotation, info.metadata)
        for name, info in model.model_fields.items()
    }


@cache
def referring_fields(model: type[BaseModel]) -> dict[str, Shape]:
    """Those of a model's fields that name objects, or have parts that do."""
    return {name: shape for name, shape in fields_of(model).items() if _refers(shape)}


def _refers(shape: Shape) -> bool:
    match shape:
        case Leaf(ref=ref):
            return ref is not None
        case Record(model=model):
            return bool(referring_fields(model))
        case Choice(options=options):
            return any(map(referring_fields, options.values()))
        case Mapping(value=value, ref=ref):
            return ref is not None or _refers(value)
        case Listing(item=item):
            return _refers(item)


def _shape(annotation: Any, metadata: Iterable[Any] = ()) -> Shape:
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _shape(annotation.__origin__, [*annotation.__metadata__, *metadata])
    if origin in (typing.Union, types.UnionType):
        return _of_union(typing.get_args(annotation), metadata)
    if origin is dict:
        key, value = typing.get_args(annotation)
        return Mapping(_shape(value), _ref(getattr(key, "__metadata__", ())))
    if origin is list:
        return Listing(_shape(typing.get_args(annotation)[0]))
    if _is_model(annotation):
        return Record(annotation)
    return Leaf(_ref(metadata))


def _of_union(members: Iterable[Any], metadata: Iterable[Any]) -> Shape:
    given = [member for member in members if member is not types.NoneType]
    if len(given) == 1:
        return _shape(given[0], metadata)
    return _choice(given) if any(map(_is_model, given)) else Leaf(_ref(metadata))


def _ref(metadata: Iterable[Any]) -> Ref | None:
    return next((mark for mark in metadata if isinstance(mark, Ref)), None)


def _is_model(member: Any) -> bool:
    kind = member.__origin__ if typing.get_origin(member) is Annotated else member
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _choice(members: list[Any]) -> Choice:
    models = [member.__origin__ if typing.get_origin(member) is Annotated else member for member in members]
    if distributions.Value in models:
        return Choice("dist", {_tag(model, "dist", "value"): model for model in models}, "value")
    return Choice("kind", {_tag(model, "kind"): model for model in models})


def _tag(model: type[BaseModel], key: str, default: str = "") -> str:
    info = model.model_fields.get(key)
    if info is None or typing.get_origin(info.annotation) is not Literal:
        return default
    return str(typing.get_args(info.annotation)[0])


def chosen(shape: Shape, node: SourceNode) -> type[BaseModel] | None:
    """The model that a node of this shape is meant to be; None if it is no object or does not say."""
    if isinstance(shape, Record):
        return shape.model
    if isinstance(shape, Choice) and isinstance(node.value, dict):
        tag = node.value.get(shape.key)
        return shape.options.get(str(tag.value if tag else shape.default))
    return None


def name_of(model: type[BaseModel]) -> str:
    """What messages call an object of this model.

    Examples
    --------
    >>> from sim.scenario.interventions.export_ban import ExportBan
    >>> name_of(schema.Lane), name_of(ExportBan), name_of(distributions.Pert)
    ('a lane', 'an export ban', 'a pert distribution')
    """
    called: str | None = _NAMES.get(model) or getattr(model, "called", None)
    if called is not None:
        return called
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()
    if issubclass(model, distributions.Distribution):
        words += " distribution"
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def nearest(name: str, allowed: Iterable[str]) -> str:
    """A question that offers the most similar allowed name, else one that has it in it; empty if none does.

    Examples
    --------
    >>> nearest("segate", ["wd", "seagate"])
    "; did you mean 'seagate'?"
    >>> nearest("hdd", ["seagate-ssd", "seagate-hdd", "western-digital-hdd"])
    "; did you mean 'seagate-hdd'?"
    """
    name, names = name[:100], list(allowed)
    around = [longer for longer in names if name in longer] if len(name) >= FEWEST_LETTERS else []
    alike = process.extract(name, names, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE, limit=1)
    best = alike or process.extract(name, around, scorer=fuzz.ratio, limit=1)
    return f"; did you mean '{best[0][0]}'?" if best else ""


SCENARIO = Record(schema.Scenario)
COLLECTIONS = tuple(name for name, shape in fields_of(schema.Scenario).items() if isinstance(shape, Mapping))
