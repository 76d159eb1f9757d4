"""Customers who switch: the depletion of a customer base, its recovery, and what the rival wins."""

from tests.builders import ban, day, merged, shop, told, told_without_shock

CHAPTER = "Customers who switch"
SOURCE = "geometric decay of the customer base"
ENDS, DAYS = 25, 120


def short_for_two_weeks(**switching):
    """Ten a day that nobody can serve from day 13 to day 27; a rival has plenty."""
    data = shop(
        DAYS,
        stock_points={
            "shelf": {"policy": {"units": 40.0}, "initial_on_hand": 40.0},
            "stall": {"firm": "supplier", "item": "part"},
        },
        demand={
            "home": {
                "patience_days": 0,
                "switching": {"share": 0.5, "repurchase_days": 5, "to": "rival"} | switching,
            },
            "rival": {"stock_point": "stall", "market": "home", "mean_per_day": 4.0}
            | {"process": "constant", "price": 2.0},
        },
        interventions={"ban": ban(10, end=day(ENDS))},
    )
    return merged(data, {})


def test_customers_lost_for_good(verify):
    """Each day of shortage loses a tenth of those who are left; the rival wins them."""
    run = told(short_for_two_weeks())
    home, rival = run.stream("home", "demand"), run.stream("rival", "demand")
    days_short = int((run.stream("home", "lost") > 0.0).sum())
    name = f"a tenth a day leaves in {days_short} days of shortage"
    verify(
        case=f"{name}, demand afterwards",
        source=SOURCE,
        expected=10.0 * 0.9**days_short,
        simulated=home[-1],
    )
    verify(
        case=f"{name}, the rival's gain over all days",
        source="conservation: what the stream loses",
        expected=10.0 * DAYS - home.sum(),
        simulated=rival.sum() - 4.0 * DAYS,
    )


def test_customers_who_come_back(verify):
    """Of those away when the shortage ends half are back after a half-life."""
    data = short_for_two_weeks(half_life_days=30)
    run, normal = told(data), told_without_shock(data)
    missing = normal.stream("home", "demand") - run.stream("home", "demand")
    last = int((run.stream("home", "lost") > 0.0).nonzero()[0][-1]) + 1
    verify(
        case="half-life of 30 days, demand that stays away 30 days later",
        source="half of it",
        expected=0.5 * missing[last],
        simulated=missing[last + 30],
    )
