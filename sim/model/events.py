"""What happens or not, as inputs: an intervention that occurs, a licence granted or revoked, over-compliance.

An event is decided by one uniform number a replication and by a probability, which may be uncertain itself.
What comes of it can be found out, so an analysis of what to find out needs that number as an input as well.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.model.licences import revoked_within
from sim.model.occurrence import RELIEVING, suppliers_of
from sim.model.plan import CHANCES, NEVER, Bools, Cell, Effect, Floats, Input, Ints, Plan
from sim.scenario.distributions import Bernoulli, Uniform

HAPPENS, GRANTED, OVER_COMPLIES = "happens", "granted", "over_complies"
RENEWED, REVOKED, WITHDRAWN = "renewed", "revoked", "withdrawn"
OVER_COMPLIES_ABROAD, HALTS = "over_complies_abroad", "halts"
"""Words that the paths of events have where those of numbers name a field."""
ANY_NUMBER = Uniform(dist="uniform", low=0.0, high=1.0)
Place = tuple[int, ...]
"""An intervention, or one and a supplier."""


@dataclass(frozen=True, slots=True)
class ChanceEvent(Input):
    """An input whose sample is the uniform number of a draw: below the probability means yes.

    Attributes
    ----------
    key
        Purpose and entity of the draw's random numbers.
    probability
        The expected one.
    told_at
        Path of the probability in the scenario.
    sampled_by
        Position among the plan's inputs of the probability, if that is uncertain; else -1.
    """

    key: tuple[str, str]
    probability: float
    told_at: str
    sampled_by: int

    def probabilities(self, samples: Floats) -> Floats | float:
        """``[row]`` the probability of yes, given ``[row, input]`` samples of the plan's inputs."""
        return samples[:, self.sampled_by] if self.sampled_by >= 0 else self.probability


@dataclass(frozen=True, slots=True)
class Revocation(ChanceEvent):
    """A licence that is revoked, at a probability per year, within as many `days` as are simulated."""

    days: int

    def probabilities(self, samples: Floats) -> Floats | float:
        """``[row]`` the probability that it is, which follows from the one per year."""
        if self.sampled_by < 0:
            return self.probability
        return np.array([revoked_within(rate, self.days) for rate in samples[:, self.sampled_by].tolist()])


def with_events(plan: Plan) -> Plan:
    """The plan, to whose inputs the events are added that can turn out either way.

    Examples
    --------
    >>> from tests.builders import ban, compiled, shop
    >>> plan = with_events(compiled(shop(20, interventions={"ban": ban(5, probability=0.3)})))
    >>> plan.inputs[0].path, plan.inputs[0].probability
    ('interventions.ban.happens', 0.3)
    """
    return dataclasses.replace(plan, inputs=(*plan.inputs, *_events(plan)))


def known(plan: Plan, samples: Floats) -> Floats:
    """``[row, input]`` what can be found out: samples of numbers, and 1 or 0 for events, yes or no."""
    found = samples.copy()
    for column, item in enumerate(plan.inputs):
        if isinstance(item, ChanceEvent):
            found[:, column] = samples[:, column] < item.probabilities(samples)
    return found


def _events(plan: Plan) -> Iterator[ChanceEvent]:
    for event in _all_events(plan):
        if _is_open(plan, event):
            yield event


def _all_events(plan: Plan) -> Iterator[ChanceEvent]:
    """Events, whether or not they can turn out either way."""
    for purpose, field, word, places in (
        ("occurrence", "probability", HAPPENS, _occurrences(plan)),
        ("supplier", "grant_probability", GRANTED, _grants(plan)),
        ("supplier", "over_compliance_probability", OVER_COMPLIES, _over_compliances(plan)),
        ("abroad", "foreign_over_compliance_probability", OVER_COMPLIES_ABROAD, _abroad(plan)),
        ("supplier", "halt_probability", HALTS, _halts(plan)),
        ("withdrawal", "withdrawal_probability", WITHDRAWN, _withdrawals(plan)),
    ):
        for place in places:
            yield _event(plan, word, field, place, Cell(CHANCES, purpose, place))
    holders = zip(plan.grants.intervention.tolist(), plan.grants.firm.tolist(), strict=True)
    needed = set(_grants(plan))
    for grant, place in enumerate(holders):
        if place not in needed:
            continue
        yield _event(plan, RENEWED, "renewal_probability", place, Cell(CHANCES, "renewal", (grant,)))
        yield _revocation(plan, place, Cell(CHANCES, "revocation", (grant,)))


def _event(plan: Plan, word: str, field: str, place: Place, cell: Cell) -> ChanceEvent:
    """What a draw decides about an intervention, or about it and a supplier."""
    intervention, *firms = place
    name = plan.labels.interventions[intervention]
    suppliers = [plan.labels.firms[firm] for firm in firms]
    return ChanceEvent(
        path=".".join(["interventions", name, word, *suppliers]),
        quantity=ANY_NUMBER,
        cells=(cell,),
        key=(cell.field, "\0".join([name, *suppliers])),
        probability=float(getattr(plan.interventions, field)[intervention]),
        told_at=f"interventions.{name}.{field}",
        sampled_by=_sampled_by(plan, Cell("interventions", field, (intervention,))),
    )


def _revocation(plan: Plan, place: Place, cell: Cell) -> Revocation:
    per_year = _event(plan, REVOKED, "revocation_probability_per_year", place, cell)
    told = {field.name: getattr(per_year, field.name) for field in dataclasses.fields(per_year)}
    return Revocation(
        **told | {"probability": revoked_within(per_year.probability, plan.days)}, days=plan.days
    )


def _is_open(plan: Plan, event: ChanceEvent) -> bool:
    """Whether both answers are possible, and the probability does not tell which by being 0 or 1."""
    if event.sampled_by >= 0:
        return not isinstance(plan.inputs[event.sampled_by].quantity, Bernoulli)
    return 0.0 < event.probability < 1.0


def _sampled_by(plan: Plan, cell: Cell) -> int:
    return next((column for column, item in enumerate(plan.inputs) if cell in item.cells), -1)


def _occurrences(plan: Plan) -> list[Place]:
    return [(intervention,) for intervention in range(len(plan.interventions.day))]


def _grants(plan: Plan) -> list[Place]:
    """Licences, and suppliers that need one as a rule may reach them or bar their customers."""
    effects = plan.effects
    rows, must, may = _reached(plan)
    closes = must | may | (effects.abroad[rows] & _may_be_abroad(plan)[effects.intervention[rows]])
    rows = np.concatenate([rows[closes], _barring(plan)])
    closing = set(zip(effects.intervention[rows], effects.target[rows], strict=True))
    relieving = np.flatnonzero(np.isin(effects.kind, RELIEVING))
    needed = [
        pair in closing for pair in zip(effects.relieved[relieving], effects.target[relieving], strict=True)
    ]
    return _with_suppliers(plan, relieving[np.array(needed, dtype=bool)])


def _over_compliances(plan: Plan) -> list[Place]:
    """Rules, and suppliers that they may reach only because these do more than they must."""
    rows, _, may = _reached(plan)
    return _with_suppliers(plan, rows[may])


def _abroad(plan: Plan) -> list[Place]:
    """Rules, and suppliers abroad that they may reach only because these do more than they must."""
    return _with_suppliers(plan, np.flatnonzero(plan.effects.abroad))


def _may_be_abroad(plan: Plan) -> Bools:
    """``[intervention]`` whether suppliers abroad may do more than they must."""
    probability = plan.interventions.foreign_over_compliance_probability
    return (probability > 0.0) | _is_uncertain(plan, "interventions", "foreign_over_compliance_probability")


def _halts(plan: Plan) -> list[Place]:
    """Self-halts, and suppliers that may stop."""
    return _with_suppliers(plan, np.flatnonzero(plan.effects.by_itself))


def _withdrawals(plan: Plan) -> list[Place]:
    """Exceptions that may be withdrawn."""
    return [(row,) for row in np.flatnonzero(plan.interventions.withdrawal_day < NEVER).tolist()]


def _reached(plan: Plan) -> tuple[Ints, Bools, Bools]:
    """Effects that restrict lanes, and whether the rule itself or over-compliance may close these."""
    effects, rules = plan.effects, plan.interventions
    rows = np.flatnonzero(effects.kind == Effect.RESTRICTS_LANE)
    lane, rule = effects.target[rows], effects.intervention[rows]
    open_ = _is_uncertain(plan, "lanes", "controlled_content_share")[lane]
    open_ |= _is_uncertain(plan, "interventions", "de_minimis_share")[rule]
    above = plan.lanes.controlled_content_share[lane] >= rules.de_minimis_share[rule]
    is_beyond = (effects.abroad | effects.by_itself)[rows]
    must = ~effects.just_outside[rows] & ~is_beyond & (effects.ignores_content[rows] | above | open_)
    spares = effects.just_outside[rows] | (~effects.ignores_content[rows] & (~above | open_))
    return rows, must, spares & ~is_beyond & (rules.over_compliance_probability[rule] > 0.0)


def _barring(plan: Plan) -> Ints:
    """Effects that may bar streams."""
    effects, rules = plan.effects, plan.interventions
    rows = np.flatnonzero(effects.kind == Effect.BARS_STREAM)
    stream, rule = effects.target[rows], effects.intervention[rows]
    open_ = _is_uncertain(plan, "streams", "controlled_content_share")[stream]
    open_ |= _is_uncertain(plan, "interventions", "de_minimis_share")[rule]
    above = plan.streams.controlled_content_share[stream] >= rules.de_minimis_share[rule]
    return rows[effects.ignores_content[rows] | above | open_]


def _is_uncertain(plan: Plan, group: str, field: str) -> Bools:
    """``[row]`` whether a field of a group is uncertain."""
    uncertain = np.zeros_like(getattr(getattr(plan, group), field), dtype=bool)
    for item in plan.inputs:
        for cell in item.cells:
            if (cell.group, cell.field) == (group, field):
                uncertain[cell.index] = True
    return uncertain


def _with_suppliers(plan: Plan, rows: Ints) -> list[Place]:
    """Interventions and the suppliers that their effects reach, each pair once."""
    supplier = suppliers_of(plan, rows)
    return list(dict.fromkeys(zip(plan.effects.intervention[rows].tolist(), supplier.tolist(), strict=True)))
