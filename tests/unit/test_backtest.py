"""Back-tests: forecasts know nothing of what came later, follow the level that was known, and are scored."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import SimError
from sim.model.compile import compile_plan
from sim.report.backtest_page import page_of_backtest
from sim.report.backtest_words import told
from sim.scenario.facts import COLUMNS
from sim.stories import backtest
from tests.builders import ban, merged, shop

AS_OF = "2022-01-31"
SEASON = (0.8, 1.0, 1.1, 1.1)
NOISE = (0.01, -0.005, 0.0, 0.012, -0.008, 0.004, 0.007, -0.003)
LATER = "2022Q1"


def view(name="calm", **changes):
    data = shop(
        800,
        name=name,
        demand={"home": {"process": "gamma", "dispersion": 2.0, "patience_days": 2}},
        interventions={"ban": ban(460, duration_days=60)},
    )
    return merged(data, changes)


def facts(later=1500.0):
    """Two years of quarters that grow by 8 % a year, up to the end of 2021, and what came after."""
    rows = []
    for place in range(8):
        year, quarter = divmod(place, 4)
        value = 1800.0 * math.exp(0.02 * place + NOISE[place]) * SEASON[quarter]
        rows.append((f"{2020 + year}Q{quarter + 1}", f"{value:.1f}", "2022-01-20"))
    rows += [(LATER, f"{later}", "2022-04-20"), ("2022Q2", "", ""), ("2022H1", "", "")]
    lines = [
        f"f{place},maker,revenue,,,{period},{value},EUR,{published},a report"
        for place, (period, value, published) in enumerate(rows)
    ]
    return "\n".join([",".join(COLUMNS), *lines, "f99,maker,revenue,part,home,2022Q2,,EUR,,"]) + "\n"


EPIDEMIC = {"kind": "demand_shift", "title": "Flu", "date": "2022-01-01", "end": "2022-04-01"}
FLU = {
    "extends": "calm.yaml",
    "name": "flu",
    "interventions": {"flu": EPIDEMIC | {"covers": {}, "factor": 0.5}},
}


@pytest.fixture
def files(tmp_path):
    """Two views, facts, and an epidemic that halves demand for a quarter."""
    texts = {
        "calm.yaml": yaml.safe_dump(view()),
        "dire.yaml": yaml.safe_dump(view("dire", interventions={"ban": {"duration_days": 300}})),
        "flu.yaml": yaml.safe_dump(FLU),
        "facts.csv": facts(),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def found_in(folder, **how):
    asked = {"facts": folder / "facts.csv", "as_of": AS_OF, "replications": 32, "workers": 1}
    return backtest.run([folder / "calm.yaml", folder / "dire.yaml"], **asked | how)


@pytest.fixture
def found(files):
    return found_in(files, confounders=[files / "flu.yaml"])


def test_later_figures_change_no_bit_of_a_forecast(files):
    before = found_in(files).tables["forecasts"]
    (files / "facts.csv").write_text(facts(later=900.0), encoding="utf-8")
    after = found_in(files)
    pd.testing.assert_frame_equal(before, after.tables["forecasts"], check_exact=True)
    assert set(after.tables["scores"]["reported"]) == {900.0}


def test_what_was_known_moves_a_forecast(files):
    before = found_in(files).tables["forecasts"]
    (files / "facts.csv").write_text(facts().replace(",2022-01-20,", ",2022-02-20,", 1), encoding="utf-8")
    after = found_in(files).tables["forecasts"]
    assert not np.array_equal(before["p50"], after["p50"])


def median(found, fact, forecaster="calm", given=""):
    rows = found.tables["forecasts"]
    is_it = (rows["fact"] == fact) & (rows["forecaster"] == forecaster) & (rows["given"] == given)
    return float(rows.loc[is_it, "p50"].iloc[0])


def test_demand_follows_the_level_that_was_known(found):
    expected = 1800.0 * math.exp(0.16) * SEASON[0]
    assert median(found, "f8") == pytest.approx(expected, rel=0.06)
    assert median(found, "f8", "ETS") == pytest.approx(expected, rel=0.06)


def test_halves_and_products_are_forecast_too(found):
    assert median(found, "f10") == pytest.approx(median(found, "f8") + median(found, "f9"), rel=0.05)
    assert median(found, "f99") == pytest.approx(median(found, "f9"), rel=1e-9)


def test_views_differ_by_what_they_say_of_the_shock(found):
    assert median(found, "f9", "dire") < 0.7 * median(found, "f9", "calm")
    assert median(found, "f9", "dire") < median(found, "f9", "mixture") < median(found, "f9", "calm") * 1.2


def test_a_confounder_is_told_beside(found):
    assert median(found, "f8", given="flu") == pytest.approx(0.5 * median(found, "f8"), rel=0.1)
    assert median(found, "f8", "ETS", "flu") == pytest.approx(0.5 * median(found, "f8", "ETS"), rel=0.1)


def test_weights_begin_as_given_and_sum_to_one(files):
    found = found_in(files, weights={"calm": 3.0})
    rows = found.tables["view_weights"]
    assert rows.loc[rows["after"] == "", "weight"].tolist() == [0.75, 0.25]
    assert rows.groupby("after")["weight"].sum().tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"as_of": "2022-13-01"}, "found --as-of '2022-13-01'; allowed: a date"),
        ({"as_of": "2019-01-01"}, "allowed: 2021-01-01 or later, when views begin"),
        ({"weights": {"calmm": 1.0}}, "found a weight of 'calmm'; allowed: calm, dire"),
        ({"weights": {"calm": -1.0}}, "found the weight -1 of calm; allowed: above 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(files, how, says):
    with pytest.raises(SimError) as caught:
        found_in(files, **how)
    assert says in str(caught.value)


def test_a_view_is_compiled_once_without_the_shock_and_once_with_it(files, monkeypatch):
    compiled = []

    def noted(scenario):
        compiled.append(scenario.name)
        return compile_plan(scenario)

    monkeypatch.setattr(backtest, "compile_plan", noted)
    found_in(files)
    assert compiled == ["calm", "dire", "calm", "dire"]


def test_a_folder_is_read_again_and_gone_on_with(files, monkeypatch):
    monkeypatch.chdir(files)
    asked = ["backtest", "calm.yaml", "dire.yaml", "--facts", "facts.csv", "--as-of", AS_OF, "-n", "32"]
    result = CliRunner().invoke(main, [*asked, "--confounder", "flu.yaml", "--out", "out"])
    assert result.exit_code == 0, result.output
    assert (
        "As of 2022-01-31: 8 figures known, 4 asked for, 1 of them reported since (1 of revenue)."
        in result.output
    )
    opened = sim.open("out")
    assert set(opened.tables) == {"forecasts", "scores", "score_means", "view_weights", "levels"}
    assert "Maker, 1 quarter of revenue" in repr(opened).replace("maker,", "Maker,")
    for name in ("calm.yaml", "facts.csv", "flu.yaml"):
        (files / name).unlink()
    (files / "out" / "backtest.json").unlink()
    again = CliRunner().invoke(main, ["backtest", "--resume", "out"])
    assert again.exit_code == 0, again.output
    pd.testing.assert_frame_equal(sim.open("out").tables["forecasts"], opened.tables["forecasts"])


def test_sentences_say_over_which_figures_they_speak(files):
    text = facts().replace(",2022Q2,,EUR,,", ",2022Q2,1400,EUR,2022-07-20,a report")
    stock = "s,maker,inventory_value,,,2022-03-31,300,EUR,2022-04-20,a report\n"
    (files / "facts.csv").write_text(text + stock, encoding="utf-8")
    opening, revenue, inventory, weights = told(found_in(files))
    kinds = "(2 of revenue, 1 of inventory value and 1 of revenue of single products or markets)"
    assert f"4 of them reported since {kinds}." in opening
    assert revenue.startswith("Maker, 2 quarters of revenue: ")
    assert inventory.startswith("Maker, inventory value on 1 day: ")
    assert (
        f"after 4 figures {kinds}, of which Maker's revenue of Part to Home (Q2 2022) came last." in weights
    )


def test_views_go_by_titles_that_only_they_have(found):
    views = [entry | {"title": f"The {entry['view']} view"} for entry in found.summary["views"]]
    titled = dataclasses.replace(found, summary={**found.summary, "views": views})
    assert any("“The calm view”" in line.label for line in page_of_backtest(titled).cards[0].lines)
    assert "“The dire view”" in page_of_backtest(titled).description
    same = [entry | {"title": "A"} for entry in views]
    alike = dataclasses.replace(found, summary={**found.summary, "views": same})
    assert page_of_backtest(alike).cards[0].lines[-1].label.endswith(": calm and dire")


def test_the_answer_is_one_sentence_and_each_confounder_has_a_card(found):
    page, means = page_of_backtest(found), found.tables["score_means"]
    within = []
    for card, given, opening in zip(
        page.cards, ("", "Flu"), ("Without any confounder", "With flu"), strict=True
    ):
        told = means[means["given"].str.lower() == given.lower()].set_index("forecaster")
        mixture, naive = told.loc["mixture"], told.drop(index=["mixture", "calm", "dire"], errors="ignore")
        within.append(round(mixture["inside_80"]))
        assert (card.maker, card.headline.value) == (opening, f"{within[-1]} of 1")
        assert card.headline.detail == f"within its 50% intervals: {mixture['inside_50']:.0f}"
        rivals, view = card.lines
        won = int(mixture["crps"] < naive["crps"].min())
        assert rivals.value == f"{won or 'none'} of 1 kind of figures"
        weights = found.tables["view_weights"]
        last = weights[weights["given"] == told["given"].iloc[0]].tail(2)
        best = last.loc[last["weight"].idxmax()]
        leading = last[last["weight"] == best["weight"]]["view"].tolist()
        assert view.label.endswith(f": {' and '.join(leading)}")
        assert (view.value, view.detail[:14]) == (f"{best['weight']:.0%}", "after 1 figure")
    [answer] = page.answer
    assert answer.startswith("Without any confounder, the mixture's 80% intervals hold ")
    assert answer.endswith(f" hold {within[0]} of 1 figure that came; with flu, {within[1]}.")


def test_who_is_as_good_as_the_best_is_not_better(found):
    means = found.tables["score_means"].assign(crps=1.0)
    tables = {**found.tables, "score_means": means}
    card, *_ = page_of_backtest(dataclasses.replace(found, tables=tables)).cards
    assert card.lines[0].value == "none of 1 kind of figures"


def test_where_no_figure_came_there_is_no_card(found):
    tables = {
        **found.tables,
        **{name: found.tables[name].iloc[:0] for name in ("scores", "score_means", "view_weights")},
    }
    page = page_of_backtest(dataclasses.replace(found, tables=tables))
    assert (page.cards, page.answer) == ([], ["No figure that was forecast has been reported since."])


def test_figures_of_single_products_are_told_apart_from_those_counted(found):
    scores = found.tables["scores"]
    came = dataclasses.replace(found, tables={**found.tables, "scores": scores.assign(sold="part")})
    assert " of 1 figure of whole firms that came" in page_of_backtest(came).answer[0]
    tables = {**came.tables, "score_means": found.tables["score_means"].iloc[:0]}
    page = page_of_backtest(dataclasses.replace(came, tables=tables))
    assert page.answer == ["No figure of whole firms that was forecast has been reported since."]


def test_one_figure_is_and_was(found):
    one = dataclasses.replace(found, summary={**found.summary, "asked": 1})
    assert " 1 figure is forecast, 1 of them was reported since " in page_of_backtest(one).reading


def test_a_plan_that_is_simulated_holds_no_reported_value(files, monkeypatch):
    seen = []

    def stop_at_observations(scenario):
        seen.append(scenario)
        if scenario.observations:
            raise InterruptedError
        return compile_plan(scenario)

    monkeypatch.setattr(backtest, "compile_plan", stop_at_observations)
    with pytest.raises(InterruptedError):
        found_in(files)
    assert {entry.value for entry in seen[-1].observations.values()} == {0.0}


def test_a_question_that_was_answered_asks_nothing(files):
    question = backtest.question_of([files / "calm.yaml"], facts=files / "facts.csv", as_of=AS_OF)
    known = [fact for fact in question.facts if fact.is_known(question.as_of)]
    with pytest.raises(SimError, match="found no figure that was not known on"):
        backtest.checked(dataclasses.replace(question, facts=known))
