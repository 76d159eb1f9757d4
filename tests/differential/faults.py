"""Faults planted in the compiled engine and in what both engines share, and the test that catches each.

`make faults` copies the project for each fault, plants it, and runs tests on the copy with the compiler off,
until one fails: the differential tests, or for a rule or fact that both engines share the oracles, as both
would make the same mistake. It prints the tables of `docs/engine-tests.md`. Words behind the command choose
faults: `python -m tests.differential.faults ring penalty`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import click

from sim.montecarlo.workers import cores

PROJECT = Path(__file__).parents[2]
ROOMS = (Path("sim/engines"), Path("sim/model"))
"""Where the files with faults are."""
COPIED = ("sim", "tests", "scenarios", "docs")
MEASURING = (
    "measures.py",
    "blame.py",
    "spending.py",
    "costing.py",
    "replay.py",
    "switched.py",
    "trade.py",
    "tiers.py",
    "flows.py",
)
"""Files that move no goods; the tests of measures come first for them."""
SHARED = ("levels.py", "rules.py", "calendar_rules.py", "facts.py", "occurrence.py", "licences.py")
"""Files of rules and facts that both engines share."""
STATES_FIRST = (
    *(f"tests/differential/test_{name}.py" for name in ("engines", "promises", "measures", "bits")),
    "tests/day/test_day_balance.py",
    "tests/day/test_day_change.py",
    "tests/day/test_day_shelf_life.py",
    "tests/day/test_day_end_user_ban.py",
    "tests/day/test_day_two_sources.py",
)
MEASURES_FIRST = tuple(
    f"tests/differential/test_{name}.py" for name in ("measures", "accounts", "bits", "engines", "promises")
)
ORACLES = (
    "tests/property/test_rules.py",
    "tests/property/test_facts.py",
    "tests/unit/test_rules.py",
    "tests/unit/test_demand_levels.py",
    "tests/property/test_licences.py",
    "tests/day/test_day_licences.py",
    "tests/day/test_day_halts.py",
    "tests/day/test_day_end_user_ban.py",
)
UNSPOILT = ("kernel.py", "rules.py")
"""Files that are tested as they are, so that no test is taken to have caught what it would fail on anyway."""
OPTIONS = ("-x", "-q", "--tb=short", "-p", "no:cacheprovider", "-W", "ignore::RuntimeWarning")
"""Not compiled, numbers that wrap around warn, which is no fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and the text of a file of the engines that is replaced for it."""

    name: str
    file: str
    right: str
    wrong: str


FAULTS = (
    # Listed buyers.
    Fault(
        "listed buyers who wait are served",
        "kernel.py",
        "stopped if now < 1.0 else -stream.barred[b]",
        "0.0 if now < 1.0 else -stream.barred[b]",
    ),
    Fault("nobody listed loses patience", "kernel.py", "            stream.lost[b] += leaves\n", ""),
    Fault(
        "the most lenient ban on a buyer counts",
        "conditions.py",
        "stream.permitted[b] = min(stream.permitted[b], permitted)",
        "stream.permitted[b] = permitted",
    ),
    Fault(
        "no licence serves listed buyers",
        "conditions.py",
        "min(1.0, intervention.volume_share[b] + granted)",
        "intervention.volume_share[b]",
    ),
    Fault(
        "a licence to serve listed buyers is not drawn by their seller",
        "occurrence.py",
        "point[is_stream] = plan.streams.point[target[is_stream]]",
        "point[is_stream] = 0",
    ),
    Fault(
        "de minimis spares no listed buyer",
        "occurrence.py",
        "(is_controlled.T | table.ignores_content[barring]).T",
        "True",
    ),
    Fault(
        "what may not be sold is short supply",
        "measures.py",
        "(normal.demand[b] - stream.demand[b]) + (stream.withheld[b] - normal.withheld[b])",
        "normal.demand[b] - stream.demand[b]",
    ),
    # Customers who switch.
    Fault(
        "more switch than there is demand",
        "kernel.py",
        "stream.switched[b] = min(stream.demand[b], stream.away[b])",
        "stream.switched[b] = stream.away[b]",
    ),
    Fault(
        "who has switched asks the rival and stays",
        "kernel.py",
        "            stream.demand[b] -= stream.switched[b]\n",
        "",
    ),
    Fault(
        "nobody comes back",
        "rules.py",
        "return away * kept + lost * per_unit",
        "return away + lost * per_unit",
    ),
    Fault(
        "the rival gets nobody",
        "kernel.py",
        "rival.demand[b] += stream.switched[b]",
        "rival.demand[b] += 0.0",
    ),
    Fault(
        "nobody is charged for who has switched",
        "switched.py",
        "        _book(blame, blame.revenue, switched, its, streams[its.stream])\n",
        "",
    ),
    Fault(
        "why customers left is forgotten",
        "switched.py",
        "_stays_away(away[b], stream.kept_away[b],",
        "_stays_away(away[b], 0.0,",
    ),
    # Demand that moves.
    Fault(
        "levels drift upwards",
        "levels.py",
        "log_level[b] - 0.5 * loading[b] * variance[b]",
        "log_level[b]",
    ),
    Fault(
        "a loading counts once in the variance",
        "levels.py",
        "0.5 * loading[b] * variance[b]",
        "0.5 * variance[b]",
    ),
    Fault(
        "a level forgets nothing", "levels.py", "kept[b] * log_level[b] + step[b]", "log_level[b] + step[b]"
    ),
    Fault("levels move before the first day", "levels.py", "if numbering[1] > 0:", "if numbering[1] >= 0:"),
    Fault(
        "the compiled engine knows no levels",
        "block_engine.py",
        "    scale_demand(common.levels, planning.demand)\n",
        "",
    ),
    # Goods on their way.
    Fault(
        "a ring wraps around a slot too late", "kernel.py", "slot if slot < slots", "slot if slot <= slots"
    ),
    Fault(
        "a slot of the ring is not emptied",
        "kernel.py",
        "lane.dock[b] += due[b]\n                due[b] = 0.0",
        "lane.dock[b] += due[b]",
    ),
    Fault(
        "shipments overtake where they may not",
        "kernel.py",
        "if not lane.order_crossing",
        "if lane.order_crossing",
    ),
    Fault(
        "rounding stays in work in process",
        "kernel.py",
        "point.last_completion[b] > day",
        "point.last_completion[b] >= day",
    ),
    Fault(
        "goods under way arrive a day late", "block_engine.py", "due % lane.slots", "(due + 1) % lane.slots"
    ),
    Fault(
        "goods do not turn back", "kernel.py", "turns_back |= lane.turns_back[b] > 0.0", "turns_back |= False"
    ),
    Fault(
        "goods travel on through a pause",
        "calendar.py",
        "not paused[mover, day, b] & TRANSIT",
        "not paused[mover, day, b] & RECEIPTS",
    ),
    # Numbers that change and stock that is lost.
    Fault(
        "a change never returns",
        "changes.py",
        "step.amount[b], came * left",
        "step.amount[b], came",
    ),
    Fault(
        "a changed lead time is cut off, not rounded",
        "changes.py",
        "int(np.rint(value[b]))",
        "int(value[b])",
    ),
    Fault(
        "a changed number leaves its range",
        "changes.py",
        "max(value, 0.0), change.highest",
        "value, value",
    ),
    Fault(
        "what is due later does not burn",
        "kernel.py",
        "ring[slot, b] *= 1.0 - share[b]",
        "ring[slot, b] *= 1.0",
    ),
    Fault(
        "what is finished today burns",
        "kernel.py",
        "max(0.0, point.wip[b] - point.finished[b]) * share[b]",
        "point.wip[b] * share[b]",
    ),
    Fault(
        "what arrives today is seized",
        "kernel.py",
        "max(0.0, lane.in_transit[b] - lane.dock[b]) * share[b]",
        "lane.in_transit[b] * share[b]",
    ),
    Fault(
        "a second wave waits for no ramp",
        "kernel.py",
        "other.ramp_days[b] if substitute.after_ramp else 0.0",
        "0.0",
    ),
    Fault("what is seized still waits to leave", "spending.py", " * (1.0 - lane.lost_share[b])", ""),
    Fault(
        "nobody is to blame for a fire",
        "blame.py",
        "blame.shares[share, b] = max(0.0, node.wasted[b])",
        "pass",
    ),
    # Orders.
    Fault(
        "what a strike holds up is promised",
        "kernel.py",
        "claim.stuck[b] = lane.backlog[b] if held else stuck",
        "claim.stuck[b] = stuck",
    ),
    Fault(
        "what a narrow lane does not carry is promised",
        "kernel.py",
        "+ _excess(ready, claim.carried[b])",
        "",
    ),
    Fault(
        "what is stuck is ordered again, but not cancelled",
        "kernel.py",
        "lane.backlog[b] -= moved",
        "lane.backlog[b] -= 0.0",
    ),
    Fault(
        "a weekly buyer is promised a day's capacity",
        "kernel.py",
        "reach[b] = point.capacity[b] * point.horizon_days",
        "reach[b] = point.capacity[b]",
    ),
    Fault(
        "a plant is promised without its parts",
        "kernel.py",
        "reach[b] = min(reach[b], can / units) if units > 0.0 else reach[b]",
        "reach[b] = reach[b]",
    ),
    Fault(
        "work that is held up is promised",
        "kernel.py",
        "to_come = 0.0 if paused & HELD_UP else",
        "to_come = 0.0 if paused & PAUSED_ORDERS else",
    ),
    Fault(
        "a sum runs in another order",
        "kernel.py",
        "total[b] += lane.backlog[b] + lane.in_transit[b]",
        "total[b] = total[b] + lane.backlog[b] + lane.in_transit[b]",
    ),
    # Several recipes for one output.
    Fault(
        "work waits for its recipe though another could start it",
        "kernel.py",
        "else more",
        "else 0.0",
    ),
    Fault(
        "a recipe that pauses takes work over",
        "kernel.py",
        "paused & (PAUSED_ORDERS | HELD_UP)",
        "paused & HELD_UP",
    ),
    Fault(
        "what a recipe takes over still waits",
        "kernel.py",
        "other.waiting[b] = 0.0 if units >= waits else rest",
        "other.waiting[b] = other.waiting[b]",
    ),
    Fault(
        "orders stay with a recipe that lost the work",
        "kernel.py",
        "lane.backlog[b] -= passed_on",
        "lane.backlog[b] -= 0.0",
    ),
    Fault(
        "what the counterfactual makes counts as made by the scenario",
        "measures.py",
        "    _add_made(counterfactual, measures, COUNTERFACTUAL)\n",
        "    _add_made(counterfactual, measures, SCENARIO)\n",
    ),
    Fault(
        "what recipes made is carried on from week to week",
        "measures.py",
        "                measures.made[twin, row, b] = 0.0\n",
        "                pass\n",
    ),
    Fault(
        "production goes on for orders that were taken back",
        "kernel.py",
        "line.waiting[b] - units[b] / line.yield_share[b]",
        "line.waiting[b]",
    ),
    Fault(
        "what another recipe makes was not held back",
        "kernel.py",
        "held = (asked[b] - start[b]) / binding[b]",
        "held = (point.waiting[b] - start[b]) / binding[b]",
    ),
    Fault(
        "a slow recipe is taken for one of today",
        "kernel.py",
        "if not supplier.is_line or _process_days(path, supplier, day, b) == 0:",
        "if supplier.is_line or not supplier.is_line:",
    ),
    Fault(
        "recipes that stand in for each other compete",
        "facts.py",
        "if plan.edges.made[other] not in stands_in_for[made]",
        "if plan.edges.made[other] >= 0",
    ),
    Fault("review a day early", "kernel.py", "day % point.review_days", "(day + 1) % point.review_days"),
    Fault(
        "echelon orders forget who is below",
        "kernel.py",
        "rows.position[b] + rows.below[b], level",
        "rows.position[b], level",
    ),
    Fault(
        "work of a part elsewhere does not keep pace",
        "kernel.py",
        "for ahead in range(1, min(days, partner.work_slots) + 1):",
        "for ahead in range(1, min(days, partner.work_slots)):",
    ),
    Fault(
        "all parts are as far from the product",
        "kernel.py",
        "point, day, b) + point.balance_days",
        "point, day, b)",
    ),
    Fault(
        "what comes the day after counts as soon",
        "kernel.py",
        "range(expedited_days + 1, lane.slots + 1)",
        "range(expedited_days + 2, lane.slots + 1)",
    ),
    Fault(
        "what is expedited is ordered regularly too",
        "kernel.py",
        "position = rows.position[b] + point.ordered[b]",
        "position = rows.position[b]",
    ),
    Fault(
        "a supplier that fails takes expedited orders",
        "kernel.py",
        "_stuck_and_most(path, path.lanes[point.expedited_lane], claim, day)",
        "pass",
    ),
    Fault(
        "a stale allowance",
        "kernel.py",
        "if 0.0 < now < 1.0 else 0.0",
        "if 0.0 < now < 1.0 else lane.allowance[b]",
    ),
    Fault(
        "yesterday's pause of orders",
        "kernel.py",
        "_pause_orders(path.paused[lane.mover, day], room)",
        "_pause_orders(path.paused[lane.mover, max(0, day - 1)], room)",
    ),
    Fault(
        "a share of 0 stops an only lane that is ranked",
        "kernel.py",
        "elif last - first == 1 and not point.by_rank:",
        "elif last - first == 1:",
    ),
    Fault(
        "orders reach the supplier a day late",
        "loading.py",
        'rounded_days(values("lanes", "order_lead_time_days"))',
        '1 + rounded_days(values("lanes", "order_lead_time_days"))',
    ),
    Fault(
        "orders under way outlive their lane",
        "kernel.py",
        "path.orders[slot, b] *= 1.0 - lost[b]",
        "path.orders[slot, b] *= 1.0",
    ),
    Fault("a supplier owes what it does not know", "kernel.py", "if days == 0:", "if days >= 0:"),
    Fault(
        "a buyer forgets its orders under way",
        "kernel.py",
        "total[b] += lane.orders_under_way[b]",
        "total[b] += 0.0",
    ),
    Fault(
        "orders under way are stock of the echelon",
        "kernel.py",
        "total[b] -= lane.orders_under_way[b] * lane.units_per_original[b]",
        "total[b] -= 0.0",
    ),
    # Forecasts.
    Fault(
        "a forecast forgets a day too early",
        "block_forecasts.py",
        "oldest = forecast.oldest + 1 if",
        "oldest = forecast.oldest if",
    ),
    Fault(
        "a forecast sees what waits, not what is asked",
        "block_forecasts.py",
        "total[b] += stream.demand[b]",
        "total[b] += stream.unserved[b]",
    ),
    Fault(
        "a supplier foresees orders that it does not know",
        "block_forecasts.py",
        "reached = lane.orders_reached if lane.is_delayed else lane.ordered",
        "reached = lane.ordered",
    ),
    Fault(
        "parts are forecast by good units",
        "block_forecasts.py",
        "made.ordered[b] / made.yield_share[b] * edge.units[b]",
        "made.ordered[b] * edge.units[b]",
    ),
    Fault(
        "a campaign does not raise a level that is forecast",
        "block_forecasts.py",
        "cover = min(factor * point.cover_days[b] + extra, MOST_COVER_DAYS)",
        "cover = min(factor * point.cover_days[b], MOST_COVER_DAYS)",
    ),
    Fault(
        "a season begins a day late",
        "block_forecasts.py",
        "_season_ahead(season, day + 1, cover_days)",
        "_season_ahead(season, day, cover_days)",
    ),
    Fault(
        "a season learns from what was expected",
        "block_forecasts.py",
        "_smoothed(asked[b] - forecast.level[b], season[b]",
        "_smoothed(asked[b] - (forecast.level[b] - forecast.trend[b]), season[b]",
    ),
    Fault(
        "the forecast of the other twin",
        "block_engine.py",
        '    "forecasts",\n    "seen",\n',
        "",
    ),
    # Stock is made and shared out.
    Fault("the lowest rank is passed over", "kernel.py", "np.int64(-1)", "np.int64(0)"),
    Fault(
        "the yield is missing",
        "kernel.py",
        "scratch.rows.start[b] * point.yield_today[b]",
        "scratch.rows.start[b] * 1.0",
    ),
    Fault(
        "no conversion between units of a lane",
        "kernel.py",
        "need[b] = wanted[b] * lane.units_per_original[b]",
        "need[b] = wanted[b]",
    ),
    Fault(
        "a recipe's rank is ignored",
        "kernel.py",
        "scratch.claims[0].rank = edge.claim",
        "scratch.claims[0].rank = 0",
    ),
    Fault("a forgotten reset of what held back", "kernel.py", "point.was_short = False", "return"),
    Fault("the penalty of what a supplier sells is lost", "kernel.py", " + supplier.penalty[b]", ""),
    Fault(
        "the first stock has no age",
        "block_engine.py",
        "path.added[point.first_added, b] = point.on_hand[b]",
        "path.added[point.first_added, b] = 0.0",
    ),
    Fault(
        "stock expires a day late",
        "kernel.py",
        "path.added[first + (day + 1) % days][:] = 0.0",
        "path.added[first + (day + 1) % days][:] *= 1.0",
    ),
    # Customers, substitutes, the calendar.
    Fault(
        "customers are patient for ever",
        "kernel.py",
        "stream.unserved[b] -= stream.lost[b]",
        "stream.unserved[b] -= 0.0",
    ),
    Fault(
        "a substitute is triggered a day late",
        "kernel.py",
        "substitute.trigger_day[b] <= day",
        "substitute.trigger_day[b] < day",
    ),
    Fault(
        "engineers are not shared",
        "kernel.py",
        "scratch.load[substitute.firm, b] += load",
        "scratch.load[substitute.firm, b] = load",
    ),
    Fault(
        "a ramp starts a day late",
        "conditions.py",
        "float(day) - float(intervention.start[b])",
        "float(day) - 1.0 - float(intervention.start[b])",
    ),
    Fault(
        "orders use up no quota",
        "kernel.py",
        "grant.units_left[b] -= lane.ordered[b] * lane.units_per_original[b]",
        "grant.units_left[b] -= 0.0",
    ),
    Fault(
        "two lanes may both take the rest of a quota",
        "kernel.py",
        "        _limit_by_quota(path, lane, room)\n    if lane.in_lots",
        "        pass\n    if lane.in_lots",
    ),
    Fault(
        "a quota limits orders where no rule holds",
        "conditions.py",
        "    for licensed in path.licensed:\n        licensed.counts[:] = 0.0\n",
        "",
    ),
    Fault(
        "a licence that ends is not noticed",
        "conditions.py",
        "moves[day] |= has != had",
        "moves[day] |= has and not had",
    ),
    Fault(
        "a lane under a quota is not to blame",
        "blame.py",
        "not (licence.grant >= 0 and path.grants[licence.grant].has_quota)",
        "licence.grant >= -1",
    ),
    Fault(
        "an intervention holds a day too long",
        "conditions.py",
        "<= day < intervention.end[b]",
        "<= day <= intervention.end[b]",
    ),
    Fault(
        "what holds is worked out on too few days",
        "conditions.py",
        "first + climbs + 2",
        "first + climbs - 1",
    ),
    Fault(
        "of two rules the later counts, not the stricter",
        "conditions.py",
        "min(lane.permitted[b], permitted)",
        "permitted",
    ),
    Fault("the wrong twin's calendar", "block_engine.py", "common, moves[1], day", "common, moves[0], day"),
    Fault(
        "a lane takes more than its room", "kernel.py", "units = min(taken[b], room[b])", "units = taken[b]"
    ),
    Fault(
        "a substitute opens a day late",
        "kernel.py",
        "lane.is_open |= lane.level[b] > 0.0",
        "lane.is_open |= lane.level[b] > 0.5",
    ),
    Fault("what is due last is forgotten", "kernel.py", "lane.last_due >= day", "lane.last_due > day"),
    Fault(
        "usage is looked up a day early",
        "planning.py",
        "rows.here[b] = cumulative[b, slot]",
        "rows.here[b] = cumulative[b, max(0, slot - 1)]",
    ),
    # Rules and facts that both engines share.
    Fault(
        "any number of batches at once",
        "rules.py",
        "np.floor(short / batch) + 1.0, most_batches",
        "np.floor(short / batch) + 1.0, math.inf",
    ),
    Fault("a batch too few at r", "rules.py", "if short < 0.0 or", "if short <= 0.0 or"),
    Fault(
        "an order at s waits", "rules.py", "position - reorder_at <= noise", "position - reorder_at < noise"
    ),
    Fault(
        "noise is ordered", "rules.py", "if up_to - position > noise else", "if up_to - position > 0.0 else"
    ),
    Fault("lots without room for rounding", "rules.py", "order / multiple - ROUNDING", "order / multiple"),
    Fault("a lot below the minimum", "rules.py", "return order if order >= minimum else 0.0", "return order"),
    Fault(
        "a share is rounded otherwise",
        "rules.py",
        "available * (need / wanted)",
        "need * (available / wanted)",
    ),
    Fault("proportional sharing without the cap", "rules.py", "min(grant, left, need)", "min(grant, need)"),
    Fault("noise is not covered", "rules.py", "if owed - reach > NOISE * owed", "if owed > reach"),
    Fault("noise is left over", "rules.py", "if units - needed > NOISE * needed", "if units > needed"),
    Fault(
        "a trend is carried on a day too far",
        "rules.py",
        "whole * (whole - 1.0) / 2.0",
        "whole * (whole + 1.0) / 2.0",
    ),
    Fault("less than nothing is foreseen", "rules.py", "max(0.0, level * days", "(level * days"),
    Fault(
        "what was seen and what was expected change places",
        "rules.py",
        "weight * seen + (1.0 - weight) * expected",
        "weight * expected + (1.0 - weight) * seen",
    ),
    Fault("engineers work at full pace", "rules.py", "else engineers / load", "else 1.0"),
    Fault(
        "a lane carries the looser of its limits",
        "rules.py",
        "most = min(per_day, by_usage)",
        "most = max(per_day, by_usage)",
    ),
    Fault(
        "a ramp without limits has none", "rules.py", "usage * level if level < 1.0", "usage if level < 0.0"
    ),
    Fault(
        "a penalty by shipments, not by units",
        "rules.py",
        "(on_hand * held + units * penalty) / (on_hand + units)",
        "(held + penalty) / 2.0",
    ),
    Fault("half the patience", "rules.py", "1.0 / max(1.0, patience_days)", "2.0 / max(2.0, patience_days)"),
    Fault(
        "a logistic ramp is not stretched",
        "calendar_rules.py",
        "(here - low) / (1.0 - 2.0 * low)",
        "here",
    ),
    Fault(
        "a factor counts twice in its ramp",
        "calendar_rules.py",
        "1.0 + (factor - 1.0)",
        "factor + (factor - 1.0)",
    ),
    Fault(
        "a closing lane loses what it keeps", "calendar_rules.py", "1.0 - now / before if", "now / before if"
    ),
    Fault(
        "no limit is lost in part without usage",
        "calendar_rules.py",
        "(usage > 0.0 or factor <= 0.0 or normal < math.inf)",
        "(factor >= 0.0)",
    ),
    Fault(
        "what has been lifted holds on",
        "occurrence.py",
        "np.minimum(end[lifted], start[lifting])",
        "end[lifted]",
    ),
    Fault("a follower outlives its cause", "occurrence.py", "is_void |= start[after] == NEVER", "pass"),
    Fault("a follower comes at once", "occurrence.py", "origin + delay[index]", "origin"),
    Fault("no supplier over-complies", "occurrence.py", "is_covered.T | over_complies", "is_covered.T"),
    Fault(
        "every licence is granted",
        "occurrence.py",
        'chance < numbers("interventions", "grant_probability")[licence]',
        "chance >= 0.0",
    ),
    Fault(
        "nobody stops by itself",
        "occurrence.py",
        "_of_each(table.by_itself[restricting], by_itself, probability)",
        "probability",
    ),
    Fault(
        "suppliers abroad draw as those at home",
        "occurrence.py",
        "_of_each(table.abroad[restricting], abroad_chance[place], supplier_chance[place])",
        "supplier_chance[place]",
    ),
    Fault(
        "an exception is withdrawn whatever its probability",
        "occurrence.py",
        'withdrawal < numbers("interventions", "withdrawal_probability")',
        "withdrawal >= 0.0",
    ),
    Fault(
        "a licence is not processed",
        "occurrence.py",
        'delay + rounded_days(numbers("interventions", "processing_days"))',
        "delay",
    ),
    Fault(
        "a licence is valid a day too long", "calendar_rules.py", "into < valid_days", "into <= valid_days"
    ),
    Fault(
        "a licence is renewed once too often", "calendar_rules.py", "past <= renewals", "past - 1 <= renewals"
    ),
    Fault(
        "a revoked licence goes on",
        "calendar_rules.py",
        "or day - max(start, 0) >= revoked_after_days",
        "or start > end",
    ),
    Fault("a quota is given every day", "calendar_rules.py", "(day > 0 and of_year > 0)", "(day < 0)"),
    Fault(
        "a quota by value counts for nothing",
        "rules.py",
        "min(by_units, by_value)",
        "by_units",
    ),
    Fault(
        "a licence is renewed whatever its probability",
        "licences.py",
        "math.ceil(math.log(uniform) / math.log(probability)) - 1",
        "1",
    ),
    Fault(
        "a licence is revoked a year late",
        "licences.py",
        "/ math.log1p(-per_year) * DAYS_PER_YEAR)",
        "/ math.log1p(-per_year) * DAYS_PER_YEAR) + 365",
    ),
    Fault("substitutes have normal shares", "facts.py", "weight[lanes.is_substitute] = 0.0", "pass"),
    Fault(
        "recipes that have had their turn compete",
        "facts.py",
        "if turn[plan.edges.made[other]] > turn[made]",
        "if other >= 0",
    ),
    Fault(
        "an echelon ends at the next lane",
        "facts.py",
        "member[plan.lanes.buyer[plan.outbound[point]]] = True",
        "pass",
    ),
    # Measures.
    Fault(
        "sums are parted where another's window ends",
        "measures.py",
        "today.is_due[b] = 1.0 if ends or day == today.stop[b] - 1 else 0.0",
        "today.is_due[b] = 1.0",
    ),
    Fault(
        "the wrong day of the week",
        "measures.py",
        "if day % WEEK == WEEK - 1 and day < WEEK * measures.weeks:\n        _close_week",
        "if day % WEEK == WEEK - 2 and day < WEEK * measures.weeks:\n        _close_week",
    ),
    Fault("the window is a day too long", "measures.py", "day < today.stop[b]", "day <= today.stop[b]"),
    Fault(
        "recovery judged on 27 days",
        "measures.py",
        "day % SMOOTHING_DAYS",
        "day % (SMOOTHING_DAYS - 1)",
    ),
    Fault(
        "the wrong twin's price",
        "measures.py",
        "net = price[1, b] * paid\n",
        "net = price[0, b] * paid\n",
    ),
    Fault(
        "a lane both passes blame on and keeps it",
        "blame.py",
        "missing * (1.0 - noted.held_up[b])",
        "missing",
    ),
    Fault("a loss is booked again", "blame.py", "    loss[:] = 0.0", "    loss[:] += 0.0"),
    Fault(
        "purchases forget what turned back",
        "spending.py",
        "            units = lane.shipped[b] - lane.turned_back[b]\n",
        "            units = lane.shipped[b]\n",
    ),
    Fault(
        "holding costs of the wrong twin",
        "spending.py",
        "spending.lanes[charges.index].set_aside[twin], counted",
        "spending.lanes[charges.index].set_aside[0], counted",
    ),
    Fault(
        "a pause of both twins is the shock's in a replay",
        "replay.py",
        "scenario.paused_lanes & ~normal.paused_lanes",
        "scenario.paused_lanes",
    ),
    # Sellers.
    Fault(
        "what turned back was sold",
        "trade.py",
        "units = lane.shipped[b] - lane.turned_back[b]",
        "units = lane.shipped[b]",
    ),
    Fault(
        "what waited already is short supply again",
        "trade.py",
        "(lane.backlog[b] - its.owed[0, b])",
        "lane.backlog[b]",
    ),
    Fault(
        "short supply is charged to the lane too",
        "trade.py",
        "(its.sales[1, b] - its.sales[0, b]) * counts[b] - supply",
        "(its.sales[1, b] - its.sales[0, b]) * counts[b]",
    ),
    Fault(
        "what is sent later is lost at the scenario's price",
        "trade.py",
        "received[1]\n            for b in range(len(counts)):",
        "received[0]\n            for b in range(len(counts)):",
    ),
    Fault(
        "a buyer wanted what it was sent",
        "trade.py",
        "(lane.shipped[b] + lane.backlog[b] - its.owed[1, b]) * price",
        "lane.shipped[b] * price",
    ),
    Fault(
        "a buyer that waits has lost nothing",
        "trade.py",
        "max(lane.backlog[b] - normal.backlog[b], normal.shipped[b] - lane.shipped[b])",
        "normal.shipped[b] - lane.shipped[b]",
    ),
    # Duties.
    Fault(
        "sellers sell at what buyers pay",
        "costing.py",
        "spending.taxed[taxed].received[twin]\n        )\n        for b in range(len(unit_cost))",
        "spending.lanes[index_of_lane].price[twin]\n        )\n        for b in range(len(unit_cost))",
    ),
    Fault(
        "what is turned back flows on a link",
        "flows.py",
        "(lane.shipped[b] - lane.turned_back[b])",
        "lane.shipped[b]",
    ),
    Fault(
        "links flow without the shock as with it",
        "flows.py",
        "_add(counterfactual, flows, 1)",
        "_add(scenario, flows, 1)",
    ),
    Fault("a link's week holds those before", "flows.py", "sent[b] = 0.0", "sent[b] = sent[b]"),
    Fault("a link's week ends a day early", "flows.py", "day % WEEK == WEEK - 1", "day % WEEK == WEEK - 2"),
    Fault(
        "tiers make what they ship",
        "tiers.py",
        "if member.is_source else point.started[b]",
        "if not member.is_source else point.started[b]",
    ),
    Fault("a tier can do what it could last", "tiers.py", "capacity[b] += limit", "capacity[b] = limit"),
    Fault("a tier's slack is a sum", "tiers.py", "unused * member.part", "unused"),
    Fault(
        "a tier's stock counts units",
        "tiers.py",
        "stock[b] += on_hand[b] * member.worth[b]",
        "stock[b] += on_hand[b]",
    ),
    Fault(
        "tiers last as long without the shock as with it",
        "tiers.py",
        "_note_cover(counterfactual, tiers, 1, week)",
        "_note_cover(scenario, tiers, 1, week)",
    ),
    Fault(
        "revenue from firms at what buyers pay",
        "trade.py",
        "units * received[b] * costs.weight[b]",
        "units * costs.price[twin, b] * costs.weight[b]",
    ),
    Fault(
        "sellers pay back what buyers paid",
        "costing.py",
        "under_way.unit_cost[twin] if taxed == UNTAXED else costing.taxed[taxed].unit_received[twin]",
        "under_way.unit_cost[twin]",
    ),
    Fault(
        "what sellers got is not carried over to the counterfactual",
        "costing.py",
        "            books.unit_received[1, b] = books.unit_received[0, b]\n",
        "            books.unit_received[1, b] = 0.0\n",
    ),
    Fault(
        "what sellers got before the first day is unknown",
        "costing.py",
        "got[b] = each[b] * lane.units_per_original[b]",
        "got[b] = 0.0",
    ),
    Fault(
        "of two tariffs one counts",
        "spending.py",
        "parts[BUYER, b] += _buyers_part",
        "parts[BUYER, b] = _buyers_part",
    ),
    Fault(
        "duty on duty",
        "spending.py",
        "received[b] = price[b] * (1.0 - parts[SELLER, b])",
        "received[b] = paid[b] * (1.0 - parts[SELLER, b])",
    ),
    Fault(
        "goods that turn back have no duty back",
        "spending.py",
        "(lane.shipped[b] - lane.turned_back[b]) * bought.weight[b] * in_window[b]",
        "lane.shipped[b] * bought.weight[b] * in_window[b]",
    ),
    Fault(
        "a replay takes the duty for a part of the price",
        "replay.py",
        "taxed.price[twin, 0] = pages.lane_price[day, taxed.lane]",
        "taxed.price[twin, 0] = pages.lane_price_paid[day, taxed.lane]",
    ),
    Fault(
        "sellers bear what is passed on",
        "calendar_rules.py",
        "rate * (1.0 - passed_on_share) * level",
        "rate * passed_on_share * level",
    ),
    Fault(
        "a tariff does not climb",
        "calendar_rules.py",
        "return rate * passed_on_share * level",
        "return rate * passed_on_share",
    ),
    # Accounts.
    Fault(
        "a stock costs what its last units cost",
        "rules.py",
        "(on_hand * unit_cost + units * cost) / (on_hand + units)",
        "cost + 0.0 * on_hand",
    ),
    Fault(
        "units lost in production cost nothing",
        "costing.py",
        "costing.cost[b] / point.yield_today[b] + books",
        "costing.cost[b] + books",
    ),
    Fault(
        "what expires is sold for what it has cost",
        "costing.py",
        "point.expired[b] * books.salvage_value[b]",
        "point.expired[b] * unit_cost[b]",
    ),
    Fault(
        "salvage is no part of the margin",
        "costing.py",
        "today[WRITE_OFFS, maker, b] - today[SALVAGE, maker, b]",
        "today[WRITE_OFFS, maker, b]",
    ),
    Fault(
        "margin is lost through what was sold for salvage",
        "costing.py",
        "(got[WRITE_OFFS, maker, b] - got[SALVAGE, maker, b]) - usual",
        "got[WRITE_OFFS, maker, b] - usual",
    ),
    Fault(
        "goods are paid for within a firm",
        "costing.py",
        "    is_within = costing.lanes[index].within\n",
        "    is_within = not costing.lanes[index].within\n",
    ),
    Fault(
        "what turns back is not paid back",
        "costing.py",
        "bought[b] -= lane.turned_back[b]",
        "bought[b] -= 0.0 * lane.turned_back[b]",
    ),
    Fault(
        "what an own source supplies to recipes costs nothing",
        "costing.py",
        "bought[b] += path.points[edge.made].started[b]",
        "bought[b] += 0.0 * path.points[edge.made].started[b]",
    ),
    Fault(
        "goods that are not sold have cost all the same",
        "measures.py",
        "net = price[1, b] * paid - unit_cost[1, b]",
        "net = price[1, b] * paid",
    ),
    Fault(
        "the counterfactual's books begin a day late",
        "measures.py",
        "if day == measures.shared_days:",
        "if day == measures.shared_days + 1:",
    ),
    Fault(
        "a replay knows no yields",
        "replay.py",
        "yield_today=schedule.yield_share.T",
        "yield_today=np.ones_like(schedule.yield_share.T)",
    ),
    Fault(
        "what waits to leave is not seen in a replay",
        "replay.py",
        "1 << pause for pause in Pause",
        "0 << pause for pause in Pause",
    ),
)


def main(words: list[str]) -> None:
    """Print which test catches which fault; fail if none does, or if one fails without any fault."""
    chosen = [fault for fault in FAULTS if not words or any(word in fault.name for word in words)]
    sources = [source_with(fault) for fault in chosen]
    with ThreadPoolExecutor(cores()) as pool:
        unspoilt = [pool.submit(first_failure, file, place_of(file).read_text()) for file in UNSPOILT]
        found = list(pool.map(first_failure, [fault.file for fault in chosen], sources))
    for without in unspoilt:
        if without.result() is not None:
            raise SystemExit(f"faults: without any fault, {without.result()}")
    click.echo("| fault | in | caught by | seen in |\n|---|---|---|---|")
    for fault, failure in zip(chosen, found, strict=True):
        click.echo(f"| {fault.name} | `{fault.file}` | {failure or '**nothing** |'} |")
    if None in found:
        raise SystemExit("faults: some are caught by nothing")


def place_of(file: str, project: Path = PROJECT) -> Path:
    """Where a file is."""
    return next(project / room / file for room in ROOMS if (project / room / file).exists())


def source_with(fault: Fault) -> str:
    """The text of a file with a fault in it."""
    source = place_of(fault.file).read_text()
    if source.count(fault.right) != 1:
        raise SystemExit(f"faults: {fault.file} has not one {fault.right!r}, but {source.count(fault.right)}")
    return source.replace(fault.right, fault.wrong)


def first_failure(file: str, source: str) -> str | None:
    """The test that fails first if a file of the engines reads as given, and what differed in it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PROJECT / "pyproject.toml", copy)
        place_of(file, copy).write_text(source)
        return _failure_in(_tests_told(copy, _tests_for(file)))


def _tests_for(file: str) -> tuple[str, ...]:
    """Files of tests, those first that look at what a file is for."""
    if file in SHARED:
        return ORACLES
    return MEASURES_FIRST if file in MEASURING else STATES_FIRST


def _tests_told(project: Path, tests: tuple[str, ...]) -> str:
    """What pytest says of a project up to the first test that fails, with the compiler off."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "NUMBA_CACHE_DIR": str(project)}
    command = [sys.executable, "-m", "pytest", *tests, *OPTIONS]
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    ).stdout


def _failure_in(told: str) -> str | None:
    """The failing test and what differed, or the error, as two cells of a table; None if all passed."""
    failed = re.search(r"^(?:FAILED|ERROR) tests/(?:differential/)?(\S+)", told, re.MULTILINE)
    if failed is None:
        if re.search(r"^\d+ passed", told, re.MULTILINE):
            return None
        raise SystemExit(f"faults: the tests did not run\n{told}")
    differed = re.search(
        r"^E +(?:Arrays are not equal|Not equal to tolerance.*)\nE +(.+)$", told, re.MULTILINE
    )
    raised = re.search(r"^E +(\w+Error)", told, re.MULTILINE)
    seen = differed or raised
    return f"`{failed[1]}` | {seen[1] if seen else ''}"


if __name__ == "__main__":
    main(sys.argv[1:])
