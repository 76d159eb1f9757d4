"""Sentences of a mitigation: each claim is held against the tables, for every kind of worth."""

import dataclasses

import pytest

from sim.report.mitigation_words import answer, how_sure, make_mitigation, what_it_costs, what_to_do
from sim.report.origin_section import lead
from sim.risk.findings import Findings
from sim.risk.mitigation_tables import NOTHING_KEY
from sim.risk.origins import SUPPLIER
from tests.unit.test_mitigate import DEARER, LATER, STOCK, at_cost, found


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> Findings:
    levers = {"stock": at_cost(STOCK, 30.0), "dearer": DEARER, "pile": LATER}
    return found(tmp_path_factory.mktemp("words"), levers)


def changed(findings: Findings, summary=None, **columns) -> Findings:
    """Findings whose recommended portfolio has other figures."""
    rows = findings.tables["portfolios"].copy()
    own = rows["portfolio"] == findings.summary["recommended"]
    for column, value in columns.items():
        rows[column] = rows[column].where(~own, value)
    return dataclasses.replace(
        findings,
        tables={**findings.tables, "portfolios": rows},
        summary={**findings.summary, **(summary or {})},
    )


def test_there_are_three_sentences_first(findings):
    first = answer(make_mitigation(findings))[:3]
    assert [sentence.count(".") - sentence.count(".5") >= 1 for sentence in first] == [True] * 3


def test_every_lever_of_the_recommendation_is_named_and_no_other(findings):
    context = make_mitigation(findings)
    taken = set(context.members(context.recommended)["lever"])
    assert taken
    for name, lever in findings.scenario.levers.items():
        assert (lever.title in what_to_do(context)) == (name in taken)


NONE = float("nan")
IF, HOWEVER = "worth it if the shock is", "worth it however likely the shock is"


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (("from", 10.0, 30.0, 0.25), ("EUR 10 less", "EUR 30 more", f"{IF} likelier than 25%")),
        (("up_to", -10.0, -30.0, 0.3), ("EUR 10 more", "EUR 30 less", f"{IF} less likely than 30%")),
        (("always", -10.0, 0.0, NONE), ("EUR 10 more", "as much as doing nothing", HOWEVER)),
        (("never", 10.0, -1.0, NONE), ("EUR 10 less", "EUR 1.0 less", "never worth it by itself")),
    ],
)  # fmt: skip
def test_what_it_costs_and_brings(findings, figures, told):
    own = dict(zip(("worth", "cost", "gain", "break_even"), figures, strict=True))
    without, with_it, words = told
    assert what_it_costs(make_mitigation(changed(findings, **own))) == (
        f"If the shock never comes it earns {without}, if it comes {with_it}: {words}."
    )


def test_a_shock_that_came_in_no_future_is_told(findings):
    told = what_it_costs(make_mitigation(changed(findings, cost=10.0, gain=NONE)))
    assert told == "If the shock never comes it earns EUR 10 less; it came in no future."


@pytest.mark.parametrize(("low", "chance"), [(-1.0, True), (0.5, False)])
def test_what_may_be_chance_is_told_as_that(findings, low, chance):
    figures = {"advantage": 4.0, "advantage_ci_low": low, "advantage_ci_high": 9.0}
    told = how_sure(make_mitigation(changed(findings, **figures)))
    assert told.startswith("In 64 fresh futures it earns EUR 4.0 more than doing nothing")
    assert ("which may be chance" in told) == chance


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (
            {"margin": 2.0},
            "at least none of the 3 other finalists is better by more than EUR 2.0",
        ),
        (
            {"margin": 0.0},
            "95% at least none of the 3 other finalists is better at all",
        ),
        ({"finalists": 1}, "no other portfolio could be told from it"),
        ({"selected": NOTHING_KEY}, "another finalist was ahead while they were told apart, and passed over"),
    ],
)
def test_how_sure_the_selection_is(findings, selection, told):
    own = {**findings.summary["selection"], "finalists": 4, **selection}
    own.setdefault("selected", findings.summary["recommended"])
    assert told in how_sure(make_mitigation(changed(findings, {"selection": own})))


def test_what_differs_by_rounding_alone_is_not_told(findings):
    rows = findings.tables["origins"].copy()
    purchases = rows["part"] == SUPPLIER
    assert purchases.any()
    rows.loc[purchases, "without_shock"] = 1e-10
    rounded = dataclasses.replace(findings, tables={**findings.tables, "origins": rows})
    assert not any("Bought is" in sentence for sentence in lead(make_mitigation(rounded)))
    rows.loc[purchases, "without_shock"] = 1.0
    assert any("Bought is EUR 1.0 more" in sentence for sentence in lead(make_mitigation(rounded)))
