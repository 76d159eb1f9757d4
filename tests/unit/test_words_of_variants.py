"""What comparisons, stress tests and commands say is what their tables hold, in awkward scenarios too."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.report.comparison_page import _page
from sim.report.comparison_words import make_comparison
from sim.report.comparison_words import told as told_comparison
from sim.report.stress_words import told as told_stress
from sim.risk.findings import Findings
from sim.scenario.makers import makers_of
from sim.stories import compare, stress
from sim.stories.compare import COMPARISON
from sim.stories.stress import STRESS
from tests.awkward import FILES, VARIANTS, written
from tests.awkward.reading import NUMBER, SHARE, matched, number, range_says, read_page, says

MONEY = r"−?EUR [\d,.]+(?: thousand| million)?"
POINTS = rf"[+−]?{NUMBER} points"
ONE_OF_MANY = (
    r"(?<![\d.,–])1 (?:futures|days|nodes|pairs|steps|lanes)\b"
    r"|(?<![\d.,])(?:0|[2-9]|\d\d+) (?:node|pair|step)\b"
)


# --- comparisons --------------------------------------------------------------------------------------------

COMPARED = [
    ("no-loss", "never-recovers"),
    ("gains", "prices-only", "two-humps"),
    ("no-loss", "nothing-happens"),
]


@pytest.fixture(scope="module", params=COMPARED, ids=" ".join)
def compared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    folder = tmp_path_factory.mktemp("compared")
    return compare.run([written(name, folder) for name in request.param], replications=16, workers=1)


def test_a_comparison_says_what_each_scenario_loses(compared: Findings):
    (answer,) = read_page(COMPARISON.render(compared)).answer
    for row in compared.tables["scenarios"].to_dict("records"):
        found = re.search(rf"(loses|gains) ({SHARE}) in {row['scenario']}\b", answer)
        assert found, answer
        assert (found[1] == "gains") == (row["mean"] < 0.0)
        assert says(found[2], abs(row["mean"]))


def test_the_title_of_a_comparison_has_the_titles_of_its_scenarios(compared: Findings):
    scenarios = compared.summary["scenarios"]
    names = [entry["scenario"] for entry in scenarios]
    for titles, expected in (
        (
            [f"View {place}." for place in range(len(names))],
            "; ".join(f"View {i}" for i in range(len(names))),
        ),
        (["A view"] * len(names), ", ".join(names)),
    ):
        entries = [{**entry, "title": title} for entry, title in zip(scenarios, titles, strict=True)]
        summary = {**compared.summary, "scenarios": entries}
        assert _page(make_comparison(replace(compared, summary=summary))).title == f"Comparison: {expected}"


def test_a_comparison_says_what_moves_the_loss_most(compared: Findings):
    (answer,) = read_page(COMPARISON.render(compared)).answer
    most = max(compared.tables["waterfall"].to_dict("records"), key=lambda step: abs(step["effect"]))
    if abs(most["effect"]) < 0.0005:
        assert answer.endswith("No step moves that by 0.05 points or more.")
        return
    found = re.search(
        rf"On the way from (\S+) to (\S+), (“.+”) \((.+)\) moves it most: ({POINTS})"
        r"(, which so few futures cannot tell from none|; no future of 16 contradicts that, but .+)?\.$",
        answer,
    )
    assert found, answer
    assert found.groups()[:4] == (most["against"], most["scenario"], most["title"], most["changes"])
    assert _points(found[5]) == pytest.approx(100.0 * most["effect"], abs=0.0501)
    assert bool(found[6]) == (not (most["effect_ci_low"] > 0.0 or most["effect_ci_high"] < 0.0))


def test_a_step_that_may_move_nothing_is_said_to(compared: Findings):
    steps = compared.tables["waterfall"].assign(
        effect_ci_low=-0.5, effect_ci_high=0.5, share_worse=0.4, share_better=0.3
    )
    doubtful = replace(compared, tables={**compared.tables, "waterfall": steps})
    (answer,) = read_page(COMPARISON.render(doubtful)).answer
    moved = steps["effect"].abs().max() >= 0.0005
    assert ("points, which so few futures cannot tell from none." in answer) == moved
    assert told_comparison(doubtful)[-1].endswith("cannot tell from none.") == moved


@pytest.mark.parametrize("sides", [(0.4, 0.0), (0.0, 0.4)])
def test_a_difference_that_no_future_contradicts_names_the_allowance(compared: Findings, sides):
    steps = compared.tables["waterfall"].assign(
        effect_ci_low=-0.5, effect_ci_high=0.5, share_worse=sides[0], share_better=sides[1]
    )
    doubtful = replace(compared, tables={**compared.tables, "waterfall": steps})
    allowed = (
        "points; no future of 16 contradicts that, but a kind of future that none of them shows, "
        "of up to 21% of all, could undo it."
    )
    moved = steps["effect"].abs().max() >= 0.0005
    for text in (read_page(COMPARISON.render(doubtful)).answer[0], told_comparison(doubtful)[-1]):
        assert text.endswith(allowed) == moved
        assert "cannot tell from none" not in text


def _points(text: str) -> float:
    return number(text.removesuffix(" points").replace("+", ""))


def test_the_card_of_a_comparison_tells_the_first_and_the_differences(compared: Findings):
    card = read_page(COMPARISON.render(compared)).cards["Radio"]
    first, *others = compared.tables["scenarios"].to_dict("records")
    head = matched(rf"({SHARE}) of revenue (lost|gained) in (\S+) \(mean\)", card[""].value)
    assert (head[2], head[3]) == ("gained" if first["mean"] < 0.0 else "lost", first["scenario"])
    assert says(head[1], abs(first["mean"]))
    assert range_says(card[""].detail.removeprefix("5–95% of futures: "), first["p05"], first["p95"])
    for row in compared.tables["differences"].to_dict("records")[: len(others)]:
        line = card[f"Loss in {row['scenario']}, against it"]
        assert _points(line.value) == pytest.approx(100.0 * row["mean"], abs=0.0501)
        doubtful = row["mean_ci_low"] <= 0.0 <= row["mean_ci_high"]
        allowed = ", smaller in none; the range allows for what none shows"
        is_larger = row["share_worse"] > 0.0 == row["share_better"]
        assert line.detail.endswith(allowed) == (doubtful and is_larger)
        often = matched(r".+; larger in (.+)", line.detail.removesuffix(allowed))[1]
        whole = {"all futures": "100%", "no future": "0%"}.get(often)
        told = whole or matched(rf"({SHARE}) of futures", often)[1]
        assert (told in ("0%", "100%")) == (row["share_worse"] in (0.0, 1.0))
        assert says(told, row["share_worse"])


def test_a_changed_setting_is_told_as_old_and_new(tmp_path: Path):
    one = written("never-recovers", tmp_path)
    data = json.loads(one.read_text())
    later = {"date": "2021-06-10", "duration_days": 90, "title": "The ban, two months later"}
    data["interventions"]["zz-shock"] |= later
    data["name"] = "later"
    other = tmp_path / "later.yaml"
    other.write_text(json.dumps(data))
    found = compare.run([one, other], replications=16, workers=1)
    (row,) = found.tables["waterfall"].to_dict("records")
    assert row["title"] == "“The ban”"
    assert row["changes"] == "date: 2021-04-11 → 2021-06-10; duration_days: 300 days → 90 days"
    page = read_page(COMPARISON.render(found))
    assert "(date: 11 Apr 2021 → 10 Jun 2021; duration_days: 300 days → 90 days)" in page.answer[0]
    assert any("(date: 11 Apr 2021 → 10 Jun 2021; " in line for line in told_comparison(found))


def test_a_comparison_shows_no_id_and_counts_right(compared: Findings):
    page = read_page(COMPARISON.render(compared))
    assert re.findall(r"\bzz-[\w-]+|−0\.0 |nan", page.text + " ".join(told_comparison(compared))) == []
    assert re.findall(ONE_OF_MANY, page.text) == []
    for one, other in pairwise(row["scenario"] for row in compared.summary["scenarios"]):
        assert f"From {one} to {other}" in page.text or "differ in nothing" in page.text


# --- stress tests -------------------------------------------------------------------------------------------


def stressed(name: str, folder: Path) -> Findings:
    return stress.run(written(name, folder), workers=1)


def with_money(findings: Findings, pi: list[float], excess: list[float]) -> Findings:
    """Other impacts of the first nodes and other excesses of the first pairs; the rest costs nothing."""
    nodes, pairs = (findings.tables[name].copy() for name in ("stress_nodes", "stress_pairs"))
    nodes["pi"] = [*pi, *[0.0] * (len(nodes) - len(pi))]
    nodes["pi_share"] = nodes["pi"] / findings.summary["revenue_undisturbed"]
    pairs["pi"] = 0.0
    pairs["excess"] = [*excess, *[0.0] * (len(pairs) - len(excess))]
    pairs.loc[0, "pi"] = pi[-1]
    tables = {
        "stress_nodes": nodes.sort_values("pi", ascending=False, kind="stable", ignore_index=True),
        "stress_pairs": pairs,
    }
    return replace(findings, tables=tables)


@pytest.fixture(scope="module")
def radio(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return stressed("never-recovers", tmp_path_factory.mktemp("stress"))


@pytest.fixture(
    scope="module",
    params=[
        "as-it-is",
        "all-bring",
        "some-bring",
        "nothing",
        "two-plants",
        "lowcap",
        "total-loss",
        "one-node",
    ],
)
def failed(
    request: pytest.FixtureRequest, radio: Findings, tmp_path_factory: pytest.TempPathFactory
) -> Findings:
    made = {
        "as-it-is": radio,
        "all-bring": with_money(radio, [-200.0, -300.0], [500.0]),
        "some-bring": with_money(radio, [4000.0, 100.0, -300.0], [200.0, 100.0]),
        "nothing": with_money(radio, [0.0], [0.0]),
        "one-node": _one_node(radio),
    }
    return made.get(request.param) or stressed(request.param, tmp_path_factory.mktemp("stressed"))


def _one_node(findings: Findings) -> Findings:
    tables = {
        "stress_nodes": findings.tables["stress_nodes"].head(1),
        "stress_pairs": findings.tables["stress_pairs"].head(0),
    }
    return replace(findings, tables=tables)


def makers_in(findings: Findings, *brackets: str) -> str:
    """The only maker as it stands in brackets; without any, as a pattern."""
    opening, closing = brackets or (r"\(", r"\)")
    (maker,) = makers_of(findings.scenario)
    return f"{opening}{findings.scenario.firms[maker].name}{closing}"


def euro(findings: Findings) -> float:
    return 1000.0 if findings.scenario.currency == "EUR thousand" else 1.0


def test_a_stress_test_counts_what_costs_and_what_brings(failed: Findings):
    nodes, page = failed.tables["stress_nodes"], read_page(STRESS.render(failed))
    costly, bringing = int((nodes["pi"] > 0.0).sum()), int((nodes["pi"] < 0.0).sum())
    found = re.search(
        r"(?:(\d+) of (\d+) nodes?|(None) of (\d+) nodes|Not even the only node) costs? anything"
        r"(?:, (\d+) brings? revenue)?",
        page.answer[0],
    )
    assert found, page.answer[0]
    assert int(found[1] or 0) == costly
    assert int(found[2] or found[4] or 1) == len(nodes)
    assert int(found[5] or 0) == bringing


def test_the_worst_node_is_told_with_what_it_costs(failed: Findings):
    nodes, page = failed.tables["stress_nodes"], read_page(STRESS.render(failed))
    worst = nodes.iloc[0]
    found = re.search(
        rf"it costs ({MONEY}), ({SHARE}) of the makers’ revenue {makers_in(failed)}", page.answer[0]
    )
    assert (found is not None) == (worst["pi"] > 0.0)
    if found:
        assert says(found[1], worst["pi"] * euro(failed))
        assert says(found[2], worst["pi_share"])


def test_pairs_are_told_as_what_they_cost_together_and_one_by_one(failed: Findings):
    pairs, page = failed.tables["stress_pairs"], read_page(STRESS.render(failed))
    worse = pairs[pairs["excess"] > 0.0]
    second = page.answer[1]
    if worse.empty:
        assert second == (
            f"None of {len(pairs)} pairs is worse together than one by one."
            if len(pairs) > 1
            else "There is no pair of nodes."
        )
        return
    both, parts = (rf"(nothing|{MONEY}) {how}" for how in ("together", "one by one"))
    found = re.search(rf": they (cost|bring) {both} and (?:(cost|bring) )?{parts}\.$", second)
    assert found, second
    for verb, money, amount in (
        (found[1], found[2], worse["pi"].iloc[0]),
        (found[3] or found[1], found[4], worse["pi"].iloc[0] - worse["excess"].iloc[0]),
    ):
        assert (verb == "bring") == (amount < 0.0)
        assert says("0" if money == "nothing" else money, abs(amount) * euro(failed))
    counted = matched(r"(\d+) of (\d+) pairs? (?:is|are) worse .+", second)
    assert (int(counted[1]), int(counted[2])) == (len(worse), len(pairs))


def test_nodes_have_names_and_no_two_the_same(failed: Findings):
    page = read_page(STRESS.render(failed))
    assert re.findall(ONE_OF_MANY, page.text) == []
    rows = re.findall(r"<tr>\s*<td[^>]*>(.*?)</td>", STRESS.render(failed), flags=re.DOTALL)
    lanes = [row for row in rows if "→" in row and "(lane)" not in row]
    assert len(lanes) == len(set(lanes))


def test_the_lines_for_the_terminal_say_the_same(failed: Findings):
    lines, nodes = told_stress(failed, 3), failed.tables["stress_nodes"]
    assert lines[0].startswith(f"Loss of the makers' revenue {makers_in(failed, '(', ')')} in the ")
    worst = nodes[nodes["pi"] > 0.0].head(3)
    told = [re.search(rf"PI ({MONEY}) \(({SHARE})\)", line) for line in lines]
    for found, row in zip(filter(None, told), worst.to_dict("records"), strict=True):
        assert says(found[1], row["pi"] * euro(failed))
        assert says(found[2], row["pi_share"])
    if worst.empty:
        assert "costs anything" in lines[1]


# --- commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["never-falls-short", "total-loss", "noshock", "no-loss", "gains"])
def test_run_prints_the_figures_of_its_summary(name: str, tmp_path: Path):
    file = written(name, tmp_path)
    arguments = ["run", str(file), "-n", "16", "--workers", "1", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    (maker,) = summary["makers"].values()
    shares = maker["loss_share"]
    gains = shares["p05"]["estimate"] < 0.0
    since = f"the shock ({summary['window']['shock_date']})"
    assert f"from {since if summary['window']['shock'] else summary['window']['shock_date']}" in result.stdout
    assert ("below 0 a gain" in result.stdout) == gains
    found = re.search(
        rf"  {maker['name']}: mean (.+), 5-95 % of futures (.+) to (.+), VaR95 (.+), ES95 (.+)", result.stdout
    )
    assert found
    for text, key in zip(found.groups(), ("mean", "p05", "p95", "var95", "es95"), strict=True):
        assert says(text.replace("-", "−"), shares[key]["estimate"])


def test_run_of_one_future_prints_its_loss_alone(tmp_path: Path):
    arguments = ["run", str(written("never-recovers", tmp_path)), "-n", "1", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    loss = pd.read_csv(tmp_path / "out" / "tables" / "makers.csv")["loss_share"].iloc[0]
    assert says(matched(rf"(?s).+  Radio: ({SHARE})\n.+", result.stdout)[1], loss)


@pytest.mark.parametrize("name", [*FILES, *VARIANTS])
def test_validate_counts_right(name: str, tmp_path: Path):
    result = CliRunner().invoke(main, ["validate", str(written(name, tmp_path))], catch_exceptions=False)
    things = "stock point|lane|demand stream|intervention|uncertain number|day"
    assert re.findall(rf"\b1 (?:{things})s|(?<!\d)(?:0|[2-9]|\d\d+) (?:{things})\b", result.stdout) == []
