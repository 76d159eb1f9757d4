"""What is lost given an event, and which events part the futures: by hand, and rules that always hold."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.montecarlo.answers import Answers
from sim.montecarlo.sampling import METHODS
from sim.risk import tail
from sim.risk.conditional import (
    BINS,
    FIGURES,
    best_split,
    bin_edges,
    conditional_tables,
    explained_share,
    splits_by_event,
)
from sim.risk.replicated import INDEPENDENT, estimators_among, mean_among_estimate, mean_estimate

FOUR = np.array([0.0, 0.2, 0.8, 1.0])
YES, NO = True, False


def answers(count, **events):
    return Answers(tuple(events), np.array([*events.values()], dtype=bool).reshape(len(events), count))


def makers(*losses):
    frames = [
        pd.DataFrame({"maker": f"m{number}", "replication": range(len(its)), "loss_share": its})
        for number, its in enumerate(losses)
    ]
    return pd.concat(frames, ignore_index=True)


def tables(losses, method="random", **events):
    found, told = conditional_tables(answers(len(losses), **events), makers(losses), method)
    return found["conditional"], found["loss_histogram"], told["m0"]


def best(losses, **events):
    asked = answers(len(losses), **events)
    return best_split(asked, losses, splits_by_event(asked, losses))


# ------------------------------------------------------------------ by hand


def test_four_futures_by_hand():
    """Between: 4 x 0.4² = 0.64. In all: 2 x 0.5² + 2 x 0.3² = 0.68."""
    conditional, _, _ = tables(FOUR, ban=[NO, NO, YES, YES])
    yes, no = conditional.to_dict("records")
    assert [yes[key] for key in ("maker", "event", "with_event", "answer", "with_answer", "futures")] == [
        "m0",
        "ban",
        "",
        "yes",
        "",
        2,
    ]
    assert [yes[key] for key in FIGURES] == pytest.approx([0.5, 0.9, 0.8, 0.8, 1.0])
    assert [no[key] for key in FIGURES] == pytest.approx([0.5, 0.1, 0.0, 0.0, 0.2])
    assert yes["variance_explained"] == no["variance_explained"] == pytest.approx(0.64 / 0.68)


def test_intervals_are_those_of_the_futures_in_question_and_exact_for_their_share():
    losses = np.random.default_rng(1).uniform(size=50)
    ban = np.arange(50) < 30
    (yes, _) = tables(losses, ban=ban)[0].to_dict("records")
    of_mean, of_share = tail.mean_estimate(losses[:30]), tail.probability_estimate(ban)
    assert (yes["mean_ci_low"], yes["mean_ci_high"]) == (of_mean.ci_low, of_mean.ci_high)
    assert (yes["share_ci_low"], yes["share_ci_high"]) == (of_share.ci_low, of_share.ci_high)
    of_median = tail.quantile_estimate(losses[:30], 0.5)
    assert (yes["p50_ci_low"], yes["p50_ci_high"]) == (of_median.ci_low, of_median.ci_high)


def test_what_happens_in_all_futures_parts_none_and_has_no_figures_where_it_does_not():
    conditional, histogram, told = tables(FOUR, sure=[YES] * 4)
    yes, no = conditional.to_dict("records")
    assert (yes["futures"], yes["mean"], no["futures"], no["share"]) == (4, pytest.approx(0.5), 0, 0.0)
    assert np.isnan([no["mean"], no["p05"], no["p95_ci_high"]]).all()
    assert yes["variance_explained"] == 0.0
    assert told is None
    assert set(histogram["event"]) == {""}
    assert histogram["futures"].sum() == 4


def test_without_events_there_is_a_histogram_alone():
    conditional, histogram, told = tables(FOUR)
    assert (len(conditional), histogram["futures"].sum(), told) == (0, 4, None)


def test_of_one_future_nothing_is_known_but_what_it_loses():
    (yes, no) = tables(FOUR[:1], ban=[YES])[0].to_dict("records")
    assert (yes["mean"], no["futures"]) == (0.0, 0)
    assert np.isnan([yes["mean_ci_low"], yes["share_ci_high"], yes["variance_explained"]]).all()


def test_every_maker_has_rows_of_its_own():
    told: Any
    found, told = conditional_tables(
        answers(4, a=[NO, YES, NO, YES], b=[NO, NO, YES, YES]), makers(FOUR, FOUR[[0, 2, 1, 3]]), "random"
    )
    conditional = found["conditional"]
    first = conditional[conditional["with_event"] == ""].drop_duplicates("maker")
    assert first[["maker", "event"]].to_numpy().tolist() == [["m0", "b"], ["m1", "a"]]
    assert (told["m0"]["events"], told["m1"]["events"]) == (["b"], ["a"])


# ------------------------------------------------------------------ which events part the futures


def test_what_explains_most_comes_first_and_what_never_happens_last():
    asked = answers(4, none=[NO] * 4, weak=[NO, YES, NO, YES], strong=[NO, NO, YES, YES])
    assert [split.events[0] for split in splits_by_event(asked, FOUR)] == ["strong", "weak", "none"]


def test_a_loss_that_takes_two_events_is_parted_by_both():
    """Each explains a third, both all; the third event nothing."""
    a, b, c = (np.array(row) for row in zip(*np.ndindex(2, 2, 2), strict=True))
    losses = np.repeat(0.6 * (a & b), 20)
    split = best(losses, c=np.repeat(c, 20), a=np.repeat(a, 20), b=np.repeat(b, 20))
    assert split.events == ("a", "b")
    assert split.explained == pytest.approx(1.0)
    assert [group.answers for group in split.groups] == [(YES, YES), (YES, NO), (NO, YES), (NO, NO)]
    assert [group.futures for group in split.groups] == [40, 40, 40, 40]


def test_two_events_that_part_nothing_alone_are_found_together():
    a, b = (np.repeat(row, 40) for row in ([0, 0, 1, 1], [0, 1, 0, 1]))
    split = best(0.5 * (a ^ b), a=a, b=b)
    assert (split.events, split.explained) == (("a", "b"), pytest.approx(1.0))


def test_a_second_event_that_adds_little_is_left_out():
    random = np.random.default_rng(2)
    a, b = random.random((2, 1000)) < 0.5
    losses = 0.5 * a + 0.1 * b + 0.2 * random.normal(size=1000)
    split = best(losses, a=a, b=b)
    assert split.events == ("a",)
    assert 0.4 < split.explained < 0.8


def test_chance_among_many_events_is_no_second_event():
    random = np.random.default_rng(3)
    events = {f"e{number}": random.random(100) < 0.5 for number in range(20)}
    losses = 0.3 * events["e7"] + 0.2 * random.normal(size=100)
    assert best(losses, **events).events == ("e7",)


def test_losses_that_are_all_equal_have_no_variance_to_explain():
    split = best(np.full(4, 0.3), ban=[NO, NO, YES, YES])
    assert np.isnan(split.explained)
    assert split.events == ("ban",)
    _, _, told = tables(np.full(4, 0.3), ban=[NO, NO, YES, YES])
    assert told["variance_explained"] is None


def test_the_summary_leaves_out_what_no_future_shows():
    a, b = np.repeat([[0, 1, 1], [0, 0, 1]], 40, axis=1)
    _, _, told = tables(0.6 * (a & ~b), a=a, b=b)
    assert told["events"] == ["a", "b"]
    assert [group["answers"] for group in told["groups"]] == [["yes", "yes"], ["yes", "no"], ["no", "no"]]
    assert [group["mean"]["estimate"] for group in told["groups"]] == pytest.approx([0.0, 0.6, 0.0])


# ------------------------------------------------------------------ what always holds

shares = st.lists(
    st.tuples(st.integers(-1000, 1000).map(lambda mille: mille / 1000), st.booleans(), st.booleans()),
    min_size=1,
    max_size=60,
)


@settings(max_examples=20)
@given(shares)
def test_shares_times_means_are_the_mean_and_bars_count_every_future(futures):
    losses, a, b = (np.array(column) for column in zip(*futures, strict=True))
    conditional, histogram, _ = tables(losses, a=a, b=b)
    for _, rows in conditional.groupby(["event", "with_event"]):
        assert rows["futures"].sum() == len(losses)
        assert (rows["share"] * rows["mean"].fillna(0.0)).sum() == pytest.approx(losses.mean(), abs=1e-12)
        explained = rows["variance_explained"]
        assert explained.isna().all() or explained.between(0.0, 1.0).all()
    assert histogram["futures"].sum() == len(losses)


@given(shares)
def test_eta_squared_is_what_a_regression_on_the_groups_explains(futures):
    losses, a, b = (np.array(column) for column in zip(*futures, strict=True))
    groups = [a & b, a & ~b, ~a & b, ~a & ~b]
    found = explained_share(losses, groups)
    if np.ptp(losses) < 1e-6:
        return
    dummies = np.array([group for group in groups if group.any()], dtype=float).T
    fitted = dummies @ np.linalg.lstsq(dummies, losses, rcond=None)[0]
    assert found == pytest.approx(fitted.var() / losses.var(), abs=1e-9)


@given(st.lists(st.floats(-5.0, 1.0, allow_subnormal=False), min_size=1, max_size=50))
def test_bins_are_few_hold_all_and_part_at_round_numbers(losses):
    edges = bin_edges(losses)
    assert 1 <= len(edges) - 1 <= BINS
    assert edges[0] <= min(losses) <= max(losses) <= edges[-1]
    inner = edges[1:-1]
    if len(inner) > 1:
        width = inner[1] - inner[0]
        assert inner / width == pytest.approx(np.round(inner / width), abs=1e-6)
        assert np.log10(width) % 1.0 == pytest.approx(0.0, abs=1e-6) or round(
            width / 10.0 ** np.floor(np.log10(width) + 1e-9)
        ) in (1, 2, 5)


# ------------------------------------------------------------------ intervals of a mean among some


def test_among_all_replications_the_mean_is_that_of_the_sample():
    losses = METHODS["sobol"](("a",), 1, range(1024))[:, 0]
    assert mean_among_estimate(losses, np.ones(1024, dtype=bool)) == mean_estimate(losses)


def test_among_a_few_replications_it_is_that_of_independent_ones():
    losses = METHODS["sobol"](("a",), 1, range(1024))[:, 0]
    among = np.arange(1024) < 63
    assert mean_among_estimate(losses[among], among) == tail.mean_estimate(losses[among])


def test_of_random_samples_all_estimates_are_those_of_independent_losses():
    assert estimators_among("random", np.ones(5, dtype=bool)) is INDEPENDENT
