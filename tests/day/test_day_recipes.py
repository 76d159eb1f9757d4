"""Several recipes for one output, and hours that recipes share, with numbers worked out by hand."""

import pytest

from tests.builders import ban, day, factory, merged, told, told_without_shock

FULL, PLAIN = "goods by assembly", "goods by plain"


def recorders(days=20, **changes):
    """10 goods a day of 2 parts and a disk, or by rank without the disk; 40 disks, then 3 days from order."""
    data = factory(
        days,
        items={"disk": {"name": "Disk", "unit": "pieces"}},
        stock_points={
            "disk-source": {"firm": "supplier", "item": "disk"},
            "disks": {
                "firm": "maker",
                "item": "disk",
                "policy": {"kind": "base_stock", "units": 40.0},
                "initial_on_hand": 40.0,
            },
            "goods": {"sourcing": "rank"},
        },
        lanes={"disks": {"supplier": "disk-source", "buyer": "disks", "lead_time_days": 3}},
        recipes={
            "assembly": {"inputs": {"disks": 1.0}},
            "plain": {"output": "goods", "inputs": {"parts": 2.0}, "rank": 2, "performance_penalty": 0.24},
        },
        interventions={"ban": ban(5, covers={"lanes": ["disks"]})},
        demand={"home": {"patience_days": 0}},
    )
    return merged(data, changes)


def started(run, line):
    return run.point(line, "started").tolist()


def test_the_first_recipe_makes_all_as_long_as_its_inputs_last():
    run = told(recorders())  # disks ordered on day 4 arrive on day 7 and last for day 8
    assert started(run, FULL) == pytest.approx([10.0] * 9 + [0.0] * 11)
    assert started(run, PLAIN) == pytest.approx([0.0] * 9 + [10.0] * 11)
    assert run.stream("home", "lost").sum() == 0.0


def test_without_the_shock_the_lesser_recipe_makes_nothing():
    assert started(told_without_shock(recorders()), PLAIN) == [0.0] * 20


def test_the_next_recipe_makes_the_rest_on_the_same_day():
    short = {"stock_points": {"disks": {"initial_on_hand": 34.0, "policy": {"units": 34.0}}}}
    run = told(recorders(**short))  # 4 of a day's 10 disks are there on day 3, and 10 ordered on day 0
    assert started(run, FULL)[:5] == pytest.approx([10.0] * 5)
    none_to_come = {"lanes": {"disks": {"lead_time_days": 30}}}
    run = told(recorders(**merged(short, none_to_come)))
    assert started(run, FULL)[:6] == pytest.approx([10.0, 10.0, 10.0, 4.0, 0.0, 0.0])
    assert started(run, PLAIN)[:6] == pytest.approx([0.0, 0.0, 0.0, 6.0, 10.0, 10.0])


def test_the_first_recipe_takes_over_again_when_its_input_is_back():
    late = {"lanes": {"disks": {"lead_time_days": 8}}, "interventions": {"ban": {"date": day(19)}}}
    run = told(recorders(**late))  # 40 disks last for 4 days; those ordered on day 0 arrive on day 8
    assert started(run, FULL)[:12] == pytest.approx([10.0] * 4 + [0.0] * 4 + [10.0] * 4)
    assert started(run, PLAIN)[:12] == pytest.approx([0.0] * 4 + [10.0] * 4 + [0.0] * 4)


def test_customers_deduct_the_penalty_from_what_the_lesser_recipe_makes():
    run = told(recorders(stock_points={"goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0}}))
    assert run.point("goods", "penalty")[[8, 9, 19]].tolist() == pytest.approx([0.0, 0.24, 0.24])


def test_an_input_that_both_recipes_use_is_promised_once():
    """15 a day are wanted, but 20 parts a day make 10, of which the 4 disks a day go into 4."""
    scarce = {
        "stock_points": {
            "source": {"capacity_per_day": 20.0},
            "parts": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            "disk-source": {"capacity_per_day": 4.0},
            "disks": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
        },
        "lanes": {"parts": {"lead_time_days": 0}, "disks": {"lead_time_days": 0}},
        "demand": {"home": {"mean_per_day": 15.0}},
        "interventions": {"ban": {"date": day(19)}},
    }
    run = told(recorders(10, **merged(scarce, {"interventions": {"ban": {"date": day(9)}}})))
    assert started(run, FULL)[1:9] == pytest.approx([4.0] * 8)
    assert started(run, PLAIN)[1:9] == pytest.approx([6.0] * 8)
    assert run.stream("home", "shipped")[1:9].tolist() == pytest.approx([10.0] * 8)


def test_a_recipe_has_a_capacity_of_its_own():
    run = told(recorders(recipes={"assembly": {"capacity_per_day": 7.0}}))
    assert started(run, FULL)[:4] == pytest.approx([7.0] * 4)
    assert started(run, PLAIN)[:4] == pytest.approx([3.0] * 4)


def test_a_redesign_waits_for_its_qualification():
    redesign = {"trigger": {"intervention": "ban"}, "qualification_lag_days": 8, "rank": 2}
    run = told(recorders(recipes={"plain": redesign}))
    assert run.qualified(PLAIN) == 13
    assert started(run, PLAIN)[8:15] == pytest.approx([0.0] * 5 + [40.0, 10.0])


def test_a_redesign_shares_the_engineers_of_the_firm():
    redesign = {
        "trigger": {"intervention": "ban"}, "qualification_lag_days": 8, "engineer_days": 80,
    }  # fmt: skip
    data = recorders(recipes={"plain": redesign}, firms={"maker": {"engineers": 5}})
    assert told(merged(data, {"calendar": {"days": 30}})).qualified(PLAIN) == 21


def test_a_redesign_climbs_to_planned_usage():
    redesign = {"trigger": {"date": day(9)}, "qualification_lag_days": 0, "ramp_days": 5}
    run = told(recorders(recipes={"plain": redesign}))
    assert started(run, PLAIN)[9:14] == pytest.approx([0.0, 2.0, 4.0, 6.0, 8.0])


def mix(**changes):
    """60 % of goods need a part of their own, 40 % another."""
    data = recorders(stock_points={"goods": {"sourcing": "share"}})
    data["recipes"]["assembly"] |= {"inputs": {"parts": 2.0, "disks": 1.0}, "share": 0.6}
    del data["recipes"]["plain"]["rank"]
    data["recipes"]["plain"] |= {"share": 0.4}
    return merged(data, changes)


def test_a_mix_makes_its_shares():
    run = told(mix())
    assert started(run, FULL)[:6] == pytest.approx([6.0] * 6)
    assert started(run, PLAIN)[:6] == pytest.approx([4.0] * 6)


def test_of_a_mix_nothing_stands_in_beyond_its_share_of_usage():
    run = told(mix(recipes={"plain": {"capacity_share_of_usage": 0.4}}))
    assert started(run, FULL)[14:] == pytest.approx([0.0] * 6)
    assert started(run, PLAIN)[14:] == pytest.approx([4.0] * 6)
    assert run.stream("home", "lost")[17:].tolist() == pytest.approx([6.0] * 3)


def test_without_such_a_limit_one_share_stands_in_for_the_other():
    assert started(told(mix()), PLAIN)[14:] == pytest.approx([10.0] * 6)


def test_a_fire_takes_the_capacity_of_one_recipe():
    fire = {
        "kind": "capacity_loss", "title": "Fire", "date": day(2), "covers": {"recipes": ["assembly"]},
    }  # fmt: skip
    run = told(recorders(interventions={"fire": fire}))
    assert started(run, FULL)[:4] == pytest.approx([10.0, 10.0, 0.0, 0.0])
    assert started(run, PLAIN)[:4] == pytest.approx([0.0, 0.0, 10.0, 10.0])


def test_a_fire_at_the_output_takes_the_capacity_of_all_recipes():
    fire = {"kind": "capacity_loss", "title": "Fire", "date": day(2), "covers": {"stock_points": ["goods"]}}
    run = told(recorders(interventions={"fire": fire}))
    assert started(run, FULL)[2:] == started(run, PLAIN)[2:] == [0.0] * 18


@pytest.mark.parametrize("pauses", ["orders", "shipments", "transit", "receipts"])
def test_while_one_recipe_pauses_the_next_makes_all(pauses):
    strike = {
        "kind": "disruption", "title": "Strike", "date": day(2), "pauses": pauses,
        "stock_points": {"recipes": ["assembly"]},
    }  # fmt: skip
    run = told(recorders(interventions={"strike": strike}))
    assert started(run, PLAIN)[2:5] == pytest.approx([10.0] * 3)
    assert started(run, FULL)[2:5] == [0.0] * 3


def test_work_in_process_stays_with_its_recipe():
    slow = {"recipes": {"assembly": {"process_days": 4}, "plain": {"process_days": 1}}}
    more = {"stock_points": {"goods": {"policy": {"units": 60.0}, "initial_on_hand": 60.0}}}
    run = told(recorders(**merged(slow, more)))
    assert run.point(FULL, "produced")[:14].tolist() == pytest.approx([0.0] * 4 + [10.0] * 9 + [0.0])
    assert run.point(PLAIN, "produced")[9:14].tolist() == pytest.approx([0.0] + [10.0] * 4)


@pytest.mark.parametrize("process_days", [0, 4])
def test_a_recipe_that_is_never_taken_changes_nothing(process_days):
    """Customers run out and leave while the first recipe has its inputs."""
    slow = {
        "recipes": {"assembly": {"process_days": process_days, "capacity_per_day": 8.0, "yield_share": 0.9}}
    }
    data = merged(recorders(), slow)
    del data["interventions"]
    alone = merged(data, {"stock_points": {"goods": {"sourcing": "share"}}})
    del alone["recipes"]["plain"]
    data["recipes"]["plain"] |= {"trigger": {"cover_below_days": 0}, "process_days": process_days}
    one, two = told(alone), told(data)
    for field in ("on_hand", "ordered", "shipped"):
        assert two.point("goods", field).tolist() == pytest.approx(one.point("goods", field).tolist())
    assert two.point("disks", "consumed").tolist() == pytest.approx(one.point("disks", "consumed").tolist())


def test_yields_of_recipes_may_differ():
    run = told(recorders(recipes={"assembly": {"yield_share": 0.5}, "plain": {"yield_share": 0.8}}))
    assert started(run, FULL)[0] == pytest.approx(20.0)
    assert started(run, PLAIN)[-3:] == pytest.approx([12.5] * 3)
    assert run.stream("home", "lost").sum() == 0.0


# ---------------------------------------------------------------------- shared hours


def shared_line(hours, **changes):
    """Two products of 10 a day, of 0.5 and 1 hour each, on one line."""
    data = factory(
        10,
        items={
            "hours": {"name": "Hours", "unit": "hours", "kind": "resource"},
            "other": {"name": "Other", "unit": "pieces"},
        },
        stock_points={
            "line": {"firm": "maker", "item": "hours", "capacity_per_day": hours},
            "parts": {"policy": {"units": 1000.0}, "initial_on_hand": 1000.0},
            "goods": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            "others": {"firm": "maker", "item": "other", "policy": {"kind": "base_stock"}},
        },
        recipes={
            "assembly": {"inputs": {"line": 0.5}},
            "other": {"output": "others", "inputs": {"parts": 1.0, "line": 1.0}},
        },
        demand={
            "home": {"patience_days": 0},
            "others": {
                "stock_point": "others", "market": "home", "mean_per_day": 10.0, "process": "constant",
                "price": 5.0, "patience_days": 0,
            },
        },
    )  # fmt: skip
    return merged(data, changes)


def test_a_line_with_enough_hours_makes_all():
    run = told(shared_line(15.0))
    assert started(run, "goods") == started(run, "others") == pytest.approx([10.0] * 10)
    assert run.point("line", "consumed").tolist() == pytest.approx([15.0] * 10)


def test_scarce_hours_are_shared_in_proportion_to_what_each_could_use():
    """Day 0: 5 and 10 hours are wanted and 7.5 are there. What was not started waits."""
    run = told(shared_line(7.5))
    assert started(run, "goods")[0] == pytest.approx(5.0)
    assert started(run, "others")[0] == pytest.approx(5.0)
    assert run.point("line", "consumed").tolist() == pytest.approx([7.5] * 10)


def test_hours_go_by_priority():
    first = {"recipes": {"assembly": {"priority": 1}, "other": {"priority": 2}}}
    run = told(shared_line(7.5, stock_points={"line": {"allocation": "priority"}}, **first))
    assert started(run, "goods") == pytest.approx([10.0] * 10)
    assert started(run, "others") == pytest.approx([2.5] * 10)


def test_hours_that_are_not_used_are_gone():
    run = told(shared_line(15.0, demand={"home": {"mean_per_day": 0.0}, "others": {"mean_per_day": 20.0}}))
    assert started(run, "others") == pytest.approx([15.0] * 10)
