"""A scenario in hand: loaded, checked and compiled, and what its variants are made from."""

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.errors import Place, Problem, ScenarioError, SimError
from sim.face.named import listed
from sim.model.baseline import baseline_cautions
from sim.model.baseline import listed as listed_cautions
from sim.model.compile import Decided, compile_plan, decided
from sim.model.network import shock
from sim.model.plan import Plan
from sim.risk.tables import sources_table
from sim.scenario.alternatives import alternatives_in
from sim.scenario.counting import counted
from sim.scenario.load import INFINITY, tree_of, tree_written, validated, written
from sim.scenario.merge import Setting, apply_override, apply_setting, read_merged, worked_out
from sim.scenario.scalars import LARGEST_EXACT_INTEGER, Scalar
from sim.scenario.schema import Scenario
from sim.scenario.shapes import nearest
from sim.scenario.source import MAX_DEPTH, MAX_NODES, MOST_VALUES, SourceNode
from sim.scenario.wording import show

if TYPE_CHECKING:
    import networkx as nx

Settings = Mapping[str, Any]
MOST_NAMED = 8
"""Firms and products in a representation."""


@dataclass(frozen=True, eq=False, repr=False)
class LoadedScenario:
    """A scenario that can be simulated, and varied.

    :func:`sim.load` makes one. It never changes: :meth:`with_` makes another.

    Attributes
    ----------
    definition
        The validated scenario; its fields are those of ``docs/scenario-format.md``.
    plan
        The scenario as arrays.
    file
        How a manifest names its file.
    overrides
        Settings ``path=value`` that were laid over it, as after ``--set``.
    is_of_file
        Whether a command with these settings simulates it.
    """

    definition: Scenario
    plan: Plan
    file: str
    overrides: tuple[str, ...]
    is_of_file: bool
    tree: SourceNode = field(repr=False)

    def with_(self, settings: Settings | None = None, /, **named: Any) -> "LoadedScenario":
        """A variant with some settings laid over this one.

        Parameters
        ----------
        settings, named
            New values by path. A mapping is laid over what stands there, anything else replaces it, and
            ``None`` removes it. A value is what a scenario file may hold: a number, ``"8 weeks"``, a
            :class:`datetime.date`, ``{"dist": "uniform", "low": 30, "high": 90}``.

        Raises
        ------
        ScenarioError
            If a path leads nowhere, with the nearest name, or the variant makes no sense: all problems at
            once.

        Examples
        --------
        >>> import sim
        >>> base = sim.load("scenarios/first-scenario.yaml")
        >>> thick = base.with_({"stock_points.controllers.policy.cover_days": 120})
        >>> thick.overrides
        ('stock_points.controllers.policy.cover_days=120',)
        >>> thick.with_(name="thick", title="A thick stock").name
        'thick'
        """
        return self.laid_over({**_by_path(settings), **named}, "with_")

    def to_networkx(self) -> "nx.MultiDiGraph[str]":
        """The network as a graph: stock points and markets, and lanes, recipes and demand between them.

        Returns
        -------
        networkx.MultiDiGraph
            The ``kind`` of a node is ``stock_point`` or ``market``, of an edge ``lane``, ``substitute``,
            ``recipe`` or ``demand``. Other attributes are fields by their path, such as
            ``policy.cover_days``. :func:`sim.from_networkx` reads it back; interventions are no part of it.

        Examples
        --------
        >>> import sim
        >>> graph = sim.load("scenarios/first-scenario.yaml").to_networkx()
        >>> graph.nodes["controllers"]["policy.cover_days"]
        56.0
        """
        from sim.scenario.graphs import to_graph

        return to_graph(written(self.definition))

    def laid_over(self, settings: Settings, where: str) -> "LoadedScenario":
        """The same as :meth:`with_`; messages say where the settings were given."""
        tree, place = self.tree, Place(where, 0)
        for path, value in settings.items():
            if not isinstance(path, str):
                raise SimError(f"{where}: found {show(path)}, allowed: a path such as lanes.some-lane.share")
            tree = apply_setting(tree, Setting(path.strip(), tree_of(plain(value), place), place, path))
        overrides = tuple(f"{path.strip()}={as_setting(value)}" for path, value in settings.items())
        return _checked(tree, self.file, (*self.overrides, *overrides), is_of_file=self.is_of_file)

    @property
    def name(self) -> str:
        """Its name, which folders and tables bear."""
        return self.definition.name

    @property
    def title(self) -> str:
        """What it is about."""
        return self.definition.title

    @property
    def makers(self) -> tuple[str, ...]:
        """Firms whose losses are the headline."""
        return self.plan.labels.makers

    @property
    def cautions(self) -> list[str]:
        """What is doubtful about its baseline, as ``chokepoint validate`` says it."""
        return listed_cautions(baseline_cautions(self.definition, self.plan))

    @property
    def sources(self) -> pd.DataFrame:
        """Every number that it gives, bare ones too, with source, confidence and note (empty: none).

        Returns
        -------
        pandas.DataFrame
            One row a number: ``path``, ``text``, ``source``, ``confidence``, ``note``.

        Examples
        --------
        >>> import sim
        >>> table = sim.load("scenarios/first-scenario.yaml").sources
        >>> table.columns.tolist()
        ['path', 'text', 'source', 'confidence', 'note']
        """
        return sources_table(self.definition)

    def decided(self) -> Decided:
        """The scenario and the alternatives of its decision, compiled.

        Raises
        ------
        ScenarioError
            If an alternative cannot be used.
        """
        alternatives = alternatives_in(self.tree)
        return decided(self.definition, {name: loaded.scenario for name, loaded in alternatives.items()})

    def __repr__(self) -> str:
        told = self.definition
        products = [item.name for item in told.items.values() if item.kind == "product"]
        lines = {
            "firms": listed((firm.name for firm in told.firms.values()), MOST_NAMED),
            "makers": listed(self.makers, MOST_NAMED),
            "products": listed(products, MOST_NAMED),
            "shock": self._shock(),
            "window": counted(self.plan.window_days, "day"),
            "calendar": f"{counted(self.plan.days, 'day')} from {self.plan.start}",
            "currency": told.currency,
            "inputs": counted(len(self.plan.inputs), "uncertain number"),
            "settings": listed(self.overrides, MOST_NAMED),
            "cautions": "\n            ".join(self.cautions) or "none",
        }
        head = f"Scenario {told.name}: {told.title}"
        return "\n".join([head, *(f"  {name:<10}{line}" for name, line in lines.items())])

    def _shock(self) -> str:
        name = shock(self.definition)
        if name is None:
            return "none"
        entry = self.definition.interventions[name]
        return f"{entry.date or 'after ' + str(entry.after)}: {entry.title} ({name})"


def _by_path(settings: Any) -> Settings:
    """Settings as they were given to ``with_``; none if there are none."""
    if settings is None:
        return {}
    if not isinstance(settings, Mapping):
        raise SimError(f"with_: found {show(settings)}, allowed: values by path, as in {{path: value}}")
    return settings


ScenarioLike = LoadedScenario | str | Path | Mapping[str, Any]
Overrides = Sequence[str] | Settings


def load(file: ScenarioLike, overrides: Overrides = ()) -> LoadedScenario:
    """Read, check and compile a scenario.

    Parameters
    ----------
    file
        A scenario file; or a mapping that holds what such a file would; or a scenario in hand, to lay
        settings over it.
    overrides
        Settings to lay over it: texts ``path=value`` as after ``--set``, or values by path as for
        :meth:`LoadedScenario.with_`.

    Returns
    -------
    LoadedScenario
        With ``name``, ``makers``, ``cautions`` and the rest; :meth:`LoadedScenario.with_` makes variants.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used: all its problems at once, with file, line and column.

    Examples
    --------
    >>> import sim
    >>> scenario = sim.load("scenarios/first-scenario.yaml", ["lanes.controllers.lead_time_days=60"])
    >>> scenario.makers
    ('velo',)
    >>> print(scenario)  # doctest: +ELLIPSIS
    Scenario first-scenario: A bicycle maker and its only motor controller
      firms     Velo, Controlchip
      makers    velo
      products  E-bike
      shock     2025-06-01: Fire at Controlchip (fire)
      ...
    """
    loaded = _of(file)
    if isinstance(overrides, Mapping):
        return loaded.with_(overrides) if overrides else loaded
    texts = _texts(overrides)
    if not texts:
        return loaded
    tree = loaded.tree
    for text in texts:
        tree = apply_override(tree, text)
    return _checked(tree, loaded.file, (*loaded.overrides, *texts), is_of_file=loaded.is_of_file)


def from_networkx(
    graph: "nx.Graph[Any]", name: str = "network", settings: Settings | None = None
) -> LoadedScenario:
    """A scenario of a graph of who supplies whom.

    Parameters
    ----------
    graph
        A directed graph: each node a firm with one product, each edge from a supplier to a buyer. Of nodes
        it reads ``name``, ``country``, ``unit``, ``price``, ``cover_days``, ``process_days``,
        ``capacity_per_day`` and ``demand_per_day``; of edges ``units``, ``price`` and ``lead_time_days``.
        What is missing is assumed, with low confidence. Or a graph of :meth:`LoadedScenario.to_networkx`.
    name
        Id of the scenario.
    settings
        Values by path that are laid over it, such as an intervention.

    Raises
    ------
    ScenarioError
        If the graph makes no scenario.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("mine", "mill"), ("mill", "shop")])
    >>> from_networkx(graph, "metal").makers
    ('shop',)
    """
    from sim.scenario.graphs import of_graph

    found = of_graph(graph, name)
    loaded = load(found.data)
    return loaded.with_(settings) if settings else loaded


def _texts(overrides: Any) -> tuple[str, ...]:
    """Settings as texts; one alone may be given as it is."""
    texts = (overrides,) if isinstance(overrides, str) or not isinstance(overrides, Iterable) else overrides
    for text in texts:
        if not isinstance(text, str):
            raise SimError(f"overrides: found {show(text)}, allowed: texts path=value, or values by path")
    return tuple(texts)


def _of(file: ScenarioLike) -> LoadedScenario:
    match file:
        case LoadedScenario():
            return file
        case str() | Path():
            _refuse_no_file(str(file))
            return _checked(read_merged(Path(file)), str(file), (), is_of_file=True)
        case Mapping():
            tree = tree_of(_Reading(MOST_VALUES).plain(file), Place("scenario", 0))
            return _checked(tree, f"{file.get('name', 'scenario')}.yaml", (), is_of_file=False)
        case _:
            raise SimError(
                f"scenario: found something of type {type(file).__name__}, allowed: the path of a scenario "
                "file, a mapping with the fields of one, or what sim.load returned"
            )


def _refuse_no_file(file: str) -> None:
    """Refuse what is no path at all, and offer the nearest file of the folder for one that leads nowhere."""
    if "\n" in file:
        raise SimError("scenario: found several lines of text, allowed: the path of a file, or a mapping")
    path = Path(file)
    with suppress(OSError):  # Where nothing can be found out, reading it says why.
        if path.parent.is_dir() and not path.exists():
            hint = nearest(path.name, [found.name for found in path.parent.glob("*.yaml")])
            raise ScenarioError([Problem(f"there is no file {path}{hint}")])


def of_definition(definition: Scenario, file: str, overrides: Iterable[str]) -> LoadedScenario:
    """A scenario that was read back from a folder.

    Raises
    ------
    ScenarioError
        If its network as a whole makes no sense.
    """
    tree = tree_written(written(definition))
    return LoadedScenario(definition, compile_plan(definition), file, tuple(overrides), False, tree)


def _checked(tree: SourceNode, file: str, overrides: tuple[str, ...], *, is_of_file: bool) -> LoadedScenario:
    loaded = validated(worked_out(tree))
    try:
        plan = compile_plan(loaded.scenario)
    except ScenarioError as error:
        raise ScenarioError(loaded.placed(error.problems)) from None
    return LoadedScenario(loaded.scenario, plan, file, overrides, is_of_file, tree)


# ---------------------------------------------------------------------- values


def plain(value: Any) -> Any:
    """A value as a scenario file could hold it.

    Raises
    ------
    SimError
        If no file could: it holds too many values, too deep ones, or something else than texts and numbers.

    Examples
    --------
    >>> plain({"date": dt.date(2020, 1, 1), "low": np.float64(0.5), "days": range(2)})
    {'date': '2020-01-01', 'low': 0.5, 'days': [0, 1]}
    """
    return _Reading(MAX_NODES).plain(value)


@dataclass(slots=True)
class _Reading:
    """Reads values within the bounds of a file, so that one that holds itself is refused too."""

    most: int
    found: int = 0
    depth: int = 0

    def plain(self, value: Any) -> Any:
        """A value as a scenario file could hold it."""
        self.found += 1
        if self.found > self.most:
            raise SimError(f"found more than {self.most:,} values, which take too much memory")
        match value:
            case Mapping():
                return dict(zip(map(_key, value), self._within(value.values()), strict=True))
            case np.ndarray():
                return self._within([list(value) if value.ndim else value[()]])[0]
            case Sequence() if not isinstance(value, str | bytes | bytearray | memoryview):
                return self._within(value)
            case _:
                return _scalar(value)

    def _within(self, values: Iterable[Any]) -> list[Any]:
        """The values within another one."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SimError(f"found values nested more than {MAX_DEPTH} levels deep, which no scenario needs")
        found = [self.plain(value) for value in values]
        self.depth -= 1
        return found


def _scalar(value: Any) -> Scalar:
    """A text, a number, a truth or nothing."""
    match value:
        case np.bool_() | np.integer() | np.str_():
            return _scalar(value.item())
        case float() | np.floating():
            return float(value)
        case int() if abs(value) > LARGEST_EXACT_INTEGER:
            return _rounded(value)
        case None | bool() | int() | str():
            return value
        case dt.date():
            return value.isoformat()[: len("2020-01-01")]
        case np.datetime64():
            return str(value.astype("datetime64[D]"))
        case _:
            raise SimError(
                f"found something of type {type(value).__name__}, allowed: what a scenario file can hold"
            )


def _rounded(whole: int) -> float:
    """A whole number as YAML reads one that has too many digits."""
    try:
        return float(whole)
    except OverflowError:
        raise SimError("found a whole number too large to compute with, allowed: up to 1e308") from None


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise SimError(f"found {show(key)} as a key, allowed: a text")
    return str(key)


def as_setting(value: Any) -> str:
    """A value as it stands behind ``path=`` on the command line.

    Examples
    --------
    >>> as_setting(30), as_setting("8 weeks"), as_setting({"low": 0.5}), as_setting(math.inf)
    ('30', '"8 weeks"', '{"low": 0.5}', '.inf')
    """
    match plain(value):
        case dict() as entries:
            texts = (f"{json.dumps(key, ensure_ascii=False)}: {as_setting(entries[key])}" for key in entries)
            return f"{{{', '.join(texts)}}}"
        case list() as entries:
            return f"[{', '.join(map(as_setting, entries))}]"
        case float() as number if math.isinf(number):
            return INFINITY if number > 0.0 else f"-{INFINITY}"
        case scalar:
            return json.dumps(scalar, ensure_ascii=False)
