"""What the verbs return: figures with their intervals, tables, charts, a report and a folder."""

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.face.conditional import ConditionalResult
from sim.face.estimates import FIGURES, EstimatedNumber, LossFigures, estimated, estimated_from, in_short
from sim.face.named import Named, listed, unknown
from sim.face.options import file_of, folder_of, one_of
from sim.face.scenarios import LoadedScenario
from sim.montecarlo.answers import answers_of
from sim.report import beside
from sim.report import figures as charts
from sim.report.backtest_words import told as told_of_backtest
from sim.report.calibration_page import told as told_of_calibration
from sim.report.comparison_words import told as told_of_comparison
from sim.report.forms import EXTENTS, PAPERS
from sim.report.language import ENGLISH, language_of, speaking
from sim.report.mitigation_words import told as told_of_mitigation
from sim.report.page import page_of, rendered
from sim.report.page_parts import OtherView, Page
from sim.report.sensitivity_page import answer_of
from sim.report.stored_tables import STORED, typed
from sim.report.stress_words import told as told_of_stress
from sim.report.sweep_words import told as told_of_sweep
from sim.risk.findings import Findings
from sim.risk.tail import CONFIDENCE
from sim.scenario.counting import counted
from sim.stories.folders import Kind, make_room
from sim.stories.reports import FORMS, Report, save

Save = Callable[["str | Path | None"], Path]
Telling = Callable[[], AbstractContextManager[None]]
WORST_SHOWN = 5
"""Nodes and pairs of a stress test in a representation."""


class Result(ABC):
    """What every verb but ``trace`` and ``sweep`` returns.

    Parameters
    ----------
    kind
        Which kind of folder it fills.
    findings
        What was found.
    scenarios
        What was simulated.
    save
        Writes the folder.
    telling
        What surrounds the drawing of figures and the making of a report.
    """

    def __init__(
        self,
        kind: Kind,
        findings: Findings,
        scenarios: Iterable[LoadedScenario],
        save: Save,
        telling: Telling = nullcontext,
    ) -> None:
        self._kind = kind
        self._findings = findings
        self._scenarios = tuple(scenarios)
        self._save = save
        self._telling = telling

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("tables", "figures")}

    @property
    def summary(self) -> dict[str, Any]:
        """The headline figures, as the folder's JSON file holds them (``docs/results.md``)."""
        return self._findings.summary

    @property
    def manifest(self) -> dict[str, Any]:
        """What was asked for, of what, and with which versions."""
        return self._findings.manifest

    @property
    def scenario(self) -> LoadedScenario:
        """The scenario that was simulated; of a comparison the first."""
        return self._scenarios[0]

    @property
    def headline(self) -> str:
        """Which loss leads: ``revenue``, or ``margin`` (contribution margin)."""
        return self.scenario.definition.analysis.headline

    @cached_property
    def tables(self) -> Named[pd.DataFrame]:
        """Tables by name, as ``docs/results.md`` describes them."""
        found = typed(self._findings.tables)
        return Named("table", {name: _given(found[name]) for name in STORED if name in found})

    @cached_property
    def figures(self) -> "Named[Any]":
        """The report's figures (Plotly) by name; ``revenue_fan`` alone is that of the first maker."""
        with self._telling():
            return Named(
                "figure", {name: partial(self._drawn, draw) for name, draw in self._charts().items()}
            )

    def _drawn(self, draw: Callable[[], Any]) -> Any:
        with self._telling():
            return draw()

    def report(self, *, language: str = ENGLISH) -> str:
        """The report: one HTML page that works without a network.

        Parameters
        ----------
        language
            Of all that the page says: ``en``, ``de`` (German) or ``zh`` (Chinese).

        Raises
        ------
        SimError
            If there are no pages in that language.
        """
        with speaking(language_of(language)), self._telling():
            return rendered(self._page())

    def export(
        self, file: str | Path, *, paper: str = "a4", slides: str = "summary", language: str = ENGLISH
    ) -> Path:
        """Write the report in the form that the ending of a file names.

        Parameters
        ----------
        file
            A new file, or one to write over, that ends in ``.html``, ``.pdf`` (which takes a Chromium),
            ``.pptx`` (slides with charts that can be edited) or ``.xlsx`` (figures with such charts, and all
            tables).
        paper
            Of a PDF: ``a4`` or ``letter``.
        slides
            ``summary``, the answer and the chief figure, or ``all``.
        language
            As for :meth:`report`.

        Raises
        ------
        SimError
            If an option is none of these.
        ResultError
            If the file cannot be written, or is something else.
        BrowserError
            If a browser is needed, and there is none or it fails.

        Examples
        --------
        >>> import sim, tempfile, pathlib
        >>> result = sim.run("scenarios/first-scenario.yaml", replications=8, workers=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.export(pathlib.Path(folder) / "board.pptx").name
        'board.pptx'
        """
        target = file_of("file", file)
        form = one_of("ending", target.suffix.removeprefix("."), FORMS)
        paper, extent = one_of("paper", paper, PAPERS), one_of("slides", slides, EXTENTS)
        language = language_of(language)
        with self._telling():
            report = replace(self.to_report(language=language), paper=paper, extent=extent)
            return save(report, {form: target})[0]

    def stills(self, folder: str | Path, *, language: str = ENGLISH) -> Path:
        """Write every figure of the report as a PNG file, which takes a Chromium, and a list of them.

        Parameters
        ----------
        folder
            A new folder, or one of stills.
        language
            As for :meth:`report`.

        Raises
        ------
        SimError
            If there are no pages in that language.
        ResultError
            If the folder holds anything else, or cannot be written.
        BrowserError
            If there is no browser, or it fails.
        """
        place, language = folder_of("folder", folder), language_of(language)
        with self._telling():
            return save(self.to_report(language=language), {"png": place})[0]

    def to_report(self, *, language: str = ENGLISH) -> Report:
        """What its report is made of, in a language as for :meth:`report`."""
        with speaking(language_of(language)), self._telling():
            return Report(self._page(), self.tables)

    def save(self, out: str | Path | None = None, *, overwrite: bool = False) -> Path:
        """Write the folder that the command would write; :func:`sim.open` reads it again.

        Parameters
        ----------
        out
            The folder; default: among ``results/``, by name and digest.
        overwrite
            Whether other results in that folder are removed; files that no command has written never are.

        Raises
        ------
        ResultError
            If the folder holds something else, or a file cannot be written.
        """
        folder = None if out is None else folder_of("out", out)
        if overwrite and folder is not None:
            make_room(folder, self.manifest)
        return self._save(folder)

    def _page(self) -> Page:
        """What its report shows."""
        return self._kind.page(self._findings)

    @abstractmethod
    def _charts(self) -> charts.Figures:
        """The figures of its report."""

    @abstractmethod
    def _told(self) -> list[str]:
        """What was found, in lines."""

    def __repr__(self) -> str:
        names = [
            f"tables   {listed(self.tables)}",
            f"figures  {listed(dict.fromkeys(name.partition('/')[0] for name in self.figures))}",
        ]
        return "\n".join([*self._told(), *names])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def _given(table: pd.DataFrame) -> Callable[[], pd.DataFrame]:
    return lambda: table


class RunResult(Result):
    """What :func:`sim.run` returns."""

    @property
    def makers(self) -> tuple[str, ...]:
        """Firms whose losses are the headline."""
        return tuple(self.summary["makers"])

    @property
    def replications(self) -> int:
        """Number of simulated futures."""
        return int(self.summary["replications"])

    def report(self, comparison: "ComparisonResult | None" = None, *, language: str = ENGLISH) -> str:
        """The report: one HTML page that works without a network.

        Parameters
        ----------
        comparison
            One that holds the run's scenario: what the others give, and which assumptions lie between, is
            told on the first page.
        language
            Of all that the page says: ``en``, ``de`` (German) or ``zh`` (Chinese).

        Raises
        ------
        SimError
            If the comparison does not hold the run's scenario, or there are no pages in that language.
        ResultError
            If either was read from a folder whose files are none of its command; the message names it.
        """
        with speaking(language_of(language)), self._telling():
            return rendered(self._page(comparison))

    def to_report(self, comparison: "ComparisonResult | None" = None, *, language: str = ENGLISH) -> Report:
        """What its report is made of, as :meth:`report` takes it."""
        with speaking(language_of(language)), self._telling():
            return Report(self._page(comparison), self.tables)

    def _page(self, comparison: "ComparisonResult | None" = None) -> Page:
        if comparison is None:
            return super()._page()
        return page_of(self._findings, comparison.others(self._findings))

    def loss(self, maker: str, of: str = "revenue") -> LossFigures:
        """The loss of a maker in the window, in the scenario's currency.

        Parameters
        ----------
        maker
            A maker of the headline.
        of
            ``revenue``, or ``margin`` where the scenario keeps accounts.

        Raises
        ------
        UnknownNameError
            If it is no maker of the headline, or there is no such loss.

        Examples
        --------
        >>> import sim
        >>> result = sim.run("scenarios/first-scenario.yaml", replications=40, workers=1)
        >>> loss = result.loss("velo")
        >>> loss.es95.ci.low <= loss.es95 <= loss.es95.ci.high
        True
        """
        return self._figures(maker, of, "loss", self.summary["currency"])

    def loss_share(self, maker: str, of: str = "revenue") -> LossFigures:
        """The same as a share of the revenue without the shock.

        Raises
        ------
        UnknownNameError
            If it is no maker of the headline, or there is no such loss.
        """
        return self._figures(maker, of, "loss_share", "share of revenue")

    @cached_property
    def events(self) -> pd.DataFrame:
        """What happened in which future: a column of yes or no for each event, by its path.

        Found from the random numbers of the run, which nothing has to be simulated for.
        """
        answers = answers_of(self.scenario.plan, int(self.summary["seed"]), self.replications)
        index = pd.RangeIndex(self.replications, name="replication")
        return pd.DataFrame(answers.happened.T, index=index, columns=list(answers.events))

    def given(self, event: str, happens: bool = True) -> ConditionalResult:
        """The run, told of those futures alone in which an event happens, or does not.

        Parameters
        ----------
        event
            Path of the event, as :attr:`events` has it, or what follows ``interventions.`` in it. The id of
            an intervention is enough where one event is about it.
        happens
            Whether it happens.

        Raises
        ------
        UnknownNameError
            If there is no such event, or several are of the intervention.
        ResultError
            If it turns out so in no future.

        Examples
        --------
        >>> import sim
        >>> base = sim.load("scenarios/first-scenario.yaml")
        >>> result = sim.run(base.with_({"interventions.fire.probability": 0.5}), replications=100)
        >>> burnt, spared = result.given("fire"), result.given("fire", False)
        >>> burnt.replications + spared.replications, float(spared.loss_share("velo").mean)
        (100, 0.0)
        """
        return ConditionalResult(self, ()).given(event, happens)

    def _figures(self, maker: str, of: str, family: str, unit: str) -> LossFigures:
        if maker not in self.makers:
            raise unknown(maker, "maker", self.makers)
        losses = {"revenue": self.summary["makers"][maker]}
        if "margin" in losses["revenue"]:
            losses["margin"] = losses["revenue"]["margin"]
        if of not in losses:
            raise unknown(of, "loss", losses)
        told, level = losses[of][family], self.summary["confidence"]
        found = {name: estimated(told[name], level) for name in FIGURES}
        return LossFigures(maker, unit, median=found.pop("p50"), **found)

    def _charts(self) -> charts.Figures:
        return charts.figures_of_run(self._findings)

    def _told(self) -> list[str]:
        window, futures = self.summary["window"], counted(self.replications, "future")
        since = f"the shock ({window['shock_date']})" if window["shock"] else window["shock_date"]
        kinds = {None: ["revenue"], "revenue": ["revenue", "margin"], "margin": ["margin", "revenue"]}
        lines = [f"Run of {self.scenario.name}: {futures}, seed {self.summary['seed']}"]
        for kind in kinds[self.summary.get("headline")]:
            told = f"Loss of {kind} in the {counted(window['days'], 'day')} from {since}"
            lines.append(f"{told}, as a share{' of revenue' if kind == 'margin' else ''}:")
            lines += [f"  {maker}: {in_short(self.loss_share(maker, kind))}" for maker in self.makers]
        return lines


class ComparisonResult(Result):
    """What :func:`sim.compare` returns."""

    @property
    def scenarios(self) -> tuple[LoadedScenario, ...]:
        """The scenarios, in the order in which they were compared."""
        return self._scenarios

    @property
    def makers(self) -> tuple[str, ...]:
        """Firms whose losses are compared."""
        return tuple(dict.fromkeys(self.tables["scenarios"]["maker"]))

    def others(self, run: Findings) -> list[OtherView]:
        """What the scenarios give that were not run, for :meth:`RunResult.report`.

        Raises
        ------
        SimError
            If the run's scenario is not among the scenarios, or is another of the same name.
        """
        with self._telling():
            return beside.beside(run, self._findings, [scenario.definition for scenario in self._scenarios])

    def loss_share(self, scenario: str, maker: str) -> EstimatedNumber:
        """The mean loss share of a maker in a scenario, of what leads.

        Raises
        ------
        UnknownNameError
            If there is no such scenario or maker.
        """
        return self._mean(self.tables["scenarios"], {"scenario": scenario, "maker": maker}, {})

    def difference(self, scenario: str, against: str, maker: str) -> EstimatedNumber:
        """By how much a maker's mean loss share is larger in a scenario than in an earlier one, paired.

        Raises
        ------
        UnknownNameError
            If there is no such scenario or maker.
        """
        asked = {"scenario": scenario, "against": against, "maker": maker}
        called = {"scenario": "later scenario", "against": "earlier scenario"}
        return self._mean(self.tables["differences"], asked, called)

    def _mean(
        self, table: pd.DataFrame, asked: Mapping[str, str], called: Mapping[str, str]
    ) -> EstimatedNumber:
        for column, name in asked.items():
            if name not in set(table[column]):
                raise unknown(name, called.get(column, column), dict.fromkeys(table[column]))
            table = table[table[column] == name]
        row = table.iloc[0]
        return estimated_from(row["mean"], row["mean_ci_low"], row["mean_ci_high"], CONFIDENCE)

    def _charts(self) -> charts.Figures:
        return charts.figures_of_comparison(self._findings)

    def _told(self) -> list[str]:
        futures = counted(self.summary["replications"], "future")
        return [f"Comparison: {futures} each", *told_of_comparison(self._findings)]


class SensitivityResult(Result):
    """What :func:`sim.sensitivity` returns."""

    @property
    def maker(self) -> str:
        """Whose loss was analysed."""
        return str(self.summary["maker"])

    @property
    def mean_loss_share(self) -> EstimatedNumber:
        """The maker's mean loss share, of what leads."""
        return estimated(self.summary["loss_share"]["mean"], self.summary["confidence"])

    @property
    def evpi(self) -> EstimatedNumber | None:
        """What it is worth to know the whole future before deciding, in currency; None without a decision."""
        decision = self.summary["decision"]
        return None if decision is None else estimated(decision["evpi"], self.summary["confidence"])

    def _charts(self) -> charts.Figures:
        return charts.figures_of_sensitivity(self._findings)

    def _told(self) -> list[str]:
        return [f"Sensitivity of {self.scenario.name}:", answer_of(self._findings)]


class StressResult(Result):
    """What :func:`sim.stress` returns."""

    @property
    def worst_node(self) -> dict[str, Any] | None:
        """The first row of the table ``stress_nodes``; None if no failure costs anything."""
        worst: dict[str, Any] | None = self.summary["worst_node"]
        return worst

    def _charts(self) -> charts.Figures:
        return charts.figures_of_stress(self._findings)

    def _told(self) -> list[str]:
        return [f"Stress test of {self.scenario.name}:", *told_of_stress(self._findings, WORST_SHOWN)]


class SweepResult(Result):
    """What :func:`sim.sweep_levers` returns."""

    @property
    def best(self) -> str:
        """The portfolio of the highest mean result, as in the table ``sweep``."""
        return str(self.summary["best"])

    @property
    def flat_top(self) -> list[str]:
        """The portfolios that cannot be told from the best, itself among them."""
        return list(self.summary["flat_top"])

    def _charts(self) -> charts.Figures:
        return charts.figures_of_sweep(self._findings)

    def _told(self) -> list[str]:
        return [f"Sweep of {self.scenario.name}:", *told_of_sweep(self._findings)]


class BacktestResult(Result):
    """What :func:`sim.backtest` returns."""

    @property
    def views(self) -> tuple[LoadedScenario, ...]:
        """The views, in their order."""
        return self._scenarios

    def _charts(self) -> charts.Figures:
        return charts.figures_of_backtest(self._findings)

    def _told(self) -> list[str]:
        return [f"Back-test of {self.scenario.name}:", *told_of_backtest(self._findings)]


class CalibrationResult(Result):
    """What :func:`sim.calibrate` returns."""

    @property
    def posterior(self) -> pd.DataFrame:
        """``[draw, input]`` joint draws of the free inputs."""
        return self.tables["posterior"].pivot_table(index="draw", columns="input", values="value")

    def _charts(self) -> charts.Figures:
        return charts.figures_of_calibration(self._findings)

    def _told(self) -> list[str]:
        return [f"Calibration of {self.scenario.name}:", *told_of_calibration(self._findings)]


class MitigationResult(Result):
    """What :func:`sim.mitigate` returns."""

    @property
    def recommended(self) -> pd.DataFrame:
        """The levers to take, with level and day; no row: do nothing."""
        members = self.tables["portfolio_levers"]
        return members[members["portfolio"] == self.summary["recommended"]].drop(columns="portfolio")

    def _charts(self) -> charts.Figures:
        return charts.figures_of_mitigation(self._findings)

    def _told(self) -> list[str]:
        return [f"Mitigation of {self.scenario.name}:", *told_of_mitigation(self._findings)]


@dataclass(frozen=True, slots=True, repr=False)
class TraceResult:
    """What :func:`sim.trace` returns: one future of one twin.

    Attributes
    ----------
    events
        What happened: ``date``, ``kind``, ``where``, ``text``, in the order of days.
    states
        Every state and flow of every stock point and day (``docs/results.md``).
    accounts
        Every entry of every maker's account and day; None where no accounts are kept.
    scenario, replication, seed, counterfactual
        Of what.
    """

    scenario: LoadedScenario
    replication: int
    seed: int
    counterfactual: bool
    events: pd.DataFrame
    states: pd.DataFrame
    accounts: pd.DataFrame | None

    def __repr__(self) -> str:
        twin = "without the shock" if self.counterfactual else "with the shock"
        first = self.events.head(WORST_SHOWN)
        lines = (f"  {row.date}  {row.kind:<13} {row.where}: {row.text}" for row in first.itertuples())
        left = len(self.events) - len(first)
        count = counted(len(self.events), "event")
        head = f"Future {self.replication} of {self.scenario.name}, {twin}: {count}"
        more = [f"  and {left:,} more in .events; .states has every day"] if left > 0 else []
        return "\n".join([head, *lines, *more])
