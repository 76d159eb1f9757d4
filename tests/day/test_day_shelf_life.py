"""Stock that ages, worked out by hand: the oldest leaves first, and what is too old is written off."""

import pytest

from tests.builders import factory, shop, told


def shelf(life, sold, days=None, **point):
    """A shelf of 100 with customers who do not wait; what they ask for on each day."""
    data = shop(
        days or len(sold),
        stock_points={"shelf": {"shelf_life_days": life}},
        lanes={"parts": {"lead_time_days": 1}},
        demand={"home": {"process": "listed", "observations": sold, "patience_days": 0}},
    )
    del data["demand"]["home"]["mean_per_day"]
    data["stock_points"]["shelf"] |= point
    return data


def flows(data):
    run = told(data)
    return run.point("shelf", "expired").tolist(), run.point("shelf", "on_hand").tolist()


def test_what_is_left_at_the_end_of_the_only_day_expires():
    assert flows(shelf(1, [30.0, 5.0], policy={"kind": "none"})) == ([70.0, 0.0], [0.0, 0.0])


def test_the_first_stock_is_new_on_the_first_day():
    assert flows(shelf(3, [30.0, 5.0, 5.0, 5.0], policy={"kind": "none"})) == (
        [0.0, 0.0, 60.0, 0.0],
        [70.0, 65.0, 0.0, 0.0],
    )


def test_the_oldest_leaves_first():
    """Of 50, 20 and 10 are sold; then the last 20 of them expire, not the 20 that came on day 1."""
    policy = {"policy": {"kind": "base_stock", "units": 50.0}, "initial_on_hand": 50.0}
    assert flows(shelf(2, [20.0, 10.0, 15.0, 0.0], **policy)) == (
        [0.0, 20.0, 5.0, 10.0],
        [30.0, 20.0, 10.0, 35.0],
    )


@pytest.mark.parametrize(("sold", "expired"), [(10.0, 20.0), (4.0, 26.0)])
def test_what_is_made_ages_from_the_day_on_which_it_is_finished(sold, expired):
    """30 are left every day, of which as many as are sold are new; when the others expire, 30 are made."""
    data = factory(4, stock_points={"goods": {"shelf_life_days": 2}}, demand={"home": {"mean_per_day": sold}})
    assert told(data).point("goods", "expired").tolist() == [0.0, expired, 0.0, expired]


@pytest.mark.parametrize("life", [21, 36525])
def test_a_life_longer_than_the_calendar_changes_nothing(life):
    ages, lasts = shelf(life, [3.0] * 20), shelf(life, [3.0] * 20)
    del lasts["stock_points"]["shelf"]["shelf_life_days"]
    assert told(ages).point("shelf", "on_hand").tolist() == told(lasts).point("shelf", "on_hand").tolist()
