"""Beside the report of a run: what other views of the same case give, and which assumptions lie between."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.errors import SimError
from sim.report.comparison_words import LEAST_SHOWN, Comparison, make_comparison, points, whole
from sim.report.event_section import lost_or_gained
from sim.report.language import say, say_many
from sim.report.names import tidy, within
from sim.report.numbers import lost_range, lost_shares
from sim.report.page_parts import OtherView
from sim.report.words import joined
from sim.risk.findings import Findings
from sim.scenario.schema import Scenario

Manifest = Mapping[str, Any]
MOST_STEPS = 5
"""Assumptions that are told."""


def beside(run: Findings, comparison: Findings, scenarios: Sequence[Scenario]) -> list[OtherView]:
    """What the other scenarios of a comparison give.

    Parameters
    ----------
    run
        What a run found.
    comparison
        What a comparison found in which the run's scenario is one.
    scenarios
        All that were compared.

    Returns
    -------
    list of OtherView
        One for each other scenario, in their order.

    Raises
    ------
    SimError
        If the run's scenario is not among them, or is another of the same name.
    """
    _refuse_strangers(run, comparison)
    compared = make_comparison(comparison)
    return [
        _view(compared, run.scenario.name, other, comparison.manifest)
        for other in scenarios
        if other.name != run.scenario.name
    ]


def _refuse_strangers(run: Findings, comparison: Findings) -> None:
    names = [entry["scenario"] for entry in comparison.summary["scenarios"]]
    digests = dict(zip(names, comparison.manifest["scenario_digests"], strict=True))
    name = run.scenario.name
    if name not in digests:
        raise SimError(f"beside: found a comparison of {', '.join(names)}; allowed: one that holds {name}")
    compared_with = comparison.manifest["overrides"]
    lacking = [setting for setting in run.manifest["overrides"] if setting not in compared_with]
    if lacking:
        raise SimError(
            f"beside: found a run with {joined(lacking)}, which the comparison lacks; allowed: one with the "
            "run's settings"
        )
    if digests[name] != run.manifest["scenario_digest"] and compared_with == run.manifest["overrides"]:
        raise SimError(f"beside: found a comparison of another {name}; allowed: one of the same file")


def _view(comparison: Comparison, here: str, other: Scenario, manifest: Manifest) -> OtherView:
    settings = joined([tidy(setting) for setting in manifest["overrides"]])
    steps, way = _steps_between(comparison, here, other.name)
    return OtherView(
        title=tidy(other.title),
        claim=tidy(other.claim.statement) if other.claim else "",
        losses=[_losses(comparison, maker, here, other.name) for maker in comparison.makers],
        way=way,
        steps=_moving_most(comparison, steps),
        basis=say_many(
            "Compared in {number} simulated future of each, with the same random numbers{settings}; each "
            "setting "
            "stands in the report of the comparison.",
            "Compared in {number} simulated futures of each, with the same random numbers{settings}; each "
            "setting "
            "stands in the report of the comparison.",
            int(comparison.findings.summary["replications"]),
            settings=say(" and {settings}", settings=settings) if settings else "",
        ),
    )


def _losses(comparison: Comparison, maker: str, here: str, other: str) -> str:
    there, ours = (comparison.row("scenarios", scenario=name, maker=maker) for name in (other, here))
    ends = lost_range(there["p05"], there["p95"], lost_shares)
    told = say(
        "{maker} {loses} there (mean; 5–95% of futures: {range}) and {or_loses} here.",
        maker=comparison.names.firm(maker),
        loses=lost_or_gained(float(there["mean"])),
        range=ends,
        or_loses=lost_or_gained(float(ours["mean"])),
    )
    if comparison.leads.is_margin:
        return say("Of {sales}, {sentence}", sales=whole(comparison, maker), sentence=told)
    return told


def _steps_between(comparison: Comparison, here: str, other: str) -> tuple[pd.DataFrame, str]:
    """The steps that lead from one of two scenarios to the other, and which way they go."""
    waterfall = comparison.tables["waterfall"]
    here_from_other = waterfall[(waterfall["against"] == other) & (waterfall["scenario"] == here)]
    if len(here_from_other):
        return here_from_other, say("from that view to this one")
    other_from_here = waterfall[(waterfall["against"] == here) & (waterfall["scenario"] == other)]
    return other_from_here, say("from this view to that one")


def _moving_most(comparison: Comparison, steps: pd.DataFrame) -> list[str]:
    """The steps that move the loss of any maker most, and by how much that of each."""
    effects = steps.pivot_table(index="title", columns="maker", values="effect", aggfunc="sum", sort=False)
    largest = effects.abs().max(axis=1).sort_values(ascending=False, kind="stable")
    shown = largest[largest >= LEAST_SHOWN].head(MOST_STEPS)
    return [f"{tidy(str(title))}: {_by_maker(comparison, effects.loc[title])}" for title in shown.index]


def _by_maker(comparison: Comparison, effects: "pd.Series[float]") -> str:
    names = comparison.names
    return joined(
        [
            say("{points} for {maker}", points=points(float(effects[maker])), maker=within(names.firm(maker)))
            for maker in comparison.makers
        ]
    )
