"""Files for people who write scenarios: one in another form, and one to begin with."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sim.errors import Place, Problem, ResultError, ScenarioError, SimError, first_problems
from sim.model.compile import compile_plan
from sim.montecarlo.inside import shown
from sim.montecarlo.store import RunFolder
from sim.scenario.beginning import DEFAULTS, MAKER, Answers, filled
from sim.scenario.erp.mapping import Assumptions, read_mapping
from sim.scenario.erp.network import imported
from sim.scenario.erp.tables import read_tables
from sim.scenario.erp.wizard import Ask, asked_table, proposed_table
from sim.scenario.graphml import GRAPHML, graphml_of, read_graph
from sim.scenario.graphs import of_graph, to_graph
from sim.scenario.load import tree_of, validated
from sim.scenario.merge import IN_A_FOLDER, read_scenario
from sim.scenario.sheets import sheets_of, tables_of
from sim.scenario.source import SourceNode, read_text
from sim.scenario.table_writer import csv_of
from sim.scenario.tabled import FILE
from sim.scenario.tables import CSV
from sim.scenario.workbook import SUFFIX
from sim.scenario.workbook_writer import workbook_of

YAML_SUFFIXES = (".yaml", ".yml")
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Written(NamedTuple):
    """A scenario that was written, rows that were left out, and what was taken to be the same."""

    file: Path
    problems: list[Problem]
    notes: list[str]


def export(file: str | Path, target: str | Path, overrides: Sequence[str] = ()) -> Path:
    """Write a scenario, with all that it extends, as a workbook or one YAML file, or its network as GraphML.

    Parameters
    ----------
    file, overrides
        As for :func:`sim.scenario.load.load_scenario`.
    target
        A new file that ends in ``.xlsx``, ``.yaml`` or ``.graphml``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SimError
        If there is a file already, it has another ending, or a value is too long for a cell.
    """
    to = _new_file(target, (SUFFIX, *YAML_SUFFIXES, GRAPHML))
    tree = read_scenario(Path(file), overrides)
    compile_plan(validated(tree).scenario)
    if to.suffix == GRAPHML:
        return _written(to, graphml_of(to_graph(tree.plain)))
    return _written(to, _as_workbook(tree) if to.suffix == SUFFIX else as_yaml(tree.plain).encode())


def export_tables(file: str | Path, target: str | Path, overrides: Sequence[str] = ()) -> Path:
    """Write a scenario, with all that it extends, as a folder of CSV files and what they hold not.

    Parameters
    ----------
    file, overrides
        As for :func:`sim.scenario.load.load_scenario`.
    target
        A folder that is not there, or empty.

    Returns
    -------
    Path
        The folder; it can be given wherever a scenario file can.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SimError
        If the folder holds something.
    """
    to = Path(target)
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise ResultError(f"{shown(to)}: found something there; allowed: a new folder")
    tree = read_scenario(Path(file), overrides)
    compile_plan(validated(tree).scenario)
    data, folder = tree.plain, RunFolder(to)
    for table in tables_of(data):
        name = f"{table.name}{CSV}"
        folder.write_bytes(name, csv_of(table).encode())
        data[table.name] = {FILE: name}
    folder.write_bytes(IN_A_FOLDER, as_yaml(data).encode())
    return to


def create(target: str | Path, view: str = MAKER, answers: Answers = DEFAULTS) -> Path:
    """Write a scenario to begin with: one that can be run, in which every number is a placeholder.

    Parameters
    ----------
    target
        A new file that ends in ``.yaml`` or ``.xlsx``.
    view
        Whose question it asks: one of :data:`sim.scenario.beginning.VIEWS`.
    answers
        What it is told.

    Raises
    ------
    ScenarioError
        If an answer makes no scenario, such as a name with a blank in it.
    SimError
        If there is a file already, or it has another ending.
    """
    to = _new_file(target, (*YAML_SUFFIXES, SUFFIX))
    text = filled(view, answers)
    tree = read_text(text, str(to))
    compile_plan(validated(tree).scenario)
    return _written(to, _as_workbook(tree) if to.suffix == SUFFIX else text.encode())


def import_graph(file: str | Path, target: str | Path) -> Written:
    """Write the scenario that a GraphML file tells.

    Parameters
    ----------
    file
        A graph of firms, or one that :func:`export` wrote.
    target
        A new file that ends in ``.yaml`` or ``.xlsx``.

    Raises
    ------
    ScenarioError
        If the file cannot be read, or makes no scenario.
    SimError
        If there is a file already, or it has another ending.
    """
    to, source = _new_file(target, (*YAML_SUFFIXES, SUFFIX)), Path(file)
    found = of_graph(read_graph(source), source.stem, str(source))
    tree = tree_of(found.data, Place(str(source), 0))
    compile_plan(validated(tree).scenario)
    _written(to, _as_workbook(tree) if to.suffix == SUFFIX else as_yaml(found.data).encode())
    return Written(to, [], found.notes)


def write_page(target: str | Path, made: Callable[[], str]) -> Path:
    """Write a page.

    Parameters
    ----------
    target
        A new file that ends in ``.html``.
    made
        Makes the page; it is asked once it is known where it goes.

    Raises
    ------
    SimError
        If there is a file already, or it has another ending.
    """
    to = _new_file(target, (".html",))
    return _written(to, made().encode())


def _as_workbook(tree: SourceNode) -> bytes:
    return workbook_of(sheets_of(tree.plain))


def as_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as the text of a scenario file."""
    return str(yaml.dump(dict(data), Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120))


def _new_file(target: str | Path, suffixes: Sequence[str]) -> Path:
    to = Path(target)
    if to.suffix not in suffixes:
        raise SimError(f"{shown(to)}: found the ending '{to.suffix}', allowed: {', '.join(suffixes)}")
    if to.exists():
        raise ResultError(f"{shown(to)}: found a file; allowed: a new one")
    return to


def _written(to: Path, data: bytes) -> Path:
    return RunFolder(to.parent).write_bytes(to.name, data)


def import_tables(
    files: Sequence[str | Path], mapping: str | Path, target: str | Path, *, skips_problems: bool = False
) -> Written:
    """Write the scenario that tables exported from an ERP system tell.

    Parameters
    ----------
    files
        The tables; how each is read the mapping says by the name of the file.
    mapping
        A YAML file (``docs/scenario-format.md``, exports of ERP systems).
    target
        A new file that ends in ``.yaml`` or ``.xlsx``.
    skips_problems
        Whether rows that cannot be used are left out; else they are told and nothing is written.

    Raises
    ------
    ScenarioError
        If a file cannot be read, or rows cannot be used: all of them, each with its place.
    SimError
        If there is a file already, or it has another ending.
    """
    to = _new_file(target, (*YAML_SUFFIXES, SUFFIX))
    told = read_mapping(Path(mapping))
    found = imported(told, read_tables([Path(file) for file in files], told.tables))
    if found.problems and not skips_problems:
        raise ScenarioError(first_problems(found.problems))
    tree = tree_of(found.data, Place(str(to), 0))
    compile_plan(validated(tree).scenario)
    _written(to, _as_workbook(tree) if to.suffix == SUFFIX else as_yaml(found.data).encode())
    return Written(to, found.problems, found.notes)


def propose_mapping(
    files: Sequence[str | Path],
    maker: str,
    country: str,
    target: str | Path,
    *,
    currency: str = "EUR",
    ask: Ask | None = None,
) -> Path:
    """Write a mapping that the headings of exported tables suggest, to be looked over.

    Parameters
    ----------
    files
        The tables.
    maker, country
        Whose they are, and the code of its country.
    target
        A new file that ends in ``.yaml``.
    currency
        Of all prices.
    ask
        Puts what is proposed to somebody, question by question; default: nobody is asked.

    Raises
    ------
    ScenarioError
        If a table cannot be read.
    SimError
        If there is a file already, or it has another ending.
    """
    to = _new_file(target, YAML_SUFFIXES)
    paths = [Path(file) for file in files]
    tables = {file.name: asked_table(file, ask) if ask else proposed_table(file) for file in paths}
    data = {
        "name": "imported",
        "title": f"What {maker} is made of",
        "currency": currency,
        "maker": {"name": maker, "country": country},
        "tables": tables,
        "assumptions": Assumptions().model_dump(exclude_none=True),
    }
    return _written(to, as_yaml(data).encode())


def fragment(file: str | Path, interventions: Mapping[str, Any], target: str | Path) -> Path:
    """Write a scenario that extends another by some interventions.

    Parameters
    ----------
    file
        The scenario that it extends, seen from the folder of the target.
    interventions
        By their ids.
    target
        A new file that ends in ``.yaml``.

    Raises
    ------
    SimError
        If there is a file already, or it has another ending.
    """
    to = _new_file(target, YAML_SUFFIXES)
    base = Path(os.path.relpath(Path(file).resolve(), to.resolve().parent)).as_posix()
    data = {"extends": base, "interventions": dict(interventions)}
    return _written(to, as_yaml(data).encode())
