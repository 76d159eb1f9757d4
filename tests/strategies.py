"""Random scenarios, valid by construction: small networks with every mechanism a user may write.

A scenario is drawn as the plain dict that a file would hold. Products come first, then only the parts
that they use, then whoever supplies these, so every stock point leads to a market. Each feature that
the model gains belongs into one of the draw functions here.
"""

import copy
import datetime as dt
import os
from collections.abc import Callable
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.model.compile import compile_plan
from sim.scenario.recipes import OF_ONE_RECIPE
from sim.scenario.schema import Scenario

START = dt.date(2021, 1, 1)
COUNTRIES = ("US", "TW", "CN", "DE")
INFINITY = float("inf")
Data = dict[str, Any]
Draw = Any
IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
"""As in `make verify`, where other scenarios are looked at in every run."""

SHARES = st.sampled_from([0.0, 0.1, 1 / 3, 0.5, 0.9, 1.0]) | st.floats(0.0, 1.0, allow_subnormal=False)
POSITIVE_SHARES = st.sampled_from([0.1, 1 / 3, 0.5, 0.9, 1.0]) | st.floats(0.05, 1.0)
FACTORS = st.sampled_from([0.0, 0.5, 1.0, 1.5, 3.0]) | st.floats(0.0, 4.0, allow_subnormal=False)
UNITS = st.sampled_from([1.0, 2.0, 0.1, 1 / 3, 7.0]) | st.floats(0.05, 20.0)
ALLOCATIONS = st.sampled_from(["proportional", "priority", "fixed_order"])
PATIENCE = st.sampled_from([0.0, 0.5, 1.0, 3.0, 14.0, INFINITY])
REVIEWS = st.sampled_from([1, 1, 1, 2, 7])
PROCESSES = st.sampled_from(
    ["constant", "gamma", "poisson", "negative_binomial", "normal", "listed", "empirical"]
)


def few(examples: int) -> settings:
    """So many examples in every test run, and ten times as many in `make verify`."""
    return settings(max_examples=10 * examples if IS_THOROUGH else examples)


@st.composite
def scenario_data(draw: Draw, *, shocks: bool = True) -> Data:
    """A random scenario as a file would hold it.

    Parameters
    ----------
    shocks
        Whether interventions may be marked as the shock.
    """
    days = draw(st.integers(30, 90))
    scale = draw(st.sampled_from([1.0, 1.0, 1.0, 1e-6, 1e6]))
    data: Data = {
        "chokepoint": 1,
        "name": "random",
        "title": "A random scenario",
        "currency": "EUR",
        "calendar": {"start": START, "days": days},
        "analysis": {},
        "firms": {"maker": {"name": "Maker", "country": "CN", "engineers": draw(_limits(1.0, 20.0))}},
        "items": {},
        "markets": {
            "home": {"name": "Home", "country": "CN", "buyer": "government"},
            "abroad": {"name": "Abroad", "country": "US"},
        },
        "stock_points": {},
        "recipes": {},
        "lanes": {},
        "substitutes": {},
        "demand": {},
        "demand_factors": {},
        "interventions": {},
    }
    _draw_products(draw, data, scale)
    parts = [name for name in data["stock_points"] if name.startswith("part")]
    for part in parts:
        _draw_supply(draw, data, part, scale)
    _draw_balance(draw, data, parts)
    _draw_demand_factors(draw, data)
    two_sources = [part for part in parts if _draw_two_sources(draw, data, part, scale)]
    _draw_switching(draw, data)
    _draw_alternatives(draw, data, scale)
    _draw_interventions(draw, data, shocks=shocks)
    for recipe in data["recipes"].values():
        if "trigger" in recipe:
            recipe["trigger"] = _trigger(draw, data)
    for part in parts:
        for number in range(0 if part in two_sources else draw(st.integers(0, 1))):
            _draw_substitute(draw, data, part, number, scale)
    _order_at_once(data)
    _draw_balance_across(draw, data)
    _draw_analysis(draw, data)
    return data


def scenarios(*, shocks: bool = True) -> st.SearchStrategy[Scenario]:
    """Random validated scenarios."""
    return scenario_data(shocks=shocks).map(Scenario.model_validate)


def _draw_balance(draw: Draw, data: Data, parts: list[str]) -> None:
    """Let echelon orders for a part now and then keep pace with another part of the same recipe."""
    for recipe in data["recipes"].values():
        bought = [source for source in recipe["inputs"] if source in parts]
        for one in bought:
            policy = data["stock_points"][one]["policy"]
            others = [other for other in bought if other != one]
            if policy["kind"] == "echelon_base_stock" and others and draw(st.booleans()):
                policy["balanced_with"] = draw(st.sampled_from(others))


def _draw_balance_across(draw: Draw, data: Data) -> None:
    """Let echelon orders now and then keep pace with what goes into the same product farther down."""
    names = [
        name for name in data["stock_points"] if name.startswith(("part", "module")) and "-at-" not in name
    ]
    for one in names:
        policy = data["stock_points"][one]["policy"]
        others = [other for other in names if other != one]
        if policy["kind"] != "echelon_base_stock" or "balanced_with" in policy or not others:
            continue
        policy["balanced_with"] = draw(st.sampled_from(others))
        as_before = copy.deepcopy((data["lanes"], data["substitutes"]))
        _order_at_once(data)
        try:
            compile_plan(Scenario.model_validate(data))
        except ScenarioError:
            del policy["balanced_with"]
            data["lanes"], data["substitutes"] = as_before


def _order_at_once(data: Data) -> None:
    """Orders that keep pace with each other are known to their suppliers on the same day."""
    pairs = [
        (name, point["policy"]["balanced_with"])
        for name, point in data["stock_points"].items()
        if "balanced_with" in (point.get("policy") or {})
    ]
    at_once = {name for pair in pairs for name in pair}
    for lane in (*data["lanes"].values(), *data["substitutes"].values()):
        if lane["buyer"] in at_once:
            lane["order_lead_time_days"] = 0


def _draw_two_sources(draw: Draw, data: Data, part: str, scale: float) -> bool:
    """Let a part of two lanes now and then order on both by a policy of two sources; whether it does."""
    inbound = [name for name, lane in data["lanes"].items() if lane["buyer"] == part]
    if len(inbound) != 2 or draw(st.booleans()):
        return False
    regular, expedited = draw(st.permutations(inbound))
    data["lanes"][regular]["lead_time_days"] = draw(
        st.sampled_from([3, 8, {"dist": "uniform", "low": 2.0, "high": 9.0}])
    )
    data["lanes"][expedited]["order_lead_time_days"] = 0
    data["lanes"][expedited]["lead_time_days"] = draw(
        st.sampled_from([0, 1, 3, {"dist": "uniform", "low": 0.0, "high": 4.0}])
    )
    units, cover = draw(st.sampled_from([0.0, 5.0, 50.0])) * scale, draw(st.sampled_from([0, 2, 10.5]))
    policy = {"regular": regular, "expedited": expedited, "review_days": draw(REVIEWS)}
    if draw(st.booleans()):
        policy |= {
            "kind": "dual_index",
            "expedited_units": units,
            "expedited_cover_days": cover,
            "units": units + draw(st.floats(0.0, 50.0)) * scale,
            "cover_days": cover + draw(st.sampled_from([0, 5])),
        }
    else:
        standing = draw(st.sampled_from([0.0, 2.0, 20.0])) * scale
        policy |= {
            "kind": "tailored_base_surge",
            "standing_units": standing,
            "units": units,
            "cover_days": cover,
        }
    data["stock_points"][part].pop("forecast", None)
    data["stock_points"][part] |= {"policy": policy} | _forecast(draw, policy)
    return True


def _draw_alternatives(draw: Draw, data: Data, scale: float) -> None:
    """Let other recipes make a product now and then; then nobody upstream can order by echelon stock."""
    if draw(st.integers(0, 2)):
        return
    output = draw(st.sampled_from(sorted(data["recipes"])))
    point, first = data["stock_points"][output], data["recipes"][output]
    point["sourcing"] = draw(st.sampled_from(["rank", "rank", "share"]))
    del point["capacity_per_day"]
    for field in OF_ONE_RECIPE:
        first.pop(field, None)
    inputs = sorted({name for recipe in data["recipes"].values() for name in recipe["inputs"]} - {"module"})
    for number in range(draw(st.integers(1, 2))):
        chosen = draw(st.lists(st.sampled_from(inputs), min_size=1, max_size=2, unique=True))
        data["recipes"][f"{output}-instead-{number}"] = {
            "output": output,
            "inputs": {source: draw(_uncertain(UNITS)) for source in chosen},
            "process_days": draw(_days(6)),
            "capacity_per_day": draw(_limits(2.0 * scale, 40.0 * scale)),
            "yield_share": draw(_uncertain(POSITIVE_SHARES)),
            "priority": draw(st.integers(1, 3)),
        }
    for name, recipe in data["recipes"].items():
        if recipe["output"] == output:
            recipe.update(_as_alternative(draw, point["sourcing"], is_first=name == output))
    for other in data["stock_points"].values():
        if other.get("policy", {}).get("kind") == "echelon_base_stock":
            other["policy"] |= {"kind": "base_stock"}
            other["policy"].pop("balanced_with", None)


def _as_alternative(draw: Draw, sourcing: str, *, is_first: bool) -> Data:
    """When a recipe is taken rather than another; the first is qualified and has a share."""
    share = draw(_uncertain(POSITIVE_SHARES)) if is_first else draw(_shares_of_orders())
    recipe = {
        "capacity_share_of_usage": draw(_limits(0.2, 2.0)),
        "performance_penalty": draw(st.sampled_from([0.0, 0.0, 0.24, 1.0])),
    } | ({"rank": draw(st.integers(1, 3))} if sourcing == "rank" else {"share": share})
    if is_first or draw(st.booleans()):
        return recipe
    return recipe | {
        "trigger": {"date": START},
        "qualification_lag_days": draw(_days(20)),
        "ramp_days": draw(_days(20)),
        "ramp": draw(st.sampled_from(["linear", "logistic"])),
        "engineer_days": draw(st.sampled_from([0.0, 30.0, 200.0])),
    }


def _draw_analysis(draw: Draw, data: Data) -> None:
    """Count the loss from a shock that comes while days are simulated; if none does, there is no shock."""
    entries = data["interventions"]
    last = data["calendar"]["days"] - 1
    shocks = [name for name in entries if is_shock(entries, name)]
    timely = [name for name in shocks if 0 <= _expected_day(entries, name) <= last]
    if not timely:
        for entry in entries.values():
            entry["shock"] = False
        first = 0
    else:
        data["analysis"]["shock"] = draw(st.sampled_from(timely))
        first = _expected_day(entries, data["analysis"]["shock"])
    if draw(st.integers(0, 2)) == 0:
        sellers = st.sampled_from(_sellers(data))
        data["analysis"]["makers"] = draw(st.lists(sellers, unique=True, min_size=1, max_size=3))
    elif draw(st.integers(0, 2)) == 0:
        _draw_groups(draw, data)
    if draw(st.booleans()):
        _draw_account(draw, data)
    data["analysis"]["bullwhip"] = draw(st.booleans())
    if draw(st.booleans()):
        data["analysis"]["window_days"] = draw(st.integers(1, last - first + 1))


def _draw_groups(draw: Draw, data: Data) -> None:
    """Report the maker as one with other firms, and some of the others as one."""
    others = draw(st.permutations([name for name in data["firms"] if name != "maker"]))
    cut = draw(st.integers(0, len(others)))
    groups = {"own": ["maker", *others[:cut]], "theirs": others[cut : cut + draw(st.integers(0, 3))]}
    data["analysis"]["groups"] = {
        name: {"name": name, "firms": list(firms)} for name, firms in groups.items() if firms
    }


def _sellers(data: Data) -> list[str]:
    """Firms that sell to a market or to another firm."""
    points = data["stock_points"]
    sellers = {points[stream["stock_point"]]["firm"] for stream in data["demand"].values()}
    for lane in (*data["lanes"].values(), *data["substitutes"].values()):
        seller, buyer = points[lane["supplier"]]["firm"], points[lane["buyer"]]["firm"]
        sellers |= {seller} if seller != buyer else set()
    return sorted(sellers)


def _draw_account(draw: Draw, data: Data) -> None:
    """Keep the accounts of the firms that sell to markets."""
    data["analysis"] |= draw(st.sampled_from([{"headline": "margin"}, {"account": True}]))
    data["firms"]["maker"]["fixed_cost_per_day"] = draw(_uncertain(UNITS))
    for point in data["stock_points"].values():
        if draw(st.integers(0, 3)) == 0:
            point["unit_cost"] = draw(UNITS)
    for substitute in data["substitutes"].values():
        substitute["qualification_cost"] = draw(UNITS)


def is_shock(entries: Data, name: str) -> bool:
    """Whether an intervention is marked as the shock or follows one that is."""
    return entries[name]["shock"] or ("after" in entries[name] and is_shock(entries, entries[name]["after"]))


def _expected_day(entries: Data, name: str) -> int:
    """Expected day of an intervention; delays and processing are fixed, or uniform from 0 to 8."""
    entry = entries[name]
    waits = entry["delay_days"], entry.get("processing_days", 0)
    delay = sum(4 if isinstance(wait, dict) else wait for wait in waits)
    if "after" in entry:
        return _expected_day(entries, entry["after"]) + delay
    return (entry["date"] - START).days + delay


# ---------------------------------------------------------------------- numbers


@st.composite
def _limits(draw: Draw, low: float, high: float) -> float:
    """Infinite half of the time."""
    return draw(st.just(INFINITY) | st.floats(low, high))


@st.composite
def _days(draw: Draw, longest: int) -> Any:
    """Whole, fractional or random days, zero included."""
    kind = draw(st.sampled_from(["whole", "whole", "fraction", *_RANDOM_DAYS]))
    if kind == "whole":
        return draw(st.integers(0, longest))
    if kind == "fraction":
        return draw(st.floats(0.0, longest, allow_subnormal=False))
    return {"dist": kind} | _RANDOM_DAYS[kind](draw, longest)


def _uniform_days(draw: Draw, longest: int) -> Data:
    low = draw(st.integers(0, longest))
    return {"low": float(low), "high": float(low + draw(st.integers(1, longest)))}


def _listed_days(draw: Draw, longest: int) -> Data:
    values = draw(st.lists(st.integers(0, longest), min_size=1, max_size=4))
    return {"values": [float(value) for value in values]}


_RANDOM_DAYS: dict[str, Callable[[Draw, int], Data]] = {
    "uniform": _uniform_days,
    "empirical": _listed_days,
    "gamma": lambda draw, longest: {"mean": draw(st.floats(0.5, longest)), "sd": draw(st.floats(0.2, 3.0))},
    "lognormal": lambda draw, longest: {"median": draw(st.floats(0.5, longest)), "sigma": 0.4},
    "normal": lambda draw, longest: {"mean": draw(st.floats(0.5, longest)), "sd": 2.0, "min": 0.0},
}


@st.composite
def _uncertain(draw: Draw, exact: st.SearchStrategy[float]) -> Any:
    """A number, now and then a distribution that keeps between it and its half."""
    value = draw(exact)
    if value <= 1e-9 or draw(st.integers(0, 4)):
        return value
    return draw(
        st.sampled_from(["triangular", "pert", "discrete"]).map(lambda dist: _half_or_all(dist, value))
    )


def _half_or_all(dist: str, value: float) -> Data:
    """A distribution between a number and its half."""
    if dist == "discrete":
        return {"dist": dist, "values": [value / 2, value], "weights": [1.0, 2.0]}
    return {"dist": dist, "low": value / 2, "mode": value, "high": value}


# ---------------------------------------------------------------------- the network


def _draw_products(draw: Draw, data: Data, scale: float) -> None:
    """One to three products, perhaps through a subassembly, each sold to one or two streams."""
    parts = [f"part-{index}" for index in range(draw(st.integers(1, 3)))]
    made = [f"product-{index}" for index in range(draw(st.integers(1, 3)))]
    inputs = list(parts)
    if draw(st.integers(0, 3)) == 0:
        inputs.append(_add_raw(draw, data, scale))
    if draw(st.booleans()):
        _add_made(draw, data, "module", parts, scale)
        inputs.append("module")
    for product in made:
        _add_made(draw, data, product, inputs, scale)
        _add_market(draw, data, product, scale)
    used = {source for recipe in data["recipes"].values() for source in recipe["inputs"]}
    if used.isdisjoint(parts):
        data["recipes"][made[0]]["inputs"][parts[0]] = 1.0
        used.add(parts[0])
    if "module" in data["recipes"] and "module" not in used:
        _add_stream(draw, data, "module", "home", scale)
    if "raw" not in used:
        data["stock_points"].pop("raw", None)
    for part in filter(used.__contains__, parts):
        _add_bought(draw, data, part, "maker", scale)
        if draw(st.integers(0, 4)) == 0:
            _add_stream(draw, data, part, "home", scale)


def _add_market(draw: Draw, data: Data, product: str, scale: float) -> None:
    """Customers of a product, perhaps through a retailer, perhaps in two markets."""
    through_retailer = draw(st.integers(0, 3)) == 0
    sold_at = _add_retailer(draw, data, product, scale) if through_retailer else product
    _add_stream(draw, data, sold_at, "home", scale)
    if draw(st.booleans()):
        _add_stream(draw, data, product, "abroad", scale)


def _add_raw(draw: Draw, data: Data, scale: float) -> str:
    """A source of the maker's own, such as a mine or hours of a machine, from which recipes draw directly."""
    _add_item(draw, data, "raw")
    data["items"]["raw"]["kind"] = draw(st.sampled_from(["component", "resource"]))
    data["stock_points"]["raw"] = {
        "firm": "maker",
        "item": "raw",
        "allocation": draw(ALLOCATIONS),
        "capacity_per_day": draw(_limits(1.0 * scale, 60.0 * scale)),
    }
    return "raw"


def _add_item(draw: Draw, data: Data, item: str) -> None:
    data["items"].setdefault(
        item,
        {
            "name": item,
            "unit": "pieces",
            "export_class": draw(st.sampled_from([None, "5A002"])),
            "controlled_content_share": draw(SHARES),
        },
    )


def _add_made(draw: Draw, data: Data, name: str, inputs: list[str], scale: float) -> None:
    _add_item(draw, data, name)
    chosen = draw(st.lists(st.sampled_from(inputs), min_size=1, max_size=3, unique=True))
    policy = _policy(draw, scale)
    data["stock_points"][name] = (
        {
            "firm": "maker",
            "item": name,
            "policy": policy,
            **_forecast(draw, policy),
            "allocation": draw(ALLOCATIONS),
            "capacity_per_day": draw(_limits(2.0 * scale, 40.0 * scale)),
        }
        | _initial(draw, scale)
        | _shelf_life(draw)
    )
    data["recipes"][name] = {
        "output": name,
        "inputs": {source: draw(_uncertain(UNITS)) for source in chosen},
        "process_days": draw(_days(6)),
        "capacity_per_day": draw(_limits(2.0 * scale, 40.0 * scale)),
        "yield_share": draw(_uncertain(POSITIVE_SHARES)),
        "conversion_cost": 0.5,
        "priority": draw(st.integers(1, 3)),
        "initial_waiting": draw(_now_and_then(scale)),
        "initial_work_in_process": draw(_by_day(scale)),
    } | _lots(draw, scale)


def _add_bought(draw: Draw, data: Data, name: str, firm: str, scale: float) -> None:
    item = name.split("-at-", maxsplit=1)[0]
    _add_item(draw, data, item)
    policy = _policy(draw, scale, one_supplier_below=firm != "distributor")
    data["stock_points"][name] = (
        {
            "firm": firm,
            "item": item,
            "policy": policy,
            **_forecast(draw, policy),
            "sourcing": draw(st.sampled_from(["share", "rank"])),
            "allocation": draw(ALLOCATIONS),
            "holding_cost_per_unit_day": 0.01,
            "backorder_cost_per_unit_day": 0.1,
            "order_cost": 3.0,
        }
        | _initial(draw, scale)
        | _shelf_life(draw)
    )


def _add_retailer(draw: Draw, data: Data, product: str, scale: float) -> str:
    data["firms"].setdefault("retailer", {"name": "Retailer", "country": "DE"})
    name = f"{product}-at-retailer"
    _add_bought(draw, data, name, "retailer", scale)
    data["lanes"][f"{product}-to-retailer"] = _main_lane(draw, product, name, scale)
    return name


def _add_stream(draw: Draw, data: Data, point: str, market: str, scale: float) -> None:
    process = draw(PROCESSES)
    mean = draw(st.sampled_from([0.0, 1.0, 10.0]) | st.floats(0.01, 50.0)) * scale
    dispersion = {
        "constant": 0.0,
        "poisson": 1.0,
        "listed": 0.0,
        "negative_binomial": draw(st.floats(1.1, 5.0)),
    }.get(process, draw(st.sampled_from([0.0, 1.0, 5.0])) * scale)
    listed = process == "listed"
    observed = (
        {"observations": [units * scale for units in draw(st.lists(UNITS | st.just(0.0), min_size=1))]}
        if listed or process == "empirical"
        else {"mean_per_day": mean}
    )
    data["demand"][f"{point}-{market}"] = observed | {
        "stock_point": point,
        "market": market,
        "growth_per_year": 0.0 if listed else draw(st.sampled_from([0.0, 0.2, -0.5])),
        "seasonality": []
        if listed
        else draw(st.sampled_from([[], [1.0, 0.5, 1.5, 1.0], [0.0] * 6 + [2.0] * 6])),
        "process": process,
        "dispersion": dispersion,
        "price": draw(st.floats(0.1, 100.0)),
        "patience_days": draw(PATIENCE),
        "initial_backorders": draw(_now_and_then(scale)),
        "lost_sale_cost_per_unit": 0.5,
        "priority": draw(st.integers(1, 3)),
    }


def _draw_demand_factors(draw: Draw, data: Data) -> None:
    """Now and then one factor or two of streams whose demand is not listed."""
    moved = sorted(name for name, stream in data["demand"].items() if stream["process"] != "listed")
    for number in range(draw(st.sampled_from([0, 0, 0, 1, 2])) if moved else 0):
        covered = draw(st.lists(st.sampled_from(moved), min_size=1, unique=True))
        loadings = {name: draw(_uncertain(FACTORS)) for name in covered if draw(st.booleans())}
        walks = draw(st.booleans())
        data["demand_factors"][f"factor-{number}"] = {
            "process": "random_walk" if walks else "mean_reverting",
            "volatility_per_year": draw(_uncertain(st.sampled_from([0.0, 0.2, 1.0, 5.0]))),
            "covers": {"demand": covered},
            "loadings": loadings,
            "start": draw(st.none() | st.sampled_from([0, 3, 20])),
        } | ({} if walks else {"half_life_days": draw(st.sampled_from([0.5, 30.0, 1e6]))})


def _draw_switching(draw: Draw, data: Data) -> None:
    """Customers who are not patient for ever may switch, now and then to each other's suppliers."""
    for name, stream in data["demand"].items():
        if stream["patience_days"] < INFINITY and draw(st.booleans()):
            rivals = [other for other in data["demand"] if other != name]
            stream["switching"] = {
                "share": draw(_uncertain(SHARES)),
                "repurchase_days": draw(st.sampled_from([1.0, 2.0, 10.0, 365.0])),
                "half_life_days": draw(st.sampled_from([0.5, 20.0, INFINITY])),
                "to": draw(st.none() | st.sampled_from(rivals)) if rivals else None,
            }


def _policy(draw: Draw, scale: float, *, one_supplier_below: bool = True) -> Data:
    """Base stock, (s, S) or (r, Q), in units or days of cover; now and then nothing is ever ordered."""
    kinds = ["base_stock", "base_stock", "s_S", "r_Q", "base_stock", "none"]
    kind = draw(st.sampled_from(kinds + ["echelon_base_stock"] * one_supplier_below))
    if kind == "none":
        return {"kind": "none"}
    review = {"kind": kind, "review_days": draw(REVIEWS)}
    units = draw(st.sampled_from([0.0, 5.0, 50.0])) * scale
    cover = draw(st.sampled_from([0, 2, 10.5, 20]))
    if kind.endswith("base_stock"):
        return review | {"units": units, "cover_days": cover}
    if kind == "s_S":
        return review | {
            "reorder_units": units,
            "reorder_cover_days": cover,
            "units": units + draw(st.floats(0.0, 50.0)) * scale,
            "cover_days": cover + draw(st.sampled_from([0, 5])),
        }
    batch = draw(st.sampled_from([1.0, 7.5, 40.0])) * scale
    most = draw(st.sampled_from([None, 1, 3]))
    return review | {
        "reorder_units": units,
        "reorder_cover_days": cover,
        "batch_units": batch,
        "max_batches": most,
    }


def _forecast(draw: Draw, policy: Data) -> Data:
    """Knows what is planned, or learns from what it sees where some level has days of cover."""
    if not policy.get("cover_days") and not policy.get("reorder_cover_days"):
        return {}
    average = {"kind": "moving_average", "days": draw(st.sampled_from([1, 2, 5, 40]))}
    smoothing = {"kind": "exponential_smoothing", "level_smoothing": draw(_uncertain(SHARES))}
    trend = smoothing | {"trend_smoothing": draw(SHARES)}
    season = {"season_smoothing": draw(SHARES), "season_days": draw(st.sampled_from([2, 7, 60]))}
    seasonal = trend | season | {"kind": "holt_winters"}
    drawn = draw(st.sampled_from([None, None, average, smoothing, trend, seasonal]))
    return {} if drawn is None else {"forecast": drawn}


def _initial(draw: Draw, scale: float) -> Data:
    """Nothing given (start at the target), empty, or some stock."""
    units = draw(st.none() | st.just(0.0) | st.floats(0.1, 200.0))
    return {} if units is None else {"initial_on_hand": units * scale}


def _shelf_life(draw: Draw) -> Data:
    """Most stock does not age."""
    if draw(st.integers(0, 4)):
        return {}
    salvage = draw(st.sampled_from([0.0, 0.5, 3.0]))
    return {
        "shelf_life_days": draw(st.sampled_from([1, 2, 3, 7, 30, 100])),
        "salvage_value_per_unit": salvage,
    }


def _lots(draw: Draw, scale: float) -> Data:
    """Any quantity, or in lots."""
    if draw(st.integers(0, 3)):
        return {}
    return {
        "minimum_order_units": draw(st.sampled_from([0.0, 3.0, 25.0])) * scale,
        "order_multiple_units": draw(st.sampled_from([0.0, 2.0, 12.0])) * scale,
    }


def _now_and_then(scale: float) -> st.SearchStrategy[float]:
    return (st.just(0.0) | st.just(0.0) | st.floats(0.1, 50.0)).map(lambda units: units * scale)


def _by_day(scale: float) -> st.SearchStrategy[list[float]]:
    return st.just([]) | st.lists(_now_and_then(scale), max_size=6)


def _draw_supply(draw: Draw, data: Data, part: str, scale: float) -> None:
    """One to three lanes into a bought part, perhaps one through a distributor."""
    for number in range(draw(st.integers(1, 3))):
        source = _add_source(draw, data, part, f"{number}", scale)
        seller = source
        if number == 0 and draw(st.integers(0, 3)) == 0:
            data["firms"].setdefault("distributor", {"name": "Distributor", "country": "DE"})
            seller = f"{part}-at-distributor"
            _add_bought(draw, data, seller, "distributor", scale)
            data["lanes"][f"{source}-to-distributor"] = _main_lane(draw, source, seller, scale)
        lane = _lane if number else _main_lane
        data["lanes"][f"{seller}-to-maker"] = lane(draw, seller, part, scale)


def _add_source(draw: Draw, data: Data, part: str, number: str, scale: float) -> str:
    firm = f"supplier-{draw(st.integers(0, 3))}"
    country = COUNTRIES[int(firm[-1])]
    data["firms"].setdefault(firm, {"name": firm, "country": country, "revenue_per_year": 1000.0})
    name = f"source-{part}-{number}"
    data["stock_points"][name] = {
        "firm": firm,
        "item": part,
        "country": draw(st.sampled_from([country, country, "NL"])),
        "allocation": draw(ALLOCATIONS),
        "capacity_per_day": draw(_limits(1.0 * scale, 60.0 * scale)),
        "controlled_technology": draw(st.sampled_from([[], ["US"]])),
    }
    return name


def _lane(draw: Draw, supplier: str, buyer: str, scale: float) -> Data:
    lane = {
        "supplier": supplier,
        "buyer": buyer,
        "lead_time_days": draw(_days(10)),
        "order_crossing": draw(st.booleans()),
        "order_lead_time_days": draw(st.just(0) | _days(8)),
        "price": draw(st.floats(0.0, 10.0)),
        "capacity_per_day": draw(_limits(1.0 * scale, 40.0 * scale)),
        "capacity_share_of_usage": draw(_limits(0.2, 2.0)),
        "share": draw(_shares_of_orders()),
        "rank": draw(st.integers(1, 2)),
        "priority": draw(st.integers(1, 3)),
        "subsidiary_share": draw(st.sampled_from([0.0, 0.0, 0.2, 0.5, 1.0])),
        "initial_backlog": draw(_now_and_then(scale)),
        "initial_in_transit": draw(_by_day(scale)),
        "in_transit_cost_per_unit_day": 0.02,
    }
    lots = _lots(draw, scale)
    if max(lots.values(), default=0.0) <= lane["capacity_per_day"]:
        lane |= lots
    if draw(st.booleans()):
        lane["controlled_content_share"] = draw(_uncertain(SHARES))
    return lane


def _main_lane(draw: Draw, supplier: str, buyer: str, scale: float) -> Data:
    """A lane that gets some of the orders."""
    lane = _lane(draw, supplier, buyer, scale)
    return lane | {"share": max(lane["share"], 0.1)}


def _shares_of_orders() -> st.SearchStrategy[float]:
    return st.sampled_from([1.0, 0.5, 1 / 3, 0.0]) | st.floats(0.0, 1.0, allow_subnormal=False)


def _draw_substitute(draw: Draw, data: Data, part: str, number: int, scale: float) -> None:
    source = _add_source(draw, data, part, f"late-{number}", scale)
    lane = _lane(draw, source, part, scale)
    data["substitutes"][f"late-{part}-{number}"] = lane | {
        "trigger": _trigger(draw, data),
        "qualification_lag_days": draw(_days(20)),
        "ramp_days": draw(_days(20)),
        "ramp": draw(st.sampled_from(["linear", "logistic"])),
        "units_per_original": draw(st.sampled_from([1.0, 2.0, 0.5])),
        "price_penalty": draw(st.sampled_from([0.0, 0.3])),
        "performance_penalty": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "engineer_days": draw(st.sampled_from([0.0, 30.0, 200.0])),
    }


def _trigger(draw: Draw, data: Data) -> Data:
    kinds = ["date", "cover"] + (["intervention"] if data["interventions"] else [])
    kinds += ["substitute"] * 2 if data["substitutes"] else []
    kind = draw(st.sampled_from(kinds))
    if kind == "date":
        return {"date": START + dt.timedelta(days=draw(st.integers(0, data["calendar"]["days"] - 1)))}
    if kind == "cover":
        return {"cover_below_days": draw(st.sampled_from([0, 1, 5.5, 30]))}
    if kind == "substitute":
        before = draw(st.sampled_from(sorted(data["substitutes"])))
        return {"after_substitute": before, "once": draw(st.sampled_from(["qualified", "ramped"]))}
    return {"intervention": draw(st.sampled_from(_possible(data)))}


def _possible(data: Data) -> list[str]:
    """Interventions that may happen at all: a substitute must not wait for any other."""
    return [
        name
        for name, entry in data["interventions"].items()
        if not isinstance(entry["probability"], float) or entry["probability"] > 0.0
    ] or list(data["interventions"])


# ---------------------------------------------------------------------- interventions


def _draw_interventions(draw: Draw, data: Data, *, shocks: bool) -> None:
    for number in range(draw(st.sampled_from([3, 4, 6, 2, 1, 0]))):
        kind = draw(st.sampled_from(_DRAWN))
        if kind in {"licence", "exception"} and not _bans(data):
            rules = ["export_ban", "end_user_ban"] if kind == "licence" else ["export_ban"]
            _draw_intervention(draw, data, draw(st.sampled_from(rules)), number, shocks=shocks)
        _draw_intervention(draw, data, kind, number, shocks=shocks)


def _draw_intervention(draw: Draw, data: Data, kind: str, number: int, *, shocks: bool) -> None:
    specific = _KINDS[kind](draw, data)
    if specific is not None:
        entry = _dated(draw, data, shocks=shocks) | {"kind": kind} | specific
        _lift_in_time(data, entry)
        _withdraw_in_time(draw, data, entry)
        if kind == "stock_loss":
            _happen_once(data, entry)
        data["interventions"][f"{kind.replace('_', '-')}-{number}"] = entry


def _lift_in_time(data: Data, entry: Data) -> None:
    """A lifting that might come too early comes after what it lifts instead."""
    for lifted in entry.get("lifts", []):
        begins = data["interventions"][lifted].get("date")
        if begins is None or "date" not in entry or entry["date"] < begins + dt.timedelta(days=9):
            entry.pop("date", None)
            entry.pop("end", None)
            entry["after"] = lifted


def _happen_once(data: Data, entry: Data) -> None:
    """What has no duration, and comes when there is something to take."""
    entry.pop("end", None)
    entry.pop("duration_days", None)
    if "after" in entry:
        entry["date"] = data["interventions"][entry.pop("after")].get("date", START)
    entry["date"] = max(entry["date"], START)


def _dated(draw: Draw, data: Data, *, shocks: bool) -> Data:
    days = data["calendar"]["days"]
    entry: Data = {
        "title": "An intervention",
        "probability": draw(st.sampled_from([1.0, 1.0, 1.0, 0.5, {"dist": "bernoulli", "probability": 0.7}])),
        "shock": shocks and draw(st.booleans()),
        "delay_days": draw(_waits()),
    }
    before = list(data["interventions"])
    if before and draw(st.integers(0, 3)) == 0:
        entry["after"] = draw(st.sampled_from(before))
        entry["duration_days"] = draw(_durations())
        return entry
    start = draw(st.integers(-5, days - 1))
    entry["date"] = START + dt.timedelta(days=start)
    if draw(st.booleans()):
        entry["duration_days"] = draw(_durations())
    else:
        entry["end"] = START + dt.timedelta(days=start + draw(st.integers(10, 60)))
    return entry


def _waits() -> st.SearchStrategy[Any]:
    return st.sampled_from([0, 0, 3, {"dist": "uniform", "low": 0.0, "high": 8.0}])


def _durations() -> st.SearchStrategy[float]:
    return st.sampled_from([1.0, 7.0, 20.0, INFINITY]) | st.floats(1.0, 60.0)


def _restriction(draw: Draw, data: Data, lanes: list[str]) -> Data:
    """Covers some lanes: by id, by supplier, by item, or with all others."""
    points = data["stock_points"]
    suppliers = sorted({points[data["lanes"][lane]["supplier"]]["firm"] for lane in lanes})
    items = sorted({points[data["lanes"][lane]["supplier"]]["item"] for lane in lanes})
    rule = {
        "covers": draw(st.sampled_from([{"lanes": lanes}, {"suppliers": suppliers}, {"items": items}, {}])),
        "in_transit": draw(st.sampled_from(["delivered", "turned_back"])),
        "over_compliance_probability": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }
    if rule["covers"] == {"suppliers": suppliers} and _sells_from_abroad(data, set(suppliers)):
        rule["foreign_over_compliance_probability"] = draw(_uncertain(SHARES))
    return rule


def _sells_from_abroad(data: Data, suppliers: set[str]) -> bool:
    """Whether somebody else supplies another firm across a border."""
    points, firms = data["stock_points"], data["firms"]

    def country(name: str) -> str:
        return points[name].get("country") or firms[points[name]["firm"]]["country"]

    return any(
        points[lane["supplier"]]["firm"] not in {*suppliers, points[lane["buyer"]]["firm"]}
        and country(lane["supplier"]) != country(lane["buyer"])
        for lane in data["lanes"].values()
    )


def _some_lanes(draw: Draw, data: Data) -> list[str]:
    return draw(st.lists(st.sampled_from(sorted(data["lanes"])), min_size=1, max_size=3, unique=True))


def _export_ban(draw: Draw, data: Data) -> Data:
    """With a de-minimis share that at least one of its lanes reaches."""
    lanes = _some_lanes(draw, data)
    most = max(_most_content(data, data["lanes"][lane]) for lane in lanes)
    shares = [share for share in (0.0, 0.25, 1.0) if share <= most]
    return _restriction(draw, data, lanes) | {"de_minimis_share": draw(st.sampled_from(shares))}


def _most_content(data: Data, lane: Data) -> float:
    item = data["stock_points"][lane["supplier"]]["item"]
    share = lane.get("controlled_content_share", data["items"][item]["controlled_content_share"])
    if isinstance(share, dict):
        return share["high"] if "high" in share else max(share["values"])
    return share


def _retaliation(draw: Draw, data: Data) -> Data:
    return _restriction(draw, data, _some_lanes(draw, data))


def _direct_product_rule(draw: Draw, data: Data) -> Data | None:
    points = data["stock_points"]
    covered = [
        name for name, lane in data["lanes"].items() if points[lane["supplier"]].get("controlled_technology")
    ]
    if not covered:
        return None
    lanes = draw(st.lists(st.sampled_from(covered), min_size=1, max_size=2, unique=True))
    return _restriction(draw, data, lanes) | {"jurisdiction": "US", "covers": {"lanes": lanes}}


def _bans(data: Data) -> list[str]:
    """What a licence may relieve."""
    kinds = ("export_ban", "retaliation", "direct_product_rule")
    return [name for name, entry in data["interventions"].items() if entry["kind"] in kinds]


def _licence(draw: Draw, data: Data) -> Data | None:
    bans = sorted(set(_bans(data)) - set(_under_quota(data)))
    listings = _listings(data)
    if not bans + listings:
        return None
    licence = {
        "relieves": [draw(st.sampled_from(bans + listings))],
        "grant_probability": draw(_uncertain(SHARES)),
        "volume_share": draw(_uncertain(SHARES)),
    }
    licence |= _terms(draw) if draw(st.booleans()) else {}
    if licence["relieves"][0] in listings:
        return licence
    return licence | (_quota(draw, data, licence["relieves"]) if draw(st.booleans()) else {})


def _listings(data: Data) -> list[str]:
    """Bans on serving listed buyers."""
    return sorted(name for name, its in data["interventions"].items() if its["kind"] == "end_user_ban")


def _under_quota(data: Data) -> list[str]:
    """Bans that a licence with a quota relieves."""
    return [
        name
        for entry in data["interventions"].values()
        if any(field.startswith("quota") for field in entry)
        for name in entry["relieves"]
    ]


def _quota(draw: Draw, data: Data, relieved: list[str]) -> Data:
    """Of lanes without subsidiaries, of which no other licence speaks: where there are any, else none."""
    lanes = {name: lane for name, lane in data["lanes"].items() if lane["subsidiary_share"] == 0.0}
    licences = [entry for entry in data["interventions"].values() if "relieves" in entry]
    is_relieved = any(not set(relieved).isdisjoint(entry["relieves"]) for entry in licences)
    if not lanes or is_relieved or _under_quota(data):
        return {}
    reached = sorted(lanes)
    return {
        "covers": {"lanes": draw(st.lists(st.sampled_from(reached), min_size=1, unique=True))},
        "quota_units_per_year": draw(_uncertain(st.floats(5.0, 300.0))),
    } | draw(st.sampled_from([{}, {"quota_value_per_year": 100.0}]))


def _terms(draw: Draw) -> Data:
    """What each supplier's licence has for itself."""
    return {
        "processing_days": draw(_waits()),
        "valid_days": draw(st.sampled_from([1, 12.5, 30, INFINITY])),
        "renewal_probability": draw(_uncertain(SHARES)),
        "renewal_processing_days": draw(st.sampled_from([0, 3, 8])),
        "revocation_probability_per_year": draw(st.sampled_from([0.0, 0.5, 0.999])),
    }


def _exception(draw: Draw, data: Data) -> Data | None:
    """Of a ban of which no licence with a quota speaks."""
    bans = sorted(set(_bans(data)) - set(_under_quota(data))) + _listings(data)
    if not bans:
        return None
    return {"relieves": [draw(st.sampled_from(bans))], "volume_share": draw(_uncertain(SHARES))}


def _self_halt(draw: Draw, data: Data) -> Data:
    return {
        "covers": {"lanes": _some_lanes(draw, data)},
        "halt_probability": draw(_uncertain(SHARES)),
        "in_transit": draw(st.sampled_from(["delivered", "turned_back"])),
    }


def _withdraw_in_time(draw: Draw, data: Data, entry: Data) -> None:
    """Some exceptions with a date may be withdrawn later on."""
    if entry["kind"] == "exception" and "date" in entry and draw(st.booleans()):
        last = START + dt.timedelta(days=data["calendar"]["days"] - 1)
        first = max(entry["date"] + dt.timedelta(days=9), START)
        if first <= last:
            entry["withdrawal_date"] = first
            entry["withdrawal_probability"] = draw(_uncertain(SHARES))


def _streams(draw: Draw, data: Data) -> Data:
    """Covers all demand, one stream, or all of one seller."""
    name = draw(st.sampled_from(sorted(data["demand"])))
    seller = data["stock_points"][data["demand"][name]["stock_point"]]["firm"]
    return draw(st.sampled_from([{}, {"demand": [name]}, {"sellers": [seller]}]))


def _market_closure(draw: Draw, data: Data) -> Data:
    return {"covers": _streams(draw, data)}


def _procurement_ban(draw: Draw, data: Data) -> Data:
    return {
        "covers": _streams(draw, data),
        "demand_share": draw(SHARES),
        "ramp_days": draw(st.sampled_from([0, 10])),
    }


def _demand_shift(draw: Draw, data: Data) -> Data:
    return {
        "covers": _streams(draw, data),
        "factor": draw(_uncertain(FACTORS)),
        "ramp_days": draw(st.sampled_from([0, 4.5])),
    }


def _capacity_loss(draw: Draw, data: Data) -> Data:
    """Of sources and makers: what only buys has no capacity to lose."""
    bought = {lane["buyer"] for lane in data["lanes"].values()}
    names = sorted(set(data["stock_points"]) - bought)
    points = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    covers = draw(st.sampled_from([{"stock_points": points}, {"recipes": sorted(data["recipes"])[-1:]}]))
    loss = {"covers": covers, "lost_share": draw(_uncertain(SHARES))}
    if draw(st.integers(0, 2)) == 0:
        return loss | _markov(draw)
    return loss | {"recovery_days": draw(st.sampled_from([0, 5, 12.5]))}


def _stock_loss(draw: Draw, data: Data) -> Data:
    """Of the maker's stock, of what is in work, of goods under way, or of all at once."""
    held = [name for name, point in data["stock_points"].items() if "policy" in point]
    at_points = {"stock_points": {"stock_points": [draw(st.sampled_from(sorted(held)))]}}
    loss: Data = {}
    alone = [data["recipes"][name]["output"] for name in _only_recipes(data)]
    what = draw(st.sampled_from(["stock", "work", "transit", "all"] if alone else ["stock", "transit"]))
    if what == "stock":
        loss |= at_points | {"on_hand_share": draw(_uncertain(POSITIVE_SHARES))}
    if what in ("work", "all"):
        made = draw(st.sampled_from(alone))
        loss |= {"stock_points": {"stock_points": [made]}, "work_in_process_share": draw(POSITIVE_SHARES)}
    if what == "all":
        loss |= {"on_hand_share": draw(POSITIVE_SHARES)}
    if what in ("transit", "all"):
        covers = draw(st.sampled_from([{"lanes": _some_lanes(draw, data)}, {}]))
        loss |= {"lanes": covers, "in_transit_share": draw(_uncertain(POSITIVE_SHARES))}
    return loss


def _change(draw: Draw, data: Data) -> Data:
    """Of any number, in any way, with or without a ramp, for good or for a time."""
    by_share = _lanes_by_share(data)
    of_recipes = set() if _only_recipes(data) else {"inputs", "yield_share"}
    numbers = sorted(set(_CHANGED) - {"share"} - of_recipes)
    number = draw(st.sampled_from([*numbers, "price", *["share"] * 3 * bool(by_share)]))
    ramps = {
        "ramp_days": draw(st.sampled_from([0, 0, 4.5, 30])),
        "recovery_days": draw(st.sampled_from([0, 7.5])),
    }
    return {"number": number} | _CHANGED[number](draw, data) | ramps


def _only_recipes(data: Data) -> list[str]:
    """Recipes that alone make their outputs."""
    outputs = [recipe["output"] for recipe in data["recipes"].values()]
    return sorted(name for name, its in data["recipes"].items() if outputs.count(its["output"]) == 1)


def _made_in_several_ways(data: Data) -> set[str]:
    alone = {data["recipes"][name]["output"] for name in _only_recipes(data)}
    return {recipe["output"] for recipe in data["recipes"].values()} - alone


def _changed_capacity(draw: Draw, data: Data) -> Data:
    several = _made_in_several_ways(data)
    bought = {lane["buyer"] for lane in data["lanes"].values()} | several
    points = draw(st.sampled_from(sorted(set(data["stock_points"]) - bought)))
    covers = [
        {"stock_points": {"stock_points": [points]}},
        {"lanes": {"lanes": _some_lanes(draw, data)}},
        {"lanes": {}} if several else {"lanes": {}, "stock_points": {}},
    ]
    cover = draw(st.sampled_from(covers))
    limits = [data["stock_points"][points]["capacity_per_day"]]
    limits += [data["lanes"][name]["capacity_per_day"] for name in cover.get("lanes", {}).get("lanes", ())]
    if cover == {"lanes": {}}:
        limits = [lane["capacity_per_day"] for lane in data["lanes"].values()]
    size = min(limits) if len(cover) == 1 and "lanes" not in cover else max(limits)
    return cover | _made_of(draw, 20.0 if size == INFINITY else size, or_none=size == INFINITY)


def _made_of(draw: Draw, size: float, *, or_none: bool = False) -> Data:
    """Set to, multiplied by or added to something of a number's size; without a limit it is only set."""
    to = {"to": draw(st.sampled_from([0.0, size, size / 2, size * 1.5] + [INFINITY] * or_none))}
    if or_none:
        return to
    factor = {"factor": draw(_uncertain(FACTORS))}
    return draw(st.sampled_from([to, factor, {"add": draw(st.sampled_from([-size / 2, size, -2.0 * size]))}]))


def _changed_lanes(size: float) -> Callable[[Draw, Data], Data]:
    return lambda draw, data: {"lanes": {"lanes": _some_lanes(draw, data)}} | _made_of(draw, size)


def _lanes_by_share(data: Data) -> list[str]:
    """Lanes of which the share counts."""
    points, lanes = data["stock_points"], data["lanes"]
    return [name for name, lane in lanes.items() if points[lane["buyer"]]["sourcing"] == "share"]


def _changed_share(draw: Draw, data: Data) -> Data:
    return {"lanes": {"lanes": [draw(st.sampled_from(_lanes_by_share(data)))]}} | _made_of(draw, 0.6)


def _changed_price(draw: Draw, data: Data) -> Data:
    covers = [{"lanes": {}}, {"streams": {}}, {"lanes": {}, "streams": _streams(draw, data)}]
    return draw(st.sampled_from(covers)) | _made_of(draw, 5.0)


def _changed_inputs(draw: Draw, data: Data) -> Data:
    recipe = draw(st.sampled_from(_only_recipes(data)))
    one = {"inputs": [draw(st.sampled_from(sorted(data["recipes"][recipe]["inputs"])))]}
    change = draw(st.sampled_from([{"to": draw(UNITS)}, {"factor": draw(POSITIVE_SHARES)}, {"factor": 1.5}]))
    return {"recipes": [recipe]} | change | draw(st.sampled_from([one, {}]))


def _changed_yield(draw: Draw, data: Data) -> Data:
    change = draw(st.sampled_from([{"to": draw(POSITIVE_SHARES)}, {"factor": 0.6}, {"factor": 1.5}]))
    return {"recipes": [draw(st.sampled_from(_only_recipes(data)))]} | change


_CHANGED: dict[str, Callable[[Draw, Data], Data]] = {
    "capacity_per_day": _changed_capacity,
    "capacity_share_of_usage": lambda draw, data: {
        "lanes": {"lanes": _some_lanes(draw, data)},
        "to": draw(st.sampled_from([0.0, 0.4, 1.1, INFINITY])),
    },
    "share": _changed_share,
    "subsidiary_share": _changed_lanes(0.6),
    "lead_time_days": _changed_lanes(6.0),
    "price": _changed_price,
    "inputs": _changed_inputs,
    "yield_share": _changed_yield,
    "engineers": lambda draw, _data: {"firms": ["maker"], "to": draw(st.sampled_from([0.5, 2.0, INFINITY]))},
}


def _disruption(draw: Draw, data: Data) -> Data:
    """Of some lanes, of what leads to the maker's stock points, or of everything from a country."""
    fed = {lane["buyer"] for lane in data["lanes"].values()}
    fed |= {recipe["output"] for recipe in data["recipes"].values()}
    covers = [
        {"lanes": {"lanes": _some_lanes(draw, data)}},
        {"stock_points": {"firms": ["maker"]}},
        {"stock_points": {"stock_points": [draw(st.sampled_from(sorted(fed)))]}},
        {"lanes": {}},
    ]
    pauses = draw(st.sampled_from(["orders", "shipments", "transit", "receipts"]))
    return draw(st.sampled_from(covers)) | {"pauses": pauses} | (_markov(draw) if draw(st.booleans()) else {})


def _markov(draw: Draw) -> Data:
    return {
        "markov": {
            "mean_days_to_failure": draw(st.sampled_from([1.0, 4.0, 15.0])),
            "mean_days_to_recover": draw(st.sampled_from([1.0, 2.5, 8.0])),
        },
        "common_cause": draw(st.booleans()),
    }


def _stockpiling(draw: Draw, data: Data) -> Data:
    policies = {
        name: point["policy"]["kind"] for name, point in data["stock_points"].items() if "policy" in point
    }
    ordering = {name for name, kind in policies.items() if kind != "none"}
    covers = [{"stock_points": ["product-0"]}] if "product-0" in ordering else []
    if any(data["stock_points"][name]["firm"] == "maker" for name in ordering):
        covers.append({"firms": ["maker"]})
    assume(covers)
    return {
        "covers": draw(st.sampled_from(covers)),
        "extra_cover_days": draw(st.sampled_from([0, 10, 7.5])),
        "target_factor": draw(FACTORS),
        "ramp_days": draw(st.sampled_from([0, 15])),
    }


def _price_change(draw: Draw, data: Data) -> Data:
    covers = [{"lanes": {}}, {"streams": {}}, {"lanes": {}, "streams": _streams(draw, data)}]
    return draw(st.sampled_from(covers)) | {"factor": draw(FACTORS)}


def _tariff(draw: Draw, data: Data) -> Data | None:
    points, firms = data["stock_points"], data["firms"]

    def place(point: str) -> tuple[str, str]:
        return points[point]["firm"], points[point].get("country", firms[points[point]["firm"]]["country"])

    lanes = {**data["lanes"], **data.get("substitutes", {})}
    ends = [(place(lane["supplier"]), place(lane["buyer"])) for lane in lanes.values()]
    if not any(seller[0] != buyer[0] and seller[1] != buyer[1] for seller, buyer in ends):
        return None
    return {
        "covers": {},
        "rate": draw(_uncertain(FACTORS.filter(lambda rate: rate <= 1.0))),
        "passed_on_share": draw(_uncertain(SHARES)),
        "ramp_days": draw(st.sampled_from([0, 15])),
    }


def _lifting(draw: Draw, data: Data) -> Data | None:
    others = [name for name, entry in data["interventions"].items() if entry["kind"] != "lifting"]
    return {"lifts": [draw(st.sampled_from(others))]} if others else None


def _end_user_ban(draw: Draw, data: Data) -> Data | None:
    """On some streams whose customers do not switch; at least one has the content."""
    names = sorted(name for name, stream in data["demand"].items() if "switching" not in stream)
    if not names:
        return None
    covered = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    data["demand"][covered[0]].setdefault("controlled_content_share", draw(POSITIVE_SHARES))
    most = data["demand"][covered[0]]["controlled_content_share"]
    return {
        "covers": {"demand": covered},
        "de_minimis_share": draw(st.sampled_from([0.0, most])),
        "volume_share": draw(_uncertain(SHARES)),
    }


_KINDS = {
    "end_user_ban": _end_user_ban,
    "export_ban": _export_ban,
    "retaliation": _retaliation,
    "direct_product_rule": _direct_product_rule,
    "licence": _licence,
    "exception": _exception,
    "self_halt": _self_halt,
    "market_closure": _market_closure,
    "procurement_ban": _procurement_ban,
    "demand_shift": _demand_shift,
    "capacity_loss": _capacity_loss,
    "stock_loss": _stock_loss,
    "change": _change,
    "disruption": _disruption,
    "stockpiling": _stockpiling,
    "price_change": _price_change,
    "tariff": _tariff,
    "lifting": _lifting,
}
_DRAWN = [*sorted(_KINDS), "disruption", "disruption", "licence", "licence", "change", "change", "change"]
"""Disruptions come in four forms, a licence needs a rule before it, and changes are of many numbers."""
