"""On which day lanes deliver nothing any more: what the calendar of a block says before it is run."""

import numpy as np

from sim.engines.block_engine import Block
from sim.engines.calendar import SHIPMENTS
from sim.engines.compiler import compiled, inlined
from sim.engines.conditions import RESTRICTS_LANE, is_permitted
from sim.engines.kernel import BlockPath
from sim.engines.layout import Array, Record
from sim.model.plan import NEVER, Ints


def first_stops(block: Block) -> Ints:
    """``[lane, replication]`` first day of the scenario on which a lane may carry nothing; NEVER if none.

    That is where a rule closes it and no licence opens it, its seller halts, or a disruption pauses what it
    ships. A share that subsidiaries may serve counts as it is on the first day.

    Parameters
    ----------
    block
        A block that has not run yet.
    """
    path = block.scenario
    first = np.full((len(path.lanes), block.width), NEVER, dtype=np.int64)
    note_closed(path, block.common.network.links, first, block.plan.days)
    for lane, mover in enumerate(path.lanes.mover.tolist()):
        if mover >= 0:
            paused = (path.paused[mover] & SHIPMENTS) > 0
            day = np.where(paused.any(axis=0), paused.argmax(axis=0), NEVER)
            first[lane] = np.minimum(first[lane], day)
    return first


@compiled
def note_closed(path: BlockPath, links: Array, first: Array, days: int) -> None:
    """Note on which day a rule first closes each lane as a whole: ``first`` is ``[lane, replication]``."""
    for row in range(len(path.effects)):
        effect = path.effects[row]
        if effect.kind != RESTRICTS_LANE:
            continue
        rule, left = path.interventions[effect.intervention], path.lanes[effect.target].subsidiary_share
        for b in range(first.shape[1]):
            if not effect.applies[b] or left[b] > 0.0:
                continue
            for day in range(max(0, rule.start[b]), min(days, rule.end[b], first[effect.target, b])):
                if not _is_licensed(path, links, effect, day, b):
                    first[effect.target, b] = day
                    break


@inlined
def _is_licensed(path: BlockPath, links: Array, effect: Record, day: int, b: int) -> bool:
    """Whether any licence lets something through a rule on a lane."""
    found = False
    for relief in range(effect.first_relief, effect.end_relief):
        licence = path.effects[links[relief]]
        share = path.interventions[licence.intervention].volume_share[b]
        found |= licence.applies[b] and share > 0.0 and is_permitted(path, licence, day, b)
    return found
