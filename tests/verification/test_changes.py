"""Numbers that change with time and stock that is lost, against arithmetic."""

import numpy as np

from tests.builders import ban, day, factory, shop, told

CHAPTER = "Numbers that change with time"


def change(start, **fields):
    return {"kind": "change", "title": "Change", "date": day(start), **fields}


def test_a_substitute_that_grows_for_years_sells_what_it_can_make(verify):
    """The original is banned from the first day; 4 a day become 20 over four years, of 20 that are wanted."""
    grows = change(0, number="capacity_per_day", lanes={"lanes": ["late"]}, to=20.0, ramp_days=1460)
    substitute = {
        "supplier": "second", "buyer": "shelf", "trigger": {"date": day(0)}, "qualification_lag_days": 0,
        "capacity_per_day": 4.0,
    }  # fmt: skip
    run = told(
        shop(
            1500,
            firms={"other": {"name": "Other", "country": "JP"}},
            stock_points={
                "second": {"firm": "other", "item": "part"},
                "shelf": {"policy": {"units": 0.0}, "initial_on_hand": 0.0},
            },
            substitutes={"late": substitute},
            demand={"home": {"mean_per_day": 20.0, "patience_days": 0}},
            interventions={"ban": ban(0, shock=False), "grows": grows},
        )
    )
    verify(
        case="substitute from 4 to 20 a day over 1460 days: units sold in 1500",
        source="arithmetic: 4 x 1460 + 16 x 1459 / 2 + 20 x 40",
        expected=4.0 * 1460 + 16.0 * 1459 / 2.0 + 20.0 * 40,
        simulated=float(run.stream("home", "shipped").sum()),
    )


def test_a_fire_that_takes_stock_and_lengthens_the_lead_time_loses_what_burned(verify):
    """Of 70 on hand 56 burn on day 10 and 66 are ordered, which come on day 20; 14 last until day 14."""
    burned = {"kind": "stock_loss", "title": "Fire", "date": day(10), "on_hand_share": 0.8}
    entries = {
        "fire": burned | {"stock_points": {"stock_points": ["shelf"]}},
        "longer": change(10, number="lead_time_days", lanes={}, to=10),
    }
    run = told(shop(60, demand={"home": {"patience_days": 0}}, interventions=entries))
    verify(
        case="fire takes 56 of 70 on hand, lead time 3 to 10 days: customers lost",
        source="worked by hand: 6 on day 14, 10 on each of days 15 to 19",
        expected=56.0,
        simulated=float(run.stream("home", "lost").sum()),
    )


def test_goods_under_way_follow_a_lead_time_of_12_weeks_that_becomes_52(verify):
    longer = change(100, number="lead_time_days", lanes={}, factor=52.0 / 12.0)
    stock = {"policy": {"units": 6000.0}, "initial_on_hand": 6000.0}
    data = shop(520, stock_points={"shelf": stock}, lanes={"parts": {"lead_time_days": 84}})
    run = told(data | {"interventions": {"longer": longer}})
    verify(
        case="lead time 12 to 52 weeks, 10 a day: goods under way",
        source="Little 1961: 10 x 364",
        expected=3640.0,
        simulated=float(run.lane("parts", "in_transit")[-1]),
    )


def test_recycling_that_saves_a_quarter_over_nine_months(verify):
    less = change(0, number="inputs", recipes=["assembly"], factor=0.75, ramp_days=270)
    run = told(factory(365, interventions={"less": less}))
    day_by_day = 20.0 * (1.0 - 0.25 * np.minimum(1.0, np.arange(365) / 270.0))
    verify(
        case="20 parts a day less a quarter over 270 days: parts drawn in a year",
        source="arithmetic: sum over days",
        expected=float(day_by_day.sum()),
        simulated=float(run.point("parts", "consumed").sum()),
    )
