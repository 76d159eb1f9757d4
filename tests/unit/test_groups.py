"""Groups of firms that are reported as one maker: what is refused, and that their figures add up."""

import numpy as np
import pytest
import yaml

import sim
from sim.errors import ScenarioError
from sim.risk.margins import entries_of
from sim.risk.tables import duties, makers, products, stock
from tests.builders import ban, compiled, day, merged, run_batch, shop

NOISY = {"process": "gamma", "dispersion": 3.0, "patience_days": 0}
TARIFF = {"kind": "tariff", "title": "Tariff", "date": day(3), "covers": {}, "rate": 0.2}


def grouped(*names, **more):
    return {"groups": {"parent": {"name": "Parent", "firms": list(names)}}, **more}


def two_shops(**changes):
    """Two shops that one supplier sends parts, taxed; each has costs of its own, and they sell alike."""
    other = {"firm": "second", "item": "part", "policy": {"kind": "base_stock", "units": 60.0}}
    base = shop(
        60,
        firms={
            "maker": {"fixed_cost_per_day": 1.5},
            "second": {"name": "Second", "country": "FR", "fixed_cost_per_day": 0.25},
        },
        stock_points={"shelf": {"holding_cost_per_unit_day": 0.01}, "corner": other},
        lanes={"more": {"supplier": "source", "buyer": "corner", "lead_time_days": 5, "price": 1.25}},
        demand={
            "home": NOISY,
            "next": {**NOISY, "stock_point": "corner", "market": "home", "mean_per_day": 6.0, "price": 3.0},
        },
        interventions={"ban": ban(20, duration_days=15), "tariff": TARIFF},
        analysis={"account": True},
    )
    return merged(base, changes)


def batch(data):
    plan = compiled(data)
    return plan, run_batch(plan, replications=3, seed=1)


@pytest.fixture(scope="module")
def apart():
    return batch(two_shops())


@pytest.fixture(scope="module")
def together():
    return batch(two_shops(analysis=grouped("second", "maker")))


def test_a_group_has_the_sums_of_its_members(apart, together):
    (plan, members), (_, group) = apart, together
    assert plan.labels.makers == ("maker", "second")
    for name in ("attribution", "margin_attribution", "account", "cost"):
        axis = 1 if "attribution" in name else -1
        ours, theirs = getattr(group.outcome, name), getattr(members.outcome, name)
        np.testing.assert_allclose(ours, theirs.sum(axis=axis, keepdims=True), rtol=1e-12, err_msg=name)
    assert np.all(group.outcome.attribution.sum(axis=(1, 2)) > 0.0)
    for name in ("revenue", "margin"):
        theirs = getattr(members.courses, name).sum(axis=2, keepdims=True)
        np.testing.assert_allclose(getattr(group.courses, name), theirs, rtol=1e-12, err_msg=name)


def test_its_tables_have_the_sums_too(apart, together):
    (plan, members), (grouped_plan, group) = apart, together
    assert grouped_plan.labels.makers == ("parent",)
    columns = ["revenue_counterfactual", "revenue_scenario", "loss", "costs_counterfactual", "costs_scenario"]
    alone = makers(plan, members.outcome).groupby("replication")[columns].sum()
    np.testing.assert_allclose(makers(grouped_plan, group.outcome)[columns], alone, rtol=1e-12)
    (row,) = products(grouped_plan, group.outcome).to_dict("records")
    both = products(plan, members.outcome)
    assert (row["maker"], len(both)) == ("parent", 2)
    assert row["mean"] == pytest.approx(both["mean"].sum())
    ours, theirs = duties(grouped_plan, group.outcome), duties(plan, members.outcome)
    assert set(ours["maker"]) == {"parent"}
    assert ours["duty"].sum() == theirs["duty"].sum() > 0.0
    assert set(stock(grouped_plan, group.courses)["stock_point"]) == {"shelf", "corner"}


def test_its_days_are_those_of_both_together(apart, together):
    first = apart[1].outcome.first_lost_sales_days.min(axis=1)
    np.testing.assert_array_equal(together[1].outcome.first_lost_sales_days[:, 0], first)


def chain(*group, **changes):
    """A supplier sends a shop 10 parts a day at 1.00 and a friend 4 at 1.50; the shop sells at 2.00."""
    base = shop(
        40,
        firms={"friend": {"name": "Friend", "country": "FR"}},
        stock_points={
            "source": {"unit_cost": 0.4},
            "corner": {
                "firm": "friend", "item": "part", "initial_on_hand": 40.0,
                "policy": {"kind": "base_stock", "units": 40.0},
            },
        },
        lanes={"export": {"supplier": "source", "buyer": "corner", "price": 1.5, "lead_time_days": 1}},
        demand={
            "away": {
                "stock_point": "corner", "market": "home", "mean_per_day": 4.0, "process": "constant",
                "price": 3.0,
            }
        },
        analysis={"account": True, "makers": ["parent"] if group else ["maker", "supplier"]}
        | (grouped(*group) if group else {}),
    )  # fmt: skip
    return merged(base, changes)


def money(data):
    plan, found = batch(data)
    return [
        {name: amounts[0, 0] for name, _, amounts in entries_of(plan, found.outcome, maker)}
        for maker in range(len(plan.labels.makers))
    ]


def test_what_members_sell_each_other_is_no_revenue_of_the_group():
    (parent,) = money(chain("supplier", "maker"))
    shop_alone, supplier = money(chain())
    assert supplier["sales_to_firms"] == pytest.approx(40 * (10 * 1.0 + 4 * 1.5))
    assert parent["sales_to_firms"] == pytest.approx(40 * 4 * 1.5)
    assert parent["sales_to_markets"] == shop_alone["sales_to_markets"] == pytest.approx(40 * 10 * 2.0)


def test_goods_move_within_a_group_at_what_they_have_cost():
    """Stocked at the beginning with parts at 0.40: each part that is sold has cost that."""
    stocked = {"stock_points": {"shelf": {"unit_cost": 0.4}}}
    (parent,) = money(chain("supplier", "maker", **stocked))
    assert parent["cost_of_goods_sold"] == pytest.approx(-0.4 * 40 * (10 + 4))
    bought = -parent["purchases"] + parent["conversion"]
    assert bought == pytest.approx(-parent["cost_of_goods_sold"] + parent["stock_change"])


def test_the_duty_on_what_members_send_each_other_is_a_cost_of_the_group():
    """A fifth of 1.00 a part from the first day on, whoever bears it."""
    stocked = {
        "stock_points": {"shelf": {"unit_cost": 0.6, "initial_on_hand": 0.0, "policy": {"units": 0.0}}}
    }
    tariff = {"interventions": {"tariff": {**TARIFF, "date": day(0), "passed_on_share": 0.5}}}
    within = {"interventions": {"tariff": {"covers": {"lanes": ["parts"]}}}}
    data = merged(chain("supplier", "maker", **stocked), merged(tariff, within))
    (taxed,), (plain,) = money(data), money(chain("supplier", "maker", **stocked))
    sold = plain["sales_to_markets"] / 2.0
    assert taxed["cost_of_goods_sold"] - plain["cost_of_goods_sold"] == pytest.approx(-0.2 * sold)
    bought = -taxed["purchases"] + taxed["conversion"]
    assert bought == pytest.approx(-taxed["cost_of_goods_sold"] + taxed["stock_change"])


def test_a_member_may_report_revenue_of_its_own():
    observed = {
        "observations": {
            "own": {"measure": "revenue", "firm": "supplier", "start": day(0), "end": day(9), "value": 1.0}
        }
    }
    for group in ((), ("supplier", "maker")):
        _, found = batch(chain(*group, **observed))
        assert found.outcome.observed[0, 0] == pytest.approx(10 * (10 * 1.0 + 4 * 1.5))


def loaded(folder, data):
    file = folder / "groups.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return sim.load(file)


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        (grouped("maker", "secnd"), "'secnd' is not one of firms; did you mean 'second'?"),
        (grouped("maker", "maker"), "'maker' is listed twice"),
        (grouped("maker", makers=["parnt"]), "'parnt' is not one of firms or groups; did you mean 'parent'?"),
        (
            {"groups": {"one": {"name": "A", "firms": ["maker"]}, "two": {"name": "B", "firms": ["maker"]}}},
            "analysis.groups.two.firms.0: maker is in the group one too, allowed: one group a firm",
        ),
        ({"groups": {"maker": {"name": "A", "firms": ["second"]}}}, "'maker' is also the id of a firm"),
        (grouped("maker", makers=["second", "parent", "maker"]), "maker is in the group parent, which is"),
        (
            {"groups": {"idle": {"name": "A", "firms": ["depot"]}}, "makers": ["idle"]},
            "idle sells nothing, allowed: a firm with demand, or with a lane to another firm: maker, second,",
        ),
    ],
)
def test_groups_that_cannot_be_are_refused(tmp_path, analysis, message):
    depot = {"depot": {"name": "Depot", "country": "DE"}}
    with pytest.raises(ScenarioError) as error:
        loaded(tmp_path, two_shops(firms=depot, analysis=analysis))
    assert message in str(error.value)
    assert str(error.value).count("groups.yaml:") == 1


def test_groups_come_before_firms_that_are_in_none():
    data = two_shops(analysis={"groups": {"french": {"name": "The French", "firms": ["second"]}}})
    assert compiled(data).labels.makers == ("french", "maker")
    assert compiled(merged(data, {"analysis": {"makers": ["maker"]}})).labels.makers == ("maker",)


def test_everything_that_takes_a_maker_takes_a_group(tmp_path):
    analysis = grouped("maker", "second", headline="margin")
    scenario = loaded(tmp_path, two_shops(analysis=analysis))
    found = sim.run(scenario, replications=8, workers=1)
    assert found.makers == ("parent",)
    assert found.summary["makers"]["parent"]["name"] == "Parent"
    assert found.summary["makers"]["parent"]["firms"] == ["maker", "second"]
    page = (found.save(tmp_path / "run") / "report.html").read_text()
    assert "Parent loses" in page
    other = scenario.with_({"interventions.ban.duration_days": 25}, name="longer")
    assert set(sim.compare(scenario, other, replications=16).tables["scenarios"]["maker"]) == {"parent"}
    uncertain = scenario.with_({"interventions.ban.duration_days": {"dist": "uniform", "low": 5, "high": 25}})
    assert sim.sensitivity(uncertain, maker="parent", replications=32).summary["maker"] == "parent"


def test_groups_of_other_members_are_not_compared(tmp_path):
    scenario = loaded(tmp_path, two_shops(analysis=grouped("maker")))
    other = scenario.with_({"analysis.groups.parent.firms": ["maker", "second"]}, name="both")
    with pytest.raises(sim.SimError, match=r"makers .*parent \(maker\), second.*parent \(maker, second\)"):
        sim.compare(scenario, other, replications=16)
