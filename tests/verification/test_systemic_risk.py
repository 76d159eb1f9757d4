"""The economic systemic risk index of Diem et al. 2022, worked by hand and by its definition.

Diem, Borsos, Reisch, Kertesz & Thurner, "Quantifying firm-level economic systemic risk from nation-wide
supply networks", Scientific Reports 12, 7719, 2022.
"""

import numpy as np
import pytest

from sim.risk.cascade import lost_by_firm, systemic_risk
from tests.cascades import firms_of, index_by_definition

CHAPTER = "Systemic risk"
SOURCE = "Diem et al. 2022"
MINE, WORKS, ENERGY, SHOP = range(4)
CHAIN = [[0, 6, 0, 0], [0, 0, 0, 10], [0, 2, 0, 0], [0, 0, 0, 0]]
"""A mine (6) and a power station (2) supply a works, which supplies (10) a shop that sells for 12."""
CHAIN_SECTORS, CHAIN_MARKETS = [0, 1, 2, 3], np.array([4.0, 0.0, 8.0, 12.0])
RIVALS = [[0, 0, 0, 20], [0, 0, 0, 40], [0, 0, 0, 40], [0, 0, 0, 0]]
"""Three of one sector supply one buyer, which sells for 150."""


def chain():
    return firms_of(CHAIN, CHAIN_SECTORS, CHAIN_MARKETS)


def rivals():
    return firms_of(RIVALS, [0, 0, 0, 1], np.array([0.0, 0.0, 0.0, 150.0]))


OF_42 = 10.0 + 10.0 + 10.0 + 12.0
BY_HAND = [
    ("mine fails: works and shop stop for want of goods", MINE, "esri", 32 / OF_42),
    ("mine fails, for want of orders alone: nobody sells to it", MINE, "upstream", 10 / OF_42),
    ("works fails: shop stops; mine sells 4 of 10, power 8", WORKS, "esri", 30 / OF_42),
    ("power fails, all inputs needed: works and shop stop", ENERGY, "esri", 32 / OF_42),
    ("power fails, inputs by value: works makes 6 / 8", ENERGY, "linear", (10 + 2.5 + 3) / OF_42),
    ("shop fails: works sells nothing, mine 4 of 10, power 8", SHOP, "esri", 30 / OF_42),
]


@pytest.mark.parametrize(("case", "firm", "measure", "expected"), BY_HAND)
def test_a_chain_worked_by_hand(verify, case, firm, measure, expected):
    found = systemic_risk(chain(), np.array([firm]))
    verify(case=case, source=SOURCE, expected=expected, simulated=float(getattr(found, measure)[0]))


def test_rivals_stand_in_by_their_part_of_the_market(verify):
    found = systemic_risk(rivals(), np.array([0]))
    verify(
        case="a fifth of the supply fails, nobody stands in",
        source=SOURCE,
        expected=(20 + 0.2 * 150) / 250,
        simulated=float(found.downstream[0]),
    )
    verify(
        case="a fifth of the supply fails, it is missed by 20 / (40 + 40)",
        source=SOURCE,
        expected=(20 + 0.25 * 0.2 * 150) / 250,
        simulated=float(found.substituted[0]),
    )


def random_economy(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 12))
    sales = rng.integers(1, 10, (count, count)) * (rng.random((count, count)) < 0.35) * 1.0
    np.fill_diagonal(sales, 0.0)
    sales[0, 1] += 1.0
    return sales, rng.integers(0, 4, count), rng.gamma(1.0, 3.0, count) * (rng.random(count) < 0.7)


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 25))]
)
def test_random_economies_with_loops_follow_the_definition(seed):
    """Eight in every test run, as the definition takes its time; 25 in `make verify`."""
    economy = random_economy(seed)
    links = firms_of(*economy)
    found = systemic_risk(links, np.arange(links.firms))
    for firm in range(links.firms):
        for name, recipe, replaced in (
            ("esri", "leontief", False),
            ("substituted", "leontief", True),
            ("linear", "linear", False),
        ):
            expected = index_by_definition(economy, firm, recipe=recipe, replaced=replaced)
            assert getattr(found, name)[firm] == pytest.approx(expected, abs=1e-6), (firm, name)


@pytest.mark.parametrize("seed", range(10))
def test_an_index_does_not_depend_on_who_is_asked_with_it(seed):
    links = firms_of(*random_economy(100 + seed))
    together = systemic_risk(links, np.arange(links.firms))
    for firm in range(links.firms):
        alone = systemic_risk(links, np.array([firm]))
        assert alone.esri[0] == together.esri[firm]
        assert alone.substituted[0] == together.substituted[firm]


@pytest.mark.parametrize("seed", range(10))
def test_what_firms_lose_adds_up_to_the_index(seed):
    links = firms_of(*random_economy(200 + seed))
    lost = lost_by_firm(links, np.arange(links.firms)).sum(axis=1) / links.sold.sum()
    assert lost == pytest.approx(systemic_risk(links, np.arange(links.firms)).esri, abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_who_can_be_replaced_or_is_missed_by_value_costs_no_more(seed):
    links = firms_of(*random_economy(300 + seed))
    found = systemic_risk(links, np.arange(links.firms))
    own = links.sold_by_firm / links.sold.sum()
    assert (found.esri >= own - 1e-12).all()
    assert (found.substituted <= found.esri + 1e-6).all()
    assert (found.linear <= found.esri + 1e-6).all()
    assert (found.esri <= 1.0 + 1e-12).all()
