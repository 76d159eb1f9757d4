"""Who bears a tariff, against the arithmetic of incidence, worked out by hand.

A shop buys 10 units a day at 100.00 before duty from abroad, for ten days, nothing being on hand or on the
way. In the table, buyers bear the share passed on of the duty on top of the price, and sellers the rest
off it; the state gets the whole.
"""

import pytest

from tests.builders import compiled, day, measured, shop, twins_of

CHAPTER = "Tariff incidence"
HAND = "by hand: duty = rate x price before duty, parted by the share passed on"
UNITS = 100.0
TABLE = (
    # rate, passed on, buyers pay, sellers get, duty
    (0.25, 1.0, 12500.0, 10000.0, 2500.0),
    (0.25, 0.0, 10000.0, 7500.0, 2500.0),
    (0.10, 0.8, 10800.0, 9800.0, 1000.0),
    (1.45, 0.9, 23050.0, 8550.0, 14500.0),
)


def incidence(rate, passed_on_share):
    """What the buyer pays, the seller gets and the state takes in ten days."""
    data = shop(
        10,
        lanes={"parts": {"lead_time_days": 0, "price": 100.0}},
        interventions={
            "tariff": {
                "kind": "tariff",
                "title": "Tariff",
                "date": day(0),
                "covers": {"supplier_countries": ["US"]},
                "rate": rate,
                "passed_on_share": passed_on_share,
            }
        },
        analysis={"makers": ["maker"]},
    )
    outcome = measured(twins_of(data)).outcome
    lane = compiled(data).labels.lanes.index("parts")
    paid, (by_buyer, by_seller) = outcome.lane_value[0, lane], outcome.duty[0, :, 0]
    return paid, paid - by_buyer - by_seller, by_buyer + by_seller


def test_the_table_adds_up():
    for rate, passed_on_share, paid, received, duty in TABLE:
        before = UNITS * 100.0
        assert paid - received == pytest.approx(duty) == pytest.approx(rate * before)
        assert paid - before == pytest.approx(passed_on_share * duty)


@pytest.mark.parametrize("row", TABLE)
def test_buyers_sellers_and_the_state_share_as_worked_out(verify, row):
    rate, passed_on_share, *sums = row
    names = ("the buyer pays", "the seller gets", "the state takes")
    found = incidence(rate, passed_on_share)
    for name, expected, simulated in zip(names, sums, found, strict=True):
        verify(
            case=f"{rate:.0%} on 10000, {passed_on_share:.0%} passed on: {name}",
            source=HAND,
            expected=expected,
            simulated=simulated,
            tolerance=1e-6,
        )
