"""How failures spread over links, compiled: the risk of ten thousand firms takes billions of steps."""

from sim.engines.compiler import compiled
from sim.engines.layout import Array


@compiled
def spread(
    lost: Array, felt: Array, ends: tuple[Array, Array], share: Array, closes: Array, growth: Array
) -> None:
    """Pass what is lost on along all links, one after the other, failure by failure.

    Of each group of links the losses at the far ends add up, and the near end loses as much, if it has not
    lost more. Where no link comes before those of which its far end is the near one, once is enough.

    Parameters
    ----------
    lost
        ``[failure, point]`` share of its output that each loses; it only grows, and never beyond all.
    felt
        ``[failure, point]`` part of its loss that those linked with it feel.
    ends
        ``[link]`` near ends, and far ends.
    share
        ``[link]`` part that the far end has in its group.
    closes
        ``[link]`` whether it is the last of its group.
    growth
        ``[failure]`` what any point lost more, at most.
    """
    near, far = ends
    for failure in range(len(lost)):
        growth[failure] = total = 0.0
        for link in range(len(share)):
            source = far[link]
            total += lost[failure, source] * felt[failure, source] * share[link]
            if closes[link]:
                more = min(total, 1.0) - lost[failure, near[link]]
                if more > 0.0:
                    lost[failure, near[link]] += more
                    growth[failure] = max(growth[failure], more)
                total = 0.0


@compiled
def replace(lost: Array, sold: Array, market: Array, left: Array, felt: Array) -> None:
    """Say which part of each loss is felt where all who sell the same stand in, failure by failure.

    That is what it sells normally, of what they all still can sell. Who sells nothing, or is all that is
    left, cannot be replaced.

    Parameters
    ----------
    lost
        ``[failure, point]`` share of its output that each loses.
    sold
        ``[point]`` units sold to others, if nobody fails.
    market
        ``[point]`` where they are sold.
    left
        ``[market]`` is overwritten.
    felt
        ``[failure, point]`` receives the part.
    """
    for failure in range(len(lost)):
        left[:] = 0.0
        for point in range(len(sold)):
            left[market[point]] += (1.0 - lost[failure, point]) * sold[point]
        for point in range(len(sold)):
            is_replaced = left[market[point]] > sold[point] > 0.0
            felt[failure, point] = sold[point] / left[market[point]] if is_replaced else 1.0
