"""The economic systemic risk index of all firms of a network: found, told with its uncertainty, as tables."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.engines.loading import Values
from sim.model.baseline import mean_demand
from sim.model.plan import Floats, Ints, Plan
from sim.model.supply_links import SupplyLinks, drawn_links
from sim.montecarlo.batches import Arrays, Batches
from sim.montecarlo.parts import cut
from sim.montecarlo.sampling import sample_inputs
from sim.montecarlo.workers import cores
from sim.risk.cascade import SystemicRisk, lost_by_firm, systemic_risk

COLUMNS = {
    "stress_systemic": (
        "rank",
        "firm",
        "sold_share",
        "esri",
        "esri_p05",
        "esri_p95",
        "rank_p05",
        "rank_p95",
        "downstream",
        "upstream",
        "substituted",
        "linear",
        "simulated",
    ),
    "stress_reach": ("firm", "hit", "lost_share", "share_of_all"),
}
"""Columns of the tables, in their order."""
CELLS = 4_000_000
"""Links times failures that are worked out at a time: some twenty megabytes an array."""
MOST_PARTS = 256
"""That a folder keeps of the index, each of them a file."""
DRAWS = 64
"""Of the uncertain numbers, for the ranks that a firm may have."""
DRAWN_AT_A_TIME = 16
"""Draws whose links are worked out side by side: some hundred megabytes of 100,000 firms."""
CANDIDATES = 50
"""First firms, among whom ranks are drawn."""
MOST_REACHING, MOST_HIT = 20, 10
"""First firms of which is told whom they hit, and how many of these."""
MOST_OF_ALL = 0.8
"""Part of the sum of all indices that counts as most of it."""
SEED = 0
"""Of the draws of uncertain numbers."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Index and rank of the first firms where uncertain numbers are drawn.

    Attributes
    ----------
    firms
        ``[candidate]``.
    esri, rank
        ``[draw, candidate]``; ranks are among the candidates, from 1.
    """

    firms: Ints
    esri: Floats
    rank: Ints


def find_systemic_risk(links: SupplyLinks, batches: Batches) -> SystemicRisk:
    """The index of every firm.

    Parameters
    ----------
    links
        What flows between the firms on average.
    batches
        Has the indices worked out, which its progress counts.
    """
    at_once = max(1, CELLS // max(len(links.supplier), len(links.firm), 1))
    kept_at_once = max(at_once, -(-links.firms // MOST_PARTS))

    def compute(chunks: Sequence[range]) -> Iterator[tuple[range, Arrays]]:
        with ThreadPoolExecutor(batches.workers or cores()) as pool:
            found = pool.map(lambda some: asdict(systemic_risk(links, np.array(some))), cut(chunks, at_once))
            for chunk in chunks:
                pieces = []
                for some in cut([chunk], at_once):
                    pieces.append(next(found))
                    batches.progress(len(some))
                yield chunk, {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}

    return SystemicRisk(**batches.kept(links.firms, kept_at_once, compute))


def draw_ranks(plan: Plan, first_day: int, risk: SystemicRisk) -> Ranked | None:
    """Index and rank of the first firms in draws of all uncertain numbers; nothing where none is.

    Parameters
    ----------
    plan
        What the links follow from.
    first_day
        Day with which the window begins, of which demand counts.
    risk
        The index of all firms at the expected values.
    """
    if not plan.inputs:
        return None
    firms = np.argsort(-risk.esri, kind="stable")[:CANDIDATES]
    esri = np.array([systemic_risk(links, firms).esri for links in _drawn_links(plan, first_day)])
    order = np.argsort(-esri, axis=1, kind="stable")
    return Ranked(firms, esri, np.argsort(order, axis=1) + 1)


def _drawn_links(plan: Plan, first_day: int) -> Iterator[SupplyLinks]:
    for some in cut([range(DRAWS)], DRAWN_AT_A_TIME):
        samples = sample_inputs(plan, SEED, some)
        plans = [plan.with_inputs(sample) for sample in samples]
        demand = np.stack([mean_demand(drawn, first_day) for drawn in plans], axis=1)
        yield from drawn_links(plans, Values(plan, samples), demand)


def systemic_tables(
    plan: Plan,
    links: SupplyLinks,
    risk: SystemicRisk,
    ranked: Ranked | None,
    simulated: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """The index of every firm, and whom the first ones hit.

    Parameters
    ----------
    plan
        Has the ids of the firms.
    links, risk, ranked
        What was found; without uncertain numbers no ranks.
    simulated
        By firm, the share of all sales that its failure takes in the simulation, where that was tried.
    """
    order = np.argsort(-risk.esri, kind="stable")
    return {
        "stress_systemic": _index_table(plan, links, risk, ranked, order).assign(
            simulated=[simulated.get(plan.labels.firms[firm], np.nan) for firm in order.tolist()]
        ),
        "stress_reach": _reach_table(plan, links, order[:MOST_REACHING]),
    }


def systemic_summary(table: pd.DataFrame) -> dict[str, Any]:
    """What stands out: plain data.

    Parameters
    ----------
    table
        ``stress_systemic``.
    """
    esri = table["esri"].to_numpy()
    carrying = np.cumsum(esri) < MOST_OF_ALL * esri.sum()
    return {
        "firms": len(table),
        "firms_with_most": int(min(carrying.sum() + 1, len(table))) if esri.sum() > 0.0 else 0,
        "most": MOST_OF_ALL,
        "first_firm": str(table["firm"].iloc[0]),
        "first_esri": float(esri[0]),
    }


def _index_table(
    plan: Plan, links: SupplyLinks, risk: SystemicRisk, ranked: Ranked | None, order: Ints
) -> pd.DataFrame:
    sold = links.sold_by_firm
    total = float(sold.sum())
    table = pd.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            "firm": np.array(plan.labels.firms, dtype=object)[order],
            "sold_share": sold[order] / (total if total > 0.0 else 1.0),
            **{name: amounts[order] for name, amounts in asdict(risk).items()},
            **dict.fromkeys(("esri_p05", "esri_p95", "rank_p05", "rank_p95"), np.nan),
        }
    )
    if ranked is not None:
        rows = slice(0, len(ranked.firms) - 1)
        for name, draws in (("esri", ranked.esri), ("rank", ranked.rank)):
            for level in (5, 95):
                column = f"{name}_p{level:02}"
                table.loc[rows, column] = np.quantile(draws, level / 100.0, axis=0, method="inverted_cdf")
    return table[[name for name in COLUMNS["stress_systemic"] if name != "simulated"]]


def _reach_table(plan: Plan, links: SupplyLinks, firms: Ints) -> pd.DataFrame:
    sold, names = links.sold_by_firm, plan.labels.firms
    rows = [
        {
            "firm": names[firm],
            "hit": names[hit],
            "lost_share": lost[hit] / sold[hit],
            "share_of_all": lost[hit] / sold.sum(),
        }
        for firm, lost in zip(firms.tolist(), lost_by_firm(links, firms), strict=True)
        for hit in np.argsort(-lost, kind="stable").tolist()[: MOST_HIT + 1]
        if hit != firm and lost[hit] > 0.0
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS["stress_reach"]))
