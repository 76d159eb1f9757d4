"""The story of a back-test: views of a shock, forecasts from what was known on a day, and their scores."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from sim.errors import SimError
from sim.evidence.known import QUARTER, Known, as_of_day, first_day_of, known_on, quarter_of
from sim.evidence.levels import Level, borrowed, fragment_of, level_of, part_of
from sim.evidence.naive import naive_forecasts
from sim.evidence.scores import INTERVALS, mixture, posterior_weights, quantiles_of, scores_of
from sim.model.compile import compile_plan
from sim.model.counterfactual import without_shock
from sim.model.plan import Floats, Plan
from sim.montecarlo import manifests
from sim.montecarlo.batches import Batches
from sim.montecarlo.compiled_batch import block_width
from sim.montecarlo.manifests import Begun, Given, Manifest, Replications, Seed, Text
from sim.montecarlo.store import RunFolder
from sim.montecarlo.workers import silent
from sim.report.backtest_page import page_of_backtest
from sim.report.expected_tables import BACKTEST_TABLES
from sim.risk.designs import kept_of
from sim.risk.findings import Findings
from sim.risk.tables import sold
from sim.scenario.covers import sales_covered
from sim.scenario.facts import Fact, of_plain, read_facts, refuse_unfit
from sim.scenario.load import load_scenario, written
from sim.scenario.overlays import NOT_OF_ITS_DAYS, Overlay, laid_over, overlay_of, read_overlay
from sim.scenario.schema import Scenario
from sim.stories import SEED, analyses, folders
from sim.stories.analyses import Analysis, Summary, Tables
from sim.stories.durable import of_another
from sim.stories.folders import Found, Kind
from sim.stories.manifest import Asked, digest_of, file_name, manifest_of

BACKTEST = Kind(
    "backtest", "{scenario}-backtest-{digest}", "backtest.html", "backtest.json", page_of_backtest
)
REPLICATIONS = 512
EXPECTED_FROM = 128
"""Replications from which what a view expects without the shock is told."""
SCHEMA_VERSION = 1
MIXTURE = "mixture"
ALONE = ""
"""Without any confounder."""


class BacktestBegun(Begun):
    """What the manifest of a back-test says."""

    scenario_files: list[Text] = Field(min_length=1, max_length=100, description="one text or more")
    given: list[Given] = Field(min_length=1, max_length=100, description="one scenario or more")
    overrides: list[Text] = Field(max_length=10_000, description="a list of texts")
    facts_file: Text = Field(description="a text")
    facts: list[dict[str, Any]] = Field(max_length=2_000, description="a list of facts")
    confounder_files: list[Text] = Field(max_length=100, description="a list of texts")
    confounders: list[dict[str, Any]] = Field(max_length=100, description="a list of settings laid over")
    weights: dict[Text, float] = Field(max_length=100, description="a mapping from a view to its weight")
    as_of: Text = Field(description="a date")
    replications: Replications
    seed: Seed


@dataclass(frozen=True)
class Question:
    """What a back-test asks.

    Parameters
    ----------
    views
        Scenarios, which differ in their names.
    facts
        Figures that were reported, and those of which forecasts are asked for.
    as_of
        The day on which the forecasts are made.
    weights
        What each view counts before any later fact; they sum to 1.
    confounders
        What happened beside, told with and without.
    """

    views: Sequence[Scenario]
    facts: Sequence[Fact]
    as_of: dt.date
    weights: Mapping[str, float]
    confounders: Sequence[Overlay] = ()

    @property
    def known(self) -> Known:
        """What was known on the day."""
        return known_on(self.facts, self.as_of)

    @property
    def asked(self) -> list[Fact]:
        """What was not known on the day, in the order of its periods."""
        start = self.views[0].calendar.start
        later = [fact for fact in self.facts if not fact.is_known(self.as_of) and fact.start >= start]
        return sorted(later, key=lambda fact: (fact.end, fact.start))

    @property
    def last_day(self) -> dt.date:
        """The last day that is asked about."""
        return max(fact.end for fact in self.asked)

    @property
    def firms(self) -> list[str]:
        """Firms that sell to markets of which some revenue is asked for."""
        firms = dict.fromkeys(fact.firm for fact in self.asked if fact.measure == "revenue")
        return [firm for firm in firms if sales_covered(self.views[0], firm)[0]]


def question_of(
    files: Sequence[str | Path],
    *,
    facts: str | Path,
    as_of: str | dt.date,
    weights: Mapping[str, float] | None = None,
    confounders: Sequence[str | Path] = (),
    overrides: Sequence[str] = (),
) -> Question:
    """Read what a back-test asks.

    Parameters
    ----------
    files
        Scenario files, one a view.
    facts
        File of facts (:func:`sim.scenario.facts.read_facts`).
    as_of
        Day on which forecasts are made.
    weights
        What views count before any later fact, in any unit; default: all the same.
    confounders
        Scenario files whose own settings are laid over each view.
    overrides
        Settings ``path=value`` laid over each file.

    Raises
    ------
    ScenarioError
        If a file cannot be used, or a fact is of nothing that a view has.
    SimError
        If a name, a weight or the day cannot be used, or there is nothing to forecast.
    """
    return question_from(
        [load_scenario(file, overrides) for file in files],
        facts=facts,
        as_of=as_of,
        weights=weights,
        confounders=confounders,
    )


def question_from(
    views: Sequence[Scenario],
    *,
    facts: str | Path,
    as_of: str | dt.date,
    weights: Mapping[str, float] | None = None,
    confounders: Sequence[str | Path] = (),
) -> Question:
    """What a back-test of some scenarios asks, as :func:`question_of`.

    Raises
    ------
    ScenarioError, SimError
        As :func:`question_of`.
    """
    if not views:
        raise SimError("backtest: found no view; allowed: one scenario or more")
    found, places = read_facts(facts)
    for view in views:
        refuse_unfit(found, view, places)
    return checked(
        Question(
            views=views,
            facts=found,
            as_of=as_of_day(as_of),
            weights=_shares(views, weights or {}),
            confounders=[read_overlay(file) for file in confounders],
        )
    )


def checked(question: Question) -> Question:
    """The question, if it can be answered.

    Raises
    ------
    SimError
        As :func:`question_of`.
    """
    names = [view.name for view in question.views]
    if len(set(names)) < len(names):
        raise SimError(f"backtest: found views named {', '.join(names)}; allowed: each name once")
    first = min(view.calendar.start for view in question.views)
    if question.as_of < first:
        raise SimError(
            f"backtest: found --as-of {question.as_of}; allowed: {first} or later, when views begin"
        )
    if not question.asked:
        raise SimError(
            f"backtest: found no figure that was not known on {question.as_of}; allowed: at least one"
        )
    return question


def _shares(views: Sequence[Scenario], weights: Mapping[str, float]) -> dict[str, float]:
    names = [view.name for view in views]
    for name, weight in weights.items():
        if name not in names:
            raise SimError(f"backtest: found a weight of {name!r}; allowed: {', '.join(names)}")
        if not 0.0 < weight < float("inf"):
            raise SimError(f"backtest: found the weight {weight:g} of {name}; allowed: above 0")
    given = {name: weights.get(name, 1.0) for name in names}
    return {name: weight / sum(given.values()) for name, weight in given.items()}


def run(
    files: Sequence[str | Path],
    *,
    facts: str | Path,
    as_of: str | dt.date,
    weights: Mapping[str, float] | None = None,
    confounders: Sequence[str | Path] = (),
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int], None] = silent,
) -> Findings:
    """Forecast from what was known on a day, and score the forecasts by what was reported later, in memory.

    Parameters
    ----------
    files, facts, as_of, weights, confounders, overrides
        As for :func:`question_of`.
    replications, seed
        Of each view, without and with each confounder.
    workers
        Number of threads; default: one for each core.
    progress
        Called with the number of replications that have just been finished.

    Returns
    -------
    Findings
        Tables ``forecasts``, ``scores``, ``score_means``, ``view_weights`` and ``levels``
        (``docs/results.md``).

    Raises
    ------
    ScenarioError, SimError
        As :func:`question_of`.
    """
    asked = analysis(
        files,
        facts=facts,
        as_of=as_of,
        weights=weights,
        confounders=confounders,
        replications=replications,
        seed=seed,
        overrides=overrides,
    )
    return analyses.in_memory(asked, workers, progress)


def analysis(
    files: Sequence[str | Path],
    *,
    facts: str | Path,
    as_of: str | dt.date,
    weights: Mapping[str, float] | None = None,
    confounders: Sequence[str | Path] = (),
    replications: int = REPLICATIONS,
    seed: int = SEED,
    overrides: Sequence[str] = (),
    question: Question | None = None,
) -> Analysis:
    """A back-test that can be cut off, for :func:`sim.stories.analyses.run`.

    Parameters
    ----------
    files, facts, as_of, weights, confounders, replications, seed, overrides
        As for :func:`run`.
    question
        What :func:`question_of` made of them; default: it is called.

    Raises
    ------
    ScenarioError, SimError
        As :func:`question_of`, or if no plan can be made of a view.
    """
    what = question or question_of(
        files, facts=facts, as_of=as_of, weights=weights, confounders=confounders, overrides=overrides
    )
    baseline = _baseline(what, seed)
    names = {
        "files": [file_name(file) for file in files],
        "facts": file_name(facts),
        "confounders": [file_name(file) for file in confounders],
    }
    views, beside = len(what.views), len(what.confounders)
    return Analysis(
        kind=BACKTEST,
        scenario=what.views[0],
        manifest=_manifest(what, names, replications, seed, overrides),
        steps=EXPECTED_FROM * (views + beside) + replications * views * (1 + beside),
        find=partial(_found, what, baseline, replications, seed),
        tables=BACKTEST_TABLES,
        width=block_width(baseline.plans[0]),
    )


def resumed(path: str | Path) -> Analysis:
    """The back-test that a folder was begun for, as for :func:`sim.stories.durable.begun`."""
    return analyses.resumed(path, BACKTEST.command, BacktestBegun, _again)


def _again(folder: RunFolder, asked: BacktestBegun) -> Analysis:
    try:
        question = Question(
            views=[manifests.scenario_in(folder, given) for given in asked.given],
            facts=[of_plain(fact) for fact in asked.facts],
            as_of=as_of_day(asked.as_of),
            weights=asked.weights,
            confounders=[overlay_of(data) for data in asked.confounders],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise of_another(folder, BACKTEST.command) from error
    return analysis(
        asked.scenario_files,
        facts=asked.facts_file,
        as_of=asked.as_of,
        confounders=asked.confounder_files,
        replications=asked.replications,
        seed=asked.seed,
        overrides=asked.overrides,
        question=checked(question),
    )


def save(findings: Findings, out: str | Path | None = None) -> Path:
    """Write the folder of a back-test that :func:`run` found, as :func:`sim.stories.folders.save`."""
    return folders.save(BACKTEST, Found(findings), out)


# ---------------------------------------------------------------------- forecasts


@dataclass(frozen=True)
class Forecasts:
    """Draws ``[draw, figure]`` by confounder and forecaster, of the figures that are asked for."""

    figures: Sequence[Fact]
    draws: dict[str, dict[str, Floats]]

    def each(self) -> Iterator[tuple[str, str, Fact, Floats]]:
        """Confounder, forecaster, figure and its draws, without those that nobody makes."""
        for given, by_forecaster in self.draws.items():
            for forecaster, draws in by_forecaster.items():
                for fact, some in zip(self.figures, draws.T, strict=True):
                    if not np.isnan(some).any():
                        yield given, forecaster, fact, some


@dataclass(frozen=True)
class Baseline:
    """Demand without the shock: the firms' levels, and the plans that say what the views expect of it.

    Parameters
    ----------
    views
        Up to the last day that is asked about, without their figures.
    levels
        Of the firms that sell to markets.
    quarters
        Those of the levels' paths, as figures without values.
    plans
        Of each view; they observe ``quarters``, then what is asked for.
    """

    views: Sequence[Scenario]
    levels: Sequence[Level]
    quarters: Sequence[Fact]
    plans: Sequence[Plan]


def _baseline(question: Question, seed: int) -> Baseline:
    views = [_bare(view, question.last_day) for view in question.views]
    levels = _levels(question, seed)
    quarters = [fact for level in levels for fact in _quarters_of(level)]
    plans = [_observing(view, [*quarters, *question.asked]) for view in views]
    return Baseline(views, levels, quarters, plans)


def _observing(scenario: Scenario, figures: Sequence[Fact]) -> Plan:
    """The plan of a scenario that observes some figures; no reported value is in it."""
    entries = {
        f"figure-{place}": {
            "measure": fact.measure,
            "firm": fact.firm,
            "items": list(fact.items),
            "markets": list(fact.markets),
            "start": fact.start.isoformat(),
            "end": fact.end.isoformat(),
            "value": 0.0,
        }
        for place, fact in enumerate(figures)
    }
    return compile_plan(laid_over(scenario, {"observations": entries}))


@dataclass(frozen=True)
class Simulator:
    """Simulates the figures that a plan observes."""

    seed: int
    batches: Batches

    def expected(self, plan: Plan) -> Floats:
        """``[figure]`` what a plan gives on average if the shock does not come."""
        return self.observed(without_shock(plan), EXPECTED_FROM).mean(axis=0)

    def observed(self, plan: Plan, replications: int) -> Floats:
        """``[replication, figure]`` what a plan gives."""
        kept = kept_of(
            plan,
            lambda found: {"observed": found.outcome.observed},
            seed=self.seed,
            replications=replications,
            batches=self.batches,
        )
        return kept["observed"].reshape(replications, len(plan.observations.firm))


def _found(
    question: Question, baseline: Baseline, replications: int, seed: int, batches: Batches
) -> tuple[Summary, Tables]:
    simulator, figures = Simulator(seed, batches), question.asked
    expected = [simulator.expected(plan) for plan in baseline.plans]
    levelled = [
        laid_over(view, *_fragments(baseline.levels, baseline.quarters, means))
        for view, means in zip(baseline.views, expected, strict=True)
    ]
    draws: dict[str, dict[str, Floats]] = {}
    for overlay in (None, *question.confounders):
        given = ALONE if overlay is None else overlay.name
        scenarios = [view if overlay is None else laid_over(view, overlay.tree) for view in levelled]
        draws[given] = {
            view.name: simulator.observed(_observing(view, figures), replications) for view in scenarios
        }
        draws[given][MIXTURE] = mixture(draws[given], question.weights)
        effect = np.ones(len(figures))
        if overlay is not None:
            moved = simulator.expected(_observing(laid_over(baseline.views[0], overlay.tree), figures))
            usual = expected[0][len(baseline.quarters) :]
            effect = np.divide(moved, usual, out=np.ones_like(moved), where=usual > 0.0)
        draws[given] |= _naive(question, figures, effect, seed)
    tables = _tables(question, Forecasts(figures, draws), baseline.levels)
    return _summary(question, tables, replications, seed), tables


def _bare(view: Scenario, last: dt.date) -> Scenario:
    """A view up to a day, without its figures and its decision."""
    data = written(view)
    calendar: dict[str, Any] = {"end": max(last, view.calendar.last_day).isoformat(), "days": None}
    gone: dict[str, Any] = {name: None for name in NOT_OF_ITS_DAYS if name in data}
    return laid_over(view, {"calendar": calendar, **gone})


def _levels(question: Question, seed: int) -> list[Level]:
    """Levels of the firms that sell to markets; none where nothing was known of any."""
    ahead = quarter_of(question.last_day)
    known = question.known
    own = {firm: level_of(known, firm, ahead, seed) for firm in question.firms}
    others = [level for level in own.values() if level is not None]
    if not others:
        return []
    return [
        level or part_of(known, firm, others, seed) or borrowed(firm, others, seed)
        for firm, level in own.items()
    ]


def _quarters_of(level: Level) -> list[Fact]:
    """The quarters of a level's paths, as figures without values."""
    quarters = range(level.last + 1, level.last + 1 + level.paths.shape[1])
    return [
        Fact(
            name=f"{level.firm}-{quarter}",
            firm=level.firm,
            measure="revenue",
            items=(),
            markets=(),
            start=first_day_of(quarter),
            end=first_day_of(quarter + 1) - dt.timedelta(1),
            value=None,
            unit="",
            published=None,
            source="",
        )
        for quarter in quarters
    ]


def _fragments(levels: Sequence[Level], paths: Sequence[Fact], means: Floats) -> list[dict[str, Any]]:
    expected: dict[str, dict[int, float]] = {level.firm: {} for level in levels}
    for fact, mean in zip(paths, means.tolist(), strict=False):
        if mean > 0.0:
            expected[fact.firm][quarter_of(fact.start)] = mean
    return [fragment_of(level, expected[level.firm]) for level in levels]


def _naive(question: Question, figures: Sequence[Fact], effect: Floats, seed: int) -> dict[str, Floats]:
    """Naive forecasts of the figures, NaN where they make none; what happened beside moves them as a view."""
    found: dict[str, Floats] = {}
    for firm in question.firms:
        quarters = question.known.quarters(firm)
        if not quarters:
            continue
        last = max(quarters)
        ahead = quarter_of(question.last_day) - last
        for name, paths in naive_forecasts(quarters, ahead, seed).items():
            draws = found.setdefault(name, np.full((len(paths), len(figures)), np.nan))
            for place, fact in enumerate(figures):
                if fact.series == (firm, "revenue", (), ()) and fact.months and fact.months % QUARTER == 0:
                    first = quarter_of(fact.start)
                    parts = [
                        paths[:, quarter - last - 1]
                        if quarter > last
                        else np.full(len(paths), quarters[quarter])
                        for quarter in range(first, first + fact.months // QUARTER)
                        if quarter > last or quarter in quarters
                    ]
                    if len(parts) == fact.months // QUARTER:
                        draws[:, place] = np.sum(parts, axis=0) * effect[place]
    return found


# ---------------------------------------------------------------------- what is told


def _tables(question: Question, forecasts: Forecasts, levels: Sequence[Level]) -> Tables:
    forecast_rows, score_rows = [], []
    for given, forecaster, fact, draws in forecasts.each():
        what = {"forecaster": forecaster, "given": given, **_what(fact)}
        forecast_rows.append(what | quantiles_of(draws))
        if fact.value is not None:
            score_rows.append(
                what | {"published": fact.published, "reported": fact.value} | scores_of(draws, fact.value)
            )
    scores = pd.DataFrame(score_rows, columns=BACKTEST_TABLES["scores"].all)
    return {
        "forecasts": pd.DataFrame(forecast_rows, columns=BACKTEST_TABLES["forecasts"].all),
        "scores": scores,
        "score_means": _means(scores),
        "view_weights": _weights(question, forecasts),
        "levels": _levels_table(levels),
    }


def _what(fact: Fact) -> dict[str, Any]:
    return {
        "fact": fact.name,
        "firm": fact.firm,
        "measure": fact.measure,
        "sold": sold(fact.items, fact.markets),
        "months": fact.months,
        "start": fact.start,
        "end": fact.end,
    }


def _means(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean scores of each forecaster, figure by figure of a kind."""
    columns = BACKTEST_TABLES["score_means"].all
    kinds = ["forecaster", "given", "firm", "measure", "months"]
    rows = [
        dict(zip(kinds, key, strict=True))
        | {"figures": len(rows)}
        | rows[["crps", "pinball", "log_score", *INTERVALS]].mean().to_dict()
        for key, rows in scores[scores["sold"] == ""].groupby(kinds, sort=False)
    ]
    return pd.DataFrame(rows, columns=columns)


def _weights(question: Question, forecasts: Forecasts) -> pd.DataFrame:
    """What each view counts before any later fact and after each, in the order of publication."""
    came = [
        (fact.published, place)
        for place, fact in enumerate(forecasts.figures)
        if fact.value is not None and fact.published is not None and fact.months in (QUARTER, 0)
    ]
    order = [place for _, place in sorted(came, key=lambda entry: entry[0])]
    reported = [forecasts.figures[place].value or 0.0 for place in order]
    names = [view.name for view in question.views]
    rows = []
    for given, by_forecaster in forecasts.draws.items():
        rows += [
            {"given": given, "after": "", "published": question.as_of, "view": name, "weight": weight}
            for name, weight in question.weights.items()
        ]
        draws = {name: by_forecaster[name][:, order] for name in names}
        after = posterior_weights(draws, question.weights, reported) if order else np.empty((0, len(names)))
        for place, weights in zip(order, after.tolist(), strict=True):
            fact = forecasts.figures[place]
            rows += [
                {
                    "given": given,
                    "after": fact.name,
                    "published": fact.published,
                    "view": name,
                    "weight": weight,
                }
                for name, weight in zip(names, weights, strict=True)
            ]
    return pd.DataFrame(rows, columns=BACKTEST_TABLES["view_weights"].all)


def _levels_table(levels: Sequence[Level]) -> pd.DataFrame:
    rows = [
        {
            "firm": level.firm,
            "quarters": level.quarters,
            "beside": level.beside,
            "last_known": first_day_of(level.last + 1) - dt.timedelta(1),
            "growth_per_year": level.growth_per_year,
            "growth_sd": level.growth_sd,
            "volatility_per_year": float(np.median(level.volatility)),
        }
        for level in levels
    ]
    return pd.DataFrame(rows, columns=BACKTEST_TABLES["levels"].all)


def _summary(question: Question, tables: Tables, replications: int, seed: int) -> Summary:
    return {
        "schema_version": SCHEMA_VERSION,
        "views": [
            {"view": view.name, "title": view.title, "weight": question.weights[view.name]}
            for view in question.views
        ],
        "confounders": [{"name": item.name, "title": item.title} for item in question.confounders],
        "currency": question.views[0].currency,
        "as_of": question.as_of.isoformat(),
        "known": len(question.known.facts),
        "asked": len(question.asked),
        "scored": sum(fact.value is not None for fact in question.asked),
        "replications": replications,
        "seed": seed,
        "score_means": tables["score_means"].to_dict("records"),
    }


def _manifest(
    question: Question,
    names: Mapping[str, Any],
    replications: int,
    seed: int,
    overrides: Sequence[str],
) -> Manifest:
    digests = [digest_of(view) for view in question.views]
    facts = [fact.plain for fact in question.facts]
    confounders = [overlay.plain for overlay in question.confounders]
    weights, as_of = dict(question.weights), question.as_of.isoformat()
    asked = Asked(
        command=BACKTEST.command,
        files=names["files"],
        options={
            "facts": names["facts"],
            "as-of": as_of,
            "weight": tuple(f"{name}={weight:.6g}" for name, weight in weights.items()),
            "confounder": tuple(names["confounders"]),
            "replications": replications,
            "seed": seed,
        },
        overrides=overrides,
        fields={
            "scenario_files": names["files"],
            "scenario_digests": digests,
            "overrides": list(overrides),
            "facts_file": names["facts"],
            "confounder_files": names["confounders"],
            "as_of": as_of,
            "weights": weights,
            "seed": seed,
            "replications": replications,
        },
        decides=["backtest", digests, facts, confounders, weights, as_of, seed, replications],
        scenarios={
            "given": [written(view) for view in question.views],
            "facts": facts,
            "confounders": confounders,
        },
    )
    return manifest_of(asked)
