"""A small result of every command that writes a page, with as much on its page as fits into little."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Desk:
    """A folder to which files are written before a command is given."""

    folder: Path

    def scenario(self, name: str, data: dict[str, Any]) -> Path:
        """Write a scenario."""
        return self.mapping(name, merged(data, {"name": name}))

    def mapping(self, name: str, data: dict[str, Any]) -> Path:
        """Write a file of settings."""
        file = self.folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump(data), encoding="utf-8")
        return file

    def facts(self, text: str) -> Path:
        """Write a file of facts."""
        file = self.folder / "facts.csv"
        file.write_text(text, encoding="utf-8")
        return file

    def asked(self, text: str) -> str:
        """What a command is asked: a lever, or a setting."""
        return text


def uncertain_shop(**changes: Any) -> dict[str, Any]:
    """A shop with a ban that may come and numbers that nobody knows."""
    return merged(shop(80, interventions={"ban": ban(30)}), merged(UNCERTAIN, changes))


def mitigated(desk: Desk) -> Result:
    """Two views, a lever that can wait for a signal, one with levels, and all that can be asked."""
    calm = uncertain_shop(title="No ban", interventions={"ban": {"probability": 0.1}, "warning": WARNING})
    dire = merged(calm, {"title": "A ban", "interventions": {"ban": {"probability": 1.0}}})
    views = {desk.scenario("calm", calm).name: 1.0, desk.scenario("dire", dire).name: 3.0}
    asked = {
        "cash": 6000.0,
        "budget": 900.0,
        "chance_of_loss": {"above": 500.0, "at_most": 0.9},
        "service": {"home": 0.4},
    }
    file = desk.scenario(
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


def unmitigated(desk: Desk) -> Result:
    """Levers at ten times what they bring."""
    levers = {
        "stock": test_mitigate.at_cost(test_mitigate.STOCK, 2_000.0),
        "pile": test_mitigate.at_cost(test_mitigate.LATER, 3_000.0),
    }
    file = desk.scenario("levered", test_mitigate.scenario(levers))
    return sim.mitigate(file, replications=64, evaluations=8, workers=1)


def stressed(desk: Desk, index: str | None = None) -> Result:
    """Nodes and pairs that fail, some of them once in so many years, and a lever against that."""
    data = merged(stand_ins(levers={"stock": test_mitigate.STOCK}), test_stress.RATES)
    return sim.stress(desk.scenario("factory", data), index=index, workers=1)


def indexed(desk: Desk) -> Result:
    """The same with an index of systemic risk."""
    return stressed(desk, index="esri")


def compared(desk: Desk) -> Result:
    """A shop, a harder ban, and settings over both."""
    calm = desk.scenario("calm", uncertain_shop(title="No ban"))
    dire = desk.scenario("dire", uncertain_shop(title="A ban", interventions={"ban": {"duration_days": 60}}))
    dear = {"dear": [desk.asked("demand.home.price=3")]}
    return sim.compare(calm, dire, variants=dear, replications=16, workers=1)


def examined(desk: Desk) -> Result:
    """Which uncertain numbers move the loss and a decision."""
    return sim.sensitivity(
        desk.scenario("uncertain", uncertain_shop(**ALTERNATIVES)), replications=32, workers=1
    )


def swept(*levers: str) -> Callable[[Desk], Result]:
    """One lever over its levels or days, or two."""

    def made(desk: Desk) -> Result:
        pile = test_mitigate.LATER | {"cost": {"once": 5.0}}
        data = uncertain_shop(levers={"stock": test_mitigate.STOCK, "pile": pile})
        file = desk.scenario("levered", data)
        return sim.sweep_levers(file, *map(desk.asked, levers), replications=16, workers=1)

    return made


def tested_on_the_past(desk: Desk) -> Result:
    """Two views and a confounder."""
    dire = test_backtest.view("dire", title="A ban", interventions={"ban": {"duration_days": 300}})
    views = [desk.scenario("calm", test_backtest.view()), desk.scenario("dire", dire)]
    return sim.backtest(
        *views,
        facts=desk.facts(test_backtest.facts()),
        as_of=test_backtest.AS_OF,
        confounders=[desk.scenario("home", test_backtest.FLU)],
        replications=32,
        workers=1,
    )


def calibrated(desk: Desk) -> Result:
    """What a quarter's revenue tells of three inputs."""
    file = desk.scenario("market", test_calibrate.market())
    targets = desk.mapping("targets", test_calibrate.targets())
    return sim.calibrate(file, targets=targets, replications=64, workers=1)


MADE: dict[str, Callable[[Desk], Result]] = {
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
