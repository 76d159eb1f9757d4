"""A moving-average ledger against a spreadsheet that was worked out by hand: ``moving-average-ledger.csv``.

A shop opens with 100 units of 10.00, buys every day what it sells, at 10.00 and from the third day on at
15.00, and receives it before it sells. In the spreadsheet, a day's unit cost is (opening + bought value) /
(opening units + bought units); what is sold costs that, rounded to a ten-thousandth; what is left is the next
day's opening.
"""

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from sim.engines.costing import ENTRIES
from tests.builders import day, measured, shop, twins_of

CHAPTER = "Moving-average cost"
LEDGER = Path(__file__).parent / "moving-average-ledger.csv"
DEARER = 2
"""The day from which on a unit costs 15.00."""
HAND = "spreadsheet, by hand (moving average)"


def ledger():
    """The spreadsheet's rows, one a day."""
    with LEDGER.open(encoding="utf-8", newline="") as file:
        return [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def simulated(days):
    """The account of the first days."""
    sold = [row["sold_units"] for row in ledger()]
    data = shop(
        days,
        analysis={"headline": "margin"},
        stock_points={"shelf": {"unit_cost": 10.0}},
        lanes={"parts": {"lead_time_days": 0, "price": 10.0}},
        demand={"home": {"process": "listed", "observations": sold[:days], "price": 25.0}},
        interventions={
            "dearer": {
                "kind": "price_change",
                "title": "Dearer",
                "date": day(DEARER),
                "lanes": {},
                "factor": 1.5,
            }
        },
    )
    del data["demand"]["home"]["mean_per_day"]
    account = measured(twins_of(data)).outcome.account[0, :, 0]
    return dict(zip(ENTRIES, account.tolist(), strict=True))


def test_the_spreadsheet_adds_up():
    """Every row of it, and each with the next."""
    rows = ledger()
    for row in rows:
        value = row["opening_value"] + row["bought_value"]
        assert row["unit_cost"] == pytest.approx(
            value / (row["opening_units"] + row["bought_units"]), abs=5e-5
        )
        assert row["cost_of_goods_sold"] == pytest.approx(row["sold_units"] * row["unit_cost"], abs=5e-3)
        assert row["closing_value"] == pytest.approx(value - row["cost_of_goods_sold"], abs=5e-5)
    for row, following in pairwise(rows):
        assert following["opening_value"] == row["closing_value"]
        assert following["opening_units"] == row["closing_units"]


def test_the_account_is_that_of_the_spreadsheet(verify):
    rows = ledger()
    for days in range(DEARER + 1, len(rows)):
        found = simulated(days)
        expected = sum(row["cost_of_goods_sold"] for row in rows[:days])
        assert found["cost_of_sales_to_markets"] == pytest.approx(expected, abs=2e-2)
        assert found["purchases"] == sum(row["bought_value"] for row in rows[:days])
        assert found["stock_change"] == pytest.approx(rows[days - 1]["closing_value"] - 1000.0, abs=2e-2)
    found = simulated(len(rows))
    verify(
        case="cost of goods sold in six days",
        source=HAND,
        expected=sum(row["cost_of_goods_sold"] for row in rows),
        simulated=found["cost_of_sales_to_markets"],
        tolerance=0.02,
    )
    verify(
        case="change of stock in six days",
        source=HAND,
        expected=rows[-1]["closing_value"] - rows[0]["opening_value"],
        simulated=found["stock_change"],
        tolerance=0.02,
    )
