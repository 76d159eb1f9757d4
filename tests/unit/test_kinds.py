"""Closed sets: what an engine has no handler for it refuses, and what mirrors a set holds all of it."""

import dataclasses
import inspect
import typing
from enum import IntEnum

import numpy as np
import pytest

from sim.engines import block_engine, des
from sim.errors import EngineError
from sim.kinds import DemandProcess, Effect, ForecastKind, Pause, PolicyKind, Ramp, Sourcing, Supply
from sim.model import failures
from sim.model.compile import FORECAST_NUMBERS, INTERVENTION_NUMBERS, POLICY_NUMBERS
from sim.model.plan import Plan
from sim.montecarlo import backends
from sim.montecarlo.sampling import METHODS
from sim.montecarlo.simpy_batch import replicate
from sim.report import stress_figures, stress_words
from sim.risk import precision
from sim.scenario.forecasts import FORECASTS
from sim.scenario.interventions import Intervention
from sim.scenario.interventions.disruption import Disruption
from sim.scenario.policies import POLICIES
from sim.scenario.policies.dual_index import DualIndex
from sim.scenario.schema import AnalysisSettings, Demand, StockPoint, Substitute
from sim.scenario.shapes import Choice, fields_of
from tests.builders import compiled, day, factory

PARTS = {
    Supply: ("points", "supply", "supplies", "stock_points.source"),
    PolicyKind: ("points", "policy", "policies", "stock_points.source"),
    ForecastKind: ("points", "forecast", "forecasts", "stock_points.source"),
    Sourcing: ("points", "sourcing", "sourcings", "stock_points.source"),
    Ramp: ("substitutes", "ramp", "ramps", "substitutes.late"),
    DemandProcess: ("streams", "process", "processes", "demand.home"),
    Effect: ("effects", "kind", "effects", "interventions.strike"),
    Pause: ("effects", "pause", "pauses", "interventions.strike"),
}
"""Where a plan holds codes of a set, which of them an engine handles, and to what the first belongs."""
MEMBERS = [member for kinds in PARTS for member in kinds]


@pytest.fixture(scope="module")
def plan() -> Plan:
    strike = {"kind": "disruption", "title": "Strike", "date": day(5), "pauses": "orders", "lanes": {}}
    late = {"supplier": "source", "buyer": "parts", "trigger": {"date": day(5)}, "qualification_lag_days": 1}
    return compiled(factory(20, substitutes={"late": late}, interventions={"strike": strike}))


def with_code(plan: Plan, kinds: type[IntEnum], code: int) -> Plan:
    """The plan, in which the first of all codes of a set is another."""
    group, field, *_ = PARTS[kinds]
    table = getattr(plan, group)
    codes = np.array([code, *getattr(table, field)[1:]])
    return dataclasses.replace(plan, **{group: dataclasses.replace(table, **{field: codes})})


@pytest.fixture(scope="module")
def schedule(plan):
    return replicate(plan, 1, 0).scenario.schedule


@pytest.fixture(params=["simpy", "compiled"])
def engine(request):
    return request.param


@pytest.fixture
def load(engine, schedule):
    """Loads a plan into an engine; the readable one takes the conditions of the plan that fits."""
    if engine == "simpy":
        return lambda plan: des.simulate(plan, schedule)
    return lambda plan: block_engine.Experiment.of(plan, 1)


def test_what_is_handled_is_loaded(plan, load):
    load(plan)


@pytest.mark.parametrize("kinds", PARTS)
def test_an_engine_refuses_a_member_that_a_set_gains(plan, engine, load, kinds, monkeypatch):
    member = int.__new__(kinds, 77)
    member._name_, member._value_ = "TOY", 77
    monkeypatch.setitem(kinds._member_map_, "TOY", member)
    monkeypatch.setitem(kinds._value2member_map_, 77, member)
    with pytest.raises(EngineError) as caught:
        load(with_code(plan, kinds, 77))
    place = PARTS[kinds][-1]
    assert str(caught.value).startswith(
        f"{place}: the {engine} engine has no handler for {kinds.__name__} TOY;"
    )


@pytest.mark.parametrize("kinds", PARTS)
def test_an_engine_refuses_a_code_that_stands_for_nothing(plan, engine, load, kinds):
    with pytest.raises(EngineError, match=f"the {engine} engine has no handler for {kinds.__name__} 88;"):
        load(with_code(plan, kinds, 88))


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_an_engine_refuses_what_it_does_not_list(plan, engine, load, member, monkeypatch):
    *_, listed, _ = PARTS[type(member)]
    module = {"simpy": des, "compiled": block_engine}[engine]
    others = getattr(module.HANDLED, listed) - {member}
    monkeypatch.setattr(module, "HANDLED", dataclasses.replace(module.HANDLED, **{listed: others}))
    with pytest.raises(EngineError, match=f"no handler for {type(member).__name__} {member.name};"):
        load(with_code(plan, type(member), int(member)))


@pytest.mark.parametrize("engine", [des.HANDLED, block_engine.HANDLED], ids=lambda engine: engine.engine)
def test_each_engine_handles_every_member(engine):
    for kinds, (*_, listed, _) in PARTS.items():
        assert getattr(engine, listed) == frozenset(kinds)


# ------------------------------------------------------------------ what mirrors a set


def union_of(annotated: typing.Any) -> tuple[type, ...]:
    return typing.get_args(typing.get_args(annotated)[0])


def test_every_policy_has_a_code_of_its_own():
    assert POLICIES.keys() == set(PolicyKind)
    assert all(policy.code == code for code, policy in POLICIES.items())


@pytest.mark.parametrize(
    "kind", [*union_of(Intervention), *POLICIES.values()], ids=lambda kind: kind.__name__
)
def test_every_kind_says_all_that_is_asked_of_it(kind):
    assert not inspect.isabstract(kind)
    assert "kind" in vars(kind)["__annotations__"]


@pytest.mark.parametrize("kind", union_of(Intervention), ids=lambda kind: kind.__name__)
def test_every_number_of_an_intervention_reaches_the_plan(kind):
    assert numbers_of(kind) <= {"delay_days", "duration_days", "probability", *INTERVENTION_NUMBERS}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.__name__)
def test_every_field_of_a_policy_reaches_the_plan(policy):
    lower_level = {"expedited_units", "expedited_cover_days"} if policy is DualIndex else set()
    assert numbers_of(policy) <= set(POLICY_NUMBERS) | lower_level
    others = policy.model_fields.keys() - numbers_of(policy)
    assert others <= {"kind", "review_days", "max_batches", "balanced_with", "regular", "expedited"}


def test_every_forecast_has_a_code_of_its_own_and_its_fields_reach_the_plan():
    assert FORECASTS.keys() == set(ForecastKind) - {ForecastKind.PLANNED}
    for code, forecast in FORECASTS.items():
        assert forecast.code == code
        assert numbers_of(forecast) <= set(FORECAST_NUMBERS)
        assert forecast.model_fields.keys() - numbers_of(forecast) <= {"kind", "days", "season_days"}


def numbers_of(model):
    """Fields that may be uncertain."""
    return {
        name for name, shape in fields_of(model).items() if isinstance(shape, Choice) and shape.key == "dist"
    }


@pytest.mark.parametrize(
    ("model", "field", "kinds"),
    [
        (StockPoint, "sourcing", Sourcing),
        (Substitute, "ramp", Ramp),
        (Demand, "process", DemandProcess),
        (Disruption, "pauses", Pause),
    ],
)
def test_what_a_file_may_say_are_the_members_of_a_set(model, field, kinds):
    said = typing.get_args(model.model_fields[field].annotation)
    assert {name.upper() for name in said} == set(kinds.__members__)


def test_every_effect_has_a_target_and_says_whether_it_is_blamed():
    assert {effect.target for effect in Effect if effect.is_blamed} < {effect.target for effect in Effect}


def test_every_way_to_sample_has_a_method():
    said = typing.get_args(AnalysisSettings.model_fields["sampling"].annotation)
    assert set(said) == METHODS.keys()


def test_every_engine_and_every_figure_of_a_run_has_all_that_is_asked_of_it():
    assert backends._ENGINES.keys() == backends._CHUNK_SIZES.keys() == {"simpy", "compiled"}
    assert precision.FIGURES.keys() == precision.FEWEST.keys()


def test_every_kind_of_node_has_its_words_and_its_colour():
    nodes = failures.COLLECTIONS.keys()
    assert stress_words.KINDS.keys() == stress_words.MANY.keys() == stress_figures.COLOURS.keys() == nodes
