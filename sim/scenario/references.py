"""Whether every name in a scenario is the id of something.

Works on the tree of the text, guided by the schema's :class:`~sim.scenario.fields.Ref` marks, so it
checks what can be checked even where other parts of the scenario do not hold.
"""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Mapping as Ids
from functools import cache, partial

from sim.scenario.fields import Ref
from sim.scenario.findings import Finding
from sim.scenario.shapes import (
    COLLECTIONS,
    SCENARIO,
    Leaf,
    Listing,
    Mapping,
    chosen,
    nearest,
    referring_fields,
)
from sim.scenario.source import SourceNode
from sim.scenario.wording import Spot, show

_LANES_AND_SUBSTITUTES = "lanes_and_substitutes"
_FIRMS_AND_GROUPS = "firms_and_groups"


def unknown_references(tree: SourceNode, told: Collection[str] = ()) -> list[Finding]:
    """Every reference that names nothing, names twice, or is ambiguous.

    Parameters
    ----------
    tree
        A scenario.
    told
        Collections of which it is told already that they are missing or wrong: where one has no entry, what
        names some is no mistake of its own.
    """
    ids = _ids(tree)
    unknown = cache(partial(_unknown, ids=ids))
    empty = {name for name in told if not ids.get(name)}
    known = {name: its for name, its in ids.items() if name.partition("_and_")[0] not in empty}
    findings = [
        finding for spot in _spots(Spot((), tree, SCENARIO)) for finding in _check(spot, known, unknown)
    ]
    return findings + _ambiguous(tree)


def _ids(tree: SourceNode) -> dict[str, dict[str, SourceNode]]:
    top = tree.value if isinstance(tree.value, dict) else {}
    ids = {}
    for name in COLLECTIONS:
        collection = top.get(name)
        ids[name] = collection.value if collection is not None and isinstance(collection.value, dict) else {}
    ids[_LANES_AND_SUBSTITUTES] = {**ids["lanes"], **ids["substitutes"]}
    ids[_FIRMS_AND_GROUPS] = {**ids["firms"], **_groups(top)}
    return ids


def _groups(top: dict[str, SourceNode]) -> dict[str, SourceNode]:
    """Groups of firms, if the tree has any."""
    analysis = top.get("analysis")
    inside = analysis.value if analysis is not None and isinstance(analysis.value, dict) else {}
    groups = inside.get("groups")
    return groups.value if groups is not None and isinstance(groups.value, dict) else {}


def _spots(spot: Spot) -> Iterator[Spot]:
    """The spot and all below it that may name something, in the order of the file."""
    pending = [spot]
    while pending:
        first = pending.pop()
        yield first
        pending.extend(reversed(_below(first)))


def _below(spot: Spot) -> list[Spot]:
    value = spot.node.value
    match spot.shape:
        case Listing(item=Leaf(ref=None)):
            return []
        case Mapping(value=shape) if isinstance(value, dict):
            return [Spot((*spot.path, key), node, shape) for key, node in value.items()]
        case Listing(item=shape) if isinstance(value, list):
            return [Spot((*spot.path, str(i)), node, shape) for i, node in enumerate(value)]
        case _ if isinstance(value, dict):
            model = chosen(spot.shape, spot.node)
            shapes = referring_fields(model) if model else {}
            return [Spot((*spot.path, key), value[key], shapes[key]) for key in value if key in shapes]
        case _:
            return []


def _check(
    spot: Spot, known: Ids[str, Ids[str, SourceNode]], unknown: Callable[[str, str], str]
) -> Iterator[Finding]:
    value = spot.node.value
    match spot.shape:
        case Leaf(ref=Ref(collection=collection)) if isinstance(value, str):
            if value not in known.get(collection, (value,)):
                yield spot.find(partial(unknown, value, collection))
        case Mapping(ref=Ref(collection=collection)) if isinstance(value, dict):
            for key, node in value.items():
                if key not in known.get(collection, value):
                    yield spot.find(partial(unknown, key, collection), node.key_place)
        case Listing(item=Leaf(ref=Ref())) if isinstance(value, list):
            yield from _repeated(spot, value)


def _unknown(name: str, collection: str, ids: Ids[str, Ids[str, SourceNode]]) -> str:
    called = collection.replace("_and_", " or ").replace("_", " ") if "_and_" in collection else collection
    if collection == "firms" and name in ids[_FIRMS_AND_GROUPS]:
        members = _members(ids[_FIRMS_AND_GROUPS][name])
        return f"{show(name)} is a group, allowed: firms. List its members{members}"
    hint = nearest(name, ids[collection])
    if not hint:
        elsewhere = next((other for other in COLLECTIONS if name in ids[other]), None)
        hint = f"; there is one in {elsewhere}" if elsewhere else ""
    return f"{show(name)} is not one of {called}{hint}"


def _members(group: SourceNode) -> str:
    """The firms of a group, where it names any."""
    firms = group.value.get("firms") if isinstance(group.value, dict) else None
    listed = firms.value if firms is not None and isinstance(firms.value, list) else []
    names = [str(node.value) for node in listed]
    return f": {', '.join(names)}" if names else ""


def _repeated(spot: Spot, items: list[SourceNode]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if isinstance(item.value, str) and item.value in seen:
            yield Finding((*spot.path, str(index)), f"{show(item.value)} is listed twice", item.place)
        seen.add(str(item.value))


def _ambiguous(tree: SourceNode) -> list[Finding]:
    ids = _ids(tree)
    return [
        Finding(
            ("substitutes", name),
            f"{show(name)} is also the id of a lane, at {ids['lanes'][name].shown_at}; choose another",
            node.key_place,
        )
        for name, node in ids["substitutes"].items()
        if name in ids["lanes"]
    ]
