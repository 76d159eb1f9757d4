"""Listed buyers: customers who may not be served wait, and leave by their patience."""

from tests.builders import day, shop, told

CHAPTER = "Listed buyers"
SOURCE = "geometric sum of those who stay"


def test_a_ban_of_seven_days(verify):
    """Ten a day are barred for seven days, of whom a fifth leaves every day: 10 (0.8 + ... + 0.8^7) stay."""
    listed = {"kind": "end_user_ban", "title": "Listed", "date": day(5), "end": day(12), "covers": {}}
    data = shop(
        20,
        demand={"home": {"patience_days": 5}},
        interventions={"listed": {**listed, "shock": True, "volume_share": 0.25}},
    )
    run = told(data)
    stay = 7.5 * sum(0.8**days for days in range(1, 8))
    name = "three quarters of 10 a day barred for 7 days, patience of 5 days"
    verify(
        case=f"{name}, customers lost",
        source=SOURCE,
        expected=52.5 - stay,
        simulated=run.stream("home", "lost").sum(),
    )
    verify(
        case=f"{name}, sold on the day after",
        source=SOURCE,
        expected=10.0 + stay,
        simulated=run.stream("home", "shipped")[12],
    )
