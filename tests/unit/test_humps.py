"""Groups of futures, and the sentence beside a mean that few of them come near."""

import numpy as np
import pytest

from sim.report.context import make_context
from sim.report.headline import further
from sim.report.hump_words import humps_sentence
from sim.risk.humps import humps, share_near_mean
from sim.stories import study

RANDOM = np.random.default_rng(1)
TWO = np.r_[RANDOM.uniform(0.001, 0.05, 480), [0.35], RANDOM.uniform(0.5, 0.65, 519)]
"""A mean of 31 %, which one future of 1,000 comes near."""


def shares(losses):
    return [hump.share for hump in humps(losses)]


def test_two_humps_are_told_apart_though_a_future_lies_between():
    low, high = humps(TWO)
    assert (low.share, high.share) == pytest.approx((0.48, 0.52), abs=0.001)
    assert 0.0 < low.p05 < low.mean < low.p95 < 0.05
    assert 0.5 < high.p05 < high.mean < high.p95 < 0.65
    assert share_near_mean(TWO) == 0.001


def test_three_humps_are_three():
    losses = np.r_[
        RANDOM.normal(0.02, 0.004, 400), RANDOM.normal(0.3, 0.02, 200), RANDOM.normal(0.8, 0.02, 400)
    ]
    assert shares(losses) == [0.4, 0.2, 0.4]


def test_order_does_not_matter():
    assert humps(RANDOM.permutation(TWO)) == humps(TWO)


def test_futures_without_a_loss_are_a_group_though_no_valley_parts_them():
    losses = np.r_[np.zeros(700), RANDOM.exponential(0.15, 300)]
    nothing, some = humps(losses)
    assert (nothing.p05, nothing.p95) == (0.0, 0.0)
    assert some.share == pytest.approx(0.3, abs=0.003)


def test_gains_and_losses_beside_nothing_are_three_groups():
    losses = np.r_[np.full(100, -0.2), np.zeros(500), np.full(400, 0.3)]
    found = humps(losses)
    assert [hump.share for hump in found] == [0.1, 0.5, 0.4]
    assert [hump.mean for hump in found] == pytest.approx([-0.2, 0.0, 0.3])


@pytest.mark.parametrize("count", [1000, 10_000])
@pytest.mark.parametrize(
    "draw",
    [
        lambda random, count: random.normal(0.3, 0.1, count),
        lambda random, count: random.uniform(0.1, 0.5, count),
        lambda random, count: 0.01 + random.exponential(0.1, count),
        lambda random, count: 0.01 * np.exp(1.5 * random.normal(size=count)),
    ],
    ids=["normal", "uniform", "exponential", "lognormal"],
)
def test_what_has_one_hump_is_not_parted(draw, count):
    for seed in range(50):
        assert shares(draw(np.random.default_rng(seed), count)) == [1.0]


def test_a_long_thin_tail_beyond_a_gap_is_no_hump():
    losses = np.r_[np.linspace(0.1, 0.2, 930), np.linspace(0.3, 1.0, 70)]
    assert shares(losses) == [1.0]
    assert shares(1.1 - losses) == [1.0]


def test_of_few_futures_or_of_a_small_range_nothing_is_parted():
    assert shares(TWO[::11]) == [1.0]
    assert shares(0.01 * TWO) == [1.0]
    assert share_near_mean(0.01 * TWO) == 1.0


def test_a_rare_loss_is_no_hump():
    assert shares(np.r_[np.zeros(970), np.full(30, 0.8)]) == [1.0]


def told(losses):
    return {
        "humps": [
            {"share": hump.share, "mean": hump.mean, "p05": hump.p05, "p95": hump.p95}
            for hump in humps(losses)
        ],
        "share_near_mean": share_near_mean(losses),
    }


def test_the_sentence_says_what_groups_lose_and_gain():
    losses = np.r_[np.full(100, -0.2), np.zeros(400), np.linspace(0.3, 0.4, 500)]
    assert humps_sentence(told(losses)) == (
        "Few futures come near the mean: "
        "10% gain 20%, 40% lose next to nothing and 50% lose 35% (5–95%: 30–39%)."
    )


def test_a_mean_that_many_futures_come_near_stands_alone():
    three = np.r_[
        RANDOM.normal(0.02, 0.004, 350), RANDOM.normal(0.4, 0.02, 300), RANDOM.normal(0.8, 0.02, 350)
    ]
    assert len(humps(three)) == 3
    assert humps_sentence(told(three)) == ""
    assert humps_sentence({}) == ""


def test_the_answer_of_a_cut_off_that_may_not_happen_names_both_humps():
    """A ban that comes in 40 % of futures and is outlasted by stock in some of these."""
    findings = study.run("tests/cases/never-falls-short.yaml", replications=1000).findings
    (maker,) = findings.summary["makers"].values()
    nothing, some = maker["humps"]
    assert nothing["share"] == pytest.approx(0.72, abs=0.03)
    assert some["share"] == pytest.approx(1.0 - nothing["share"])
    assert some["share"] * some["mean"] == pytest.approx(maker["loss_share"]["mean"]["estimate"], rel=0.01)
    (sentences,) = further(make_context(findings))
    assert humps_sentence(maker) in sentences
    assert "lose next to nothing" in humps_sentence(maker)
