"""What to do if another view is true: a plan for each, one for all of them, and what can be regretted."""

from typing import Any

from sim.report.expected_tables import records
from sim.report.language import message, say
from sim.report.mitigation_words import NOTHING, MitigationContext, plan_in_words
from sim.report.names import tidy
from sim.report.numbers import NONE, is_missing, short
from sim.report.page_parts import Section, Table
from sim.report.words import apart, in_turn
from sim.risk.mitigation_tables import NOTHING_KEY
from sim.risk.view_tables import ALL


def views_section(context: MitigationContext) -> Section:
    """The plan of each view and of all by weight, in words and as a table; regret."""
    plans = [plan_in_words(context, row) for row in records(context.tables["view_plans"]) if row.view != ALL]
    return Section(
        "regret",
        say("If another view is true"),
        in_turn([*plans, _least_regret(context)]),
        [_plans(context), _regret(context)],
    )


def _plans(context: MitigationContext) -> Table:
    rows = context.tables["view_plans"]
    scale = context.fine([*rows["cost"], *rows["advantage"], *rows["gain"].dropna()])

    def estimate(row: Any, name: str) -> str:
        value, low, high = (getattr(row, f"{name}{end}") for end in ("", "_ci_low", "_ci_high"))
        if is_missing(value):
            return NONE
        return say(
            "{estimate} ({range})",
            estimate=context.money.cell(value, scale),
            range=context.money.cells(low, high, scale),
        )

    return Table(
        key="table-plans",
        title=say("A plan for each view, {unit}", unit=scale.label),
        head=(
            say("View"),
            say("Plan"),
            say("What to do, by when"),
            say("Costs if the shock never comes"),
            say("Saves if it comes"),
            say("More than recommended"),
        ),
        rows=[
            (
                say("All, by weight") if row.view == ALL else tidy(row.title),
                context.label(row.portfolio),
                _what_by_when(context, row),
                estimate(row, "cost"),
                estimate(row, "gain"),
                estimate(row, "over_recommended"),
            )
            for row in records(rows)
        ],
        numeric=frozenset((3, 4, 5)),
        note=say(
            "In brackets: 95% confidence. Each plan was chosen in other futures than those of the table. A "
            "day is the last that cannot be told from the best."
        ),
    )


def _what_by_when(context: MitigationContext, row: Any) -> str:
    if row.portfolio == NOTHING_KEY:
        return say(NOTHING)
    levers = context.tables["view_plan_levers"]
    return apart([_lever_by_when(context, lever) for lever in records(levers[levers["view"] == row.view])])


def _lever_by_when(context: MitigationContext, row: Any) -> str:
    if is_missing(row.decide_by):
        return context.way(row)
    return say("{lever} by {day}", lever=context.way(row), day=context.day(row.decide_by))


def _least_regret(context: MitigationContext) -> str:
    """By weights and whichever view is true, and the best portfolio of each."""
    rows = context.tables["regret"]
    views = rows.drop_duplicates("view")
    expected, worst = (context.summary[f"least_{which}_regret"] for which in ("expected", "worst"))
    best = [
        say("{view}, {portfolio}", view=tidy(view.title), portfolio=_named(_best_in(rows, view.view)))
        for view in records(views)
    ]
    return say(
        _BEST_OF_BOTH if expected == worst else _BEST_OF_EACH,
        expected=_named(expected),
        worst=_named(worst),
        best=apart(best),
    )


_BEST_OF_BOTH = message(
    "By the views’ weights the best is {expected}, and it is that of which the least can be regretted "
    "whichever view is true. Best in its view: {best}."
)
_BEST_OF_EACH = message(
    "By the views’ weights the best is {expected}; {worst} is that of which the least can be regretted "
    "whichever view is true. Best in its view: {best}."
)


def _regret(context: MitigationContext) -> Table:
    rows, totals = context.tables["regret"], context.tables["view_portfolios"]
    views = rows.drop_duplicates("view")
    scale = context.fine(rows["regret"])
    cell = context.money.cell
    by_portfolio = {
        key: [cell(float(regret), scale) for regret in some["regret"]]
        for key, some in rows.groupby("portfolio", sort=False)
    }
    return Table(
        key="table-regret",
        title=say("Regret: what a portfolio earns less than the best of each view, {unit}", unit=scale.label),
        head=("", *(tidy(view.title) for view in records(views)), say("Worst"), say("By weights")),
        rows=[
            (
                context.label(row.portfolio),
                *by_portfolio[row.portfolio],
                cell(row.worst_regret, scale),
                cell(row.expected_regret, scale),
            )
            for row in records(totals)
        ],
        numeric=frozenset(range(1, 3 + len(views))),
        note=say(
            "Weights: {weights}. The best is the best of those that were tried in the view.",
            weights=apart([f"{tidy(view.title)} {short(view.weight)}" for view in records(views)]),
        ),
    )


def _named(portfolio: str) -> str:
    return say("doing nothing") if portfolio == NOTHING_KEY else say("portfolio {letter}", letter=portfolio)


def _best_in(rows: Any, view: str) -> str:
    some = rows[rows["view"] == view]
    return str(some.loc[some["result"].idxmax(), "portfolio"])
