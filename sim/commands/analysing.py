"""Commands that simulate many variants: ``sensitivity``, ``compare``, ``stress``, ``backtest`` and others."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.commands.ending import keeps
from sim.commands.options import (
    FiniteRange,
    agrees,
    begun_or_resumed,
    file_or_folder,
    futures,
    given,
    in_folder,
    root_seed,
)
from sim.commands.terminal import busy, note, prepare_engine, progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.risk.findings import Findings
    from sim.stories.analyses import Analysis


@click.command()
@file_or_folder
@futures(
    1_024,
    "Rows of each matrix of samples; the simulations are many times as many.",
    fewest=32,
    most=1_000_000,
)
@click.option("--maker", metavar="FIRM", help="Whose loss; default: the first maker of the headline.")
@click.option(
    "--top",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Inputs with a bar of the tornado and Sobol indices of their own.",
)
@root_seed
@in_folder("NAME-sensitivity-DIGEST")
def sensitivity(
    *,
    file: Path | None,
    replications: int,
    maker: str | None,
    top: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Say which uncertain numbers of FILE move the loss, and which to find out first.

    The same command again goes on where it was cut off.
    """
    from sim.stories import sensitivity as story

    def begin() -> "Analysis":
        return story.analysis(
            given(file), maker=maker, replications=replications, top=top, seed=seed, overrides=overrides
        )

    with busy("reading the scenario ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers")
    _carry_out(analysis, resume or out, workers, lambda findings: [story.answer(findings)])


@click.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="'NAME: PATH=VALUE'",
    help="Compare the first file with this setting, too; the same name again adds a setting.",
)
@futures(1_024, "Futures of each scenario and step.", fewest=16)
@root_seed
@in_folder("compare-DIGEST")
def compare(
    *,
    files: tuple[Path, ...],
    variants: tuple[str, ...],
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Compare scenarios under the same random numbers, and say which assumption moves the answer.

    The same command again goes on where it was cut off.
    """
    from sim.stories import compare as story

    def begin() -> "Analysis":
        return story.analysis(
            given(files),
            replications=replications,
            seed=seed,
            overrides=overrides,
            variants=story.variants_of(variants),
        )

    with busy("finding the steps from each scenario to the next ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers")
    from sim.report.comparison_words import told

    _carry_out(analysis, resume or out, workers, told)


@click.command()
@file_or_folder
@click.option(
    "--ttr-days",
    type=FiniteRange(0.0),
    help="Days that a node stays down, unless the scenario names it; as --set stress.ttr_days=N.",
)
@click.option(
    "--day",
    metavar="DATE",
    help="Day on which the nodes fail; as --set stress.date=DATE. Default: the day of the shock.",
)
@click.option(
    "--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Nodes and pairs to print."
)
@click.option(
    "--nodes",
    type=click.Choice(["supplier", "country", "component", "lane", "all"]),
    multiple=True,
    help="Let such nodes only fail; may be repeated. 'all': every firm, nothing else. Default: all kinds.",
)
@click.option(
    "--pairs-among",
    type=click.Choice(["supplier", "country", "component", "lane", "none"]),
    multiple=True,
    help="Let pairs of such nodes only fail together; may be repeated. Default: pairs of all nodes, or of "
    "the 50 worst of more than 200.",
)
@click.option(
    "--pairs-of", type=click.IntRange(0, 1000), help="Let pairs of so many of the worst nodes fail."
)
@click.option(
    "--bounds-of",
    type=click.IntRange(0),
    help="Bound what so many of the worst nodes cost. Default: all, or none in a large network.",
)
@click.option(
    "--index",
    type=click.Choice(["esri"]),
    help="Give every firm its economic systemic risk index, too.",
)
@in_folder("NAME-stress-DIGEST")
def stress(
    *,
    file: Path | None,
    ttr_days: float | None,
    day: str | None,
    nodes: tuple[str, ...],
    pairs_among: tuple[str, ...],
    pairs_of: int | None,
    bounds_of: int | None,
    index: str | None,
    top: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Let each supplier, country, component and lane of FILE fail, then each pair, and rank them.

    The same command again goes on where it was cut off.
    """
    from sim.stories import stress as story

    def begin() -> "Analysis":
        asked = {"ttr_days": None if ttr_days is None else f"{ttr_days:g}", "date": day}
        laid_over = (*overrides, *(f"stress.{name}={value}" for name, value in asked.items() if value))
        design = story.designed(
            nodes=nodes, pairs_among=pairs_among, pairs_of=pairs_of, bounds_of=bounds_of, index=index
        )
        return story.analysis(given(file), overrides=laid_over, design=design)

    with busy("finding the nodes that can fail ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers", "top")
    from sim.report.stress_words import told

    _carry_out(analysis, resume or out, workers, lambda findings: told(findings, top), "failures")


@click.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--facts",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Reported figures, each with the day on which it became known.",
)
@click.option(
    "--as-of", metavar="DATE", help="Day on which forecasts are made; later figures only score them."
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="NAME=WEIGHT",
    help="What a view counts before any later figure; may be repeated. Default: all the same.",
)
@click.option(
    "--confounder",
    "confounders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="YAML",
    help="A scenario file whose own settings are laid over each view, beside it; may be repeated.",
)
@futures(512, "Futures of each view, without and with each confounder.", fewest=32)
@root_seed
@in_folder("NAME-backtest-DIGEST")
def backtest(
    *,
    files: tuple[Path, ...],
    facts: Path | None,
    as_of: str | None,
    weights: tuple[str, ...],
    confounders: tuple[Path, ...],
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Forecast from what was known on a day, one FILE a view, and score the forecasts by what came.

    The same command again goes on where it was cut off.
    """
    from sim.stories import backtest as story

    def begin() -> "Analysis":
        views = given(files)
        if facts is None or as_of is None:
            raise click.UsageError("found no --facts or no --as-of; allowed: both, or --resume")
        return story.analysis(
            views,
            facts=facts,
            as_of=as_of,
            weights=_weights_of(weights),
            confounders=confounders,
            replications=replications,
            seed=seed,
            overrides=overrides,
        )

    with busy("reading views and facts ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers")
    from sim.report.backtest_words import told

    _carry_out(analysis, resume or out, workers, told)


@click.command()
@file_or_folder
@click.option(
    "--targets",
    type=click.Path(path_type=Path),
    metavar="YAML",
    help="Reported figures with their uncertainty, and the inputs that are free to fit them.",
)
@click.option(
    "--as-of", metavar="DATE", help="A target that was published later is refused. Default: all count."
)
@futures(256, "Simulations of each wave, and of the check of the posterior.", fewest=32, most=4_096)
@root_seed
@in_folder("NAME-calibrate-DIGEST")
def calibrate(
    *,
    file: Path | None,
    targets: Path | None,
    as_of: str | None,
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Say what reported figures tell of the uncertain numbers of FILE, and what they cannot tell apart.

    The same command again goes on where it was cut off.
    """
    from sim.stories import calibrate as story

    def begin() -> "Analysis":
        scenario = given(file)
        if targets is None:
            raise click.UsageError("found neither --targets nor --resume; allowed: one of them")
        return story.analysis(
            scenario,
            targets=targets,
            as_of=as_of,
            replications=replications,
            seed=seed,
            overrides=overrides,
        )

    with busy("reading scenario and targets ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers")
    from sim.report.calibration_page import told

    _carry_out(analysis, resume or out, workers, told)


@click.command()
@file_or_folder
@click.argument("levers", metavar="[LEVER]...", nargs=-1)
@click.option(
    "--dates",
    type=click.IntRange(2, 1_000),
    help="Days of a lever that is swept over them, its first and last among them.  [default: 9]",
)
@click.option(
    "--view",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Lay the levers of FILE over this scenario, and simulate it.",
)
@futures(1_024, "Futures of each combination of levels.", fewest=16)
@root_seed
@in_folder("NAME-sweep-DIGEST")
def sweep(
    *,
    file: Path | None,
    levers: tuple[str, ...],
    dates: int | None,
    view: Path | None,
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Say what each level of one LEVER of FILE is worth, or each combination of two.

    LEVER@dates goes over the days on which a lever can be decided; LEVER=LEVEL@dates too, of one with levels.

    The same command again goes on where it was cut off.
    """
    from sim.stories import sweep as story

    def begin() -> "Analysis":
        return story.analysis(
            given(file),
            levers,
            dates=dates,
            replications=replications,
            seed=seed,
            overrides=overrides,
            view=view,
        )

    with busy("reading the scenario and its levers ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers")
    from sim.report.sweep_words import told

    _carry_out(analysis, resume or out, workers, told)


@click.command()
@file_or_folder
@futures(
    192,
    "Futures in which finalists are told apart, and as many fresh ones; about a quarter for each tried.",
    fewest=64,
)
@click.option(
    "--evaluations",
    type=click.IntRange(4, 100_000),
    default=80,
    show_default=True,
    help="Portfolios of levers to try at most.",
)
@root_seed
@in_folder("NAME-mitigate-DIGEST")
def mitigate(
    *,
    file: Path | None,
    replications: int,
    evaluations: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Say which levers of FILE to take, by when, what that costs and saves, and how sure it is.

    The same command again goes on where it was cut off.
    """
    from sim.stories import mitigate as story

    def begin() -> "Analysis":
        return story.analysis(
            given(file), replications=replications, evaluations=evaluations, seed=seed, overrides=overrides
        )

    with busy("reading the scenario and its levers ..."):
        analysis = begun_or_resumed(resume, begin, story.resumed, "workers")
    from sim.report.mitigation_words import told

    _carry_out(analysis, resume or out, workers, told)


def _weights_of(texts: tuple[str, ...]) -> dict[str, float]:
    """Weights of views by name.

    Raises
    ------
    UsageError
        If a text tells none.
    """
    weights = {}
    for text in texts:
        name, _, weight = text.partition("=")
        try:
            weights[name] = float(weight)
        except ValueError:
            raise click.UsageError(f"found --weight {text!r}; allowed: NAME=NUMBER") from None
    return weights


def _carry_out(
    analysis: "Analysis",
    out: Path | None,
    workers: int | None,
    tell: "Callable[[Findings], list[str]]",
    what: str = "replications",
) -> None:
    """Do an analysis, with a progress bar, and tell what its folder says was found."""
    from sim.stories import analyses
    from sim.stories.durable import Execution

    if foretold := analysis.foretold(workers):
        note(foretold)
    with progress_bar(analysis.steps, what) as advance:
        execution = Execution(
            workers=workers,
            progress=advance,
            note=note,
            kept=keeps,
            prepare=prepare_engine,
            agrees=agrees,
        )
        folder = analyses.run(analysis, out, execution)
    click.echo("\n".join(analyses.told(folder, analysis, tell)))
    click.echo(f"report: {folder / analysis.kind.report}")
