"""What the headline and its chapter say of events is what the tables hold, also where little can be said."""

import re
from dataclasses import replace
from typing import Any

import pytest

from sim.report.context import Context, make_context
from sim.report.event_figures import loss_by_event, loss_histogram, makers_with_events
from sim.report.event_section import event_section, histogram_title, loss_by_event_title
from sim.report.graph_objects import as_plotly
from sim.report.headline import further
from sim.report.input_names import InputName
from sim.report.split_words import split_sentence
from sim.stories import study
from sim.stories.study import STUDY
from tests.awkward import VARIANTS, written
from tests.awkward.reading import SHARE, matched, range_says, read_page, says

NAMES = {
    "a": InputName("Listing", "whether it happens"),
    "b": InputName("Licences", "whether Fab gets it"),
}
BOTH = ("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")


def group(answers, futures, mean, low, high, *, interval=None):
    ends = (mean - 0.01, mean + 0.01) if interval is None else interval
    return {
        "answers": list(answers),
        "futures": futures,
        "share": {"estimate": futures / 1000},
        "mean": {"estimate": mean, "ci_low": ends[0], "ci_high": ends[1]},
        "p05": {"estimate": low},
        "p95": {"estimate": high},
    }


def said(groups, explained=0.9, events="a", humps=2):
    split = {"events": list(events), "variance_explained": explained, "groups": groups}
    return split_sentence({"humps": [{}] * humps, "split": split}, NAMES.__getitem__)


def test_one_event_that_decides():
    groups = [group(["yes"], 300, 0.5, 0.4, 0.6), group(["no"], 700, 0.0, 0.0, 0.0)]
    assert said(groups) == (
        "What decides is whether it happens (“Listing”): if yes (30% of futures), a loss of 50% "
        "(95% confidence 49–51%; 5–95%: 40–60%); if no (70% of futures), next to nothing is lost. "
        "This explains 90% of the variance."
    )


def test_two_events_that_decide_together():
    groups = [group(answers, 250, 0.2 * place, 0.1, 0.9) for place, answers in enumerate(BOTH)]
    sentence = said(groups, events="ab")
    cases = ["if both", "if only the first", "if only the second", "if neither"]
    assert [sentence.index(case) for case in cases] == sorted(sentence.index(case) for case in cases)
    assert "whether it happens (“Listing”) and whether Fab gets it (“Licences”): if both" in sentence
    assert sentence.endswith("Together they explain 90% of the variance.")


def test_an_event_that_decides_most_but_not_all():
    groups = [group(["yes"], 300, 0.5, 0.4, 0.6), group(["no"], 700, 0.1, 0.0, 0.3)]
    assert said(groups, 0.49).startswith("What decides most is whether")
    assert said(groups, 0.5).startswith("What decides is whether")


def test_an_event_that_explains_little_is_not_said_to_decide():
    groups = [group(["yes"], 300, 0.5, 0.4, 0.6), group(["no"], 700, 0.4, 0.0, 0.6)]
    assert said(groups, 0.08) == (
        "No yes-or-no decides it: whether it happens (“Listing”), which explains most, explains 8.0% of the "
        "variance."
    )


def test_a_gain_and_what_is_nothing_on_average():
    gain, nothing = group(["yes"], 300, -0.2, -0.3, -0.1), group(["no"], 700, 0.0, -0.1, 0.1)
    assert "a gain of 20% (95% confidence 19–21% gained; 5–95%: 10–30% gained)" in said([gain, nothing])
    assert "next to nothing is lost on average (95% confidence 1.0% gained to 1.0% lost" in said(
        [gain, nothing]
    )


@pytest.mark.parametrize(
    ("futures", "interval", "told"),
    [
        (20, None, "(2.0% of futures), a loss of 50% (95% confidence 49–51%; 5–95%: 40–60%)"),
        (19, None, "(only 19 futures, 1.9%), a loss of 50% (95% confidence 49–51%; 5–95%: 40–60%)"),
        (1, (None, None), "(only 1 future, 0.1%), a loss of 50%;"),
        (2, (None, None), "(only 2 futures, 0.2%), a loss of 50% (5–95%: 40–60%)"),
    ],
)
def test_of_few_futures_it_is_told_how_few_they_are(futures, interval, told):
    few = group(["yes"], futures, 0.5, 0.4, 0.6, interval=interval)
    assert told in said([few, group(["no"], 1000 - futures, 0.0, 0.0, 0.0)])


def test_a_loss_with_one_hump_or_without_events_hangs_on_nothing():
    assert said([], humps=1) == ""
    assert split_sentence({}, NAMES.__getitem__) == ""
    assert split_sentence({"humps": [{}, {}], "split": None}, NAMES.__getitem__) == (
        "No yes-or-no of the scenario parts these futures: it comes of how large numbers turn out."
    )


# ------------------------------------------------------------------ on pages


def chapter(context: Context) -> Any:
    return event_section(context)


DECIDED = ("two-humps", "two-events", "yes-or-no-input")


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("awkward"), {}

    def of(name, replications=200):
        if (name, replications) not in found:
            its = study.run(written(name, folder), replications=replications, workers=1).findings
            found[name, replications] = its
        return found[name, replications]

    return of


@pytest.mark.parametrize("name", DECIDED)
def test_a_headline_tells_of_each_case_what_the_table_holds(findings, name):
    found = findings(name)
    (paragraph,) = read_page(STUDY.render(found)).answer
    told = re.findall(
        rf"(if [a-z ]+?) \(({SHARE}) of futures\), (?:(next to nothing)|a loss of ({SHARE}) "
        rf"\(95% confidence ([\d.–]+%); 5–95%: ([\d.–]+%)\))",
        paragraph,
    )
    table = found.tables["conditional"]
    (split,) = (maker["split"] for maker in found.summary["makers"].values())
    rows = table[(table["event"] == split["events"][0]) & (table["futures"] > 0)]
    rows = rows[rows["with_event"] == (split["events"][1] if len(split["events"]) > 1 else "")]
    assert len(told) == len(rows) == (3 if name == "two-events" else 2)
    for (_, share, nothing, mean, confidence, spread), row in zip(told, rows.to_dict("records"), strict=True):
        assert says(share, row["share"])
        assert bool(nothing) == (row["p95"] <= 0.0005)
        if not nothing:
            assert says(mean, row["mean"])
            assert range_says(confidence, row["mean_ci_low"], row["mean_ci_high"])
            assert range_says(spread, row["p05"], row["p95"])
    assert says(
        matched(rf".*explains? ({SHARE}) of the variance\.", paragraph)[1], split["variance_explained"]
    )


@pytest.mark.parametrize("name", DECIDED)
def test_bars_and_their_table_count_every_future_once(findings, name):
    context = make_context(findings(name))
    figure = as_plotly(loss_histogram(context, "zz-radio"))
    assert sum(sum(trace.y) for trace in figure.data) == 200
    section = chapter(context)
    (table,) = (block for block in section.blocks if block.key.startswith("table-histogram"))
    cells = [int(cell.replace(",", "")) for row in table.rows for cell in row[1:]]
    assert sum(cells) == 200
    assert table.head[1:] == tuple(f"Futures {trace.name.lower()}" for trace in figure.data)
    assert table.folded


@pytest.mark.parametrize("name", DECIDED)
def test_a_figure_of_cases_and_its_title_hold_what_the_table_holds(findings, name):
    found = findings(name)
    context = make_context(found)
    figure = as_plotly(loss_by_event(context, "zz-radio"))
    table = found.tables["conditional"]
    single = table[(table["with_event"] == "") & (table["futures"] > 0)]
    for trace, answer in zip(figure.data, ("yes", "no"), strict=True):
        rows = single[single["answer"] == answer]
        assert list(trace.x) == pytest.approx(list(100 * rows["mean"]))
        assert [x + up for x, up in zip(trace.x, trace.error_x.array, strict=True)] == pytest.approx(
            list(100 * rows[["mean", "p95"]].max(axis=1))
        )
    first = single[single["event"] == single["event"].iloc[0]].set_index("answer")["mean"]
    told = matched(
        rf".+: Radio (loses|gains) ({SHARE}) on average if yes and (loses|gains) ({SHARE}) if no",
        loss_by_event_title(context, "zz-radio"),
    )
    for verb, share, mean in ((told[1], told[2], first["yes"]), (told[3], told[4], first["no"])):
        assert says(share, abs(mean))
        assert (verb == "gains") == (mean < 0)


@pytest.mark.parametrize("name", sorted(VARIANTS))
@pytest.mark.parametrize("replications", [1, 24])
def test_a_page_of_few_futures_says_of_events_what_it_can(findings, name, replications):
    found = findings(name, replications)
    page = read_page(STUDY.render(found))
    context = make_context(found)
    has_chapter = chapter(context) is not None
    assert has_chapter == (replications > 1 and len(found.tables["conditional"]) > 0)
    assert ("What it hangs on" in page.text) == has_chapter
    assert not re.search(r"\bnan\b|None", page.text)


def test_a_chapter_leads_where_the_loss_has_humps_and_stands_behind_the_risk_elsewhere(findings):
    many, few = (
        re.findall(r'<section id="(\w+)"', STUDY.render(findings("two-humps", count))) for count in (200, 24)
    )
    assert many[0] == "events"
    assert few.index("events") == few.index("risk") + 1


def test_humps_that_no_event_makes_are_told_without_one(findings):
    found = findings("recovers-at-times")
    context = make_context(found)
    (sentences,) = further(context)
    assert sentences[-1].endswith("it comes of how large numbers turn out.")
    assert histogram_title(context, "zz-radio") == "Radio’s futures fall into 2 groups"
    (chart, table) = chapter(context).blocks
    assert (chart.figure.layout["showlegend"], table.head) == (False, ("Loss", "Futures"))


def test_what_never_happens_is_told_as_none(findings):
    context = make_context(findings("rare", 24))
    assert makers_with_events(context) == []
    table = chapter(context).blocks[-1]
    assert table.rows == [
        ("The ban: whether it happens", "If yes", "none", "–", "–", "–", "–", "–"),
        ("", "If no", "24 (100%)", "0.0%", "0.0–13.8%", "0.0%", "0.0%", ""),
    ]


def test_a_run_of_an_earlier_version_has_a_page_without_the_chapter(findings):
    found = findings("two-humps")
    tables = {
        name: table for name, table in found.tables.items() if name not in ("conditional", "loss_histogram")
    }
    makers = {
        key: {name: value for name, value in maker.items() if name != "split"}
        for key, maker in found.summary["makers"].items()
    }
    earlier = replace(found, tables=tables, summary=found.summary | {"makers": makers})
    assert "What decides" not in STUDY.render(earlier)
