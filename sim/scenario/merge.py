"""What a scenario file says once the files it extends, its ``like`` entries and overrides are worked in."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.errors import MAX_LISTED, Place, Problem, ScenarioError, first_problems
from sim.scenario.columns import LIKE
from sim.scenario.findings import shown_circle
from sim.scenario.garbage import collector_paused
from sim.scenario.rules import FOR_EACH, made_by_rules
from sim.scenario.series import with_series
from sim.scenario.shapes import COLLECTIONS, SCENARIO, fields_of, nearest
from sim.scenario.source import (
    MAX_DEPTH,
    MAX_NODES,
    MOST_VALUES,
    SourceNode,
    nodes_of,
    read_file,
    read_text,
    refuse_unprintable,
    size_of,
)
from sim.scenario.tabled import with_tables
from sim.scenario.top_makers import with_top_makers
from sim.scenario.wording import show
from sim.scenario.workbook import SUFFIX, read_workbook

MAX_FILES = 20
IN_A_FOLDER = "scenario.yaml"
"""What the scenario file of a folder of tables is called."""
COMMAND_LINE = Place("command line", 0)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value to lay over a path of a scenario, where it was written, and what messages call it."""

    path: str
    value: SourceNode
    place: Place
    label: str

    @property
    def names(self) -> list[str]:
        """The parts of the path."""
        return self.path.split(".")

    def misplaced(self, message: str) -> ScenarioError:
        """The error of a setting whose path leads nowhere."""
        return ScenarioError([Problem(f"{self.label}: {message}", self.place)])


def read_scenario(path: Path, overrides: Sequence[str] = ()) -> SourceNode:
    """Read a file and everything it builds on into one tree; places stay those of the text.

    Parameters
    ----------
    path
        The scenario file.
    overrides
        Settings ``path=value``, applied as if they stood in the file.

    Raises
    ------
    ScenarioError
        If a file cannot be read, or an extension, copy or override leads nowhere.
    """
    return worked_out(read_merged(path, overrides))


@collector_paused()
def read_merged(path: Path, overrides: Sequence[str] = ()) -> SourceNode:
    """As :func:`read_scenario`, before copies and removals are worked out, so that settings can be laid over.

    Raises
    ------
    ScenarioError
        If a file cannot be read, or an extension or override leads nowhere.
    """
    layers = _read_chain(path)
    tree = layers[0]
    for layer in layers[1:]:
        tree = merge(tree, layer)
    for override in overrides:
        tree = apply_override(tree, override)
    return tree


@collector_paused()
def worked_out(tree: SourceNode) -> SourceNode:
    """A merged tree with copies made, what is removed left out, columns of other files read, makers chosen.

    Raises
    ------
    ScenarioError
        If a copy leads nowhere or a column cannot be read.
    """
    copied = resolve_likes(tree)
    kept = _drop_removed(copied) if any(node.removes for node in nodes_of(copied)) else copied
    return with_top_makers(with_series(kept))


def merge(below: SourceNode, above: SourceNode) -> SourceNode:
    """Lay one tree over another: mappings merge by key, everything else is replaced, null removes.

    A distribution laid over a different one, or over a value, replaces it.

    Examples
    --------
    >>> below, above = read_text("{a: 1, b: {c: 2, d: 3}}"), read_text("{b: {c: 4, d: null}}")
    >>> merged = merge(below, above)
    >>> merged.plain
    {'a': 1, 'b': {'c': 4, 'd': None}}
    >>> merged.value["b"].value["d"].removes
    True
    """
    if above.value is None:
        return replace(above, removes=True)
    if not (isinstance(below.value, dict) and isinstance(above.value, dict)):
        return above
    if _quantity_kind(below.value) != _quantity_kind(above.value) is not None:
        return above
    entries = {key: node.handed_on for key, node in below.value.items()}
    for key, node in above.value.items():
        entries[key] = merge(entries[key], node) if key in entries else node
    return replace(above, value=entries)


def _quantity_kind(entries: dict[str, SourceNode]) -> str | None:
    if "dist" in entries:
        return str(entries["dist"].value)
    return "value" if "value" in entries else None


def _read_chain(path: Path) -> list[SourceNode]:
    """The file and those it extends, the most basic first, without their ``extends`` and rules."""
    layers: list[SourceNode] = []
    seen: list[Path] = []
    room, room_of_tables = MAX_NODES, MOST_VALUES
    asked_for: Place | None = None
    current: Path | None = path
    while current is not None:
        current = _file_in(current)
        _check_chain(current, seen, asked_for)
        seen.append(_identity(current))
        read = read_workbook if current.suffix.lower() == SUFFIX else read_file
        source = read(current, asked_for, room)
        room -= source.nodes
        filled = with_tables(source, room_of_tables)
        made, values = made_by_rules(source.root, room_of_tables - filled.nodes)
        room_of_tables -= filled.nodes + values
        root, other = _split_extends(filled.root)
        layers += [root, made] if values else [root]
        if other is None:
            break
        asked_for = other.place
        current = Path(os.path.normpath(current.parent / str(other.value)))
    return layers[::-1]


def _file_in(path: Path) -> Path:
    """The scenario file of a folder; any other path as it is."""
    inside = path / IN_A_FOLDER
    return inside if os.path.isdir(path) and os.path.isfile(inside) else path  # noqa: PTH112, PTH113


def _identity(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _check_chain(path: Path, seen: Sequence[Path], asked_for: Place | None) -> None:
    if _identity(path) in seen:
        message = f"extends goes round in a circle: {path} is already part of this scenario"
        raise ScenarioError([Problem(message, asked_for)])
    if len(seen) >= MAX_FILES:
        raise ScenarioError([Problem(f"more than {MAX_FILES} files extend each other", asked_for)])


def _split_extends(root: SourceNode) -> tuple[SourceNode, SourceNode | None]:
    assert isinstance(root.value, dict)  # noqa: S101 - read_file sees to it
    entries = {key: node for key, node in root.value.items() if key != FOR_EACH}
    other = entries.pop("extends", None)
    if other is not None and (not isinstance(other.value, str) or not other.value):
        message = f"extends: found {show(other.value)}, allowed: the path of a scenario file"
        raise ScenarioError([Problem(message, other.shown_at)])
    return replace(root, value=entries), other


def apply_override(tree: SourceNode, override: str) -> SourceNode:
    """Lay a setting ``path=value`` over a tree, as if it stood in the file.

    Raises
    ------
    ScenarioError
        If the setting has no ``=``, its value is not YAML, or its path leads nowhere.

    Examples
    --------
    >>> tree = read_text("{lanes: {disks: {share: 0.3}}}")
    >>> apply_override(tree, "lanes.disks.share=0.5").plain
    {'lanes': {'disks': {'share': 0.5}}}
    """
    refuse_unprintable(override, COMMAND_LINE)
    path, equals, text = override.partition("=")
    setting = Setting(path.strip(), SourceNode(None, COMMAND_LINE), COMMAND_LINE, f"--set {override}")
    if not equals or not all(setting.names):
        raise setting.misplaced("allowed: path=value, such as lanes.some-lane.share=0.3")
    return apply_setting(tree, replace(setting, value=read_text(text, COMMAND_LINE.file)))


def apply_setting(tree: SourceNode, setting: Setting) -> SourceNode:
    """Lay a value over a path of a tree.

    Raises
    ------
    ScenarioError
        If the path leads nowhere.
    """
    if len(setting.names) > MAX_DEPTH:
        raise setting.misplaced(f"a path of {len(setting.names)} parts, allowed: up to {MAX_DEPTH}")
    first = setting.names[0]
    if first not in fields_of(SCENARIO.model):
        hint = nearest(first, fields_of(SCENARIO.model))
        raise setting.misplaced(f"'{first}' is not a field of a scenario{hint}")
    return _set(tree, setting, 0)


def _set(node: SourceNode, setting: Setting, depth: int) -> SourceNode:
    names, value = setting.names, setting.value
    here = ".".join(names[:depth])
    if depth == len(names):
        return merge(node, value) if isinstance(value.value, dict) else value
    if isinstance(node.value, list):
        return _set_item(node, setting, depth)
    if node.value is not None and not isinstance(node.value, dict):
        raise setting.misplaced(f"{here} is {show(node.value)} and has no parts")
    return replace(node, value=_with_entry(dict(node.value or {}), setting, depth))


def _with_entry(entries: dict[str, SourceNode], setting: Setting, depth: int) -> dict[str, SourceNode]:
    names, value = setting.names, setting.value
    name, is_last = names[depth], depth == len(names) - 1
    if name not in entries and depth == 1 and names[0] in COLLECTIONS and not is_last:
        raise setting.misplaced(f"'{name}' is not one of {names[0]}{nearest(name, entries)}")
    if is_last:
        laid = merge(entries[name], value) if name in entries else value
        entries[name] = replace(laid, key_place=setting.place)
    else:
        below = entries.get(name, SourceNode({}, setting.place, setting.place))
        entries[name] = _set(below, setting, depth + 1)
    return entries


def _set_item(node: SourceNode, setting: Setting, depth: int) -> SourceNode:
    assert isinstance(node.value, list)  # noqa: S101 - the caller looked
    name, here = setting.names[depth], ".".join(setting.names[:depth])
    if not (name.isascii() and name.isdigit() and len(name) < 10 and int(name) < len(node.value)):
        allowed = f"an index from 0 to {len(node.value) - 1}" if node.value else "nothing: the list is empty"
        raise setting.misplaced(f"found '{name}' as an index of {here}, allowed: {allowed}")
    items = list(node.value)
    items[int(name)] = _set(items[int(name)], setting, depth + 1)
    return replace(node, value=items)


def resolve_likes(tree: SourceNode) -> SourceNode:
    """Lay every entry with ``like: other`` over the entry of the same collection that it names.

    Raises
    ------
    ScenarioError
        If a ``like`` names no entry, or goes round in a circle; carries all such problems.
    """
    if not isinstance(tree.value, dict):
        return tree
    collections = {name: tree.value[name] for name in COLLECTIONS if _has_copies(tree.value.get(name))}
    if not collections:
        return tree
    problems: list[Problem] = []
    room = MOST_VALUES - size_of(tree)
    for name, collection in collections.items():
        assert isinstance(collection.value, dict)  # noqa: S101 - it has copies
        copies = _Copies(name, collection.value, room, problems)
        collections[name] = replace(collection, value={key: copies.resolve(key) for key in collection.value})
        room = copies.room
    if problems:
        raise ScenarioError(problems)
    return replace(tree, value={**tree.value, **collections})


def _has_copies(collection: SourceNode | None) -> bool:
    if collection is None or not isinstance(collection.value, dict):
        return False
    return any(isinstance(entry.value, dict) and LIKE in entry.value for entry in collection.value.values())


class _Copies:
    """Resolves the ``like`` entries of one collection, each once, and adds to a list of problems."""

    def __init__(
        self, collection: str, entries: dict[str, SourceNode], room: int, problems: list[Problem]
    ) -> None:
        self.collection = collection
        self.entries = entries
        self.room = room
        self.problems = problems
        self._done: dict[str, SourceNode] = {}

    def resolve(self, key: str) -> SourceNode:
        """The entry with everything that it copies."""
        chain = self._chain(key)
        for name in reversed(chain):
            if name not in self._done:
                self._done[name] = self._lay_over(name)
        return self._done[key]

    def _chain(self, key: str) -> list[str]:
        """The entry and those it copies, up to one that is done or copies nothing."""
        chain = {key: None}
        while key not in self._done:
            like = self._like(key)
            if like is None:
                break
            if not isinstance(like.value, str) or like.value not in self.entries:
                self._report_unknown(key, like)
                self._done[key] = self._bare(key)
                break
            if like.value in chain:
                self._report_circle(key, list(chain), like)
                self._done |= {name: self._bare(name) for name in chain}
                break
            key = like.value
            chain[key] = None
        return list(chain)

    def _like(self, key: str) -> SourceNode | None:
        entry = self.entries[key]
        return entry.value.get(LIKE) if isinstance(entry.value, dict) else None

    def _bare(self, key: str) -> SourceNode:
        entry = self.entries[key]
        if not isinstance(entry.value, dict):
            return entry
        return replace(entry, value={name: node for name, node in entry.value.items() if name != LIKE})

    def _lay_over(self, key: str) -> SourceNode:
        like = self._like(key)
        if like is None:
            return self.entries[key]
        merged = merge(self._done[str(like.value)], self._bare(key))
        self.room -= size_of(merged)
        if self.room < 0:
            raise ScenarioError(
                [
                    Problem(
                        f"{self.collection}.{key}: the copies hold more than {MOST_VALUES:,} values",
                        like.place,
                    )
                ]
            )
        return merged

    def _report(self, key: str, message: str, like: SourceNode) -> None:
        self.problems.append(Problem(f"{self.collection}.{key}: {message}", like.place))
        if len(self.problems) > MAX_LISTED:
            raise ScenarioError(first_problems(self.problems))

    def _report_circle(self, key: str, chain: list[str], like: SourceNode) -> None:
        first = str(like.value)
        circle = [*chain[chain.index(first) :], first]
        self._report(key, f"like goes round in a circle: {shown_circle(circle)}", like)

    def _report_unknown(self, key: str, like: SourceNode) -> None:
        others = [name for name in self.entries if name != key]
        name = str(like.plain)[:100]
        self._report(key, f"like: '{name}' is not one of {self.collection}{nearest(name, others)}", like)


def _drop_removed(node: SourceNode) -> SourceNode:
    if isinstance(node.value, dict):
        kept = {key: _drop_removed(part) for key, part in node.value.items() if not part.removes}
        same = len(kept) == len(node.value) and all(kept[key] is node.value[key] for key in kept)
        return node if same else replace(node, value=kept)
    if isinstance(node.value, list):
        return replace(node, value=[_drop_removed(part) for part in node.value])
    return node
