"""What a page can move: numbers that matter most, chances, dates, levers, and lanes of the network."""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from sim.explorer.moved import first_day
from sim.explorer.session import Session
from sim.model.network import shock
from sim.model.plan import Input, Plan
from sim.report.input_names import input_name
from sim.report.language import say
from sim.report.names import Names
from sim.risk.sensitivity_indices import main_effects
from sim.scenario.distributions import Bernoulli
from sim.scenario.schema import Scenario

MOST_NUMBERS = 8
"""Sliders of uncertain numbers."""
MOST_CHANCES = 4
"""Sliders of probabilities."""
SCREENED = 256
"""Futures of the base by which it is judged what matters."""
ENDS = (0.01, 0.99)
"""Of a slider, as quantiles of the number's distribution."""
STEPS = 100
"""From one end of a slider to the other."""
Control = dict[str, Any]


def controls_of(session: Session) -> dict[str, Any]:
    """Everything that a page can move, as plain data; the base has then been simulated in part.

    Parameters
    ----------
    session
        What is explored.

    Returns
    -------
    dict
        ``numbers``, ``chances``, ``dates`` and ``levers`` with their labels, ends and values, and the
        ``network``.
    """
    scenario, plan = session.scenario, session.plan
    return {
        "numbers": list(_numbers(session)),
        "chances": list(_chances(scenario)),
        "dates": list(_dates(scenario)),
        "levers": list(_levers(scenario)),
        "network": network_of(scenario, plan),
    }


def _numbers(session: Session) -> Iterator[Control]:
    """The uncertain numbers that explain most of the losses of the base, the first maker's before others'."""
    futures = min(SCREENED, session.futures)
    losses, samples = session.losses(futures=futures), session.samples(futures)
    effects = np.max(
        [main_effects(samples, losses.shares[row]) for row in range(len(session.makers))], axis=0
    )
    ranked = np.argsort(-effects, kind="stable").tolist()
    items = [session.plan.inputs[column] for column in ranked]
    for item in [item for item in items if not isinstance(item.quantity, Bernoulli)][:MOST_NUMBERS]:
        yield _number(session.scenario, item)


def _number(scenario: Scenario, item: Input) -> Control:
    low, high = (float(end) for end in item.quantity.quantile(np.array(ENDS)))
    step = _round_step((high - low) / STEPS)
    named = input_name(scenario, Names(scenario, length=60), item.path)
    return {
        "path": item.path,
        "label": named.subject,
        "field": named.quantity,
        "low": _on_grid(math.ceil(low / step), step),
        "high": _on_grid(max(math.floor(high / step), math.ceil(low / step)), step),
        "step": step,
        "usual": _on_grid(round(float(item.quantity.quantile(np.array([0.5]))[0]) / step), step),
    }


def _round_step(step: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that is not below another."""
    if step <= 0.0:
        return 1.0
    power = 10.0 ** Decimal(step).adjusted()
    return next(float(f"{factor * power:.6g}") for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _on_grid(steps: int, step: float) -> float:
    return float(f"{steps * step:.10g}")


def _chances(scenario: Scenario) -> Iterator[Control]:
    """How likely the shock and what is not certain are; 0 and 1 are no and yes."""
    names = Names(scenario, length=60)
    first = shock(scenario)
    entries = sorted(
        scenario.interventions.items(), key=lambda pair: (pair[0] != first, not _is_open(pair[1].probability))
    )
    for name, entry in entries[:MOST_CHANCES]:
        yield {
            "path": f"interventions.{name}.probability",
            "label": names.intervention(name),
            "field": say("probability"),
            "low": 0.0 if _can_be_left_out(scenario, name) else 0.01,
            "high": 1.0,
            "step": 0.01,
            "usual": round(float(entry.probability.mean), 2),
        }


def _is_open(probability: Any) -> bool:
    return 0.0 < float(probability.mean) < 1.0


def _can_be_left_out(scenario: Scenario, name: str) -> bool:
    """Whether nothing waits for it that has nothing else to wait for."""
    waiting = (getattr(each.trigger, "intervention", None) for each in scenario.substitutes.values())
    return name not in waiting


def _dates(scenario: Scenario) -> Iterator[Control]:
    name = shock(scenario)
    entry = scenario.interventions[name] if name else None
    if entry is not None and entry.date is not None:
        yield {
            "path": f"interventions.{name}.date",
            "label": Names(scenario, length=60).intervention(str(name)),
            "field": say("first day"),
            "low": scenario.calendar.start.isoformat(),
            "high": scenario.calendar.last_day.isoformat(),
            "usual": entry.date.isoformat(),
        }


def _levers(scenario: Scenario) -> Iterator[Control]:
    for name, lever in scenario.levers.items():
        yield {
            "id": name,
            "label": lever.title,
            "levels": list(lever.levels.values) if lever.levels else [],
            "unit": lever.unit or "",
            "earliest": lever.dates.earliest.isoformat() if lever.dates else "",
            "latest": lever.dates.latest.isoformat() if lever.dates else "",
            "excludes": list(lever.excludes),
        }


# ---------------------------------------------------------------------- the network


def network_of(scenario: Scenario, plan: Plan) -> dict[str, Any]:
    """Firms by tier, the last seller first, and the lanes between them, for a page to draw and cut.

    Parameters
    ----------
    scenario, plan
        The base.
    """
    names, point = Names(scenario, length=60), scenario.stock_points
    ends = {
        key: (point[lane.supplier].firm, point[lane.buyer].firm)
        for key, lane in (*scenario.lanes.items(), *scenario.substitutes.items())
        if point[lane.supplier].firm != point[lane.buyer].firm
    }
    lanes = [
        {
            "key": key,
            "from": seller,
            "to": buyer,
            "label": names.lane(key),
            "substitute": key in scenario.substitutes,
        }
        for key, (seller, buyer) in ends.items()
    ]
    supplying = {seller for seller, _ in ends.values()}
    firms = [
        {"key": firm, "label": names.firm(firm), "tier": tier, "supplies": firm in supplying}
        for firm, tier in _tiers([*ends.values()], [*_sellers(scenario)]).items()
    ]
    return {
        "firms": firms,
        "lanes": lanes,
        "cut_day": first_day(scenario).isoformat(),
        "first": scenario.calendar.start.isoformat(),
        "last": scenario.calendar.last_day.isoformat(),
        "days": plan.days,
    }


def _sellers(scenario: Scenario) -> Iterator[str]:
    """Firms that sell to a market."""
    yield from dict.fromkeys(scenario.stock_points[its.stock_point].firm for its in scenario.demand.values())


def _tiers(lanes: list[tuple[str, str]], sellers: list[str]) -> dict[str, int]:
    """How many lanes each firm is from the markets; those that sell there are 0."""
    tiers = dict.fromkeys(sellers, 0)
    for tier in range(1, len(lanes) + 1):
        found = [seller for seller, buyer in lanes if tiers.get(buyer) == tier - 1 and seller not in tiers]
        if not found:
            break
        tiers |= dict.fromkeys(found, tier)
    return tiers
