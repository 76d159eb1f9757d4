"""The chapter on what the loss hangs on: histograms, and what is lost if an event comes true and if not."""

from collections.abc import Sequence
from typing import Any

from sim.report.context import Context
from sim.report.event_figures import (
    by_case,
    loss_by_event,
    loss_histogram,
    makers_with_events,
    told_events,
)
from sim.report.expected_tables import records
from sim.report.language import message, say, say_many
from sim.report.leading_words import leading
from sim.report.numbers import NONE, grouped, is_missing, lost_share, percent, percent_range
from sim.report.page_parts import Chart, Section, Table
from sim.report.split_words import FEW, condition
from sim.report.words import apart, capital, joined

_MOST_EVENTS = 30
_LEAD = message(
    "Each event that may or may not happen: what is lost in the futures in which it does, and in those in "
    "which it does not. “Explained” is the share of the variance of the loss that lies between the two (eta "
    "squared): how much would be known if the answer were."
)
_NO_EVENTS = message(
    "No yes-or-no of the scenario is uncertain: futures differ by how large numbers turn out."
)


def event_section(context: Context) -> Section | None:
    """The chapter; None where nothing hangs on an event and no loss has several humps."""
    events = context.tables["conditional"]
    has_humps = any(context.humps(maker) > 1 for maker in context.makers)
    if context.is_single or not (has_humps or len(events)):
        return None
    blocks: list[Chart | Table] = []
    for number, maker in enumerate(context.makers, start=1):
        if context.rows("loss_histogram", maker).empty:
            continue
        blocks.append(
            Chart(
                key=f"histogram-{number}",
                title=histogram_title(context, maker),
                figure=loss_histogram(context, maker),
                note=_note(context, maker),
            )
        )
        blocks.append(_histogram_table(context, maker, number))
        if maker in makers_with_events(context):
            blocks.append(
                Chart(
                    key=f"conditional-{number}",
                    title=loss_by_event_title(context, maker),
                    figure=loss_by_event(context, maker),
                    note=say("Bars: 5–95% of the futures of each case. What explains most stands above."),
                )
            )
        if len(context.rows("conditional", maker)):
            blocks.append(_conditional_table(context, maker, number))
    return Section("events", say("What it hangs on"), say(_LEAD) if len(events) else say(_NO_EVENTS), blocks)


def histogram_title(context: Context, maker: str) -> str:
    """Into how many groups the futures fall, and how much of the variance the colours explain."""
    name, humps = context.short.firm(maker), context.humps(maker)
    phrases, explained = _split(context, maker)
    groups = say("{maker}’s futures fall into {number} groups", maker=name, number=grouped(humps))
    if not phrases or explained is None:
        return groups if humps > 1 else say("{maker}: how many futures lose how much", maker=name)
    finding = say_many(
        "{events} explains {share} of the variance of the loss",
        "{events} explain {share} of the variance of the loss",
        len(phrases),
        events=joined(phrases),
        share=percent(explained),
    )
    return apart([groups, finding]) if humps > 1 else say("{maker}: {finding}", maker=name, finding=finding)


def loss_by_event_title(context: Context, maker: str) -> str:
    """What is lost on average if the event that explains most happens, and if it does not."""
    first = told_events(context, maker).head(2).set_index("answer")["mean"]
    event = context.event(str(told_events(context, maker)["event"].iloc[0])).phrase
    yes, no = (lost_or_gained(float(first[answer])) for answer in ("yes", "no"))
    return say(
        "{event}: {maker} {yes} on average if yes and {no} if no",
        event=capital(event),
        maker=context.short.firm(maker),
        yes=yes,
        no=no,
    )


def lost_or_gained(share: float) -> str:
    """What somebody loses or gains, as a verb with its share."""
    if share < 0.0:
        return say("gains {share}", share=lost_share(-share))
    return say("loses {share}", share=lost_share(share))


def _split(context: Context, maker: str) -> tuple[list[str], float | None]:
    """What the colours of a histogram stand for, and how much of the variance that explains."""
    split = context.findings.summary["makers"][maker].get("split")
    if split is None:
        return [], None
    return [context.event(path).phrase for path in split["events"]], split["variance_explained"]


def _note(context: Context, maker: str) -> str:
    counts = say_many(
        "{number} future by what they lose.", "{number} futures by what they lose.", context.replications
    )
    phrases, _ = _split(context, maker)
    if not phrases:
        return counts
    if len(phrases) == 1:
        return say("{sentence} Colours: {event}.", sentence=counts, event=phrases[0])
    return say(
        "{sentence} Colours: first, {event}; second, {other}.",
        sentence=counts,
        event=phrases[0],
        other=phrases[1],
    )


def _histogram_table(context: Context, maker: str, number: int) -> Table:
    rows = context.rows("loss_histogram", maker)
    groups = {answers: group["futures"].tolist() for answers, group in by_case(rows).items()}
    first = rows.drop_duplicates(["loss_share_low"])
    ranges = [percent_range(row.loss_share_low, row.loss_share_high) for row in records(first)]
    columns = list(groups.values())
    body = [
        (where, *(grouped(count) for count in counts))
        for where, *counts in zip(ranges, *columns, strict=True)
        if any(counts)
    ]
    return Table(
        key=f"table-histogram-{number}",
        title=say("{maker}: futures by what they lose, as a table", maker=context.short.firm(maker)),
        head=(
            say("Loss"),
            *(
                say("Futures {case}", case=condition(answers)) if answers else say("Futures")
                for answers in groups
            ),
        ),
        rows=body,
        numeric=frozenset(range(1, len(groups) + 1)),
        folded=True,
    )


def _conditional_table(context: Context, maker: str, number: int) -> Table:
    rows = context.rows("conditional", maker)
    events = (
        rows[["event", "with_event"]]
        .drop_duplicates()
        .sort_values("with_event", ascending=False, kind="stable")
    )
    shown, left = events.head(_MOST_EVENTS), len(events) - _MOST_EVENTS
    body: list[Sequence[str]] = []
    for event in records(shown):
        of_event = rows[(rows["event"] == event.event) & (rows["with_event"] == event.with_event)]
        body += [_cells(context, row, is_first=place == 0) for place, row in enumerate(records(of_event))]
    more = (
        say(" {number} more events are in tables/conditional.csv.", number=grouped(left)) if left > 0 else ""
    )
    return Table(
        key=f"table-conditional-{number}",
        title=say("{maker}: loss by what happens", maker=context.short.firm(maker)),
        head=(
            say("Event"),
            say("Case"),
            say("Futures"),
            say("Loss (mean)"),
            say("95% confidence"),
            say("Median"),
            say("5–95% of futures"),
            say("Explained"),
        ),
        rows=body,
        numeric=frozenset({2, 3, 4, 5, 6, 7}),
        note=say(
            "Losses of {revenue}, as shares of the revenue without the shock; below 0 a gain. What explains "
            "most comes first; two events together stand above it where one leaves much unexplained.{more}",
            revenue=leading(context.findings.summary).what,
            more=more,
        ),
    )


def _cells(context: Context, row: Any, *, is_first: bool) -> tuple[str, ...]:
    answers = [answer for answer in (row.answer, row.with_answer) if answer]
    paths = [path for path in (row.event, row.with_event) if path]
    event = joined([context.event(path).text for path in paths]) if is_first else ""
    explained = NONE if is_missing(row.variance_explained) else percent(row.variance_explained)
    case, futures = capital(condition(answers)), _futures(row)
    if row.futures == 0:
        return (event, case, futures, NONE, NONE, NONE, NONE, explained if is_first else "")
    unbounded = is_missing(row.mean_ci_low) or is_missing(row.mean_ci_high)
    return (
        event,
        case,
        futures,
        percent(row.mean, 1),
        NONE if unbounded else percent_range(row.mean_ci_low, row.mean_ci_high, 1),
        percent(row.p50, 1),
        percent_range(row.p05, row.p95, 1),
        explained if is_first else "",
    )


def _futures(row: Any) -> str:
    """How many futures a row is of; of few, that they are few."""
    if row.futures == 0:
        return say("none")
    count = f"{grouped(row.futures)} ({percent(row.share)})"
    return say("only {count}", count=count) if row.futures < FEW else count
