"""Scenarios drawn from the schema itself: every field that a file may hold, at its ends, where things touch.

Independent of `tests/strategies.py`, which knows the mechanisms. Here only the wiring is made by hand; what
an object holds is read off the pydantic models (:mod:`tests.boundaries.values`), so a field or a kind that
the schema gains is drawn without a change here. What the loader refuses is drawn anew. Scenario *n* is always
the same.
"""

import contextlib
import datetime as dt
import typing
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from pydantic import BaseModel, ValidationError
from typing_extensions import TypeAliasType

from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.model.plan import Plan
from sim.scenario import schema
from sim.scenario.checks import inconsistencies
from sim.scenario.covers import LaneCover
from sim.scenario.days import DEFAULT_START
from sim.scenario.demand_factors import DemandFactor
from sim.scenario.distributions import Discrete
from sim.scenario.fields import EARLIEST, LATEST
from sim.scenario.interventions import Intervention
from sim.scenario.interventions.change import COVERS, EFFECTS, Change
from sim.scenario.interventions.direct_product_rule import DirectProductRule
from sim.scenario.interventions.exception import LicenceException
from sim.scenario.interventions.export_ban import ExportBan
from sim.scenario.interventions.licence import LicenceRegime
from sim.scenario.interventions.relief import Relief
from sim.scenario.interventions.restriction import Restriction
from sim.scenario.interventions.stock_loss import StockLoss
from sim.scenario.policies import Policy
from sim.scenario.policies.dual_index import DualIndex
from sim.scenario.policies.echelon_base_stock import EchelonBaseStock
from sim.scenario.policies.tailored_base_surge import TailoredBaseSurge
from sim.scenario.recipes import OF_ALTERNATIVES, OF_ONE_RECIPE, OF_QUALIFICATION
from sim.scenario.schema import Scenario
from tests.boundaries.values import COUNTRIES, TEXTS, USUAL, Data, Field, UnfitError, Values

HORIZONS = (1, 2, 6, 7, 8, 27, 28, 29, 30, 45, 60)
"""Days that are simulated: one, and around whole weeks and the 28 days of which recovery is judged."""
STARTS = (None, dt.date(2020, 2, 27), dt.date(2021, 12, 30), EARLIEST, LATEST - dt.timedelta(121))
SUPPLY = ((1, 0), (1, 0), (1, 1), (2, 0), (2, 0), (2, 1), (3, 0), (0, 1), (1, 2))
"""Lanes and substitutes that lead to a stock point that is bought."""
ROUNDS = 120
"""How often what the loader refuses is drawn anew; on every tenth time all interventions are."""
ROUNDS_AS_DECIDED = 30
"""How often with the kinds that were decided, which a network may have no place for."""


def _fields_of_kinds(union: Any) -> list[Field]:
    kinds = typing.get_args(typing.get_args(union)[0])
    return [(kind, field) for kind in kinds for field in kind.model_fields if field != "kind"]


FIELDS_OF_INTERVENTIONS = _fields_of_kinds(Intervention)
DATED = {kind for kind, field in FIELDS_OF_INTERVENTIONS if field == "after"}
ENDS = [(kind, field) for kind, field in FIELDS_OF_INTERVENTIONS if field == "end"]
FIELDS_OF_POLICIES = _fields_of_kinds(Policy)
RESTRICTING = ("export_ban", "retaliation", "direct_product_rule")
RELIEVED = (*RESTRICTING, "end_user_ban")
NOT_DRAWN = {
    (Scenario, "decision"),
    (Scenario, "levers"),
    (Scenario, "mitigation"),
    (StockLoss, "end"),
    (StockLoss, "duration_days"),
    (Change, "inputs"),
}
"""Settings laid over the file, of which a run reads nothing; ends of what happens once, which are refused;
and what belongs to one number of many and to recipes that use it (``tests/day`` has cases)."""
Drawn = tuple[Scenario, Plan]


def drawn_scenario(number: int) -> Drawn | None:
    """Scenario number `number` and its plan; None if to the end the loader refused something of it."""
    return _Drawing(number).accepted()


def fields_in_turn(number: int) -> tuple[Field, Field]:
    """The field of an intervention and that of a policy that a scenario holds if its network has a place."""
    return (
        FIELDS_OF_INTERVENTIONS[number % len(FIELDS_OF_INTERVENTIONS)],
        FIELDS_OF_POLICIES[number % len(FIELDS_OF_POLICIES)],
    )


def fields_of_the_schema() -> set[Field]:
    """Every field of every object that a scenario may hold."""
    return {(model, name) for model in _models(Scenario, set()) for name in model.model_fields}


def fields_given(value: Any) -> set[Field]:
    """Every field of every object that a scenario, or a part of it, does hold."""
    if isinstance(value, BaseModel):
        own = {(type(value), name) for name in value.model_fields_set}
        return own.union(*(fields_given(getattr(value, name)) for name in value.model_fields_set))
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return set[Field]().union(*map(fields_given, parts))
    return set()


def _models(kind: Any, seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    if isinstance(kind, TypeAliasType):
        _models(kind.__value__, seen)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind not in seen:
            seen.add(kind)
            for name, info in kind.model_fields.items():
                if (kind, name) not in NOT_DRAWN:
                    _models(info.annotation, seen)
    else:
        for part in typing.get_args(kind):
            _models(part, seen)
    return seen


class _Drawing:
    """One scenario in the making.

    ``given`` holds, for each object, the fields that the wiring decides; all others are drawn.
    """

    def __init__(self, number: int) -> None:
        self.number, self.random = number, Random(number)
        start, days = self.random.choice(STARTS), self.random.choice(HORIZONS)
        first = start or DEFAULT_START
        length = self.random.choice(({"days": days}, {"end": first + dt.timedelta(days - 1)}))
        special: dict[Field, Callable[[], Any]] = {
            (schema.Correlation, "between"): self._two_uncertain_numbers,
            (EchelonBaseStock, "balanced_with"): self._partner,
            (LicenceRegime, "relieves"): self._restrictions,
            (DemandFactor, "covers"): self._streams_that_may_move,
            (DemandFactor, "loadings"): self._loadings,
            (DualIndex, "regular"): lambda: self._lanes_of_two()[0],
            (DualIndex, "expedited"): lambda: self._lanes_of_two()[1],
            (TailoredBaseSurge, "regular"): lambda: self._lanes_of_two()[0],
            (TailoredBaseSurge, "expedited"): lambda: self._lanes_of_two()[1],
            (LicenceException, "relieves"): self._restrictions,
            (LicenceRegime, "covers"): self._lanes_to_cover,
            (LicenceException, "covers"): self._lanes_to_cover,
            (schema.AnalysisSettings, "groups"): self._groups,
            (schema.AnalysisSettings, "shock"): self._marked_as_shock,
            (DirectProductRule, "jurisdiction"): self._country_of_technology,
            (schema.StockPoint, "policy"): self._policy,
        }
        special |= dict.fromkeys(ENDS, self._end)
        shapes: dict[type[BaseModel], Callable[[], Data]] = dict.fromkeys(DATED, self._when)
        shapes |= {
            Change: lambda: self._when() | self._shape_of_change(),
            StockLoss: lambda: self._when() | {"end": None, "duration_days": None},
            LaneCover: self._shape_of_lane_cover,
            Discrete: self._shape_of_discrete,
        }
        self.values = Values(self.random, self._ids_that_may_be_named, (first, days), special, shapes)
        self.data: Data = {
            "chokepoint": 1,
            "name": "drawn",
            "title": "Drawn from the schema",
            "currency": "EUR",
            "calendar": length if start is None else {"start": start, **length},
        }
        self.ids: dict[str, list[str]] = {}
        self.given: dict[tuple[str, str], Data] = {}
        self.in_turn, self.policy_in_turn = fields_in_turn(number)
        self.decided: dict[tuple[str, str], tuple[type[BaseModel], str | None]] = {}
        self.at: tuple[str, str] = ("", "")

    # ------------------------------------------------------------------ a whole scenario

    def accepted(self) -> Drawn | None:
        """Draw everything, then again what the loader refuses."""
        self._wire()
        try:
            for collection, name in self.given:
                self._put(collection, name)
            for field in ("analysis", "stress", "description", "question", "claim"):
                self._put_or_leave_out(field)
            for count in range(ROUNDS):
                refused = self._refused()
                if isinstance(refused, tuple):
                    return refused
                if count == ROUNDS_AS_DECIDED:
                    self.decided.clear()
                everything = self.ids["interventions"] if count % 10 == 9 else []
                for collection, name in sorted(refused | {("interventions", name) for name in everything}):
                    self._draw_anew(collection, name)
        except UnfitError:
            pass
        return None

    def _refused(self) -> set[tuple[str, str]] | Drawn:
        """What the loader or the compiler refuses, or the scenario and its plan."""
        scenario = Scenario.model_validate(self.data)
        findings = {(finding.path[0], finding.path[1]) for finding in inconsistencies(scenario)}
        if findings:
            return findings
        try:
            return scenario, compile_plan(scenario)
        except ScenarioError as error:
            paths = [problem.message.partition(":")[0].split(".") for problem in error.problems]
            return {(path[0], path[1]) for path in paths}

    def _draw_anew(self, collection: str, name: str) -> None:
        if collection == "demand":  # It may want for a source that has any capacity.
            for point in self.ids["stock_points"]:
                self._put("stock_points", point)
        if collection == "demand_factors":  # It may want for demand that is not listed.
            for stream in self.ids["demand"]:
                self._put("demand", stream)
        if (collection, name) in self.given:
            self._put(collection, name)
        else:
            self._put_or_leave_out(collection)

    def _put(self, collection: str, name: str) -> None:
        self.at = (collection, name)
        drawn = self._drawn(collection, name)
        if drawn.get("kind") == "change":
            self._let_fit(drawn)
        if collection == "stock_points":
            self._let_stand(drawn, is_supplied="policy" not in self.given[collection, name])
        self.data.setdefault(collection, {})[name] = drawn

    def _drawn(self, collection: str, name: str) -> Data:
        """An object; of interventions some are of a kind that is decided, if that fits."""
        _, kind = typing.get_args(Scenario.model_fields[collection].annotation)
        given = self.given[collection, name]
        if (collection, name) in self.decided:
            with contextlib.suppress(UnfitError):
                model, wanted = self.decided[collection, name]
                return self.values.object(model, given, wanted)
        return self.values.value(kind, (), given)

    def _let_fit(self, change: Data) -> None:
        """Leave what changes one number in one way: drawn one by one, covers and ways seldom fit."""
        cover = next(field for field in COVERS if field in change)
        for field in {"stock_points", "lanes", "streams", "recipes", "inputs", "firms"} - {cover}:
            change.pop(field, None)
        while True:
            for field in ("to", "add", "factor"):
                change.pop(field, None)
            for field in (cover, self.random.choice(("to", "add", "factor"))):
                info = Change.model_fields[field]
                change[field] = self.values.value(info.annotation, info.metadata)
            with contextlib.suppress(ValidationError):
                Change.model_validate(change)
                return

    def _let_stand(self, point: Data, *, is_supplied: bool) -> None:
        """Leave what a stock point may hold where it stands: drawn one by one, its fields seldom fit."""
        if is_supplied and "policy" not in point:
            with contextlib.suppress(UnfitError):
                point["policy"] = self._policy()
        policy = point.get("policy", {})
        useless = [] if policy else ["initial_on_hand", "shelf_life_days"]
        if not any(policy.get(cover) for cover in ("cover_days", "reorder_cover_days")):
            useless.append("forecast")
        for field in useless:
            point.pop(field, None)
        if "shelf_life_days" not in point:
            point.pop("salvage_value_per_unit", None)

    def _put_or_leave_out(self, field: str) -> None:
        self.data.pop(field, None)
        self.at = (field, "")
        self.ids["firms_and_groups"] = self.ids["firms"]
        if self.random.random() < 0.7:
            info = Scenario.model_fields[field]
            self.data[field] = self.values.value(info.annotation, info.metadata)

    # ------------------------------------------------------------------ the wiring

    def _wire(self) -> None:
        """Who supplies whom, each stock point after all that lead to it; everything leads to a market."""
        for collection, least, most in (("firms", 1, 3), ("items", 1, 3), ("markets", 1, 2)):
            for _ in range(self.random.randint(least, most)):
                kind = self.random.choice(("component", "product"))
                self._add(collection, **({"unit": TEXTS[0], "kind": kind} if collection == "items" else {}))
        for collection in ("stock_points", "recipes", "lanes", "substitutes", "demand"):
            self.ids[collection] = []
        useful: set[str] = set()
        for _ in range(self.random.randint(1, 6)):
            useful |= self._add_point()
        while issubclass(self.in_turn[0], Restriction | Relief) and not self.ids["lanes"]:
            useful |= self._add_point()
        for point in self._goods():
            for _ in range(self.random.choice((0, 0, 1) if point in useful else (1, 1, 2))):
                self._add("demand", stock_point=point)
        for collection, most in (("interventions", 6), ("observations", 2), ("demand_factors", 1)):
            self.ids[collection] = []
            for _ in range(self.random.randint(0, most)):
                self._add(collection)
        self._decide_kinds(self.ids["interventions"])
        self.random.shuffle(self.ids["interventions"])
        self.ids["lanes_and_substitutes"] = self.ids["lanes"] + self.ids["substitutes"]

    def _decide_kinds(self, interventions: list[str]) -> None:
        """The last has the field whose turn it is, the first is what it may relieve, the second a change."""
        if interventions:
            self.decided["interventions", interventions[-1]] = self.in_turn
        if interventions[2:]:
            self.decided["interventions", interventions[1]] = (Change, None)
        if interventions[1:] and issubclass(self.in_turn[0], Relief):
            self.decided["interventions", interventions[0]] = (ExportBan, None)

    def _add(self, collection: str, **given: Any) -> str:
        ids = self.ids.setdefault(collection, [])
        ids.append(f"{collection[:2]}{len(ids)}")
        self.given[collection, ids[-1]] = given
        return ids[-1]

    def _add_point(self) -> set[str]:
        """One more stock point: a source, a stock, bought or made; returns what leads to it."""
        earlier = self._goods()
        kinds = ("source", "stock", "bought", "bought", "made", "made") if earlier else ("source", "stock")
        kind = self.random.choice(kinds)
        firm = self.random.choice(self.ids["firms"])
        item = self.random.choice([name for name in self.ids["items"] if not self._is_resource(name)])
        match kind:
            case "bought":
                item = self._of(self.random.choice(earlier), "item")
                holders = [name for name in earlier if self._of(name, "item") == item]
                return self._add_lanes(self._add("stock_points", firm=firm, item=item), holders, earlier)
            case "made":
                firm = self._of(self.random.choice(earlier), "firm")
                own = [name for name in earlier if self._of(name, "firm") == firm]
                if self.random.random() < 0.2:
                    own.append(self._add_resource(firm))
                return self._add_recipes(self._add("stock_points", firm=firm, item=item), own)
            case _:
                policy = {"kind": "none"} if kind == "stock" else None
                self._add("stock_points", firm=firm, item=item, policy=policy)
                return set()

    def _of(self, point: str, field: str) -> Any:
        return self.given["stock_points", point][field]

    def _add_lanes(self, buyer: str, holders: list[str], earlier: list[str]) -> set[str]:
        lanes, substitutes = self.random.choice(SUPPLY)
        suppliers = self.random.choices(holders, k=lanes)
        late = self.random.choices(earlier, k=substitutes)
        for collection, names in (("lanes", suppliers), ("substitutes", late)):
            for supplier in names:
                self._add(collection, supplier=supplier, buyer=buyer)
        return {*suppliers, *late}

    def _goods(self) -> list[str]:
        """Stock points that are no hours of a resource."""
        return [name for name in self.ids["stock_points"] if not self._is_resource(self._of(name, "item"))]

    def _is_resource(self, item: str) -> bool:
        return self.given["items", item]["kind"] == "resource"

    def _add_resource(self, firm: str) -> str:
        item = self._add("items", unit=TEXTS[0], kind="resource")
        return self._add("stock_points", firm=firm, item=item, policy=None)

    def _add_recipes(self, output: str, own: list[str]) -> set[str]:
        """One recipe, or several by share or by rank; of these the first is ready and has a share."""
        count = self.random.choice((1, 1, 2, 3))
        if count == 1:
            return self._add_recipe(output, own, OF_ALTERNATIVES)
        sourcing, unused = self.random.choice((("share", "rank"), ("rank", "share")))
        self.given["stock_points", output] |= {"sourcing": sourcing, "capacity_per_day": None}
        without = (unused, *OF_ONE_RECIPE)
        inputs = self._add_recipe(output, own, ("share", "trigger", *OF_QUALIFICATION, *without))
        for _ in range(count - 1):
            if self.random.random() < 0.5:
                inputs |= self._add_recipe(output, own, ("trigger", *OF_QUALIFICATION, *without))
            else:
                inputs |= self._add_recipe(output, own, without, trigger={"cover_below_days": 1})
        return inputs

    def _add_recipe(self, output: str, own: list[str], without: tuple[str, ...], **given: Any) -> set[str]:
        """A recipe without some fields, which it may not hold; a resource is used."""
        inputs = self.random.sample(own, self.random.randint(1, min(3, len(own))))
        if own[-1] not in self._goods() and own[-1] not in inputs:
            inputs.append(own[-1])
        needs = {name: self.random.choice(USUAL) for name in inputs}
        self._add("recipes", output=output, inputs=needs, **dict.fromkeys(without), **given)
        return set(inputs)

    # ------------------------------------------------------------------ what may be named

    def _ids_that_may_be_named(self, collection: str) -> list[str]:
        """Ids of a collection; of interventions those of lower numbers, which stand anywhere in the file."""
        ids = self.ids[collection]
        is_own = self.at[0] == collection == "interventions"
        return [name for name in ids if name < self.at[1]] if is_own else ids

    def _two_uncertain_numbers(self) -> list[str]:
        paths = [".".join(path) for path in _distributions(self.data)]
        if len(paths) < 2:
            raise UnfitError
        return self.random.sample(paths, 2)

    def _end(self) -> dt.date:
        """Any day, or the last one, before which most things take effect."""
        last = self.values.start + dt.timedelta(self.values.days - 1)
        return self.random.choice((last, last, self.values.value(dt.date)))

    def _country_of_technology(self) -> str:
        """One that a stock point lists, if any does."""
        points = self.data["stock_points"].values()
        listed = [country for point in points for country in point.get("controlled_technology", ())]
        return self.random.choice(listed or COUNTRIES)

    def _policy(self) -> Data:
        """Any, or with luck the one whose turn it is, which may need a place of its own."""
        if self.random.random() < 0.5:
            with contextlib.suppress(UnfitError):
                kind, field = self.policy_in_turn
                return self.values.object(kind, {}, field)
        info = schema.StockPoint.model_fields["policy"]
        return self.values.value(info.annotation, info.metadata)

    def _shape_of_lane_cover(self) -> Data:
        """Often all lanes: of those that are drawn list by list few match any."""
        if not self.ids["lanes_and_substitutes"]:
            raise UnfitError
        return dict.fromkeys(LaneCover.model_fields) if self.random.random() < 0.4 else {}

    def _partner(self) -> str:
        """Another input, bought or made, of a recipe that uses the stock point."""
        inputs = [given["inputs"] for (place, _), given in self.given.items() if place == "recipes"]
        beside = [name for names in inputs if self.at[1] in names for name in names if name != self.at[1]]
        others = [name for name in beside if "policy" not in self.given["stock_points", name]]
        if not others:
            raise UnfitError
        return self.random.choice(others)

    def _streams_that_may_move(self) -> Data:
        """Some whose demand is not listed."""
        may_move = [
            name for name in self.ids["demand"] if self.data["demand"][name].get("process") != "listed"
        ]
        if not may_move:
            raise UnfitError
        return {"demand": self.random.sample(may_move, self.random.randint(1, len(may_move)))}

    def _lanes_to_cover(self) -> Data:
        """Some by name, or what any lists match."""
        lanes = self.ids["lanes_and_substitutes"]
        if lanes and self.random.random() < 0.5:
            return {"lanes": self.random.sample(lanes, self.random.randint(1, len(lanes)))}
        return self.values.object(LaneCover, {})

    def _groups(self) -> Data:
        """One or two of firms that are in no other, which may be makers."""
        firms = self.random.sample(self.ids["firms"], len(self.ids["firms"]))
        first = self.random.randint(1, len(firms))
        parts = {"group0": firms[:first], "group1": firms[first:]}
        groups = {
            name: self.values.object(schema.Group, {"firms": part}) for name, part in parts.items() if part
        }
        self.ids["firms_and_groups"] = [*groups, *self.random.choice((self.ids["firms"], []))]
        return groups

    def _marked_as_shock(self) -> str:
        marked = [name for name, entry in self.data.get("interventions", {}).items() if entry.get("shock")]
        if not marked:
            raise UnfitError
        return self.random.choice(marked)

    def _loadings(self) -> Data:
        """Of a stream that, with luck, the factor covers."""
        return {self.random.choice(self.ids["demand"]): self.random.choice((-10.0, 0.0, 0.5, 10.0))}

    def _lanes_of_two(self) -> list[str]:
        """The lanes that lead to the stock point, where these are two and nothing else does."""
        here = self.at[1]
        places = [place for place, given in self.given.items() if given.get("buyer") == here]
        if [collection for collection, _ in places] != ["lanes", "lanes"]:
            raise UnfitError
        return [name for _, name in places]

    def _when(self) -> Data:
        """A date, or what it comes after: one of them, if there is anything."""
        earlier = self._ids_that_may_be_named("interventions")
        if earlier and self.random.random() < 0.4:
            return {"after": self.random.choice(earlier), "date": None}
        return {"date": self.values.value(dt.date), "after": None}

    def _shape_of_discrete(self) -> Data:
        """As many weights as values: lists that are drawn one by one are seldom as long."""
        values = self.values.field(Discrete, "values", Discrete.model_fields["values"])
        return {"values": values, "weights": self.random.choices((0.0, *USUAL), k=len(values))}

    def _shape_of_change(self) -> Data:
        """One number, one way to change it, and one cover that has it: often all that there is."""
        numbers = [(number, cover) for number in EFFECTS for cover in EFFECTS[number]]
        in_turn = numbers[self.number % len(numbers)]
        number, cover = in_turn if self.at in self.decided else self.random.choice(numbers)
        chosen = (cover, self.random.choice(("to", "to", "add", "factor")))
        left_out = {name: None for name in (*COVERS, "inputs", "to", "add", "factor") if name not in chosen}
        fields = Change.model_fields
        drawn = {name: self.values.field(Change, name, fields[name]) for name in chosen}
        if isinstance(drawn[cover], dict) and self.random.random() < 0.7:
            drawn[cover] = {}
        return left_out | drawn | {"number": number}

    def _restrictions(self) -> list[str]:
        """Some that a licence may relieve."""
        kinds = {
            name: self.data["interventions"][name]["kind"]
            for name in self._ids_that_may_be_named("interventions")
        }
        ids = [name for name, kind in kinds.items() if kind in RELIEVED]
        if not ids:
            raise UnfitError
        return self.random.sample(ids, self.random.randint(1, len(ids)))


def _distributions(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all distributions."""
    if isinstance(data, dict):
        if "dist" in data:
            yield path
        for key, value in data.items():
            yield from _distributions(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _distributions(value, (*path, str(index)))
