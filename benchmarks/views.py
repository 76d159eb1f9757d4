"""Writes docs/views.md: what each view of the library comes to, and which assumptions separate the views.

It takes some minutes: every view is simulated over three years after the listing, and pairs are compared.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.scenario.load import load_scenario
from sim.scenario.schema import Claim, Scenario
from sim.stories import compare, study

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
PAGE = ROOT / "docs" / "views.md"
REPLICATIONS = 64
COMPARED = 32
"""Replications of each step of a comparison."""
HORIZONS = {"12 months": 365, "24 months": 730, "36 months": 1095}
LONG = ("calendar.end=2022-12-31", "analysis.window_days=1095", "analysis.account=true")
SHORT = ("calendar.end=2020-12-31",)
PAIRS = (
    ("entity-list-2019-company", "entity-list-2019"),
    ("entity-list-2019", "entity-list-2019-research-house"),
    ("entity-list-2019-research-house", "entity-list-2019-devastating"),
)
"""Views from the mildest to the hardest, to be compared one by one."""
MOST = 3
"""Assumptions that are told of each pair."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one maker loses in one view.

    Attributes
    ----------
    view, maker
        Whose loss in which view.
    losses
        Mean loss share within each of `HORIZONS`.
    cells
        The other columns, in words.
    """

    view: str
    maker: str
    losses: tuple[float, ...]
    cells: tuple[str, ...]


def views() -> list[Path]:
    """Scenario files that state a claim, in the order of their names."""
    return [file for file in sorted(SCENARIOS.glob("*.yaml")) if load_scenario(file).claim is not None]


def rows_of(file: Path) -> Iterator[Row]:
    """What a view comes to: of Hikvision, or where it is no maker, of all makers."""
    found = study.run(file, replications=REPLICATIONS, overrides=LONG).findings
    makers = list(found.summary["makers"])
    for maker in ["hikvision"] if "hikvision" in makers else makers:
        tables = {
            name: found.tables[name][found.tables[name]["maker"] == maker]
            for name in ("revenue_fan", "makers", "attribution", "margins")
        }
        weeks = _weeks(tables["revenue_fan"], pd.Timestamp(found.summary["window"]["shock_date"]))
        losses = tuple(_share(weeks[weeks["day"] < days]) for days in HORIZONS.values())
        yield Row(file.stem, maker, losses, _cells(found.scenario, tables, weeks))


def _weeks(fan: pd.DataFrame, shock: pd.Timestamp) -> pd.DataFrame:
    """Mean revenue of both twins in the weeks that begin after the shock."""
    wide = fan.pivot_table(index="week", columns="twin", values="mean").reset_index()
    wide["week"] = pd.to_datetime(wide["week"])
    wide["day"] = (wide["week"] - shock).dt.days
    return wide[wide["day"] >= 0]


def _share(weeks: pd.DataFrame) -> float:
    counterfactual = weeks["counterfactual"].sum()
    return float((counterfactual - weeks["scenario"].sum()) / counterfactual)


def _cells(scenario: Scenario, tables: dict[str, pd.DataFrame], weeks: pd.DataFrame) -> tuple[str, ...]:
    quarters = weeks["week"].dt.year.astype(str) + "Q" + weeks["week"].dt.quarter.astype(str)
    by_quarter = weeks.groupby(quarters)[["scenario", "counterfactual"]].sum()
    shares = 1.0 - by_quarter["scenario"] / by_quarter["counterfactual"]
    makers, margins = tables["makers"], tables["margins"]
    futures = makers["loss_share"]
    return (
        f"{percent(float(futures.quantile(0.05)))} to {percent(float(futures.quantile(0.95)))}",
        f"{percent(float(shares.max()))} ({shares.idxmax()})",
        _day(makers["first_lost_sales_days"], "none is short"),
        _day(makers["time_to_adapt_days"], "never"),
        _carriers(scenario, tables["attribution"]),
        percent(float(margins["loss_share"].mean())),
    )


def _day(days: pd.Series, never: str) -> str:
    """The median day, counted with those that never come, and in how many futures it comes."""
    comes = days.notna().mean()
    middle = days.fillna(math.inf).quantile(0.5, interpolation="lower")
    told = never if math.isinf(middle) else f"day {middle:.0f}"
    return f"{told} ({percent(float(comes), 0)} of futures)"


def _carriers(scenario: Scenario, attribution: pd.DataFrame) -> str:
    """The two components that carry most of the loss, and their part of it."""
    losses = attribution.groupby("component")["mean"].sum().sort_values(ascending=False)
    whole = losses[losses > 0.0].sum()
    shown = [
        f"{scenario.items[str(name)].name if name in scenario.items else name} {percent(loss / whole, 0)}"
        for name, loss in losses.head(2).items()
        if loss > 0.01 * whole
    ]
    return ", ".join(shown) or "nobody"


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent.

    Examples
    --------
    >>> percent(0.0944)
    '9.4 %'
    """
    return f"{100.0 * share:.{digits}f} %".replace("-0.0 %", "0.0 %")


# ---------------------------------------------------------------------- the page


def page(rows: list[Row], between: dict[tuple[str, str], pd.DataFrame]) -> str:
    """The page, of what was found."""
    return "\n".join([*_introduction(), *losses_table(rows), *_separation(between), *claims(views()), ""])


def _introduction() -> list[str]:
    return [
        "# The views of the listing",
        "",
        "Written by `make views`; do not edit. Each view is a scenario that opens with its claim, whose",
        "it is, and what must be true for it. None was tuned to a figure but the research house's, tuned to",
        "10 % (how: `scenarios/data/README.md`).",
        f"{REPLICATIONS} futures each, with common random numbers; means unless it says otherwise.",
        "Losses count from the listing, as a share of what would have been sold without the shock.",
        "",
    ]


def losses_table(rows: list[Row]) -> list[str]:
    """Lines of the table of losses."""
    heads = [
        "view",
        "maker",
        *HORIZONS,
        "5-95 % of futures, 36 months",
        "worst quarter",
        "first short day",
        "recovery",
        "who carries it",
        "margin lost, of revenue, 36 months",
    ]
    told = [
        _line([f"`{row.view}`", row.maker, *(percent(share) for share in row.losses), *row.cells])
        for row in rows
    ]
    return [
        *("## What each comes to", "", _line(heads), _line(["---"] * len(heads))),
        *told,
        "",
        "Days are medians over all futures. Recovered: 28 days of sales within 2 % of those without the",
        "shock, for good, up to the end of 2022. Weeks that begin within a horizon count to it.",
        "",
    ]


def _separation(between: dict[tuple[str, str], pd.DataFrame]) -> list[str]:
    lines = [
        "## What separates them",
        "",
        f"From one view to the next, the {MOST} steps that move Hikvision's loss of 12 months most, as",
        f"`chokepoint compare` takes them ({COMPARED} futures a step). *Alone*: it is the only step taken.",
        "",
    ]
    for (one, other), steps in between.items():
        ends = steps.iloc[0]["before"], steps.iloc[-1]["after"]
        largest = steps.loc[steps["effect"].abs().sort_values(ascending=False).index].head(MOST)
        lines += [
            f"**From `{one}` ({percent(ends[0])}) to `{other}` ({percent(ends[1])}):**",
            "",
            _line(["assumption", "effect", "alone"]),
            _line(["---"] * 3),
        ]
        lines += [
            _line(
                [
                    f"{row['title']} (`{row['step']}`)",
                    f"{100 * row['effect']:+.1f} points",
                    "" if pd.isna(row["alone"]) else f"{100 * row['alone']:+.1f} points",
                ]
            )
            for row in largest.to_dict("records")
        ]
        lines.append("")
    return lines


def claims(files: list[Path]) -> list[str]:
    """Lines that tell what each file claims."""
    lines = ["## What each claims", ""]
    for file in files:
        claim = load_scenario(file).claim
        assert claim is not None  # noqa: S101 - views() gives no other
        lines += [
            f"**`{file.stem}`**: {claim.statement}",
            "",
            f"*Claimed by:* {claim.by}{_source(claim)}",
            "",
        ]
        lines += [*(f"- {need}" for need in claim.needs), ""]
    return lines[:-1]


def _source(claim: Claim) -> str:
    return f" ({claim.source})" if claim.source else ""


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _compared(one: str, other: str) -> pd.DataFrame:
    files = [SCENARIOS / f"{name}.yaml" for name in (one, other)]
    steps = compare.run(files, replications=COMPARED, overrides=SHORT).tables["waterfall"]
    return steps[steps["maker"] == "hikvision"]


def main() -> None:
    """Simulate all views and write the page."""
    rows: list[Row] = []
    for file in views():
        rows += rows_of(file)
        print(file.stem, flush=True)
    between = {pair: _compared(*pair) for pair in PAIRS}
    PAGE.write_text(page(rows, between), encoding="utf-8")


if __name__ == "__main__":
    main()
