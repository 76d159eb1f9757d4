"""Who is to blame for lost revenue: every day's loss, handed out to causes so that it sums to the loss.

Each day the recipes held back say which input bound them; a bought input blames the lanes that deliver less
than in the counterfactual, or what holds back their suppliers. What the counterfactual would suffer as well
is nobody's fault. On days of loss without a recipe held back, the last (else the next) day with one speaks.

It is done day by day for a block of replications. Each stock point has weights of blame over the causes
(:mod:`sim.model.causes`) that can reach it, and only those. Until a point has anything to blame, its weights
are those of the first day that will have something: till then a *stand-in*, one more cause, takes the blame,
and is resolved after the last day (:func:`resolve`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.engines.changes import SUBSIDIARY_SHARE, value_on
from sim.engines.compiler import compiled, inlined, part
from sim.engines.conditions import is_permitted
from sim.engines.kernel import BlockPath
from sim.engines.layout import Array, Record, Records, Topology
from sim.engines.loading import records
from sim.engines.zeros import untouched_zeros
from sim.model.causes import Causes, component_count, component_of_causes
from sim.model.changes import LANE_CHANGES
from sim.model.plan import NEVER, Bools, Effect, Floats, Ints, Plan, Ragged, Supply

RESTRICTS_LANE = int(Effect.RESTRICTS_LANE)
SOURCE, BOUGHT, MADE = (int(supply) for supply in Supply)
PENALISED = 3
"""A made point again, with its weights of the penalty."""
WHOLE = 0
"""Row of weights that is always one."""
NONE = -1
"""The cause of that row."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A stock point's weights: the cause of each row, and the links by which rows are mixed, row by row.

    A link adds a share of a source, which is a row of weights, to the ``link_row``, counted from the
    ``first_row``.
    """

    point: int
    kind: int
    first_row: int
    causes: Ints
    link_row: Ints
    link_share: Ints
    link_source: Ints

    @property
    def end_row(self) -> int:
        """One past its last row."""
        return self.first_row + len(self.causes)


class _Mixed(NamedTuple):
    """A share of a node's blame, and the causes it is passed on to, by the weights in their rows."""

    share: int
    causes: Ints
    rows: Ints


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The account of each maker and cause: ``keys`` of both, in ascending order, and their ``numbers``."""

    span: int
    keys: Ints
    numbers: Ints

    def of(self, maker: int, causes: Ints | int) -> Ints:
        """Numbers of a maker's accounts of some causes."""
        return self.numbers[np.searchsorted(self.keys, maker * self.span + causes)]


@dataclass(frozen=True, slots=True)
class Web:
    """How blame runs through a plan's network.

    Attributes
    ----------
    point, kind, first_row, may_waste, has_loss
        For each node (stock points from the sources down, then made points with penalties): its point,
        its kind, its first row of weights (and the end of the last), whether it may lose stock or draw more
        than it used to, whether a maker sells from it.
    link_start, link_share, link_source
        For each row of weights, the shares and rows that it is mixed from (compressed rows).
    causes, cause_of_row
        How causes are numbered, and the cause of each row of weights.
    account_of_row
        For the rows of nodes from which makers sell: the account that a loss goes to.
    account_maker, account_cause, account_part
        For each account its maker and cause (stand-ins follow the causes), and its part of the week's
        loss. Parts are ``maker x (items and demand)``, then stand-ins.
    supply_node, discount_node, lane_supply_node
        For each stream of a maker, and each lane on which one sells to another firm, the nodes that say who
        is to blame (else -1).
    accounts
        Which account is whose, and for what.
    stand_ins
        The accounts that are to be resolved, from the customers up to the sources.
    """

    point: Ints
    kind: Ints
    first_row: Ints
    may_waste: Bools
    has_loss: Ints
    link_start: Ints
    link_share: Ints
    link_source: Ints
    causes: Causes
    cause_of_row: Ints
    account_of_row: Ints
    account_maker: Ints
    account_cause: Ints
    account_part: Ints
    parts: int
    shares: int
    supply_node: Ints
    discount_node: Ints
    lane_supply_node: Ints
    accounts: _Accounts
    stand_ins: Ints


class Charged(NamedTuple):
    """What the causes of losses of one kind are charged with.

    Attributes
    ----------
    amounts, attributed
        ``[account, replication]`` since they were last handed in, and in the window.
    is_used
        ``[account]`` whether anything has ever been charged to it.
    weekly
        ``[part, week, replication]``.
    """

    amounts: Array
    attributed: Array
    is_used: Array
    weekly: Array


class Blame(NamedTuple):
    """Where the handing out of losses stands.

    Attributes
    ----------
    nodes
        Today's loss of each node, of revenue and of margin, and whether it has had anything to blame.
    lanes
        What each lane has delivered less than in the counterfactual; whether it is ever held up.
    weights, first_weights
        ``[row, replication]`` today's, and those of the first day with anything to blame.
    is_used
        ``[row]`` whether any of its weights has ever been more than zero: few are, and the rest is not
        touched.
    shares, is_split
        ``[share, replication]`` scratch: how a node's blame is split today; ``[share]`` whether any of it is
        more than zero.
    revenue, margin
        What the causes are charged with; of margin nothing is kept without accounts.
    keeps_margin
        Whether it is.
    """

    nodes: Records
    lanes: Records
    weights: Array
    first_weights: Array
    is_used: Array
    shares: Array
    is_split: Array
    revenue: Charged
    margin: Charged
    keeps_margin: bool
    link_start: Array
    link_share: Array
    link_source: Array
    account_of_row: Array
    account_part: Array


# ---------------------------------------------------------------------- the web of a plan


def web_of(plan: Plan) -> Web:
    """Work out how blame runs through a plan's network."""
    nodes, supply_node, penalty_node = _nodes_of(plan)
    losing, causes = _losing_nodes(plan, (supply_node, penalty_node)), Causes.of(plan)
    keys, accounts = _accounts_of(plan, nodes, losing)
    maker, cause = np.divmod(keys, accounts.span)
    part, links = _parts_of(plan, maker, cause), _links_of(nodes)
    return Web(
        point=np.array([node.point for node in nodes], dtype=np.int64),
        kind=np.array([node.kind for node in nodes], dtype=np.int64),
        first_row=np.array([WHOLE + 1, *(node.end_row for node in nodes)], dtype=np.int64),
        may_waste=_may_waste(plan)[[node.point for node in nodes]],
        has_loss=np.isin(np.arange(len(nodes)), losing).astype(np.int64),
        link_start=links.start,
        link_share=links.share,
        link_source=links.source,
        causes=causes,
        cause_of_row=_joined([np.array([NONE]), *(node.causes for node in nodes)]),
        account_of_row=_accounts_by_row(plan, nodes, losing, accounts),
        account_maker=maker,
        account_cause=cause,
        account_part=part,
        parts=max(int(part.max(initial=NONE)) + 1, len(plan.labels.makers) * component_count(plan)),
        shares=max(1 + 2 * _longest(plan.inbound), 1 + _longest(plan.inputs_of)),
        supply_node=_nodes_by_stream(plan, supply_node),
        discount_node=_nodes_by_stream(plan, supply_node | penalty_node),
        lane_supply_node=_nodes_by_lane(plan, supply_node),
        accounts=accounts,
        stand_ins=_from_the_customers(np.flatnonzero(cause >= causes.count), maker, cause),
    )


class _Links(NamedTuple):
    """For each row of weights, end to end, the shares and the rows that it is the sum of."""

    start: Ints
    share: Ints
    source: Ints


def _links_of(nodes: list[_Node]) -> _Links:
    rows = nodes[-1].end_row if nodes else WHOLE + 1
    linked = _joined([node.first_row + node.link_row for node in nodes])
    return _Links(
        start=np.concatenate([[0], np.cumsum(np.bincount(linked, minlength=rows))]),
        share=_joined([node.link_share for node in nodes]),
        source=_joined([node.link_source for node in nodes]),
    )


def _joined(arrays: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *arrays])


def _longest(ragged: Ragged) -> int:
    return int(np.diff(ragged.start).max(initial=0))


def _losing_nodes(plan: Plan, tables: tuple[dict[int, int], ...]) -> list[int]:
    """Nodes of the points from which makers sell."""
    return sorted({table[point] for point in _sold_at(plan).tolist() for table in tables if point in table})


def _sold_at(plan: Plan) -> Ints:
    """Points from which makers sell, to markets and to other firms."""
    to_markets = plan.streams.point[plan.maker_of_stream >= 0]
    return np.concatenate([to_markets, plan.lanes.supplier[plan.sold_to_firms]])


def _accounts_by_row(plan: Plan, nodes: list[_Node], losing: list[int], accounts: _Accounts) -> Ints:
    """For each row of weights the account of its cause, if its node loses anything; 0 stands for none."""
    account = np.zeros(nodes[-1].end_row if nodes else WHOLE + 1, dtype=np.int64)
    for node in (nodes[index] for index in losing):
        maker = int(plan.maker_of_point[node.point])
        account[node.first_row : node.end_row] = accounts.of(maker, node.causes)
    return account


def _nodes_of(plan: Plan) -> tuple[list[_Node], dict[int, int], dict[int, int]]:
    """All nodes; the node of each point that matters, and of each made point that penalties reach."""
    nodes: list[_Node] = []
    supply_node: dict[int, int] = {}
    penalty_node: dict[int, int] = {}
    needed, penalised = _points_behind_losses(plan), _penalised_points(plan)
    itself = (_may_be_held_up(plan), _may_waste(plan))
    for point in plan.order[needed[plan.order]].tolist():
        kind = int(plan.points.supply[point])
        supply_node[point] = _add_node(plan, nodes, point, kind, supply_node, *itself)
    for point in plan.order[(needed & penalised)[plan.order]].tolist():
        if plan.points.supply[point] == Supply.MADE:
            penalty_node[point] = _add_node(plan, nodes, point, PENALISED, penalty_node, *itself)
        else:
            penalty_node[point] = supply_node[point]
    return nodes, supply_node, penalty_node


def _add_node(
    plan: Plan,
    nodes: list[_Node],
    point: int,
    kind: int,
    node_of: dict[int, int],
    may_be_held_up: Bools,
    may_waste: Bools,
) -> int:
    causes, mixed = Causes.of(plan), list[_Mixed]()
    if kind == BOUGHT:
        for place, lane in enumerate(plan.inbound[point].tolist()):
            mixed.append(_passed_on(2 * place, nodes[node_of[int(plan.lanes.supplier[lane])]]))
            if may_be_held_up[lane]:
                mixed.append(_kept(2 * place + 1, lane))
        if may_waste[point]:
            mixed.append(_kept(2 * len(plan.inbound[point]), causes.point(point)))
    elif kind != SOURCE:
        sources = plan.edges.point[plan.inputs_of[point]].tolist()
        for place, source in enumerate(sources):
            if source in node_of:
                mixed.append(_passed_on(place, nodes[node_of[source]]))
        if kind == MADE:
            mixed.append(_kept(len(sources), causes.point(point)))
    last = causes.point(point) if kind == SOURCE else causes.count + len(nodes)
    nodes.append(_mixed(point, kind, nodes[-1].end_row if nodes else WHOLE + 1, mixed, last))
    return len(nodes) - 1


def _passed_on(share: int, node: _Node) -> _Mixed:
    """A share that another node's causes get."""
    return _Mixed(share, node.causes, np.arange(node.first_row, node.end_row))


def _kept(share: int, cause: int) -> _Mixed:
    """A share that a single cause gets."""
    return _Mixed(share, np.array([cause]), np.array([WHOLE]))


def _mixed(point: int, kind: int, first_row: int, mixed: list[_Mixed], last: int) -> _Node:
    """A node with a row for each cause, and for the ``last`` one, which has no links."""
    causes, row = _numbered(_joined([part.causes for part in mixed]))
    share = _joined([np.full(len(part.causes), part.share) for part in mixed])
    order = np.argsort(row, kind="stable")
    return _Node(
        point=point,
        kind=kind,
        first_row=first_row,
        causes=np.append(causes, last),
        link_row=row[order],
        link_share=share[order],
        link_source=_joined([part.rows for part in mixed])[order],
    )


def _numbered(values: Ints) -> tuple[Ints, Ints]:
    """Distinct values in the order in which they first appear, and the place of each value among them."""
    distinct, first, place = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return distinct[order], rank[place]


def _points_behind_losses(plan: Plan) -> Bools:
    """Whether a point is one from which makers sell, or upstream of one."""
    needed = np.zeros(len(plan.points.firm), dtype=bool)
    needed[_sold_at(plan)] = True
    for point in plan.order[::-1].tolist():
        if needed[point]:
            needed[plan.lanes.supplier[plan.inbound[point]]] = True
            needed[plan.edges.point[plan.inputs_of[point]]] = True
    return needed


def _penalised_points(plan: Plan) -> Bools:
    """Points that substituted parts with a penalty may reach."""
    penalised_lanes = plan.lanes.performance_penalty != 0.0
    for item in plan.inputs:
        for cell in item.cells:
            if (cell.group, cell.field) == ("lanes", "performance_penalty"):
                penalised_lanes[cell.index] = True
    reached = np.zeros(len(plan.points.firm), dtype=bool)
    if not penalised_lanes.any():
        return reached
    for point in plan.order.tolist():
        inbound, inputs = plan.inbound[point], plan.inputs_of[point]
        reached[point] = (
            penalised_lanes[inbound].any()
            or reached[plan.lanes.supplier[inbound]].any()
            or reached[plan.edges.point[inputs]].any()
        )
    return reached


def _may_be_held_up(plan: Plan) -> Bools:
    """Lanes that a rule, a disruption or a change may hold up."""
    held_up = np.zeros(len(plan.lanes.supplier), dtype=bool)
    kinds = (Effect.RESTRICTS_LANE, Effect.PAUSES_LANE, *LANE_CHANGES)
    held_up[plan.effects.target[np.isin(plan.effects.kind, kinds)]] = True
    return held_up


def _may_waste(plan: Plan) -> Bools:
    """``[point]`` whether interventions may destroy its stock, lower its yield, or have more drawn of it."""
    kind, target = plan.effects.kind, plan.effects.target
    wastes = np.zeros(len(plan.points.firm), dtype=bool)
    at_points = (Effect.DESTROYS_STOCK, Effect.DESTROYS_WORK, Effect.CHANGES_YIELD)
    wastes[target[np.isin(kind, at_points)]] = True
    wastes[plan.edges.point[target[kind == Effect.CHANGES_INPUT_UNITS]]] = True
    return wastes


def _nodes_by_stream(plan: Plan, node_of: dict[int, int]) -> Ints:
    streams = zip(plan.streams.point.tolist(), plan.maker_of_stream.tolist(), strict=True)
    return np.array([node_of[point] if maker >= 0 else -1 for point, maker in streams], dtype=np.int64)


def _nodes_by_lane(plan: Plan, node_of: dict[int, int]) -> Ints:
    nodes = np.full(len(plan.lanes.supplier), -1, dtype=np.int64)
    for lane in plan.sold_to_firms.tolist():
        nodes[lane] = node_of[int(plan.lanes.supplier[lane])]
    return nodes


def _accounts_of(plan: Plan, nodes: list[_Node], losing: list[int]) -> tuple[Ints, _Accounts]:
    """Of each account its maker and cause, as a key; and which is whose.

    A maker has one for each cause that may be blamed for its losses; where that stands in for others, also
    one for the point itself.
    """
    causes, span = Causes.of(plan), Causes.of(plan).count + len(nodes)
    own_cause = np.array([causes.point(node.point) for node in nodes], dtype=np.int64)
    found = []
    for node in (nodes[index] for index in losing):
        is_stand_in = node.causes >= causes.count
        own = own_cause[np.where(is_stand_in, node.causes - causes.count, 0)]
        both = np.stack([node.causes, own], axis=1).ravel()
        is_one = np.stack([np.ones_like(is_stand_in), is_stand_in], axis=1).ravel()
        found.append(int(plan.maker_of_point[node.point]) * span + both[is_one])
    keys, _ = _numbered(_joined(found))
    order = np.argsort(keys)
    return keys, _Accounts(span, keys[order], order)


def _parts_of(plan: Plan, maker: Ints, cause: Ints) -> Ints:
    """The part of the weekly loss that each account is in."""
    components, component = component_count(plan), component_of_causes(plan)
    is_stand_in = cause >= len(component)
    stand_ins = len(plan.labels.makers) * components + np.cumsum(is_stand_in) - 1
    told = maker * components + component[np.where(is_stand_in, 0, cause)]
    return np.where(is_stand_in, stand_ins, told)


def _from_the_customers(stand_ins: Ints, maker: Ints, cause: Ints) -> Ints:
    """Accounts of stand-ins in the order in which they are resolved."""
    return stand_ins[np.lexsort((maker[stand_ins], cause[stand_ins]))[::-1]]


# ---------------------------------------------------------------------- a block


def blame_of(web: Web, held_up: Array, weeks: int, *, keeps_margin: bool) -> Blame:
    """Nobody is to blame yet; ``held_up`` is ``[lane, replication]``."""
    lane_count, width = held_up.shape
    nodes = records(_node_record(width), len(web.point))
    nodes.point, nodes.kind, nodes.has_loss = web.point, web.kind, web.has_loss
    nodes.may_waste = web.may_waste
    nodes.first_row, nodes.end_row = web.first_row[:-1], web.first_row[1:]
    lanes = records(_lane_record(width), lane_count)
    lanes.held_up = held_up
    weights = untouched_zeros((int(web.first_row[-1]), width))
    is_used = np.zeros(len(weights), dtype=bool)
    whole = np.array([WHOLE, *(web.first_row[1:] - 1)])
    weights[whole], is_used[whole] = 1.0, True
    return Blame(
        nodes=nodes,
        lanes=lanes,
        weights=weights,
        first_weights=untouched_zeros(weights.shape),
        is_used=is_used,
        shares=np.zeros((web.shares, width)),
        is_split=np.zeros(web.shares, dtype=bool),
        revenue=_charged(web, weeks, width),
        margin=_charged(web, weeks, width if keeps_margin else 0),
        keeps_margin=keeps_margin,
        link_start=web.link_start,
        link_share=web.link_share,
        link_source=web.link_source,
        account_of_row=web.account_of_row,
        account_part=web.account_part,
    )


def _charged(web: Web, weeks: int, width: int) -> Charged:
    accounts = len(web.account_part)
    return Charged(
        amounts=untouched_zeros((accounts, width)),
        attributed=untouched_zeros((accounts, width)),
        is_used=np.zeros(accounts, dtype=bool),
        weekly=untouched_zeros((web.parts, weeks, width)),
    )


def _node_record(width: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            (name, np.float64, (width,))
            for name in ("loss", "margin_loss", "total", "kept", "is_known", "wasted")
        ]
        + [(name, np.int64) for name in ("point", "kind", "first_row", "end_row", "has_loss", "may_waste")]
    )


def _lane_record(width: int) -> np.dtype[np.void]:
    return np.dtype([("missing", np.float64, (width,)), ("held_up", np.float64, (width,))])


def held_up_lanes(path: BlockPath, counterfactual: BlockPath, network: Topology, first_day: Ints) -> Floats:
    """``[lane, replication]`` 1 where a rule restricts a lane, or the shock pauses something on it.

    Parameters
    ----------
    path, counterfactual
        Both twins.
    network
        Who is connected with whom.
    first_day
        ``[replication]`` day from which on losses are counted.
    """
    held_up = np.zeros((len(path.lanes), len(first_day)))
    movers = path.lanes.mover
    lanes = np.flatnonzero(movers >= 0)
    if len(lanes):
        counts = np.arange(path.paused.shape[1])[:, None] >= first_day
        pauses = path.paused[movers[lanes]] & ~counterfactual.paused[movers[lanes]]
        held_up[lanes] = np.any((pauses != 0) & counts, axis=1)
    if len(network.restrictable):
        note_restricted(path, network, first_day, held_up)
    return held_up


@compiled
def note_restricted(path: BlockPath, network: Topology, first_day: Array, held_up: Array) -> None:
    """Note the lanes of which a rule permits less than all on some day from the first day on."""
    for row in range(len(path.effects)):
        effect = path.effects[row]
        if effect.kind == RESTRICTS_LANE:
            for b in range(len(first_day)):
                if effect.applies[b] and _ever_restricts(path, network, row, first_day[b], b):
                    held_up[effect.target, b] = 1.0


@inlined
def _ever_restricts(path: BlockPath, network: Topology, row: int, first_day: int, b: int) -> bool:
    intervention = path.interventions[path.effects[row].intervention]
    day, end = max(intervention.start[b], first_day), min(intervention.end[b], path.paused.shape[1])
    while day < end:
        relieved_until = _relieved_until(path, network, row, day, b)
        if relieved_until <= day:
            return True
        day = min(relieved_until, _next_change(path, path.effects[row].target, day))
    return False


@inlined
def _next_change(path: BlockPath, lane: int, day: int) -> int:
    """The next day on which the share that subsidiaries supply may be another."""
    for index in range(len(path.changes)):
        if path.changes[index].kind == SUBSIDIARY_SHARE and path.changes[index].target == lane:
            return day + 1
    return NEVER


@inlined
def _subsidiary_share(path: BlockPath, lane: int, day: int, b: int) -> float:
    for index in range(len(path.changes)):
        change = path.changes[index]
        if change.kind == SUBSIDIARY_SHARE and change.target == lane:
            return value_on(path, change, change.usual[b], day, b)
    return path.lanes[lane].subsidiary_share[b]


@inlined
def _relieved_until(path: BlockPath, network: Topology, row: int, day: int, b: int) -> int:
    """Day until which the lane is open in spite of a restriction: today, if it is not."""
    effect = path.effects[row]
    subsidiary_share = _subsidiary_share(path, effect.target, day, b)
    if subsidiary_share >= 1.0:
        return NEVER
    until = day
    for relief in range(effect.first_relief, effect.end_relief):
        licence = path.effects[network.links[relief]]
        licensing = path.interventions[licence.intervention]
        if (
            licence.applies[b]
            and not (licence.grant >= 0 and path.grants[licence.grant].has_quota)
            and is_permitted(path, licence, day, b)
            and subsidiary_share + licensing.volume_share[b] >= 1.0
        ):
            until = max(until, day + 1 if licence.grant >= 0 else licensing.end[b])
    return until


# ---------------------------------------------------------------------- a day


@part
def hand_out(
    scenario: BlockPath, counterfactual: BlockPath, network: Topology, blame: Blame, counts: Array
) -> None:
    """Hand out today's losses of all nodes; ``counts`` is 1 from the first day on, else 0."""
    for node in blame.nodes:
        if node.kind == BOUGHT:
            _split_by_lane(scenario, counterfactual, network, blame, node, counts)
        elif node.kind == MADE:
            _split_by_input(scenario, counterfactual, network, blame, node, counts)
        elif node.kind == PENALISED:
            _split_by_penalty(scenario, counterfactual, network, blame, node, counts)
        if node.kind != SOURCE:
            _renew(blame, node)
        if node.has_loss:
            _book(blame, blame.revenue, node, node.loss)
            if blame.keeps_margin:
                _book(blame, blame.margin, node, node.margin_loss)


@inlined
def _split_by_lane(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    blame: Blame,
    node: Record,
    counts: Array,
) -> None:
    """Blame by what each lane has delivered less than in the counterfactual since the first day.

    A lane that is ever held up is the cause itself (odd shares); another passes the blame on (even ones). The
    point blames itself for what it lost, or used beyond what recipes used to need.
    """
    point = scenario.points[node.point]
    node.total[:] = 0.0
    share = 0
    for row in range(point.first_inbound, point.end_inbound):
        index = network.links[row]
        lane, normal, noted = scenario.lanes[index], counterfactual.lanes[index], blame.lanes[index]
        passed, kept = blame.shares[share], blame.shares[share + 1]
        for b in range(len(noted.missing)):
            noted.missing[b] += (normal.delivered[b] - lane.delivered[b]) * counts[b]
        for b in range(len(noted.missing)):
            node.total[b] += max(0.0, noted.missing[b])
        for b in range(len(noted.missing)):
            missing = max(0.0, noted.missing[b])
            kept[b] = missing * noted.held_up[b]
            passed[b] = missing * (1.0 - noted.held_up[b])
        share += 2
    if node.may_waste:
        _note_waste(scenario, counterfactual, network, node, counts)
        for b in range(len(node.total)):
            blame.shares[share, b] = max(0.0, node.wasted[b])
        _add_to(node.total, blame.shares[share])
        share += 1
    _keep(blame, node, share)


@inlined
def _note_waste(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    node: Record,
    counts: Array,
) -> None:
    """Add what a bought point lost today, and what recipes drew more of it for the same."""
    point, normal_point = scenario.points[node.point], counterfactual.points[node.point]
    for b in range(len(node.wasted)):
        node.wasted[b] += (point.written_off[b] - normal_point.written_off[b]) * counts[b]
    for row in range(point.first_use, point.end_use):
        edge, normal = scenario.edges[network.links[row]], counterfactual.edges[network.links[row]]
        made = scenario.points[edge.made]
        for b in range(len(node.wasted)):
            node.wasted[b] += made.started[b] * (edge.units[b] - normal.units[b]) * counts[b]


@inlined
def _split_by_input(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    blame: Blame,
    node: Record,
    counts: Array,
) -> None:
    """Blame by the inputs, or the capacity, that held the recipe back more than in the counterfactual."""
    point, normal_point = scenario.points[node.point], counterfactual.points[node.point]
    share = 0
    node.total[:] = 0.0
    for row in range(point.first_input, point.end_input):
        index = network.links[row]
        edge, normal = scenario.edges[index], counterfactual.edges[index]
        _excess(blame.shares[share], edge.held_back, normal.held_back, counts)
        _add_to(node.total, blame.shares[share])
        share += 1
    _excess(blame.shares[share], point.capacity_held, normal_point.capacity_held, counts)
    if node.may_waste:
        _add_scrap(blame.shares[share], point, normal_point, counts)
    _add_to(node.total, blame.shares[share])
    _keep(blame, node, share + 1)


@inlined
def _add_scrap(own: Array, point: Record, normal: Record, counts: Array) -> None:
    """Add what a made point lost today, finished, in work or as scrap, beyond the counterfactual."""
    for b in range(len(own)):
        scrap = point.started[b] * max(0.0, normal.yield_today[b] - point.yield_today[b])
        lost = max(0.0, point.written_off[b] - normal.written_off[b])
        in_work = max(0.0, point.work_written_off[b] - normal.work_written_off[b])
        own[b] += (scrap + lost + in_work) * counts[b]


@inlined
def _split_by_penalty(
    scenario: BlockPath,
    counterfactual: BlockPath,
    network: Topology,
    blame: Blame,
    node: Record,
    counts: Array,
) -> None:
    """Blame by the inputs for which customers deduct more than in the counterfactual."""
    point = scenario.points[node.point]
    share = 0
    node.total[:] = 0.0
    for row in range(point.first_input, point.end_input):
        index = scenario.edges[network.links[row]].point
        source, normal = scenario.points[index], counterfactual.points[index]
        _excess(blame.shares[share], source.penalty, normal.penalty, counts)
        _add_to(node.total, blame.shares[share])
        share += 1
    _keep(blame, node, share)


@inlined
def _excess(excess: Array, scenario: Array, normal: Array, counts: Array) -> None:
    for b in range(len(scenario)):
        excess[b] = max(0.0, scenario[b] - normal[b]) * counts[b]


@inlined
def _add_to(total: Array, amounts: Array) -> None:
    for b in range(len(total)):
        total[b] += amounts[b]


@inlined
def _keep(blame: Blame, node: Record, shares: int) -> None:
    """Make shares of blame of amounts; where there is nothing to blame, yesterday's weights are kept."""
    for b in range(len(node.total)):
        node.kept[b] = 0.0 if node.total[b] > 0.0 else 1.0
        node.total[b] = 1.0 / node.total[b] if node.total[b] > 0.0 else 0.0
    for share in range(shares):
        amounts, is_any = blame.shares[share], False
        for b in range(len(node.total)):
            amounts[b] *= node.total[b]
            is_any |= amounts[b] != 0.0
        blame.is_split[share] = is_any


@part
def _renew(blame: Blame, node: Record) -> None:
    """Mix a node's weights from what it blames today."""
    is_any, is_new = False, False
    for b in range(len(node.kept)):
        is_any |= node.kept[b] == 0.0
        is_new |= node.kept[b] == 0.0 and node.is_known[b] == 0.0
    if not is_any:
        return
    for row in range(node.first_row, node.end_row):
        if blame.is_used[row]:
            weight = blame.weights[row]
            for b in range(len(node.kept)):
                weight[b] *= node.kept[b]
        for link in range(blame.link_start[row], blame.link_start[row + 1]):
            if blame.is_split[blame.link_share[link]] and blame.is_used[blame.link_source[link]]:
                _mix(blame, row, link)
    if is_new:
        _note_first(blame, node)


@inlined
def _mix(blame: Blame, row: int, link: int) -> None:
    """Add to a row of weights its share of another."""
    weight, source = blame.weights[row], blame.weights[blame.link_source[link]]
    share = blame.shares[blame.link_share[link]]
    blame.is_used[row] = True
    for b in range(len(weight)):
        weight[b] += share[b] * source[b]


@inlined
def _note_first(blame: Blame, node: Record) -> None:
    for b in range(len(node.kept)):
        if node.kept[b] == 0.0 and node.is_known[b] == 0.0:
            node.is_known[b] = 1.0
            for row in range(node.first_row, node.end_row):
                if blame.is_used[row]:
                    blame.first_weights[row, b] = blame.weights[row, b]


@part
def _book(blame: Blame, charged: Charged, node: Record, loss: Array) -> None:
    """Charge a node's loss to the accounts of its causes."""
    is_any = False
    for b in range(len(loss)):
        is_any |= loss[b] != 0.0
    if not is_any:
        return
    for row in range(node.first_row, node.end_row):
        if blame.is_used[row]:
            account = blame.account_of_row[row]
            weight, amount = blame.weights[row], charged.amounts[account]
            charged.is_used[account] = True
            for b in range(len(loss)):
                amount[b] += loss[b] * weight[b]
    loss[:] = 0.0


@part
def hand_in(blame: Blame, charged: Charged, is_due: Array, in_window: Array, week: int) -> None:
    """Add what the accounts have gathered to the window's and the week's losses, where it is due."""
    for account in range(len(charged.amounts)):
        if charged.is_used[account]:
            amount, weekly = charged.amounts[account], charged.weekly[blame.account_part[account], week]
            add_what_is_due(amount, is_due, in_window, charged.attributed[account], weekly)


@inlined
def add_what_is_due(amount: Array, is_due: Array, in_window: Array, attributed: Array, weekly: Array) -> None:
    """Move amounts that are due to the week's losses and, in the window, to those of the window."""
    for b in range(len(amount)):
        due = amount[b] if is_due[b] > 0.0 else 0.0
        attributed[b] += due * in_window[b]
        weekly[b] += due
        amount[b] = 0.0 if is_due[b] > 0.0 else amount[b]


def resolve(web: Web, blame: Blame, charged: Charged) -> None:
    """After the last day: pass on what stand-ins are blamed for."""
    for account in web.stand_ins.tolist():
        if charged.is_used[account]:
            _pass_on(web, blame, charged, account)


def _pass_on(web: Web, blame: Blame, charged: Charged, account: int) -> None:
    """Hand on a stand-in's account by its node's first weights; without any, to the point itself."""
    maker, node = int(web.account_maker[account]), int(web.account_cause[account]) - web.causes.count
    first, end = web.first_row[node : node + 2]
    rows = first + np.flatnonzero(blame.is_used[first:end])
    accounts = web.accounts.of(maker, web.cause_of_row[rows])
    own = web.accounts.of(maker, web.causes.point(int(web.point[node])))
    weights, unknown = blame.first_weights[rows], 1.0 - blame.nodes.is_known[node]
    parts, place = np.unique(web.account_part[accounts], return_inverse=True)
    by_part = np.zeros((len(parts), len(unknown)))
    np.add.at(by_part, place, weights)
    amount, weekly = charged.attributed[account], charged.weekly[web.account_part[account]]
    charged.attributed[accounts] += amount * weights
    charged.attributed[own] += amount * unknown
    charged.weekly[parts] += weekly * by_part[:, None]
    charged.weekly[web.account_part[own]] += weekly * unknown
    charged.is_used[accounts] = charged.is_used[own] = True
