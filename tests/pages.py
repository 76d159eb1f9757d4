"""A small result of every command that writes a page, with as much on its page as fits into little."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

import sim
from sim.face.results import Result
from tests.builders import ban, merged, shop, stand_ins
from tests.unit import test_backtest, test_calibrate, test_mitigate, test_stress

UNIFORM = {"dist": "uniform"}
UNCERTAIN = {
    "demand": {"home": {"price": UNIFORM | {"low": 1.5, "high": 2.5}, "process": "gamma", "dispersion": 2.0}},
    "interventions": {"ban": {"duration_days": UNIFORM | {"low": 10, "high": 40}, "probability": 0.8}},
}
ALTERNATIVES = {
    "decision": {
        "title": "More stock",
        "alternatives": {
            "none": {"title": "No stock"},
            "more": {"title": "More stock", "set": {"stock_points.shelf.policy.units": 300}, "cost": 20.0},
        },
    }
}


def written(folder: Path, name: str, scenario: dict[str, Any]) -> Path:
    """A scenario as a file."""
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(merged(scenario, {"name": name})), encoding="utf-8")
    return file


def uncertain_shop(**changes: Any) -> dict[str, Any]:
    """A shop with a ban that may come and numbers that nobody knows."""
    return merged(shop(80, interventions={"ban": ban(30)}), merged(UNCERTAIN, changes))


def mitigated(folder: Path) -> Result:
    """Two views, a lever that can wait for a signal, one with levels, and all that can be asked."""
    calm = uncertain_shop(title="No ban", interventions={"ban": {"probability": 0.1}, "warning": WARNING})
    dire = merged(calm, {"title": "A ban", "interventions": {"ban": {"probability": 1.0}}})
    views = {written(folder, "calm", calm).name: 1.0, written(folder, "dire", dire).name: 3.0}
    asked = {
        "cash": 6000.0,
        "budget": 900.0,
        "chance_of_loss": {"above": 500.0, "at_most": 0.9},
        "service": {"home": 0.4},
    }
    file = written(
        folder,
        "levered",
        merged(
            calm,
            {
                "interventions": {"ban": {"probability": 0.6}},
                "levers": {
                    "stock": test_mitigate.at_cost(test_mitigate.STOCK, 30.0),
                    "pile": test_mitigate.SIGNALLED,
                },
                "mitigation": {"views": views, "constraints": asked | {"time_to_survive_days": 20}},
            },
        ),
    )
    return sim.mitigate(file, replications=64, evaluations=12, workers=1)


WARNING = {**test_mitigate.WARNING, "probability": 0.5}


def unmitigated(folder: Path) -> Result:
    """Levers at ten times what they bring."""
    levers = {
        "stock": test_mitigate.at_cost(test_mitigate.STOCK, 2_000.0),
        "pile": test_mitigate.at_cost(test_mitigate.LATER, 3_000.0),
    }
    file = test_mitigate.scenario_file(folder, levers)
    return sim.mitigate(file, replications=64, evaluations=8, workers=1)


def stressed(folder: Path, index: str | None = None) -> Result:
    """Nodes and pairs that fail, some of them once in so many years, and a lever against that."""
    data = merged(stand_ins(levers={"stock": test_mitigate.STOCK}), test_stress.RATES)
    return sim.stress(written(folder, "factory", data), index=index, workers=1)


def indexed(folder: Path) -> Result:
    """The same with an index of systemic risk."""
    return stressed(folder, index="esri")


def compared(folder: Path) -> Result:
    """A shop, a harder ban, and settings over both."""
    calm = written(folder, "calm", uncertain_shop(title="No ban"))
    dire = written(
        folder, "dire", uncertain_shop(title="A ban", interventions={"ban": {"duration_days": 60}})
    )
    return sim.compare(calm, dire, variants={"dear": ["demand.home.price=3"]}, replications=16, workers=1)


def examined(folder: Path) -> Result:
    """Which uncertain numbers move the loss and a decision."""
    return sim.sensitivity(
        written(folder, "uncertain", uncertain_shop(**ALTERNATIVES)), replications=32, workers=1
    )


def swept(*levers: str) -> Callable[[Path], Result]:
    """One lever over its levels or days, or two."""

    def made(folder: Path) -> Result:
        pile = test_mitigate.LATER | {"cost": {"once": 5.0}}
        data = uncertain_shop(levers={"stock": test_mitigate.STOCK, "pile": pile})
        return sim.sweep_levers(written(folder, "levered", data), *levers, replications=16, workers=1)

    return made


def tested_on_the_past(folder: Path) -> Result:
    """Two views and a confounder."""
    texts = {
        "facts.csv": test_backtest.facts(),
        "calm.yaml": yaml.safe_dump(test_backtest.view()),
        "dire.yaml": yaml.safe_dump(
            test_backtest.view("dire", title="A ban", interventions={"ban": {"duration_days": 300}})
        ),
        "home.yaml": json.dumps(test_backtest.FLU | {"name": "home"}),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sim.backtest(
        folder / "calm.yaml",
        folder / "dire.yaml",
        facts=folder / "facts.csv",
        as_of=test_backtest.AS_OF,
        confounders=[folder / "home.yaml"],
        replications=32,
        workers=1,
    )


def calibrated(folder: Path) -> Result:
    """What a quarter's revenue tells of three inputs."""
    (folder / "targets.yaml").write_text(yaml.safe_dump(test_calibrate.targets()), encoding="utf-8")
    file = written(folder, "market", test_calibrate.market())
    return sim.calibrate(file, targets=folder / "targets.yaml", replications=64, workers=1)


MADE: dict[str, Callable[[Path], Result]] = {
    "mitigate": mitigated,
    "mitigate-nothing": unmitigated,
    "stress": stressed,
    "stress-index": indexed,
    "compare": compared,
    "sensitivity": examined,
    "sweep": swept("stock"),
    "sweep-two": swept("stock", "pile"),
    "sweep-dates": swept("pile@dates"),
    "backtest": tested_on_the_past,
    "calibrate": calibrated,
}
"""By the command, and what is special."""
