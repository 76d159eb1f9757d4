"""What reports say is what the futures show: every claim is read off the page and held against the tables.

Each sentence, card and title must be one of the forms below, and each number in it what is worked out here
from the tables, in another way than the report does it.
"""

import math
import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.report.numbers import day
from sim.risk.findings import Findings
from sim.stories import study
from sim.stories.study import STUDY
from tests.awkward import FILES, VARIANTS, written
from tests.awkward.reading import NUMBER, SHARE, Read, matched, range_says, read_page, says

REPLICATIONS = 64
ONE = "one-future"
"""The scenario of which one future is simulated."""
PLURALS = r"futures|days|nodes|pairs|lanes|stocks|steps|interventions|replications|components"


@dataclass(frozen=True)
class Case:
    """A scenario, what was found and how it reads."""

    findings: Findings
    html: str
    page: Read

    @property
    def rows(self) -> pd.DataFrame:
        """The futures of the only maker."""
        return self.findings.tables["makers"]

    @property
    def name(self) -> str:
        """Name of the only maker."""
        (maker,) = self.findings.summary["makers"].values()
        return str(maker["name"])

    @property
    def euro(self) -> float:
        """How many EUR the scenario's unit of money is."""
        return 1000.0 if self.findings.scenario.currency == "EUR thousand" else 1.0

    @property
    def futures(self) -> int:
        """How many there are."""
        return len(self.rows)


@pytest.fixture(scope="module", params=[*FILES, *VARIANTS, ONE])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    name = "two-plants" if request.param == ONE else request.param
    replications = 1 if request.param == ONE else REPLICATIONS
    file = written(name, tmp_path_factory.mktemp("awkward"))
    findings = study.run(file, replications=replications, workers=1).findings
    html = STUDY.render(findings)
    return Case(findings, html, read_page(html))


def quantile(values: np.ndarray, level: float) -> float:
    ordered = sorted(values)
    return ordered[max(math.ceil(level * len(ordered) - 1e-9), 1) - 1]


def short_days(case: Case) -> np.ndarray:
    return case.rows["first_lost_sales_days"].dropna().to_numpy()


def behind(case: Case) -> tuple[np.ndarray, int]:
    """Days until revenue is back where it was behind, and in how many futures it is never back."""
    days = case.rows["time_to_adapt_days"]
    return days[days > 0.0].to_numpy(), int(days.isna().sum())


def often(case: Case, text: str, count: int) -> bool:
    """Whether words such as 'in 28% of futures' are this many of all."""
    if case.futures == 1:
        return text == "" and count == 1
    if count == case.futures:
        return text == "in all futures"
    found = re.fullmatch(rf"in ({SHARE}) of futures", text)
    return found is not None and found[1] not in ("0%", "100%") and says(found[1], count / case.futures)


def after(case: Case, text: str, days: np.ndarray) -> bool:
    """Whether words such as 'after 40 days (median; 5–95%: 36–43)' tell these days."""
    if not days.any():
        return text == "on the day of the shock"
    found = re.fullmatch(
        rf"after ({NUMBER}) days?(?: \((median|median of these); 5–95%: ({NUMBER})(?:–({NUMBER}))?\))?", text
    )
    assert found, text
    if len(days) == 1:
        return found[2] is None and says(found[1], days[0])
    return (
        says(found[1], quantile(days, 0.5))
        and (found[2] == "median") == (len(days) == case.futures)
        and says(found[3], quantile(days, 0.05))
        and says(found[4] or found[3], quantile(days, 0.95))
    )


# --- the answer ---------------------------------------------------------------------------------------------

WHEN = r"in the (?P<window>.+?) (?P<since>after about|after|from) (?P<date>\d+ \w+ \d+)"
SPREAD = r"\((?:mean; 5–95% of futures: (?P<range>[^)]+)|(?P<single>in the one future that was simulated))\)"
CAUSE = r"(?:The shock, “(?P<first>.+)” and (?P<others>\d+) more interventions?,|“(?P<only>.+?)”)"
MONEY = r"EUR [\d,.]+(?: thousand| million)?"
THROUGH = (
    r"(?:, all of it through (?P<all>.+?)|, most of it through (?P<most>.+?)"
    rf"|, after gains of (?P<gain>{MONEY}) through other components; "
    r"most of the losses come through (?P<net>.+?))?"
)
TIMES = r" (?P<times>Sales .+|No customer .+)"
NO_SHOCK = rf"No intervention is marked as shock: .+ so (?P<name>.+) loses nothing {WHEN}\."
NEVER = (
    rf"{CAUSE} happens in none of (?P<count>\d+) futures, so (?P<name>.+) loses nothing {WHEN}\. "
    r"What it would cost is not told: simulate more, or raise its probability\."
)
NOTHING = rf"{CAUSE} costs (?P<name>.+) nothing {WHEN}\.{TIMES}"
LOSS = (
    rf"{CAUSE} costs (?P<name>.+?) (?P<share>{SHARE}) of its revenue {WHEN} {SPREAD}, "
    rf"(?P<money>{MONEY}){THROUGH}\.{TIMES}"
)
BRINGS = rf"{CAUSE} brings (?P<name>.+?) (?P<share>{SHARE}) more revenue"
GAIN = rf"{BRINGS} {WHEN} {SPREAD}, (?P<money>{MONEY})\.{TIMES}"


def test_the_answer_is_what_the_futures_show(case: Case):
    (answer,) = case.page.answer
    losses = case.rows["loss"]
    table = case.findings.tables["interventions"]
    shocks = table["shock"].astype(bool)
    if not shocks.any():
        form = NO_SHOCK
    elif not table["start_p50"][shocks].notna().any():
        form = NEVER
    elif not losses.any():
        form = NOTHING
    else:
        form = LOSS if losses.mean() > 0 else GAIN
    told = re.fullmatch(form, answer)
    assert told, answer
    assert told["name"] == case.name
    _when(case, told)
    if form == NO_SHOCK:
        assert not losses.any()
        return
    assert int(told["others"] or 0) == shocks.sum() - 1
    title = case.findings.scenario.interventions[case.findings.summary["window"]["shock"]].title
    assert (told["first"] or told["only"]) == title
    if form == NEVER:
        assert not losses.any()
        assert says(told["count"], case.futures)
        return
    _times(case, told["times"])
    if form != NOTHING:
        shares = case.rows["loss_share"].to_numpy()
        assert says(told["share"], abs(shares.mean()))
        assert says(told["money"], abs(losses.mean()) * case.euro)
        assert (told["single"] is None) == (case.futures > 1)
        assert case.futures == 1 or range_says(told["range"], quantile(shares, 0.05), quantile(shares, 0.95))
    if form == LOSS:
        _through(case, told)


def _when(case: Case, told: re.Match[str]) -> None:
    summary, table = case.findings.summary["window"], case.findings.tables["interventions"]
    row = table[table["intervention"] == summary["shock"]]
    certain = (row["start_p05"] == row["start_p95"]).all()
    assert told["since"] == ("from" if row.empty else "after" if certain else "after about")
    assert told["date"] == day(summary["shock_date"])
    assert told["window"] == ("12 months" if summary["days"] == 365 else f"{summary['days']} days")


def _through(case: Case, told: re.Match[str]) -> None:
    """Shares of components are of all losses, so never above 100%; gains are told beside them."""
    by_component = case.findings.tables["attribution"].groupby("component")["mean"].sum()
    lost, gained = by_component[by_component > 0.0], -by_component[by_component < 0.0].sum()
    names = {key: case.findings.scenario.items[key].name for key in lost.index if key != "demand"}
    share = {names.get(key, "Demand and prices"): value / lost.sum() for key, value in lost.items()}
    assert bool(told["gain"]) == (gained > 0.0005 * lost.sum())
    assert told["gain"] is None or says(told["gain"], gained * case.euro)
    if told["all"]:
        assert share[told["all"]] == 1.0
        return
    parts = re.findall(rf"(?:^|, | and )(.+?) \(({SHARE})\)", told["most"] or told["net"])
    assert parts
    assert all(says(text, share[name]) for name, text in parts)


def _times(case: Case, text: str) -> None:
    days, (back, away) = short_days(case), behind(case)
    if not len(days) and not len(back) and not away:
        assert text == "Sales never fall short."
        return
    told = re.fullmatch(
        r"(Sales .+?|No customer is lost)\. (Revenue of four weeks .+?)\."
        r"(?: (?:(I.+) n|N)o sale falls short then: what is sold brings less, .+ recipe\.)?",
        text,
    )
    assert told, text
    rows = case.rows
    is_short, is_behind = rows["first_lost_sales_days"].notna(), rows["time_to_adapt_days"] != 0.0
    cheaper = int((is_behind & ~is_short).sum())
    assert ("no sale falls short then" in text.lower()) == (cheaper > 0)
    if cheaper:
        assert often(case, (told[3] or "").lower(), cheaper)
    _short(case, told[1], days)
    _back(case, told[2], back, away)


def _short(case: Case, text: str, days: np.ndarray) -> None:
    if text == "No customer is lost":
        assert not len(days)
    elif found := re.fullmatch("Sales first fall short (.+)", text):
        assert len(days) == case.futures
        assert after(case, found[1], days)
    else:
        found = re.fullmatch("Sales fall short (.+), first (.+)", text)
        assert found, text
        assert 0 < len(days) < case.futures
        assert often(case, found[1], len(days))
        assert after(case, found[2], days)


def _back(case: Case, text: str, back: np.ndarray, away: int) -> None:
    if text == "Revenue of four weeks is never more than 2% behind":
        assert not len(back)
        assert not away
        return
    found = re.fullmatch(
        r"Revenue of four weeks falls more than 2% behind(?: (in (?:all|\S+ of) futures))?(?: and|:) (.+)",
        text,
    )
    assert found, text
    assert often(case, found[1] or "", len(back) + away)
    if found[2] == "is not back by the end of the simulated period":
        assert not len(back)
    elif good := re.fullmatch("is back for good (.+)", found[2]):
        assert not away
        assert after(case, good[1], back)
    else:
        both = re.fullmatch(
            "(.+) it is not back by the end of the simulated period; it is back for good (.+ futures), (.+)",
            found[2],
        )
        assert both, found[2]
        assert often(case, both[1], away)
        assert often(case, both[2], len(back))
        assert after(case, both[3], back)


# --- the card -----------------------------------------------------------------------------------------------


def test_the_card_is_what_the_futures_show(case: Case):
    card = case.page.cards[case.name]
    losses, shares = case.rows["loss"].to_numpy() * case.euro, case.rows["loss_share"].to_numpy()
    head = re.fullmatch(rf"({SHARE}) of revenue (lost|gained) {WHEN}( \(mean\))?", card[""].value)
    assert head, card[""].value
    assert says(head[1], abs(shares.mean()))
    assert (head[2] == "gained") == (shares.mean() < 0.0)
    assert bool(head[6]) == (case.futures > 1)
    money = card["Gain (mean)" if losses.mean() < 0 else "Loss (mean)" if case.futures > 1 else "Loss"]
    assert says(money.value, abs(losses.mean()))
    if case.futures == 1:
        assert set(card) == {"", "Loss", "Sales first fall short", "Revenue back within 2% for good"}
        return
    ends = [(quantile(values, 0.05), quantile(values, 0.95)) for values in (shares, losses)]
    assert range_says(card[""].detail.removeprefix("5–95% of futures: "), *ends[0])
    assert range_says(money.detail.removeprefix("5–95% of futures: "), *ends[1])
    worst = quantile(shares, 0.95)
    assert range_says(card["Value at risk, 95%"].value, worst, worst)
    assert card["Value at risk, 95%"].detail.startswith("95% of futures lose no more;")
    assert np.mean(shares <= worst) >= 0.95


def test_the_times_on_the_card_are_those_of_the_futures(case: Case):
    card, days, (back, away) = case.page.cards[case.name], short_days(case), behind(case)
    short = card["Sales first fall short"]
    if not len(days):
        assert (short.value, short.detail) == ("never", "")
    elif len(days) == case.futures:
        assert after(case, f"{short.value} ({short.detail})" if short.detail else short.value, days)
    else:
        assert often(case, short.value, len(days))
        assert after(case, short.detail, days)
    line = card["Revenue back within 2% for good"]
    if not len(back) and not away:
        assert (line.value, line.detail) == ("never further behind", "")
        return
    parts = [line.value, *filter(None, line.detail.split("; "))]
    counts = {"not by the end": away, "never further behind": case.futures - len(back) - away}
    for what, count in counts.items():
        told = [part.removeprefix(what).strip() for part in parts if part.startswith(what)]
        assert len(told) == (count > 0)
        assert all(often(case, text, count) for text in told)
    if len(back):
        (moment,) = re.findall(r"after [\d,]+ days?", f"{line.value}; {line.detail}")
        spread = re.search(r"median.*?; 5–95%: [\d,–]+", line.detail)
        assert after(case, f"{moment} ({spread[0]})" if spread else moment, back)
    assert away <= len(back) or line.value.startswith("not by the end")


# --- the titles of the figures ------------------------------------------------------------------------------


def test_the_title_of_revenue_names_the_widest_gap(case: Case):
    title, fan = case.page.titles["revenue-1"], case.findings.tables["revenue_fan"]
    means = fan.pivot_table(index="week", columns="twin", values="mean")
    gap = 1.0 - means["scenario"] / means["counterfactual"]
    if case.findings.summary["window"]["shock"] is None:
        assert title.endswith("revenue: nothing is marked as shock, so both paths are the same")
        assert gap.abs().max() == 0.0
    elif found := re.fullmatch(
        rf".+ falls furthest behind in the week of (.+): ({SHARE}) below its path", title
    ):
        assert found[1] == day(gap.idxmax())
        assert says(found[2], gap.max())
    elif found := re.fullmatch(
        rf".+ never falls behind; it is furthest ahead in the week of (.+): ({SHARE})", title
    ):
        assert gap.max() < 0.0005
        assert found[1] == day(gap.idxmin())
        assert says(found[2], -gap.min())
    else:
        assert title == f"{case.name}’s revenue stays on its path without the shock"
        assert gap.abs().max() < 0.0005


def test_each_stock_point_has_a_panel_of_its_own(case: Case):
    rows = {row["stock_point"]: row for row in case.findings.tables["run_out"].to_dict("records")}
    titles = [title for key, title in case.page.titles.items() if key.startswith("stock-")]
    assert len(titles) == len(rows)
    told = set()
    for title in titles:
        name, _, what = title.partition(": ")
        item, _, point = name.removesuffix(")").partition(" (")
        assert bool(point) == (len(rows) > 1)
        row = rows[point or next(iter(rows))]
        assert case.findings.scenario.items[row["item"]].name == item
        _stock(case, what, row)
        told.add(row["stock_point"])
    assert told == set(rows)


def _stock(case: Case, text: str, row: dict[Hashable, Any]) -> None:
    share = row["share_running_out"]
    table = case.findings.tables["stock"]
    left = table[(table["stock_point"] == row["stock_point"]) & (table["twin"] == "scenario")]["p05"].min()
    if case.findings.summary["window"]["shock"] is None:
        assert text == "the same on both paths"
    elif share == 0.0:
        lasts = "stock lasts in all futures" if left > 0.0 else "runs out no sooner than without the shock"
        assert text == lasts
    elif case.futures == 1:
        assert says(matched(rf"gone after ({NUMBER}) days?", text)[1], row["p50"])
    else:
        found = re.fullmatch(
            rf"gone (?:in ({SHARE}) of futures, )?after ({NUMBER}) days? "
            rf"\((median|median of these); 5–95%: ({NUMBER})(?:–({NUMBER}))?\)( in all futures)?",
            text,
        )
        assert found, text
        assert (found[1] is None) == (share == 1.0) == bool(found[6]) == (found[3] == "median")
        assert share == 1.0 or says(found[1], share)
        for told, key in ((found[2], "p50"), (found[4], "p05"), (found[5] or found[4], "p95")):
            assert says(told, row[key])


def test_the_first_stock_to_run_out_is_the_first(case: Case):
    rows = case.findings.tables["run_out"].to_dict("records")
    usual = [row for row in rows if row["share_running_out"] >= 0.5]
    told = re.search(rf"first stock to run out is (.+?), ({NUMBER}) days? after the shock", case.page.text)
    assert (told is not None) == bool(usual)
    if told:
        first = min(usual, key=lambda row: row["p50"])
        assert says(told[2], first["p50"])
        assert f"({first['stock_point']})" in told[1] or len(rows) == 1


TIERS = {
    "cover": (
        "stock",
        rf"stock for ({NUMBER}) days? in the week of (.+), without the shock ({NUMBER}) days?",
    ),
    "slack": ("slack", rf"({SHARE}) of capacity unused in the week of (.+), without the shock ({SHARE})"),
}


def test_a_tier_is_told_by_the_week_in_which_the_shock_makes_most_of_a_difference(case: Case):
    table = case.findings.tables["tiers"]
    told = {key.split("-", 1)[1]: title for key, title in case.page.titles.items() if key.startswith("tier-")}
    assert bool(told) == bool(case.rows["loss"].any())
    if told:
        known = table.melt(["tier", "plant"], ["cover_mean", "slack_mean"], "what", "mean").dropna()
        assert len(told) == len(known.drop_duplicates(["tier", "plant", "what"]))
    for key, title in told.items():
        tier, number, what = key.split("-")
        rows = table[table["tier"] == int(tier)]
        rows = rows[rows["plant"] == rows["plant"].unique()[int(number)]]
        means = rows.pivot_table(index="week", columns="twin", values=f"{what}_mean")
        apart = (means["scenario"] - means["counterfactual"]).abs()
        name, (noun, form) = title.split(": ")[-1], TIERS[what]
        if found := re.fullmatch(form, name):
            [week] = [week for week in means.index if day(week) == found[2]]
            assert apart[week] == apart.max()
            assert says(found[1], means["scenario"][week])
            assert says(found[3], means["counterfactual"][week])
            assert found[1] != found[3]
        else:
            near = matched(rf"{noun} is (nearly )?the same on both paths", name)[1]
            assert apart.max() < (1.0 if near else 1e-6)
            assert bool(near) == (f'id="figure-tier-{key}"' in STUDY.render(case.findings))


def test_links_are_cut_as_the_title_says_in_the_week_in_which_most_is_missing(case: Case):
    title, is_paid = case.page.titles.get("links"), "links" in case.findings.tables
    assert is_paid == any(lane.price.mean > 0.0 for lane in case.findings.scenario.lanes.values())
    assert bool(title) == bool(is_paid and case.rows["loss"].any())
    if not title:
        return
    table = case.findings.tables["links"]
    got, normal = (
        rows.pivot_table(index="week", columns=["supplier", "buyer"], values="value").clip(lower=0.0)
        for rows in (table[table["twin"] == twin] for twin in ("scenario", "counterfactual"))
    )
    missing, added = ((sign * (normal - got)).clip(lower=0.0).sum(axis=1) for sign in (1.0, -1.0))
    gap = missing if missing.max() > 1e-6 else added
    if gap.max() < 1e-6:
        assert title == "Every link carries what it would without the shock"
        return
    found = matched(
        r"In the week of (.+): of (\d+) links?, (?:none has changed|(?:(\d+) (?:is|are) cut)?(?:, | and )?"
        r"(?:(\d+) carr(?:ies|y) less)?(?:, | and )?(?:(\d+) carr(?:ies|y) more)?)",
        title,
    )
    week = int(gap.to_numpy().argmax())
    assert found[1] == day(gap.index[week])
    pairs = [(float(its), float(usual)) for its, usual in zip(got.iloc[week], normal.iloc[week], strict=True)]
    pairs = [pair for pair in pairs if max(pair) > 1e-6]
    cut = sum(its < 0.02 * usual for its, usual in pairs)
    assert int(found[2]) == len(pairs)
    assert int(found[3] or 0) == cut
    assert int(found[4] or 0) == sum(its < 0.95 * usual for its, usual in pairs) - cut
    assert int(found[5] or 0) == sum(its > 1.05 * usual for its, usual in pairs)


def test_shares_of_losses_are_between_none_and_all(case: Case):
    for key in ("components-1", "products-1"):
        for share in re.findall(SHARE, case.page.titles[key]):
            assert 0.0 < float(share.rstrip("%")) <= 100.0
    by_component = case.findings.tables["attribution"].groupby("component")["mean"].sum()
    found = re.match(rf"({SHARE}) of .+ losse?s? comes? through", case.page.titles["components-1"])
    assert bool(found) == bool((by_component > 0.0).any())
    if found:
        assert says(found[1], by_component.max() / by_component[by_component > 0.0].sum())


def test_the_tail_is_told_as_it_is(case: Case):
    title = case.page.titles.get("exceedance", "")
    shares = case.rows["loss_share"].to_numpy()
    if case.futures == 1:
        assert "One future does not say: simulate more." in case.page.text
    elif not case.rows["loss"].any():
        assert title == "No future costs any revenue"
    else:
        found = re.fullmatch(
            rf"95% of futures lose no more than: .+ ({SHARE})( \(a gain\))? of revenue", title
        )
        assert found, title
        assert says(found[1], quantile(shares, 0.95))
        assert bool(found[2]) == (quantile(shares, 0.95) < 0.0)


@pytest.mark.parametrize(
    ("key", "start", "column"),
    [
        ("survival-1", "Sales fall short by the end: ", "first_lost_sales_days"),
        ("survival-2", "Revenue is back for good by the end, or never fell behind: ", "time_to_adapt_days"),
    ],
)
def test_survival_curves_count_what_their_titles_say(case: Case, key: str, start: str, column: str):
    if case.futures == 1:
        assert key not in case.page.titles
        return
    title, share = case.page.titles[key], float(case.rows[column].notna().mean())
    told = title.removeprefix(f"{start}{case.name} ")
    expected = {0.0: "in no future", 1.0: "in all futures"}.get(share)
    assert told == expected if expected else says(matched(rf"in ({SHARE}) of futures", told)[1], share)
    assert ("Counted downwards" in case.page.text) == bool(case.rows["loss"].any())


def test_what_loses_nothing_is_told_in_few_words(case: Case):
    figures = re.findall(r'id="figure-([\w-]+)"', case.html)
    empty = {"components-1", "products-1", "exceedance", "survival-1", "survival-2"} & set(figures)
    assert bool(empty) == bool(case.rows["loss"].any())


def test_purchases_are_those_of_the_maker_and_no_tier_twice(case: Case):
    flows = case.findings.tables["flows"]
    (maker,) = case.findings.summary["makers"]
    own = flows[flows["maker"] == maker].groupby("twin")["value"].sum() * case.euro
    before, now = own.get("counterfactual", 0.0), own.get("scenario", 0.0)
    (told,) = re.findall(rf"{case.name}’s purchases:? (.+?): mean purchases", case.page.text)
    if found := re.fullmatch(rf"stay at ({MONEY})", told):
        assert says(found[1], before)
        assert abs(now / before - 1.0) < 0.0005
    elif found := re.fullmatch(rf"(fall|rise) by ({SHARE}), from ({MONEY})(?: to ({MONEY}))?", told):
        assert (found[1] == "fall") == (now < before)
        assert says(found[2], abs(now / before - 1.0))
        assert says(found[3], before)
        assert says(found[4] or found[3], now)
    elif found := re.fullmatch(rf"fall from ({MONEY}) to less than nothing: ({MONEY}) is paid back", told):
        assert says(found[1], before)
        assert says(found[2], -now)
    else:
        assert told == "nothing was bought without the shock"
        assert before == 0.0


def test_suppliers_that_lose_and_gain_do(case: Case):
    title, table = case.page.titles["suppliers"], case.findings.tables["suppliers"]
    names = {
        case.findings.scenario.firms[key].name: loss for key, loss in table[["supplier", "mean"]].to_numpy()
    }
    parts = re.findall(rf"(\w+) (loses|gains) most \(({MONEY})\)", title)
    for name, verb, money in parts:
        assert says(money, case.euro * (names[name] if verb == "loses" else -names[name]))
    if not parts:
        assert title == "No supplier’s sales change"
        assert (table["mean"].abs() <= 0.0005 * table["revenue_counterfactual"]).all()


def test_interventions_are_counted(case: Case):
    table, title = case.findings.tables["interventions"], case.page.titles["timeline"]
    shocks = int(table["shock"].astype(bool).sum())
    if table.empty:
        assert title == "The scenario has no interventions"
    elif len(table) == 1:
        assert title.startswith(f"The only intervention {'is' if shocks else 'is no part of'} the shock; ")
    else:
        assert title.startswith(f"{shocks} of {len(table)} interventions belong to the shock; ")


# --- the whole page -----------------------------------------------------------------------------------------


def test_one_is_one_and_many_are_many(case: Case):
    many_ones = rf"(?<![\d.,–])1 (?:simulated )?(?:{PLURALS})\b"
    one_of_many = r"(?<![\d.,])(?:0|[2-9]|\d\d+) (?:simulated )?(?:future|day|intervention|stock)\b"
    assert re.findall(f"{many_ones}|{one_of_many}", case.page.text) == []


def test_nothing_is_said_never_or_always_by_a_number(case: Case):
    for wrong in (
        "in 100% of futures",
        "in 0% of futures",
        "never in",
        "nan",
        "−0.0%",
        "EUR −0 ",
        "0.000000",
    ):
        assert wrong not in case.page.text


def test_ids_of_the_scenario_stand_only_where_a_path_does(case: Case):
    shown = case.page.text
    warned = [warning["path"] for warning in case.findings.summary["warnings"]]
    for path in [*case.findings.tables["assumptions"]["path"], *warned]:
        shown = shown.replace(path, "")
    assert re.findall(r"\bzz-[\w-]+", shown) == []
