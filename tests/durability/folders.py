"""Run folders to be disturbed, and what is in them."""

import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import yaml

from sim.cli import main
from sim.scenario.facts import COLUMNS
from sim.stories import (
    analyses,
    backtest,
    calibrate,
    compare,
    mitigate,
    runs,
    sensitivity,
    stress,
    study,
    sweep,
)
from sim.stories.durable import Execution
from tests.builders import ban, merged, shop, stand_ins

REPLICATIONS, CHUNK = 40, 8
AS_OF = "2021-01-15"
ANALYSES = ("backtest", "calibrate", "compare", "mitigate", "sensitivity", "stress", "sweep")


def random_scenario():
    """A small scenario with every kind of chance, and sources that count for what is given only."""
    return shop(
        60,
        firms={"maker": {"source": "a book"}, "supplier": {"note": "nobody knows"}},
        stock_points={"shelf": {"source": "a paper", "confidence": "low", "holding_cost_per_unit_day": 0.01}},
        lanes={"parts": {"lead_time_days": {"dist": "uniform", "low": 1.0, "high": 9.0}}},
        demand={"home": {"process": "gamma", "dispersion": 4.0, "patience_days": 2}},
        interventions={"ban": ban(10, probability=0.8)},
        analysis={"window_days": 40},
    )


def decided_scenario():
    """The same with a decision, one of whose alternatives has an input of its own."""
    price = {"dist": "uniform", "low": 1.5, "high": 2.5}
    duration = {"dist": "uniform", "low": 5.0, "high": 40.0}
    alternatives = {
        "wait": {"title": "Wait"},
        "stock": {"title": "More stock", "set": {"stock_points.shelf.policy.units": 160.0}, "cost": 60.0},
        "raise": {"title": "Raise the price", "set": {"demand.home.price": price}},
    }
    return merged(
        random_scenario(),
        {
            "interventions": {"ban": {"duration_days": duration}},
            "decision": {"title": "What to do", "alternatives": alternatives},
        },
    )


def levered_scenario():
    """The same with a lever of two levels."""
    stock = {"title": "Stock", "moves": ["stock_points.shelf.policy.units"], "levels": [120, 160]}
    return merged(random_scenario(), {"levers": {LEVER: stock}})


def arguments_in(folder: Path, command: str) -> list[str]:
    """What a command is given, and its files in a folder: work of some seconds."""
    given = [
        word
        for parameter in main.commands[command].params
        if isinstance(parameter, click.Argument)
        for word in GIVEN[str(parameter.name)](folder, command)
    ]
    return [command, *map(str, given), *needed_in(folder, command), *SIZES.get(command, [])]


def needed_in(folder: Path, command: str) -> list[str]:
    """Options that a command cannot do without, and their files in a folder."""
    needs = {
        "backtest": _facts_in,
        "calibrate": _targets_in,
        "export": _target_in,
        "export-explorer": lambda folder: [str(folder / "explorer.html")],
        "screen": _list_in,
        "new": _new_in,
        "import": _mapping_in,
    }
    return needs.get(command, lambda _: [])(folder)


def _target_in(folder: Path) -> list[str]:
    return [str(folder / "exported.xlsx")]


def _list_in(folder: Path) -> list[str]:
    return [str(_written_text(folder / "list.csv", "source,name,start_date\nEntity List,Maker,2021-01-05\n"))]


def _written_text(file: Path, text: str) -> Path:
    file.write_text(text)
    return file


def _mapping_in(folder: Path) -> list[str]:
    """What an import needs beside its tables."""
    columns = {"parent": "parent", "component": "component", "quantity": "quantity"}
    mapping = {
        "name": "imported",
        "title": "Imported",
        "currency": "EUR",
        "maker": {"name": "Maker", "country": "DE"},
        "tables": {"bom.csv": {"holds": "bom", "columns": columns}},
    }
    return [
        "--mapping",
        str(_written(folder / "mapping.yaml", mapping)),
        "--out",
        str(folder / "imported.yaml"),
    ]


def _one_table(folder: Path, _command: str) -> list[Path]:
    return [_written_text(folder / "bom.csv", "parent,component,quantity\nbike,frame,1\n")]


def _new_in(folder: Path) -> list[str]:
    return ["--yes", "--yaml", str(folder / "new.yaml")]


def _targets_in(folder: Path) -> list[str]:
    """What a calibration needs beside its scenario."""
    figure = {
        "measure": "revenue",
        "firm": "maker",
        "start": "2021-01-01",
        "end": "2021-01-09",
        "value": 190.0,
    }
    free = {"demand.home.mean_per_day": {"dist": "uniform", "low": 5.0, "high": 15.0}}
    known = figure | {"sd": 5.0, "published": "2021-02-01"}
    file = _written(folder / "targets.yaml", {"inputs": free, "targets": {"january": known}})
    return ["--targets", str(file)]


def _facts_in(folder: Path) -> list[str]:
    """What a back-test needs beside its views: a figure that came later, and one that did not yet."""
    rows = ["f1,maker,revenue,,,2021-01,610,EUR,2021-02-05,report", "f2,maker,revenue,,,2021-02-20,,EUR,,"]
    file = folder / "facts.csv"
    file.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    return ["--facts", str(file), "--as-of", AS_OF]


def _one_file(folder: Path, command: str) -> list[Path]:
    made = {
        "mitigate": levered_scenario,
        "sensitivity": decided_scenario,
        "stress": stand_ins,
        "sweep": levered_scenario,
    }
    data = made.get(command, random_scenario)()
    return [_written(folder / f"{command}-0.yaml", data)]


def _two_files(folder: Path, command: str) -> list[Path]:
    other = merged(random_scenario(), {"name": "other", "demand": {"home": {"mean_per_day": 12.0}}})
    other["interventions"]["ban"]["date"] = 20
    return [*_one_file(folder, command), _written(folder / f"{command}-1.yaml", other)]


def _run_folder(folder: Path, _command: str) -> list[Path]:
    return [finished_run(folder)]


def _two_folders(folder: Path, _command: str) -> list[Path]:
    one = finished_run(folder)
    return [one, Path(shutil.copytree(one, folder / "other"))]


def _project(folder: Path, _command: str) -> list[Path]:
    finished_run(folder)
    return [folder]


def _plan(folder: Path, _command: str) -> list[Path]:
    _written(folder / "shop.yaml", random_scenario())
    members = {"plain": {"file": "shop.yaml"}, "dear": {"file": "shop.yaml", "set": {"demand.home.price": 3}}}
    return [_written(folder / "plan.yaml", {"name": "both", "replications": 16, "scenarios": members})]


def _one_lever(_folder: Path, _command: str) -> list[str]:
    return [LEVER]


LEVER = "stock"
GIVEN: dict[str, Callable[[Path, str], Sequence[object]]] = {
    "file": _one_file,
    "files": _two_files,
    "folder": _run_folder,
    "folders": _two_folders,
    "plan": _plan,
    "project": _project,
    "levers": _one_lever,
    "target": lambda _folder, _command: [],
    "exports": _one_table,
    "listing": lambda _folder, _command: [],
}
"""What a command takes, by the name of its argument: a command that is new is tested as all others are."""
SIZES = {
    "backtest": ["-n", "32"],
    "calibrate": ["-n", "32"],
    "compare": ["-n", "64"],
    "sensitivity": ["-n", "32", "--top", "1"],
    "mitigate": ["-n", "64", "--evaluations", "4"],
    "sweep": ["-n", "64"],
}
"""As small as can be."""


def analysis_in(folder: Path, command: str) -> analyses.Analysis:
    """An analysis of little work, by the name of its command."""
    files = [
        word
        for word in arguments_in(folder, command)
        if word.endswith(".yaml") and word != str(folder / "targets.yaml")
    ]
    begun: dict[str, Callable[[], analyses.Analysis]] = {
        "backtest": lambda: backtest.analysis(
            files, facts=folder / "facts.csv", as_of=AS_OF, replications=32
        ),
        "calibrate": lambda: calibrate.analysis(files[0], targets=folder / "targets.yaml", replications=32),
        "compare": lambda: compare.analysis(files, replications=64),
        "mitigate": lambda: mitigate.analysis(files[0], replications=64, evaluations=4),
        "sensitivity": lambda: sensitivity.analysis(files[0], replications=32, top=1),
        "stress": lambda: stress.analysis(files[0]),
        "sweep": lambda: sweep.analysis(files[0], [LEVER], replications=64),
    }
    return begun[command]()


def resumed(folder: Path, command: str) -> analyses.Analysis:
    """The analysis that a folder was begun for."""
    return {
        "backtest": backtest,
        "calibrate": calibrate,
        "compare": compare,
        "mitigate": mitigate,
        "sensitivity": sensitivity,
        "stress": stress,
        "sweep": sweep,
    }[command].resumed(folder)


def _written(file: Path, data) -> Path:
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


def scenario_in(folder: Path) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(random_scenario(), sort_keys=False))
    return file


def job_in(folder: Path, **how):
    return study.job_of(scenario_in(folder), **{"replications": REPLICATIONS, **how})


def run_in(folder: Path, **how) -> Path:
    return runs.run(job_in(folder), folder / "run", Execution(**{"chunk": CHUNK, **how}))


def finished_run(folder: Path) -> Path:
    """The folder of a finished run, beside its scenario."""
    scenario_in(folder)
    return _copied(folder / "run", "run")


def finished_analysis(folder: Path, command: str) -> Path:
    """The folder of a finished analysis, by the name of its command."""
    return _copied(folder / command, command)


def _copied(out: Path, command: str) -> Path:
    for name, content in _made_once(command).items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    return out


@cache
def _made_once(command: str) -> dict[str, bytes]:
    """What is in a finished folder, made once by each process: where it is makes no difference to it."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        if command == "run":
            return contents(run_in(folder))
        return contents(analyses.run(analysis_in(folder, command), folder / "out"))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by name; the lock is none of the run's."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def figures(folder: Path) -> dict[str, bytes]:
    """What does not depend on how a run was cut into chunks."""
    return {
        name: content
        for name, content in contents(folder).items()
        if not name.startswith("parts/") and name != "summary.sha256"
    }
