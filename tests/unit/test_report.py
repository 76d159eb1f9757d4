"""The report as a text: complete, escaped, self-contained, the same every time."""

import base64
import datetime as dt
import gzip
import json
import math
import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.errors import ReportError
from sim.report import graph_objects as go
from sim.report import largest, page_parts
from sim.report.context import make_context
from sim.report.expected_tables import TABLES
from sim.report.page import as_json, content_policy, rendered
from sim.report.page_parts import Chart
from sim.report.revenue_figures import revenue_fan
from sim.report.scripts import plotly_script
from sim.risk.findings import Findings
from sim.scenario.schema import Claim
from sim.stories.study import STUDY
from tests.browser.fake_findings import HOSTILE, fake_findings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def findings() -> Findings:
    return fake_findings()


@pytest.fixture(scope="module")
def html(findings: Findings) -> str:
    return STUDY.render(findings)


@pytest.fixture(scope="module")
def hostile_html() -> str:
    return STUDY.render(fake_findings(hostile=True))


class Parsed(HTMLParser):
    """Elements of a page with their attributes, the texts of its scripts, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser calls it with the tag
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data

    def packed(self) -> dict[str, str]:
        """What is packed into the page, by the id of the element that holds it."""
        keys = [attributes.get("id") for tag, attributes in self.elements if tag == "script"]
        return {
            key: gzip.decompress(base64.b64decode(text, validate=True)).decode()
            for key, text in zip(keys, self.scripts, strict=True)
            if key
        }

    def specifications(self) -> dict[str, Any]:
        return json.loads(self.packed()["packed-figures"])


def with_table(findings: Findings, name: str, table: pd.DataFrame) -> Findings:
    return replace(findings, tables=findings.tables | {name: table})


def test_the_chapters_come_in_order(html: str):
    chapters = [
        attributes["id"]
        for tag, attributes in Parsed(html).elements
        if tag == "section" and (attributes.get("class") or "") == "chapter"
    ]
    assert chapters == [
        "components",
        "products",
        "revenue",
        "stocks",
        "tiers",
        "links",
        "timeline",
        "risk",
        "observations",
        "suppliers",
        "countries",
        "flows",
        "assumptions",
        "methods",
        "reproduce",
    ]


def test_the_answer_holds_the_computed_figures(html: str, findings: Findings):
    share = findings.summary["makers"]["hikvision"]["loss_share"]["mean"]["estimate"]
    text = Parsed(html).text.replace("\u2060", "")
    assert f"costs Hikvision {share:.1%} of its revenue in the 12 months after 9 Oct 2019" in text
    assert "most of it through Server CPUs" in text
    assert "chokepoint run scenarios/fake.yaml --replications 300 --seed 1" in text


def test_the_library_is_embedded_once_and_only_our_scripts_may_run(html: str):
    parsed = Parsed(html)
    policy = next(
        str(attributes["content"])
        for tag, attributes in parsed.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    kinds = [attributes.get("type") for tag, attributes in parsed.elements if tag == "script"]
    [ours] = [text for text, kind in zip(parsed.scripts, kinds, strict=True) if not kind]
    assert set(kinds) == {None, "application/gzip"}
    assert list(parsed.packed()) == ["packed-figures", "packed-plotly"]
    library = parsed.packed()["packed-plotly"]
    assert library.count("plotly.js v") == 1
    assert policy == content_policy([ours, library])
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("page", ["html", "hostile_html"])
def test_nothing_points_outside(request: pytest.FixtureRequest, page: str):
    parsed = Parsed(request.getfixturevalue(page))
    for tag, attributes in parsed.elements:
        for name in ("src", "href", "action", "poster", "data", "srcset"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    assert {tag for tag, _ in parsed.elements}.isdisjoint(
        {"iframe", "object", "embed", "img", "form", "base"}
    )


def test_ids_are_unique_and_none_comes_from_a_scenario(hostile_html: str):
    ids = [str(attributes["id"]) for _, attributes in Parsed(hostile_html).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", key) for key in ids)


def test_hostile_texts_add_no_element(html: str, hostile_html: str):
    calm, hostile = Parsed(html).elements, Parsed(hostile_html).elements
    assert {tag for tag, _ in hostile} == {tag for tag, _ in calm}
    assert sum(tag == "script" for tag, _ in hostile) == sum(tag == "script" for tag, _ in calm)
    assert [attributes for tag, attributes in hostile if tag == "a"] == [
        attributes for tag, attributes in calm if tag == "a"
    ]


def test_hostile_texts_are_shown_in_full(hostile_html: str):
    text = Parsed(hostile_html).text.replace("\u2060", "")
    for name in HOSTILE[:3]:
        assert name in text
    assert "👩\u200d💻 camera maker" in text
    assert "\u202e" not in text
    assert HOSTILE[5] in text


def test_figures_hold_no_markup_but_ours(hostile_html: str):
    ours = re.compile(r"<br>|<span style=\"color:#[0-9a-f]{6}\">|</span>|<extra></extra>")
    for key, specification in Parsed(hostile_html).specifications().items():
        for text in _texts([specification["data"], specification["layout"]]):
            assert "<" not in ours.sub("", text), (key, text)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for entry in value.values() for text in _texts(entry)]
    if isinstance(value, list):
        return [text for entry in value for text in _texts(entry)]
    return [value] if isinstance(value, str) else []


def test_every_figure_forbids_upload_and_logo(html: str):
    specifications = Parsed(html).specifications()
    assert len(specifications) > 20
    for specification in specifications.values():
        assert specification["config"]["showSendToCloud"] is False
        assert specification["config"]["displaylogo"] is False
        assert specification["config"]["responsive"] is True


def test_every_figure_has_its_finding_as_text(html: str):
    elements = Parsed(html).elements
    figures = [attributes for _, attributes in elements if attributes.get("class") == "plotly-graph-div"]
    assert len(figures) == len(Parsed(html).specifications())
    assert all(attributes["role"] == "group" and attributes["aria-label"] for attributes in figures)
    assert ("html", {"lang": "en"}) in elements


def test_a_component_keeps_its_colour(html: str):
    specifications = Parsed(html).specifications()
    colours: dict[str, set[str]] = {}
    for key in ("specification-components-1", "specification-components-2"):
        for trace in specifications[key]["data"]:
            colours.setdefault(trace["name"], set()).add(trace["marker"]["color"])
    assert all(len(found) == 1 for found in colours.values())
    named = [next(iter(found)) for found in colours.values()]
    assert len(set(named)) == len(named)


def test_the_same_findings_give_the_same_bytes(html: str):
    assert STUDY.render(fake_findings()) == html


def test_the_order_of_rows_does_not_matter(html: str, findings: Findings):
    # The lists of assumptions and of replications keep their order; all else is sorted.
    shuffled = {
        name: table
        if name == "assumptions"
        else table.sample(frac=1.0, random_state=7).reset_index(drop=True)
        for name, table in findings.tables.items()
    }
    assert _without_last_digits(STUDY.render(replace(findings, tables=shuffled))) == _without_last_digits(
        html
    )


def _without_last_digits(html: str) -> list[str]:
    # Sums over rows in another order may differ in their last bit, and then in their sixth digit.
    parsed = Parsed(html)
    texts = (parsed.text, str(parsed.elements), parsed.packed()["packed-figures"])
    return [re.sub(r"(\d\.\d{3})\d+", r"\1", text) for text in texts]


def test_the_page_is_small_beside_what_it_holds(html: str):
    assert len(html.encode()) < 1_000_000
    assert sum(map(len, Parsed(html).packed().values())) > 2 * len(html)


def test_the_bundle_is_of_the_pinned_version_and_has_every_kind_of_trace():
    recipe = ROOT / ".ci" / "plotly"
    pinned = json.loads((recipe / "package.json").read_text(encoding="utf-8"))["dependencies"]["plotly.js"]
    assert plotly_script().startswith(f"/* plotly.js v{pinned}, ")
    bundled = set(re.findall(r"plotly.js/lib/([a-z]+)", (recipe / "index.cjs").read_text(encoding="utf-8")))
    kinds = {trace.args[0] for trace in vars(go).values() if isinstance(trace, partial)}
    assert len(kinds) > 3
    assert kinds <= bundled - {"core"} | {"scatter"}
    licences = (ROOT / "sim" / "report" / "library" / "LICENSES.txt").read_text(encoding="utf-8")
    assert f"plotly.js {pinned} (MIT)" in licences


def test_a_page_without_figures_holds_nothing_that_draws(findings: Findings):
    chapters = [replace(chapter, blocks=[]) for chapter in STUDY.page(findings).sections]
    bare = rendered(replace(STUDY.page(findings), sections=chapters))
    assert len(bare) < 150_000
    assert "packed-" not in "".join(attributes.get("id") or "" for _, attributes in Parsed(bare).elements)


@pytest.mark.parametrize(
    ("name", "column"),
    [(name, column) for name, columns in TABLES.items() for column in columns.numbers.split()],
)
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_missing_number_is_refused(findings: Findings, name: str, column: str, value: float):
    table = findings.tables[name].copy()
    table[column] = table[column].astype("float64")
    table.loc[table.index[0], column] = value
    with pytest.raises(ReportError, match=rf"table {name}, column {column}, row 0"):
        STUDY.render(with_table(findings, name, table))


def test_a_missing_table_or_column_is_refused(findings: Findings):
    tables = {name: table for name, table in findings.tables.items() if name != "flows"}
    with pytest.raises(ReportError, match="table flows is absent"):
        STUDY.render(replace(findings, tables=tables))
    with pytest.raises(ReportError, match="table flows has no column value"):
        STUDY.render(with_table(findings, "flows", findings.tables["flows"].drop(columns="value")))


@pytest.mark.parametrize("broken", [math.nan, None, "much"])
def test_a_summary_without_its_figures_is_refused(findings: Findings, broken: Any):
    makers = findings.summary["makers"]
    shares = makers["dahua"]["loss_share"]
    spoiled = shares | {"var95": shares["var95"] | {"estimate": broken}}
    summary = findings.summary | {"makers": makers | {"dahua": makers["dahua"] | {"loss_share": spoiled}}}
    with pytest.raises(ReportError, match="summary of dahua, loss_share, var95"):
        STUDY.render(replace(findings, summary=summary))


@pytest.mark.parametrize("value", [math.nan, math.inf, {"deep": [1.0, [-math.inf]]}])
def test_json_refuses_what_is_not_finite(value: Any):
    with pytest.raises(ReportError, match="allowed: finite numbers"):
        as_json(value)


def test_json_refuses_unknown_types():
    with pytest.raises(ReportError, match="holds a ndarray"):
        as_json({"x": np.arange(3)})


def test_json_cannot_end_its_element():
    text = as_json({"name": "</script><!-- & \u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": "</script><!-- & \u2028"}


def test_empty_tables_leave_a_readable_report(findings: Findings):
    empty = {name: table.head(0) for name, table in findings.tables.items()}
    text = Parsed(STUDY.render(replace(findings, tables=empty | {"makers": findings.tables["makers"]}))).text
    assert "The scenario holds no reported figures." in text
    assert "nothing was bought without the shock" in text


def test_sentences_that_say_more_tell_whose_they_are(html: str, findings: Findings):
    full = html.split("The answer in full")[1].split("</details>", maxsplit=1)[0]
    names = [findings.scenario.firms[maker].name for maker in findings.summary["makers"]]
    assert len(names) == 2
    assert re.findall(r"<strong>(.*?)</strong>\s*</p>\s*<ul", full) == names


def test_of_a_run_shorter_than_a_week_no_course_is_told(findings: Findings):
    fan = findings.tables["revenue_fan"].head(0)
    text = Parsed(STUDY.render(replace(findings, tables=findings.tables | {"revenue_fan": fan}))).text
    assert "no whole week was simulated" in text
    assert "no revenue was simulated" not in text


def test_of_one_week_no_course_is_drawn(findings: Findings):
    fan = findings.tables["revenue_fan"]
    one = fan[fan["week"] == fan["week"].min()]
    context = make_context(replace(findings, tables=findings.tables | {"revenue_fan": one}))
    figure = revenue_fan(context, context.makers[0])
    assert Chart(key="revenue-1", title="", figure=figure).empty
    first, last = map(dt.date.fromisoformat, figure.layout["xaxis"]["range"])
    assert (last - first).days == 7
    assert not Chart(key="", title="", figure=revenue_fan(make_context(findings), context.makers[0])).empty


def test_a_scenario_without_a_shock_gives_a_report(findings: Findings):
    summary = findings.summary | {"window": {"days": 90, "shock": None, "shock_date": None}}
    html = STUDY.render(replace(findings, summary=summary))
    assert "in the 90 days" in Parsed(html).text


def test_captions_say_how_many_futures_are_told_week_by_week(html: str, findings: Findings):
    assert "futures week by week" in html
    assert "the first 300 futures" not in Parsed(html).text
    summary = findings.summary | {"replications": 25_000, "weekly_replications": 1_000}
    text = Parsed(STUDY.render(replace(findings, summary=summary))).text.replace("\u2060", "")
    assert "in 25,000 simulated futures" in text
    for caption in (
        "middle 50% and 90% of the first 1,000 futures week by week",
        "band: 5–95% of the first 1,000 futures",
        "Mean loss of each week over the first 1,000 futures",
    ):
        assert caption in text


def test_times_that_never_come_are_said_in_words(findings: Findings):
    makers = findings.tables["makers"].copy()
    makers.loc[makers["maker"] == "dahua", ["first_lost_sales_days", "time_to_adapt_days"]] = math.nan
    text = " ".join(Parsed(STUDY.render(with_table(findings, "makers", makers))).text.split())
    assert (
        "No customer is lost. Revenue of four weeks falls more than 2% behind in all futures and is not back "
        "by the end of the simulated period."
    ) in text
    assert "nan" not in text.lower().split()


def test_a_claim_is_told_with_whose_it_is_and_what_must_be_true_for_it(findings: Findings):
    claim = Claim(
        statement="Nothing <b>stops</b>.", by="a broker", source="F001", needs=["No ban.", "Stock."]
    )
    scenario = findings.scenario.model_copy(update={"claim": claim})
    first_page = STUDY.render(replace(findings, scenario=scenario)).split("<nav")[0]
    assert "Nothing &lt;b&gt;stops&lt;/b&gt;." in first_page
    assert "a broker (F001)" in first_page
    assert first_page.index("<li>No ban.</li>") < first_page.index("<li>Stock.</li>")
    assert "The claim:" not in STUDY.render(findings)


# ---------------------------------------------------------------------- more makers than can be drawn


@pytest.fixture
def of_two(findings: Findings, monkeypatch: pytest.MonkeyPatch) -> Parsed:
    """The report of two makers of which one is drawn."""
    monkeypatch.setattr(largest, "MOST_DRAWN", 1)
    monkeypatch.setattr(page_parts, "MOST_FILTERED", 1)
    return Parsed(STUDY.render(findings))


def packed_in(page: Parsed, name: str) -> Any:
    """What a page holds packed."""
    tags = [attributes for tag, attributes in page.elements if tag == "script"]
    place = next(i for i, attributes in enumerate(tags) if attributes.get("id") == f"packed-{name}")
    return json.loads(gzip.decompress(base64.b64decode(page.scripts[place])))


def test_of_many_makers_the_largest_is_drawn(findings: Findings, of_two: Parsed):
    losses = {maker: told["loss"]["mean"]["estimate"] for maker, told in findings.summary["makers"].items()}
    most = max(losses, key=lambda maker: abs(losses[maker]))
    figures = packed_in(of_two, "figures")
    assert [name for name in figures if name.startswith("specification-revenue-")] == [
        "specification-revenue-1"
    ]
    cards = [attributes for tag, attributes in of_two.elements if attributes.get("class") == "card"]
    assert len(cards) == 1
    assert findings.scenario.firms[most].name in of_two.text
    assert "Of 2 makers, the 1 whose mean loss or gain is largest have figures" in of_two.text


def test_all_makers_stand_in_a_table_that_is_searched(findings: Findings, of_two: Parsed):
    rows = packed_in(of_two, "tables")["table-all-makers"]
    assert {row[1] for row in rows} == set(findings.summary["makers"])
    assert any(attributes.get("data-searches") == "table-all-makers" for _, attributes in of_two.elements)
    assert "All makers, largest mean loss" in of_two.text


def test_few_makers_are_all_drawn(html: str):
    assert "packed-tables" not in html.split("<script>", maxsplit=1)[0]
    assert "All makers" not in html
