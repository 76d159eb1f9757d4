"""Networks of firms for the systemic risk index, and its definition written out firm by firm."""

import numpy as np

from sim.model.supply_links import SupplyLinks


def firms_of(sales, sectors, to_markets=0.0):
    """Links between firms, each a stock point: ``sales[i, j]`` is what firm i sells to firm j a day."""
    sales, sectors = np.asarray(sales, dtype=float), np.asarray(sectors)
    output = sales.sum(axis=1) + to_markets
    links = sorted((buyer, sectors[one], one) for one, buyer in zip(*np.nonzero(sales), strict=True))
    buyer, sector, supplier = (np.array(column, dtype=np.int64) for column in zip(*links, strict=True))
    starts_buyer = np.diff(buyer, prepend=-1) != 0
    starts_input = starts_buyer | (np.diff(sector, prepend=-1) != 0)
    amount = sales[supplier, buyer]
    same_input = (buyer[:, None] == buyer) & (sector[:, None] == sector)
    same_buyer = buyer[:, None] == buyer
    return SupplyLinks(
        firm=np.arange(len(sales)),
        item=sectors,
        sold=output,
        sold_units=output,
        turn=np.arange(len(sales)),
        supplier=supplier,
        buyer=buyer,
        starts_input=starts_input,
        starts_buyer=starts_buyer,
        share_of_input=amount / (same_input * amount).sum(axis=1),
        share_of_purchases=amount / (same_buyer * amount).sum(axis=1),
        share_of_output=amount / output[supplier],
        firms=len(sales),
    )


def index_by_definition(economy, failing, *, recipe, replaced):
    """The index of Diem et al. 2022 by loops over firms: `recipe` is "leontief" or "linear"."""
    sales, sectors, to_markets = (given.tolist() for given in economy)
    count = len(sales)
    output = [sum(sales[i]) + to_markets[i] for i in range(count)]
    capacity = [0.0 if i == failing else 1.0 for i in range(count)]
    before, up, down = None, capacity, capacity
    while before != _rounded(up, down):
        before = _rounded(up, down)
        up = [min(capacity[i], _ordered(sales[i], up, to_markets[i])) for i in range(count)]
        gone = [
            (_missing(output, sectors, down, i) if replaced else 1.0) * (1.0 - down[i]) for i in range(count)
        ]
        down = [min(capacity[j], _made(sales, sectors, gone, j, recipe)) for j in range(count)]
    kept = [min(one, other) for one, other in zip(up, down, strict=True)]
    return 1.0 - sum(o * k for o, k in zip(output, kept, strict=True)) / sum(output)


def _rounded(*levels):
    return [[round(level, 11) for level in some] for some in levels]


def _ordered(sales, up, to_markets):
    output = sum(sales) + to_markets
    kept = sum(amount * level for amount, level in zip(sales, up, strict=True)) + to_markets
    return kept / output if output else 1.0


def _missing(output, sectors, down, firm):
    left = sum(output[i] * down[i] for i in range(len(output)) if sectors[i] == sectors[firm])
    return min(output[firm] / left, 1.0) if left > 0.0 and output[firm] > 0.0 else 1.0


def _made(sales, sectors, missing, buyer, recipe):
    bought = [(row[buyer], sectors[i], missing[i]) for i, row in enumerate(sales) if row[buyer] > 0.0]
    groups = sorted({sector for _, sector, _ in bought}) if recipe == "leontief" else [None]
    levels = [1.0]
    for group in groups:
        members = [(amount, lost) for amount, sector, lost in bought if group in (None, sector)]
        total = sum(amount for amount, _ in members)
        if total:
            levels.append(1.0 - sum(amount * lost for amount, lost in members) / total)
    return min(levels)
