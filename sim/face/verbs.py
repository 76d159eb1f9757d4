"""The verbs: simulate, compare, analyse, stress and trace a scenario, in memory.

What is simulated and how it is measured are the stories' (:mod:`sim.stories`); here is what may be asked, in
the words of the command line, and what comes back.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import SimError
from sim.evidence.known import as_of_day
from sim.face.options import above_zero, one_of, seed_of, whole, workers_of
from sim.face.results import (
    BacktestResult,
    CalibrationResult,
    ComparisonResult,
    MitigationResult,
    RunResult,
    SensitivityResult,
    StressResult,
    SweepResult,
    TraceResult,
)
from sim.face.scenarios import LoadedScenario, Overrides, ScenarioLike, load
from sim.model.failures import KINDS, stress_plan
from sim.model.levered import check_levers, levered, over_view
from sim.montecarlo.backends import COMPILED
from sim.montecarlo.manifests import MOST_REPLICATIONS
from sim.montecarlo.workers import silent
from sim.risk.findings import Findings
from sim.risk.precision import FIGURES
from sim.scenario.targets import read_targets
from sim.stories import SEED, analyses, folders, study
from sim.stories import backtest as backtest_story
from sim.stories import calibrate as calibrate_story
from sim.stories import compare as compare_story
from sim.stories import mitigate as mitigate_story
from sim.stories import sensitivity as sensitivity_story
from sim.stories import stress as stress_story
from sim.stories import sweep as sweep_story
from sim.stories.folders import Found, Kind

Progress = Callable[[int], None]
ENGINES = (COMPILED, "simpy")
FEWEST_COMPARED = 16
MOST_OF_NODES = 1_000_000
"""Replications; fewer tell nothing of a difference."""


def run(
    scenario: ScenarioLike,
    *,
    overrides: Overrides = (),
    replications: int | None = None,
    precision: float | None = None,
    figure: str = "mean",
    seed: int = SEED,
    engine: str = COMPILED,
    csv: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Simulate a scenario with and without its shock, in many futures, and measure the loss.

    The first call on a machine compiles the engine, which takes 13 to 26 seconds; later ones start at once.

    Parameters
    ----------
    scenario
        A scenario file, or what :func:`sim.load` returned.
    overrides
        Settings to lay over it, as for :func:`sim.load`.
    replications
        Futures to simulate (100); with a precision, the most of them (1,000,000).
    precision
        Simulate until the loss share of every maker, of what leads (:attr:`headline`), is known to within
        this, at 95 % confidence.
    figure
        Which figure of it: ``"mean"``, ``"var95"`` or ``"es95"``.
    seed
        Root seed; the same seed gives the same figures.
    engine
        ``"compiled"``, or ``"simpy"``: readable, and some hundred times slower.
    csv
        Whether the folder that ``save()`` writes has all losses and events of all futures as CSV, too.
    workers
        Threads, or with SimPy processes (one a core); the figures do not depend on it.
    progress
        Called with the number of futures that have just been finished.

    Returns
    -------
    RunResult
        ``loss``, ``loss_share``, ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used: all its problems at once.
    SimError
        If an option is none.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("scenarios/first-scenario.yaml", replications=64, seed=7)
    >>> share = result.loss_share("velo")
    >>> f"{share.mean:.1%}, at most {share.es95.ci.high:.0%} in the worst futures"  # doctest: +ELLIPSIS
    '...%, at most ...% in the worst futures'
    >>> result.tables["stock"].columns[:3].tolist()
    ['maker', 'item', 'stock_point']
    >>> type(result.figures["revenue_fan"]).__name__
    'Figure'
    """
    loaded = load(scenario, overrides)
    wanted = None
    if precision is not None:
        wanted = study.Precision(above_zero("precision", precision), one_of("figure", figure, FIGURES))
    found = study.run(
        loaded.file,
        replications=None if replications is None else _replications(replications),
        seed=seed_of(seed),
        engine=one_of("engine", engine, ENGINES),
        precision=wanted,
        csv=csv,
        overrides=loaded.overrides,
        prepared=(loaded.definition, loaded.plan),
        workers=workers_of(workers),
        progress=progress or silent,
    )
    told = replace(found, findings=_honest(study.STUDY, found.findings, [loaded]))
    return RunResult(study.STUDY, told.findings, [loaded], partial(study.save, told))


def compare(
    *scenarios: ScenarioLike,
    overrides: Overrides = (),
    variants: Mapping[str, Overrides] | None = None,
    replications: int = compare_story.REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Simulate scenarios with the same random numbers, and say which setting moves the answer.

    Parameters
    ----------
    scenarios
        Two or more, in the order in which they are to be compared; each has a name of its own, all the same
        currency, makers and ``analysis.headline``. With variants, one is enough.
    overrides
        Settings to lay over each, as for :func:`sim.load`.
    variants
        Further scenarios by name: settings laid over the first. Steps then lead from the first to each.
    replications
        Futures of each scenario and of each step from one to the next (1,024).
    seed, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    ComparisonResult
        ``loss_share``, ``difference``, ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If a scenario cannot be used.
    SimError
        If they do not compare, or an option is none.

    Examples
    --------
    >>> import sim
    >>> base = sim.load("scenarios/first-scenario.yaml")
    >>> thick = base.with_({"name": "thick", "stock_points.controllers.policy.cover_days": 90})
    >>> found = sim.compare(base, thick, replications=32)
    >>> bool(found.difference("thick", "first-scenario", "velo") < 0)
    True
    """
    for given in scenarios:
        if isinstance(given, list | tuple):
            raise SimError("compare: found a list, allowed: scenarios one by one, as in compare(*scenarios)")
    every = [load(scenario, overrides) for scenario in scenarios]
    every += [_variant(every[0], name, settings) for name, settings in (variants or {}).items()]
    comparable = compare_story.comparable(
        [compare_story.Compared(each.definition, each.plan) for each in every]
    )
    analysis = compare_story.analysis(
        [loaded.file for loaded in every],
        replications=whole("replications", replications, FEWEST_COMPARED, MOST_REPLICATIONS),
        seed=seed_of(seed),
        overrides=_shared_overrides(every),
        scenarios=comparable,
        steps_from="first" if variants else None,
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(compare_story.COMPARISON, findings, every)
    return ComparisonResult(compare_story.COMPARISON, told, every, _saves(compare_story.COMPARISON, told))


def _variant(scenario: LoadedScenario, name: str, settings: Overrides) -> LoadedScenario:
    """A scenario with settings, under a name of its own."""
    return load(scenario.with_(title=f"{scenario.title}: {name}"), settings).with_(name=name)


def sensitivity(
    scenario: ScenarioLike,
    *,
    overrides: Overrides = (),
    maker: str | None = None,
    replications: int = sensitivity_story.REPLICATIONS,
    top: int = sensitivity_story.TOP,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> SensitivityResult:
    """Say which uncertain numbers move a maker's loss, and which to find out first.

    Parameters
    ----------
    scenario, overrides
        As for :func:`sim.run`.
    maker
        Whose loss; default: the first maker of the headline.
    replications
        Rows of each matrix of samples (1,024); the simulations are many times as many.
    top
        Inputs that are looked at one by one (10).
    seed, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    SensitivityResult
        ``tables``, ``figures``, ``evpi``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If the scenario or an alternative of its decision cannot be used.
    SimError
        If nothing is uncertain, or an option is none.

    Examples
    --------
    >>> import sim
    >>> scenario = sim.load("scenarios/first-scenario.yaml").with_(
    ...     {"interventions.fire.duration_days": {"dist": "uniform", "low": 60, "high": 180}}
    ... )
    >>> found = sim.sensitivity(scenario, replications=32)
    >>> found.tables["tornado"]["input"].tolist()
    ['interventions.fire.duration_days']
    """
    loaded = load(scenario, overrides)
    analysis = sensitivity_story.analysis(
        loaded.file,
        maker=None if maker is None else one_of("maker", maker, loaded.makers),
        replications=whole(
            "replications", replications, sensitivity_story.FEWEST_REPLICATIONS, MOST_REPLICATIONS
        ),
        top=whole("top", top, 1, 1_000_000),
        seed=seed_of(seed),
        overrides=loaded.overrides,
        prepared=sensitivity_story.with_events_as_inputs(loaded.decided()),
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(sensitivity_story.SENSITIVITY, findings, [loaded])
    return SensitivityResult(
        sensitivity_story.SENSITIVITY, told, [loaded], _saves(sensitivity_story.SENSITIVITY, told)
    )


def stress(
    scenario: ScenarioLike,
    *,
    overrides: Overrides = (),
    ttr_days: float | None = None,
    day: Any = None,
    nodes: Sequence[str] = (),
    pairs_among: Sequence[str] | None = None,
    pairs_of: int | None = None,
    bounds_of: int | None = None,
    index: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> StressResult:
    """Let each supplier, country, component and lane fail, then each pair, and rank them.

    Parameters
    ----------
    scenario, overrides
        As for :func:`sim.run`.
    ttr_days
        Days that a node stays down, unless the scenario names it; as the setting ``stress.ttr_days``.
    day
        Day on which the nodes fail; as the setting ``stress.date``. Default: the day of the shock.
    nodes
        Kinds of the nodes that fail: some of ``"supplier"``, ``"country"``, ``"component"``, ``"lane"``;
        ``"all"``: every firm, and nothing else. Default: all kinds.
    pairs_among
        Kinds of the nodes that fail in pairs too; none of them with ``[]`` or ``"none"``. Default: all, of
        the 50 worst nodes where there are more than 200.
    pairs_of
        How many of the worst nodes fail in pairs.
    bounds_of
        Of how many of the worst nodes the loss is bounded by linear programs; default: of all, or of none
        where there are more than 200.
    index
        ``"esri"``: every firm is given its economic systemic risk index, too.
    workers
        As for :func:`sim.run`.
    progress
        Called with the number of failures that have just been finished.

    Returns
    -------
    StressResult
        ``worst_node``, ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or cannot be stressed.
    SimError
        If an option is none.

    Examples
    --------
    >>> import sim
    >>> found = sim.stress("scenarios/first-scenario.yaml", ttr_days=60, pairs_among=[])
    >>> found.worst_node["node"], int(found.tables["stress_nodes"]["ttr_days"].max())
    ('controlchip', 60)
    """
    asked = {"stress.ttr_days": ttr_days, "stress.date": day}
    given = {path: value for path, value in asked.items() if value is not None}
    loaded = load(scenario, overrides).laid_over(given, "stress")
    design = stress_story.designed(
        nodes=_kinds("nodes", nodes, stress_story.ALL),
        pairs_among=() if pairs_among is None else _kinds("pairs_among", pairs_among, stress_story.NONE),
        pairs_of=None if pairs_of is None else whole("pairs_of", pairs_of, 0, MOST_OF_NODES),
        bounds_of=None if bounds_of is None else whole("bounds_of", bounds_of, 0, MOST_OF_NODES),
        index=None if index is None else one_of("index", index, [stress_story.ESRI]),
    )
    plan = stress_plan(loaded.definition, loaded.plan, design)
    if stress_story.is_relieved(loaded.definition, plan):
        check_levers(levered(loaded.definition))
    analysis = stress_story.analysis(
        loaded.file,
        overrides=loaded.overrides,
        design=design,
        prepared=(loaded.definition, plan),
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(stress_story.STRESS, findings, [loaded])
    return StressResult(stress_story.STRESS, told, [loaded], _saves(stress_story.STRESS, told))


def sweep_levers(
    scenario: ScenarioLike,
    *levers: str,
    dates: int | None = None,
    view: ScenarioLike | None = None,
    overrides: Overrides = (),
    replications: int = sweep_story.REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> SweepResult:
    """Say what each level of one lever of a scenario is worth, or each combination of two.

    Parameters
    ----------
    scenario
        A scenario with levers, as for :func:`sim.run`.
    levers
        One of its levers, or two: ids, for their levels, or as ``stock=60@dates``, for the days on which one
        can be decided.
    dates
        Days of a lever that is swept over them, at most (9).
    view
        Another scenario, over which the levers are laid and which is simulated; default: none.
    overrides
        Settings laid over what is simulated, as for :func:`sim.run`.
    replications
        Futures of each combination (1,024).
    seed, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    SweepResult
        ``best``, ``flat_top``, ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or not with a lever.
    SimError
        If an option is none, or a lever is none, with the nearest name.

    Examples
    --------
    >>> import sim
    >>> found = sim.sweep_levers("scenarios/first-scenario-levers.yaml", "second-source", replications=32)
    >>> found.tables["sweep"]["portfolio"].tolist(), found.best
    (['nothing', 'second-source'], 'second-source')
    """
    loaded = load(scenario, overrides if view is None else ())
    ready = levered(loaded.definition)
    check_levers(ready)
    seen = None if view is None else load(view, overrides)
    if seen is not None:
        ready = over_view(ready, levered(seen.definition).loaded)
    simulated = [loaded] if seen is None else [seen, loaded]
    analysis = sweep_story.analysis(
        loaded.file,
        levers,
        dates=None
        if dates is None
        else whole("dates", dates, sweep_story.FEWEST_DATES, sweep_story.MOST_DATES),
        replications=whole("replications", replications, FEWEST_COMPARED, MOST_REPLICATIONS),
        seed=seed_of(seed),
        overrides=simulated[0].overrides,
        view=None if seen is None else seen.file,
        found=ready,
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(sweep_story.SWEEP, findings, simulated)
    return SweepResult(sweep_story.SWEEP, told, simulated[:1], _saves(sweep_story.SWEEP, told))


def backtest(
    *scenarios: ScenarioLike,
    facts: str | Path,
    as_of: str | dt.date,
    weights: Mapping[str, float] | None = None,
    confounders: Sequence[str | Path] = (),
    overrides: Overrides = (),
    replications: int = backtest_story.REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> BacktestResult:
    """Forecast from what was known on a day, and score the forecasts by what was reported later.

    Parameters
    ----------
    scenarios
        The views, each with a name of its own.
    facts
        CSV file of reported figures (``docs/scenario-format.md``).
    as_of
        Day on which forecasts are made; later figures only score them.
    weights
        What views count before any later figure, by name; default: all the same.
    confounders
        Scenario files whose own settings are laid over each view, beside it without them.
    overrides
        Settings to lay over each view, as for :func:`sim.load`.
    replications
        Futures of each view, without and with each confounder (512).
    seed, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    BacktestResult
        ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If a view, a fact or a confounder cannot be used.
    SimError
        If there is nothing to forecast, or an option is none.

    Examples
    --------
    >>> import sim
    >>> found = sim.backtest(
    ...     "scenarios/neon-2022.yaml",
    ...     facts="scenarios/data/reported-neon.csv",
    ...     as_of="2022-02-24",
    ...     replications=32,
    ... )
    >>> found.tables["scores"]["fact"].nunique()
    2
    """
    every = [load(scenario, overrides) for scenario in scenarios]
    question = backtest_story.question_from(
        [loaded.definition for loaded in every],
        facts=facts,
        as_of=as_of,
        weights=weights,
        confounders=confounders,
    )
    analysis = backtest_story.analysis(
        [loaded.file for loaded in every],
        facts=facts,
        as_of=as_of,
        confounders=confounders,
        replications=whole("replications", replications, FEWEST_COMPARED, MOST_REPLICATIONS),
        seed=seed_of(seed),
        overrides=_shared_overrides(every),
        question=question,
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(backtest_story.BACKTEST, findings, every)
    return BacktestResult(backtest_story.BACKTEST, told, every, _saves(backtest_story.BACKTEST, told))


def calibrate(
    scenario: ScenarioLike,
    *,
    targets: str | Path,
    as_of: str | dt.date | None = None,
    overrides: Overrides = (),
    replications: int = calibrate_story.REPLICATIONS,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> CalibrationResult:
    """Say what reported figures tell of uncertain numbers, and what they cannot tell apart.

    Parameters
    ----------
    scenario, overrides
        As for :func:`sim.run`.
    targets
        YAML file of figures with their uncertainty, and of the inputs that may fit them
        (``docs/scenario-format.md``).
    as_of
        Day up to which figures were known; a target that was published later is refused.
    replications
        Simulations of each of two waves, and of the check of the posterior (256).
    seed, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    CalibrationResult
        ``posterior``, ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If scenario or targets cannot be used.
    SimError
        If a free input is none of the scenario, or an option is none.

    Examples
    --------
    >>> import sim
    >>> figures = "scenarios/data/targets-neon.yaml"
    >>> found = sim.calibrate("scenarios/neon-2022.yaml", targets=figures, replications=32)
    >>> list(found.posterior)
    ['demand.memory.mean_per_day', 'interventions.recycling.factor']
    """
    loaded = load(scenario, overrides)
    day = None if as_of is None else as_of_day(as_of)
    analysis = calibrate_story.analysis(
        loaded.file,
        targets=targets,
        as_of=day,
        replications=whole("replications", replications, FEWEST_COMPARED, MOST_REPLICATIONS),
        seed=seed_of(seed),
        overrides=loaded.overrides,
        prepared=(loaded.definition, read_targets(targets, day)),
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(calibrate_story.CALIBRATION, findings, [loaded])
    return CalibrationResult(calibrate_story.CALIBRATION, told, [loaded], partial(calibrate_story.save, told))


def mitigate(
    scenario: ScenarioLike,
    *,
    overrides: Overrides = (),
    replications: int = mitigate_story.REPLICATIONS,
    evaluations: int = mitigate_story.EVALUATIONS,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> MitigationResult:
    """Say which levers to take, by when, what that costs and saves, and how sure it is.

    Parameters
    ----------
    scenario
        A scenario with ``levers``; files that its ``mitigation.views`` names are seen from it.
    overrides
        Settings to lay over it, and over each view but those of levers, as for :func:`sim.load`.
    replications
        Futures in which finalists are told apart, and as many fresh ones (192).
    evaluations
        Portfolios of levers to try at most (80).
    seed, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    MitigationResult
        ``recommended``, ``tables``, ``figures``, ``summary``, ``report()``, ``save()``.

    Raises
    ------
    ScenarioError
        If the scenario or a view cannot be used, or not with a lever.
    SimError
        If the scenario has no levers, or an option is none.

    Examples
    --------
    >>> import sim
    >>> stock = {
    ...     "title": "More controllers in stock",
    ...     "moves": ["stock_points.controllers.policy.cover_days"],
    ...     "levels": [90, 120],
    ... }
    >>> scenario = sim.load("scenarios/first-scenario.yaml").with_({"levers": {"stock": stock}})
    >>> found = sim.mitigate(scenario, replications=64, evaluations=4)
    >>> found.recommended["lever"].tolist()
    ['stock']
    """
    loaded = load(scenario, overrides)
    found = levered(loaded.definition)
    check_levers(found)
    analysis = mitigate_story.analysis(
        loaded.file,
        replications=whole("replications", replications, FEWEST_COMPARED, MOST_REPLICATIONS),
        evaluations=whole("evaluations", evaluations, 1, mitigate_story.MOST_EVALUATIONS),
        seed=seed_of(seed),
        overrides=loaded.overrides,
        question=mitigate_story.with_views(found, loaded.file, loaded.overrides),
    )
    findings = analyses.in_memory(analysis, workers_of(workers), progress or silent)
    told = _honest(mitigate_story.MITIGATION, findings, [loaded])
    return MitigationResult(
        mitigate_story.MITIGATION, told, [loaded], _saves(mitigate_story.MITIGATION, told)
    )


def trace(
    scenario: ScenarioLike,
    *,
    overrides: Overrides = (),
    replication: int = 0,
    seed: int = SEED,
    counterfactual: bool = False,
) -> TraceResult:
    """One future, day by day: its events in words, and its states as a table.

    Parameters
    ----------
    scenario, overrides, seed
        As for :func:`sim.run`; the future is the same as in a run with that seed.
    replication
        Which future, from 0.
    counterfactual
        Whether to tell the twin without the shock.

    Returns
    -------
    TraceResult
        ``events`` and ``states``, both tables, and ``accounts`` where they are kept.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    SimError
        If an option is none.

    Examples
    --------
    >>> import sim
    >>> told = sim.trace("scenarios/first-scenario.yaml", replication=3)
    >>> told.events.columns.tolist()
    ['date', 'kind', 'where', 'text']
    >>> told.states.query("stock_point == 'controllers'")["on_hand"].min() >= 0
    np.True_
    """
    loaded = load(scenario, overrides)
    number = whole("replication", replication, 0, MOST_REPLICATIONS - 1)
    traced = study.trace(
        loaded.file,
        replication=number,
        seed=seed_of(seed),
        overrides=loaded.overrides,
        prepared=(loaded.definition, loaded.plan),
        counterfactual=counterfactual,
    )
    columns = ["date", "kind", "where", "text"]
    table = pd.DataFrame(
        [[getattr(event, name) for name in columns] for event in traced.events], columns=columns
    )
    return TraceResult(loaded, number, seed, counterfactual, table, traced.states, traced.accounts)


def _replications(value: int) -> int:
    return whole("replications", value, 1, MOST_REPLICATIONS)


def _kinds(option: str, asked: Any, word: str) -> list[str]:
    """Kinds of nodes; one alone, or the command line's own word, may be given as it is."""
    is_one = isinstance(asked, str) or not isinstance(asked, Iterable)
    kinds = [asked] if is_one else list(asked)
    if option == "pairs_among" and not kinds:
        return [word]
    return [one_of(option, kind, (*KINDS, word)) for kind in kinds]


def _saves(kind: Kind, findings: Findings) -> Callable[["str | Path | None"], Path]:
    return partial(folders.save, kind, Found(findings))


def _shared_overrides(scenarios: Sequence[LoadedScenario]) -> tuple[str, ...]:
    """The settings of all, if they are the same; else none is every one's."""
    first, *others = (loaded.overrides for loaded in scenarios)
    return first if all(other == first for other in others) else ()


def _honest(kind: Kind, findings: Findings, scenarios: Sequence[LoadedScenario]) -> Findings:
    """Findings whose manifest names a command that does give them again.

    Without a file, or where variants differ in their settings, no command with files does; the folder does.
    """
    same = all(each.overrides == scenarios[0].overrides for each in scenarios)
    if same and all(each.is_of_file for each in scenarios):
        return findings
    folder = kind.folder(findings.scenario, findings.manifest, None).path
    command = f"chokepoint {kind.command} --resume {folder}"
    return replace(findings, manifest={**findings.manifest, "command": command})
