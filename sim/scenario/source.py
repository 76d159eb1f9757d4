"""A YAML file as plain data that remembers where every piece of it stands.

YAML is read as a stream of events, never recursively, and resolved by the core schema of YAML 1.2, so
``no`` and ``2019-05-16`` stay texts. What scenarios do not need and attackers do (anchors, aliases, tags,
several documents, unbounded nesting) is refused with its place.
"""

import codecs
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from sim.errors import MAX_LISTED, Place, Problem, ScenarioError, first_problems
from sim.scenario.scalars import Scalar, resolve

MAX_BYTES = 20_000_000
"""Of a file."""
MAX_DEPTH = 40
MAX_NODES = 500_000
"""Values in the texts of a scenario: reading and checking them takes half a GB of memory."""
MOST_VALUES = 4_000_000
"""Values of a scenario with those of its tables and copies: these take 3 GB."""
TOO_MANY = (
    f"more than {MAX_NODES:,} values by here, and so large a text takes more than half a GB of memory; "
    f"allowed: {MOST_VALUES:,} with collections as tables (lanes: {{file: lanes.csv}})"
)
TOO_MANY_IN_TABLES = (
    f"more than {MOST_VALUES:,} values by here, and so large a scenario takes more than 3 GB of memory"
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# C0 and C1 controls but tab and line ends, Unicode line ends, direction overrides, byte order marks, and
# halves of characters, which a command line holds where its bytes are not UTF-8.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_TAB = "found a tab, allowed: spaces for indentation"
_HINTS = {
    "mapping values are not allowed in this context": (
        "a ':' stands where none is allowed; check the indentation, and quote texts that hold ': '"
    ),
    "did not find expected key": "a key was expected here; check the indentation",
    "could not find expected ':'": "a ':' is missing after a key",
    "did not find expected '-' indicator": "a '-' was expected here; a list and a mapping cannot be mixed",
    "did not find expected ',' or ']'": "a ',' or the closing ']' of a list is missing",
    "did not find expected ',' or '}'": "a ',' or the closing '}' of a mapping is missing",
    "found unexpected end of stream": "a quoted text is never closed",
    "did not find expected <document start>": (
        "more stands after the end of a quoted text, a list or a mapping; quote all of it"
    ),
    "found unknown escape character": "unknown escape in a double-quoted text; use single quotes",
}


@dataclass(frozen=True, slots=True)
class SourceNode:
    """A piece of a scenario and where it stands.

    Parameters
    ----------
    value
        A scalar, a mapping or a list; mappings and lists hold further nodes.
    place
        Where the value begins.
    key_place
        Where the key before it stands; None in a list and at the top.
    removes
        Whether it is a ``null`` that has removed an inherited entry.
    inherited
        Whether the mapping around it has it from an entry that it extends or copies.
    """

    value: "Scalar | dict[str, SourceNode] | list[SourceNode]"
    place: Place
    key_place: Place | None = None
    removes: bool = False
    inherited: bool = False

    @property
    def plain(self) -> Any:
        """The value with all places left out."""
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain for node in self.value]
        return self.value

    @property
    def handed_on(self) -> "SourceNode":
        """The same as an entry that another mapping has inherited."""
        return SourceNode(self.value, self.place, self.key_place, self.removes, inherited=True)

    @property
    def shown_at(self) -> Place:
        """Where a message about it points: a scalar itself, else the key that introduces it."""
        if isinstance(self.value, dict | list) and self.key_place is not None:
            return self.key_place
        return self.place


NOWHERE = Place("", 0)


def size_of(tree: SourceNode) -> int:
    """Number of values in a tree, itself included."""
    return sum(1 for _ in nodes_of(tree))


def nodes_of(tree: SourceNode) -> Iterator[SourceNode]:
    """A tree and all nodes below it, in no order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node.value, dict):
            pending.extend(node.value.values())
        elif isinstance(node.value, list):
            pending.extend(node.value)


@dataclass(frozen=True, slots=True)
class Source:
    """One file that has been read: its top-level mapping and the number of nodes in it."""

    root: SourceNode
    nodes: int


def read_file(path: Path, asked_for: Place | None = None, room: int = MAX_NODES) -> Source:
    """Read a YAML file whose top level is a mapping.

    Parameters
    ----------
    path
        The file; messages name it as it is given here.
    asked_for
        Where the file is asked for, if another file extends it.
    room
        The largest number of nodes that it may hold.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is not YAML, or holds what scenarios do not need.
    """
    source = _build(read_plain(path, asked_for), str(path), room)
    if source is None:
        refuse("the file is empty, allowed: a scenario", Place(str(path), 1))
    if not isinstance(source.root.value, dict):
        refuse("the file holds no mapping, allowed: 'key: value' lines at the top level", source.root.place)
    return source


def read_plain(path: Path, asked_for: Place | None = None, most: int = MAX_BYTES) -> str:
    """The text of a file in UTF-8, of up to a number of bytes.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is too large or is not text.
    """
    return _decode(read_bytes(path, asked_for, most), str(path))


def node_of(data: Any) -> SourceNode:
    """The tree of plain data, which stands nowhere."""
    if isinstance(data, dict):
        return SourceNode({key: node_of(value) for key, value in data.items()}, NOWHERE)
    if isinstance(data, list | tuple):
        return SourceNode([node_of(value) for value in data], NOWHERE)
    return SourceNode(data, NOWHERE)


def read_text(text: str, name: str = "text") -> SourceNode:
    """Read a piece of YAML such as the value of an override; its places are ``name`` alone, without lines.

    Raises
    ------
    ScenarioError
        If the text is not YAML or holds what scenarios do not need.

    Examples
    --------
    >>> read_text("{dist: uniform, low: 1, high: 2.5}", "command line").plain
    {'dist': 'uniform', 'low': 1, 'high': 2.5}
    """
    refuse_unprintable(text, Place(name, 0))
    source = _build(text, name, MAX_NODES, lines=False)
    return source.root if source else SourceNode(None, Place(name, 0))


def refuse(message: str, place: Place | None) -> NoReturn:
    """Refuse a file for one thing that is wrong with it."""
    raise ScenarioError([Problem(message, place)])


def refuse_unprintable(text: str, place: Place) -> None:
    """Refuse a text that holds more than plain text.

    Raises
    ------
    ScenarioError
        If it does; names the first such character.
    """
    found = _UNPRINTABLE.search(text)
    if found:
        _refuse_character(found[0], place)


def _refuse_character(character: str, place: Place) -> NoReturn:
    refuse(f"found the control character U+{ord(character):04X}, allowed: plain text", place)


def read_bytes(path: Path, asked_for: Place | None, most: int = MAX_BYTES) -> bytes:
    """What a file holds, unless it is no regular file or too large.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            refuse(
                f"{path} is a directory, allowed: a scenario file, or a folder with scenario.yaml in it",
                asked_for,
            )
        if not stat.S_ISREG(mode):
            refuse(f"{path} is not a regular file, allowed: a scenario file", asked_for)
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        refuse(f"there is no file {path}", asked_for)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        refuse(f"{path} cannot be read: {reason}", asked_for)
    if len(data) > most:
        refuse(
            f"the file has more than {most // 1_000_000} MB, which no scenario needs",
            Place(str(path), 1),
        )
    return data


OLD_OFFICE = b"\xd0\xcf\x11\xe0"
OFFICE = (b"PK", OLD_OFFICE)
"""How files of spreadsheets begin: before 2007 or under a password the last, else the first."""
_SAVE_AS = {
    OFFICE: "; save a workbook as .xlsx, and one sheet of it as CSV in UTF-8",
    (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE): "; save it as UTF-8",
}
"""What to do about files that begin so."""


def _decode(data: bytes, file: str) -> str:
    if b"\0" in data:
        hint = next((what for begins, what in _SAVE_AS.items() if data.startswith(begins)), "")
        refuse(
            f"the file is binary, allowed: text in UTF-8{hint}",
            _place_in(data[: data.index(b"\0")], file),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"0x{error.object[error.start]:02X}"
        refuse(f"the byte {byte} is not UTF-8; save the file as UTF-8", _place_in(data[: error.start], file))
    found = _UNPRINTABLE.search(text)
    if found:
        _refuse_character(found[0], _place_in(text[: found.start()].encode(), file))
    return text


def _place_in(before: bytes, file: str) -> Place:
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8", errors="replace")) + 1
    return Place(file, before.count(b"\n") + 1, column)


def _build(text: str, file: str, room: int, *, lines: bool = True) -> Source | None:
    builder = _Builder(file, room, lines)
    try:
        for event in _events(text):
            builder.take(event)
            if len(builder.problems) > MAX_LISTED:
                break
    except yaml.MarkedYAMLError as error:
        unclosed = error.problem == "found unexpected end of stream" and error.context_mark is not None
        mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
        refuse(_explain(error, text), builder.place(mark))
    except yaml.YAMLError as error:
        refuse(f"this is not YAML: {error}", Place(file, 1))
    if builder.problems:
        raise ScenarioError(first_problems(builder.problems))
    return Source(builder.root, builder.nodes) if builder.root else None


def _events(text: str) -> Iterator[Any]:
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    return events


def _explain(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = str(error.problem or error.context)
    if "found a tab" in problem:
        return _TAB
    if "cannot start any token" in problem and error.problem_mark is not None:
        line = text.splitlines()[error.problem_mark.line]
        character = line[error.problem_mark.column : error.problem_mark.column + 1]
        if character == "\t":
            return _TAB
        return f"a text cannot begin with {character!r}; quote it"
    return _HINTS.get(problem, f"this is not YAML: {problem}")


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been seen yet."""

    value: dict[str, SourceNode] | list[SourceNode]
    place: Place
    key_place: Place | None
    key: str | None = None
    key_at: Place | None = None


@dataclass(slots=True)
class _Builder:
    """Builds nodes from the events of one document."""

    file: str
    room: int
    lines: bool
    root: SourceNode | None = None
    nodes: int = 0
    documents: int = 0
    problems: list[Problem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1) if self.lines else Place(self.file, 0)

    def take(self, event: Any) -> None:
        """Add one event."""
        match event:
            case yaml.ScalarEvent():
                self._take_scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open_container(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self._open.pop()
                self._add(SourceNode(done.value, done.place, done.key_place))
            case yaml.AliasEvent():
                self._refuse(event, f"found the alias '*{event.anchor}', allowed: none; use 'like' instead")
            case yaml.DocumentStartEvent():
                self._start_document(event)
            case _:
                pass

    def _refuse(self, event: Any, message: str) -> NoReturn:
        refuse(message, self.place(event.start_mark))

    def _start_document(self, event: Any) -> None:
        if event.version not in (None, (1, 2)) or event.tags:
            self._refuse(event, "found a YAML directive, allowed: none, or '%YAML 1.2'")
        self.documents += 1
        if self.documents > 1:
            self._refuse(event, "a second document begins here, allowed: one per file")

    def _admit(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > self.room:
            self._refuse(event, TOO_MANY)
        if event.anchor is not None:
            self._refuse(event, f"found the anchor '&{event.anchor}', allowed: none; use 'like' instead")
        if event.tag is not None:
            self._refuse(event, f"found the tag '{_short_tag(event.tag)}', allowed: none")

    def _open_container(self, event: Any) -> None:
        self._admit(event)
        if len(self._open) >= MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} levels deep, which no scenario needs")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if self._wants_key():
            kind = "a mapping" if is_mapping else "a list"
            self._refuse(event, f"found {kind} as a key, allowed: a text")
        key_place = self._open[-1].key_at if self._open else None
        self._open.append(_Open({} if is_mapping else [], self.place(event.start_mark), key_place))

    def _take_scalar(self, event: Any) -> None:
        self._admit(event)
        value: Scalar = event.value
        if not event.style:
            value = self._resolve(event)
        elif event.style == '"':
            refuse_unprintable(event.value, self.place(event.start_mark))
        if self._wants_key():
            self._take_key(event, value)
        else:
            self._add(
                SourceNode(value, self.place(event.start_mark), self._open[-1].key_at if self._open else None)
            )

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _take_key(self, event: Any, key: Scalar) -> None:
        place = self.place(event.start_mark)
        if not isinstance(key, str):
            found = (
                f"{event.value!r} as a key, which YAML reads as {_kind_of(key)}" if event.value else "no key"
            )
            self.problems.append(Problem(f"found {found}; allowed: a text, quoted if need be", place))
            key = event.value
        holder = self._open[-1]
        holder.key, holder.key_at = str(key), place

    def _add(self, node: SourceNode) -> None:
        if not self._open:
            self.root = node
            return
        holder = self._open[-1]
        if isinstance(holder.value, list):
            holder.value.append(node)
            return
        assert holder.key is not None  # noqa: S101 - a value follows its key
        first = holder.value.setdefault(holder.key, node)
        if first is not node:
            self._report_duplicate(holder, first)
        holder.key = holder.key_at = None

    def _report_duplicate(self, holder: _Open, first: SourceNode) -> None:
        earlier = first.key_place.line if first.key_place else first.place.line
        self.problems.append(
            Problem(
                f"'{holder.key}' stands here a second time; the first is on line {earlier}", holder.key_at
            )
        )

    def _resolve(self, event: Any) -> Scalar:
        try:
            return resolve(event.value)
        except ValueError as error:
            self.problems.append(Problem(str(error), self.place(event.start_mark)))
            return None


def _short_tag(tag: str) -> str:
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag


def _kind_of(value: Scalar) -> str:
    if value is None:
        return "null"
    return "a truth value" if isinstance(value, bool) else "a number"
