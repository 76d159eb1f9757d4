"""A hundred scenario files with one mistake each: every one is refused with one problem at the right line."""
# ruff: noqa: E501 - one case a line reads best

from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.errors import Problem, ScenarioError
from sim.model.compile import prepare

VALID = (Path(__file__).parents[1] / "broken" / "valid.yaml").read_text(encoding="utf-8")


class Case(NamedTuple):
    """A mistake: a piece of the valid text, what stands there instead, and what must be said where."""

    name: str
    right: str
    wrong: str
    message: str
    at: str = ""


# fmt: off
SPELLING = [
    Case("key of a lane", "    price: 50", "    prise: 50", "'prise', which is not a field of a lane; did you mean 'price'?"),
    Case("key at the top", "title: Video", "titel: x\ntitle: Video", "a scenario; did you mean 'title'?"),
    Case("key of a firm", "name: Toshiba,", "name: Toshiba, county: JP,", "a firm; did you mean 'country'?"),
    Case("key of a distribution", "low: 7,", "lo: 3, low: 7,", "a pert distribution; did you mean 'low'?"),
    Case("key of a policy", "review_days: 7", "review_day: 7", "an s_S policy; did you mean 'review_days'?"),
    Case("key of a cover", "suppliers: [seagate],", "supplier: [seagate],", "a choice of lanes; did you mean 'suppliers'?"),
    Case("key of a ban", "    shock: true", "    shocks: true", "an export ban; did you mean 'shock'?"),
    Case("key of the calendar", "end: 2021-12-31", "stop: 2021-12-31, days: 9", "'stop', which is not a field of the calendar"),
    Case("key of a trigger", "{intervention: entity-list}", "{date: 2020-01-01, by: 1}", "'by', which is not a field of a trigger"),
    Case("key of the analysis", "  makers:", "  maker: x\n  makers:", "the analysis; did you mean 'makers'?"),
    Case("collection", "observations:", "observation:", "a scenario; did you mean 'observations'?"),
    Case("upper case", "    ramp: linear", "    Ramp: linear", "a substitute; did you mean 'ramp'?"),
    Case("like outside a collection", "cover_days: 30 days", "like: x", "'like', which is not a field of a base_stock policy"),
    Case("kind of intervention", "kind: export_ban", "kind: export_bans", "found 'export_bans', allowed: export_ban, "),
    Case("kind of policy", "kind: base_stock", "kind: basestock", "allowed: base_stock, echelon_base_stock, s_S, r_Q, dual_index, tailored_base_surge, none; did you mean 'base_stock'?"),
    Case("distribution", "dist: pert", "dist: prt", "lead_time_days.dist: found 'prt', allowed: normal, "),
    Case("option", "sourcing: share", "sourcing: shares", "found 'shares', allowed: share, rank; did you mean 'share'?"),
    Case("process", "process: gamma", "process: gama", "did you mean 'gamma'?"),
    Case("ramp", "ramp: linear", "ramp: logarithmic", "found 'logarithmic', allowed: linear, logistic"),
]

NAMES = [
    Case("firm", "{firm: seagate,", "{firm: segate,", "'segate' is not one of firms; did you mean 'seagate'?"),
    Case("item", "    item: recorder", "    item: recoder", "'recoder' is not one of items; did you mean 'recorder'?"),
    Case("market", "    market: home", "    market: abroad", "home-demand.market: 'abroad' is not one of markets"),
    Case("stock point of a lane", "    supplier: seagate-disks", "    supplier: seagate-disk", "did you mean 'seagate-disks'?"),
    Case("stock point of demand", "stock_point: recorders", "stock_point: recorder", "not one of stock_points; did you mean"),
    Case("input of a recipe", "{disks: 2}", "{discs: 2}", "inputs: 'discs' is not one of stock_points; did you mean 'disks'?"),
    Case("output of a recipe", "output: recorders", "output: toys", "recipes.assembly.output: 'toys' is not one of stock_points"),
    Case("firm in a list", "buyers: [maker]", "buyers: [makers]", "covers.buyers.0: 'makers' is not one of firms; did you mean 'maker'"),
    Case("id of another collection", "makers: [maker]", "makers: [home]", "'home' is not one of firms or groups; there is one in markets"),
    Case("intervention of a trigger", "{intervention: entity-list}", "{intervention: list}", "not one of interventions"),
    Case("shock", "shock: entity-list", "shock: entity-lst", "analysis.shock: 'entity-lst' is not one of interventions; did you"),
    Case("relieved ban", "relieves: [entity-list]", "relieves: [entities]", "permit.relieves.0: 'entities' is not one of"),
    Case("lane in a cover", "suppliers: [seagate],", "lanes: [seagate],", "'seagate' is not one of lanes or substitutes"),
    Case("copied entry", "like: seagate-lane,", "like: segate-lane,", "'segate-lane' is not one of lanes; did you mean 'seagate-lane'?"),
    Case("listed twice", "firms: [toshiba]", "firms: [toshiba, toshiba]", "covers.firms.1: 'toshiba' is listed twice"),
    Case("one id for a lane and a substitute", "  spare-lane:", "  toshiba-lane:", "'toshiba-lane' is also the id of a lane", "  toshiba-lane:\n"),
    Case("id with a space", "  revenue-2019:", "  revenue 2019:", "found 'revenue 2019' as an id, allowed: lower-case"),
    Case("id in upper case", "  fire:\n", "  Fire:\n", "interventions: found 'Fire' as an id, allowed: lower-case"),
    Case("unknown country", "country: JP", "country: QA9", "found 'QA9', allowed: a country code of ISO 3166"),
    Case("country in lower case", "country: US", "country: us", "found 'us', allowed: a country code of ISO 3166 such as US; did you mean 'US'?"),
    Case("UK", "country: JP", "country: UK", "did you mean 'GB'?"),
]

NUMBERS = [
    Case("negative lead time", "{dist: pert, low: 7, mode: 10, high: 28}", "-3", "lanes.seagate-lane.lead_time_days: found -3, allowed: 0 or more"),
    Case("negative price", "    price: 50", "    price: -50", "found -50, allowed: 0 or more"),
    Case("share above 1", "    share: 0.7", "    share: 70", "found 70, allowed: 0 to 1"),
    Case("NaN", "unit_cost: 55", "unit_cost: .nan", "NaN is not a number"),
    Case("infinite price", "price: 400", "price: .inf", "home-demand.price: found .inf, allowed: a finite number"),
    Case("infinite bound", "high: 28", "high: .inf", "lead_time_days.high: found .inf, allowed: a finite number"),
    Case("too large", "price: 400", "price: 1e999", "found 1e999, a number too large to compute with"),
    Case("too large a parameter", "high: 28", "high: 1e16", "lead_time_days.high: found 1e+16, allowed: up to 1e+15"),
    Case("too small a parameter", "sd: 0.05", "sd: 1e-200", "growth_per_year: sd: found 1e-200, allowed: 0, or numbers from 1e-100 on"),
    Case("truncated to next to nothing", "min: -0.5", "min: 40", "truncation leaves too little: the share 0 of its values lies between 40 and inf, allowed: 1e-09"),
    Case("weights beyond all bounds", "weights: [1, 3]", "weights: [1, 1e308]", "weights.1: found 1e+308, allowed: up to 1e+15"),
    Case("cover longer than any calendar", "cover_days: 30 days", "cover_days: 101 years", "policy.cover_days: found up to 36890 days, allowed: up to 36525; truncate it with max"),
    Case("lead time longer than any calendar", "{dist: pert, low: 7, mode: 10, high: 28}", "{dist: lognormal, median: 9, sigma: 9}", "days, allowed: up to 36525; truncate it with max"),
    Case("too many digits", "price: 400", f"price: {'9' * 400}", "found a number of 400 characters"),
    Case("no unit of time in a distribution", "high: 28", "high: 4 wekks", "lead_time_days: found '4 wekks', allowed: a number of days", "    lead_time_days:"),
    Case("misspelt key with a text", "high: 28}", "high: 28, sauce: book}", "found 'sauce', which is not a field of a pert distribution; did you mean 'source'?"),
    Case("no unit of time", "30 days", "30 d", "cover_days: found '30 d', allowed: a number of days"),
    Case("amount with a unit", "price: 400", "price: 400 USD", "found '400 USD', allowed: a number, a distribution"),
    Case("duration for an amount", "mean_per_day: 20", "mean_per_day: 20 days", "found '20 days', allowed: a number"),
    Case("decimal comma", "    share: 0.7", "    share: 0,7", "found '0,7', allowed: a number"),
    Case("quoted number", "unit_cost: 55", 'unit_cost: "55"', "found '55', allowed: a number"),
    Case("whole number", "review_days: 7", "review_days: 7.5", "found 7.5, allowed: a whole number"),
    Case("review of no days", "review_days: 7", "review_days: 0", "found 0, allowed: 1 or more"),
    Case("truth value for a number", "unit_cost: 55", "unit_cost: true", "found true, allowed: a number"),
    Case("list for a number", "unit_cost: 55", "unit_cost: [55]", "found a list, allowed: a number"),
    Case("pert out of order", "mode: 10", "mode: 60", "low <= mode <= high does not hold: 7, 60, 28"),
    Case("uniform upside down", "low: 100", "low: 300", "low (300) must be below high (200)"),
    Case("weights missing", "weights: [1, 3]", "weights: [1]", "2 values but 1 weights"),
    Case("weights of nothing", "weights: [1, 3]", "weights: [0, 0]", "the weights sum to zero"),
    Case("negative weight", "weights: [1, 3]", "weights: [1, -3]", "weights.1: found -3, allowed: 0 or more"),
    Case("normal below zero", "unit_cost: 55", "unit_cost: {dist: normal, mean: 55, sd: 5}", "found values from -inf to inf, allowed: 0 or more; truncate"),
    Case("no deviation", "sd: 0.05", "sd: 0", "sd: found 0, allowed: more than 0"),
    Case("missing parameter", "mode: 10, ", "", "lead_time_days.mode: missing; a pert distribution needs it", "low: 7"),
    Case("truncated away", "min: -0.5", "min: 0.5, max: 0.4", "truncation leaves nothing"),
    Case("growth below -1", "min: -0.5", "min: -2", "growth_per_year must be above -1", "  home-demand:"),
    Case("no yield", "yield_share: 0.98", "yield_share: 0", "recipes.assembly: yield_share must be above 0", "  assembly:"),
    Case("input of nothing", "{disks: 2}", "{disks: 0}", "recipes.assembly.inputs.disks: found 0, allowed: more than 0"),
    Case(
        "input of next to nothing",
        "{disks: 2}",
        "{disks: {dist: gamma, mean: 1, sd: 40}}",
        "recipes.assembly.inputs.disks: found 0, allowed: more than 0",
    ),
    Case("two seasons", "[0.9, 1.0, 1.0, 1.1]", "[0.9, 1.1]", "seasonality has 2 factors, allowed: 4 (quarters) or 12", "  home-demand:"),
]

DATES = [
    Case("30 February", "date: 2019-10-09", "date: 2019-02-30", "found '2019-02-30', which is no day of the calendar"),
    Case("day first", "date: 2019-10-09", "date: 09.10.2019", "found '09.10.2019', allowed: a date such as 2019-10-09"),
    Case("a year", "date: 2019-10-09", "date: 2019", "found 2019, allowed: a date such as 2019-10-09"),
    Case("calendar backwards", "end: 2021-12-31", "end: 2018-12-31", "end 2018-12-31 is before start 2019-01-01"),
    Case("calendar without length", ", end: 2021-12-31", "", "calendar: give either end or days", "calendar:"),
    Case("calendar of centuries", "end: 2021-12-31", "end: 2219-12-31", "the calendar has 73413 days, allowed: up to 36525"),
    Case("end of time", "{start: 2019-01-01, end: 2021-12-31}", "{start: 2299-12-01, days: 99}", "the calendar ends after 2299-12-31"),
    Case("year one", "{start: 2019-01-01, end: 2021-12-31}", "{start: 0001-01-01, days: 60}", "calendar.start: found 0001-01-01, allowed: a date from 1700-01-01 to 2299-12-31"),
    Case("year 9999", "{start: 2019-01-01, end: 2021-12-31}", "{start: 9999-10-01, days: 60}", "calendar.start: found 9999-10-01, allowed: a date from 1700-01-01"),
    Case("end in year 2300", "{start: 2019-01-01, end: 2021-12-31}", "{start: 2299-12-01, end: 2300-01-01}", "calendar.end: found 2300-01-01"),
    Case("end before date", "end: 2019-09-01", "end: 2019-05-01", "found 2019-05-01, but it takes effect only then or later"),
    Case("end and duration", "end: 2019-09-01", "end: 2019-09-01\n    duration_days: 9", "give either end or duration_days", "  panic:"),
    Case("date and after", "date: 2020-03-01", "date: 2020-03-01\n    after: fire", "give either date or after", "  slump:"),
    Case("neither date nor after", "    date: 2020-03-01\n", "", "give either date or after", "  slump:"),
    Case("after the calendar", "date: 2020-03-01", "date: 2022-03-01", "found 2022-03-01, allowed: up to the last simulated day 2021-12-31"),
    Case("ends before it follows", "    relieves:", "    end: 2019-10-09\n    relieves:", "found 2019-10-09, but it takes effect only then", "    end: 2019-10-09"),
    Case("lifted before it begins", "date: 2021-01-01", "date: 2019-03-01", "entity-list takes effect only after this lifting", "lifts: [entity-list]"),
    Case("observation backwards", "end: 2019-12-31", "end: 2018-12-31", "end 2018-12-31 is before start 2019-01-01"),
    Case("shock after all dates", "    shock: true", "    shock: true\n    delay_days: {dist: lognormal, median: 1, sigma: 10}", "the loss is counted from day 5.18471e+21, which is not simulated; allowed: 2019-01-01 to 2021-12-31", "  entity-list:"),
    Case("late trigger", "{intervention: entity-list}", "{date: 2031-01-01}", "trigger.date: found 2031-01-01, allowed: up to"),
]

STRUCTURE = [
    Case("wrong kind everywhere", "  fire:\n    kind: capacity_loss", "  fire2: 3\n  fire:\n    kind: capacity_loss", "fire2: found 3, allowed: a mapping"),
    Case("empty entry", "  home: {name: Home market, country: CN, buyer: government}", "  home:", "markets.home: found nothing, allowed: a market"),
    Case("nobody's loss", "makers: [maker]", "makers: []", "analysis.makers: found an empty list, allowed: at least one entry"),
    Case("text for a list", "makers: [maker]", "makers: maker", "analysis.makers: found 'maker', allowed: a list"),
    Case("list for a mapping", "calendar: {start: 2019-01-01, end: 2021-12-31}", "calendar: [2019-01-01]", "found a list, allowed: the calendar"),
    Case("number for a text", "title: Slump", "title: 2020", "found 2020, allowed: a text (quote it"),
    Case("empty text", "title: Slump", "title: ''", "found an empty text"),
    Case("blank title", "title: Slump", "title: ' '", "found ' ', allowed: a text with at least one character that can be seen"),
    Case("title without width", "title: Slump", 'title: "\\u200b"', "at least one character that can be seen"),
    Case("blank name", "{name: Home market,", "{name: '  ',", "allowed: a text with at least one character that can be seen"),
    Case("long text", "title: Slump", f"title: {'s' * 2001}", "found a text of 2001 characters, allowed: up to 2000"),
    Case("weeks under way", "    share: 0.7", f"    share: 0.7\n    initial_in_transit: [{', '.join(['1'] * 1001)}]", "initial_in_transit: found 1001 entries, allowed: up to 1000", "    initial_in"),
    Case("country of a page", "country: JP", f"country: {'J' * 1000}", f"found '{'J' * 60}', allowed: a country code"),
    Case("long id", "  fire:\n", f"  {'f' * 81}:\n", "as an id, allowed: lower-case letters"),
    Case("price of nothing", "covers: {markets: [home]}", "covers:", "covers: found nothing, allowed: a choice of demand streams"),
    Case("YAML 1.1 yes", "    shock: true", "    shock: yes", "found 'yes', allowed: true or false"),
    Case("YAML 1.1 no", "order_crossing: false", "order_crossing: no", "found 'no', allowed: true or false"),
    Case("Norway", "country: JP", "country: no", "found 'no', allowed: a country code of ISO 3166 such as US; did you mean 'NO'?"),
    Case("missing field", "    buyer: disks\n    trigger", "    trigger", "buyer: missing; a substitute needs it", "  toshiba-lane:"),
    Case("missing kind", "    kind: demand_shift\n", "", "interventions.slump.kind: missing, allowed: export_ban", "  slump:"),
    Case("other version", "chokepoint: 1", "chokepoint: 2", "chokepoint: found 2, allowed: 1"),
    Case("no inputs", "{disks: 2}", "{}", "inputs: found an empty mapping, allowed: at least one entry"),
    Case("two triggers", "{intervention: entity-list}", "{intervention: fire, date: 2020-01-01}", "give exactly one of intervention"),
    Case("rule without jurisdiction", "    delay_days: 200\n    jurisdiction: US", "    delay_days: 200", "a direct product rule needs it", "  technology-rule:"),
    Case("like itself", "  spare-lane: {like: seagate-lane,", "  spare-lane: {like: spare-lane,", "in a circle: spare-lane -> spare-lane"),
    Case("like in a circle", "    supplier: seagate-disks", "    like: spare-lane", "in a circle: seagate-lane -> spare-lane -> seagate-lane", "  spare-lane: {like"),
    Case("like a number", "like: seagate-lane,", "like: 7,", "like: '7' is not one of lanes"),
]

SENSE = [
    Case("ban on nobody", "suppliers: [seagate],", "suppliers: [maker],", "covers nobody: no lane matches maker"),
    Case("ban on two who do not trade", "{items: [disk]}", "{suppliers: [seagate], lanes: [toshiba-lane]}", "no lane matches all of suppliers, lanes"),
    Case("ban outside its jurisdiction", "jurisdiction: US\n    covers: {suppliers", "jurisdiction: KR\n    covers: {suppliers", "KR controls none of the lanes, US does"),
    Case("ban below de minimis", "    share: 0.7", "    share: 0.7\n    controlled_content_share: 0.1", "at most 0.1, below the de-minimis share 0.25", "  entity-list:"),
    Case("rule on no technology", ", controlled_technology: [US]", "", "none of the suppliers lists US in the controlled_technology", "    jurisdiction: US\n    covers: {items"),
    Case("shift of no demand", "{markets: [home]}", "{countries: [US]}", "covers nobody: no demand stream matches US"),
    Case("fire at nobody", "firms: [toshiba]", "firms: [toshiba], items: [recorder]", "no stock point matches all of firms, items"),
    Case("stockpiling at a source", "{stock_points: [disks]}", "{firms: [seagate]}", "covers only points without a target to raise"),
    Case("licence for a fire", "relieves: [entity-list]", "relieves: [fire]", "fire is of kind capacity_loss, allowed: an export_ban"),
    Case("licence for other lanes", "relieves: [entity-list]", "relieves: [entity-list]\n    covers: {suppliers: [toshiba]}", "relieves nobody: entity-list restricts none", "relieves: ["),
    Case("lifting of a lifting", "lifts: [entity-list]", "lifts: [end-of-list]", "end-of-list is itself a lifting"),
    Case("after in a circle", "    date: 2020-02-01", "    after: fire", "after: goes round in a circle: fire -> fire"),
    Case("shock that is none", "shock: entity-list", "shock: slump", "slump is no part of the shock"),
    Case("maker without market", "makers: [maker]\nfirms:\n", "makers: [idle]\nfirms:\n  idle: {name: Idle, country: US}\n", "idle sells nothing, allowed: a firm with demand, or with a lane to another firm: maker, seagate, toshiba"),
    Case("lane of two items", "like: seagate-lane,", "like: seagate-lane, supplier: toshiba-platters,", "the supplier holds platter but the buyer disk"),
    Case("substitute of another unit", "    supplier: toshiba-disks", "    supplier: toshiba-platters", "allowed: the same unit", "  toshiba-lane:"),
    Case("lane to itself", "    supplier: toshiba-disks\n    buyer: disks", "    supplier: disks\n    buyer: disks", "found the supplier disks itself", "    buyer: disks\n    trigger"),
    Case("policy of a source", "capacity_per_day: 500", "policy: {kind: base_stock}", "found a policy, allowed: none"),
    Case("maker without policy", "    policy: {kind: s_S, reorder_cover_days: 5, cover_days: 10, review_days: 7}\n", "", "policy: missing; recipe assembly supplies it", "  recorders:"),
    Case("made and bought", "    buyer: disks\n    trigger", "    buyer: recorders\n    trigger", "recipe assembly makes it and lane toshiba-lane brings it, allowed: one", "  recorders:\n    firm"),
    Case("recipe of itself", "{disks: 2}", "{recorders: 2}", "inputs.recorders: found the output itself, allowed: other stock points"),
    Case("shares of nothing", "share: 0.7\n    order_crossing: false\n  spare-lane: {like: seagate-lane, share: 0.3}", "share: 0\n    order_crossing: false", "the shares of all its lanes are 0, allowed: at least one above 0", "  disks:\n    firm"),
    Case("dearer for nobody", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}", "kind: price_change\n    title: Slump\n    date: 2020-03-01\n    lanes: {buyers: [seagate]}", "lanes.buyers: covers nobody: no lane matches seagate", "    lanes: {buyers"),
    Case("dearer demand of nobody", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}", "kind: price_change\n    title: Slump\n    date: 2020-03-01\n    streams: {buyer: private}", "streams.buyer: covers nobody: no demand stream matches private", "    streams: {buyer"),
    Case("rank of an only recipe", "    yield_share: 0.98", "    rank: 2", "assembly.rank: found rank, allowed: only where another recipe makes recorders too"),
    Case("rank of recipes by share", "lanes:\n", "  second: {output: recorders, inputs: {disks: 1}, rank: 2}\nlanes:\n", "second.rank: found rank, allowed: only where recorders has sourcing: rank"),
    Case("lag without a trigger", "lanes:\n", "  second: {output: recorders, inputs: {disks: 1}, ramp_days: 2}\nlanes:\n", "second.ramp_days: found ramp_days, allowed: only with a trigger"),
    Case("lots of one of two recipes", "lanes:\n", "  second: {output: recorders, inputs: {disks: 1}, order_multiple_units: 2}\nlanes:\n", "only where one recipe alone makes recorders"),
    Case("late trigger of a recipe", "lanes:\n", "  second: {output: recorders, inputs: {disks: 1}, trigger: {date: 2031-01-01}}\nlanes:\n", "second.trigger.date: found 2031-01-01, allowed: up to the last simulated day 2021-12-31"),
    Case("unknown recipe in a cover", "covers: {firms: [toshiba]}", "covers: {recipes: [asembly]}", "'asembly' is not one of recipes; did you mean 'assembly'?"),
    Case("change of no such number", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: colour\n    lanes: {}\n    to: 1", "number: found 'colour', allowed: capacity_per_day, ", "    number: colour"),
    Case("change in two ways", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: price\n    lanes: {}\n    to: 1\n    factor: 2", "give exactly one of to, add, factor; found to and factor", "  slump:"),
    Case("change of nobody's number", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: lead_time_days\n    streams: {}\n    to: 1", "found streams, allowed for lead_time_days: lanes", "  slump:"),
    Case("change at nobody", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: price\n    lanes: {buyers: [seagate]}\n    to: 1", "lanes.buyers: covers nobody: no lane matches seagate", "    lanes: {buyers"),
    Case("share above all", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: share\n    lanes: {}\n    to: 1.5", "to: found 1.5, allowed for share: 0 to 1", "  slump:"),
    Case("price without end", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: price\n    lanes: {}\n    to: .inf", "to: found infinity, allowed for price: a finite number", "  slump:"),
    Case("price of two weeks", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: price\n    lanes: {}\n    to: 2 weeks", "to: found '2 weeks', allowed: a number, as price is no duration", "  slump:"),
    Case("inputs of nothing", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: inputs\n    recipes: [assembly]\n    to: 0", "inputs stays above 0: allowed: to or factor, above 0", "  slump:"),
    Case("input of another recipe", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: inputs\n    recipes: [assembly]\n    inputs: [seagate-disks]\n    to: 1", "inputs.0: seagate-disks is no input of assembly", "    inputs: [seagate"),
    Case("unlimited capacity by half", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: capacity_per_day\n    stock_points: {stock_points: [toshiba-platters]}\n    factor: 0.5", "factor: it is unlimited wherever it is covered, and stays so", "    factor: 0.5"),
    Case("capacity of a buyer", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: change\n    title: Slump\n    date: 2020-03-01\n    number: capacity_per_day\n    stock_points: {stock_points: [disks]}\n    to: 5", "'disks' only buys and has no capacity; allowed: stock points that are sources or made", "    stock_points: {stock"),
    Case("loss of nothing", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: stock_loss\n    title: Slump\n    date: 2020-03-01\n    stock_points: {firms: [maker]}", "on_hand_share and work_in_process_share belong to stock_points", "  slump:"),
    Case("loss at a source", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: stock_loss\n    title: Slump\n    date: 2020-03-01\n    stock_points: {firms: [seagate]}\n    on_hand_share: 1", "covers only sources, which hold no stock", "    stock_points: {firms: [seagate]}\n    on_hand"),
    Case("loss of work where nothing is made", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: stock_loss\n    title: Slump\n    date: 2020-03-01\n    stock_points: {stock_points: [disks]}\n    work_in_process_share: 1", "covers nothing that a recipe makes", "    stock_points: {stock_points: [disks]}\n    work"),
    Case("loss with an end", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: stock_loss\n    title: Slump\n    date: 2020-03-01\n    end: 2020-04-01\n    lanes: {}\n    in_transit_share: 1", "allowed: no end or duration_days", "  slump:"),
    Case("loss before the first day", "kind: demand_shift\n    title: Slump\n    date: 2020-03-01\n    covers: {markets: [home]}\n    factor: 0.8", "kind: stock_loss\n    title: Slump\n    date: 2017-03-01\n    lanes: {}\n    in_transit_share: 1", "allowed: from the first simulated day", "    date: 2017"),
    Case("substitutes that wait for each other", "{intervention: entity-list}", "{after_substitute: toshiba-lane}", "after_substitute: goes round in a circle: toshiba-lane -> toshiba-lane"),
    Case("a trigger and a substitute before", "{intervention: entity-list}", "{intervention: entity-list, after_substitute: toshiba-lane}", "give exactly one of intervention, date, cover_below_days, after_substitute"),
    Case("once without another", "{intervention: entity-list}", "{intervention: entity-list, once: ramped}", "once: ramped belongs to after_substitute"),
    Case("input of another firm", "{disks: 2}", "{disks: 2, toshiba-disks: 1}", "belongs to toshiba, allowed: stock points of maker"),
    Case("orders for longer than any calendar", "    order_crossing: false", "    order_lead_time_days: {dist: gamma, mean: 9e4, sd: 1}", "order_lead_time_days: found up to 90005 days, allowed: up to 36525; truncate it with max", "    order_lead"),
    Case("forecast of a source", "capacity_per_day: 500", "forecast: {kind: moving_average, days: 7}", "forecast: found a forecast on which no level depends, allowed: with cover_days or reorder_cover_days above 0"),
    Case("forecast without cover", "cover_days: 30 days}", "units: 30}\n    forecast: {kind: moving_average, days: 7}", "found a forecast on which no level depends", "    forecast"),
    Case("average of no days", "cover_days: 30 days}", "cover_days: 30 days}\n    forecast: {kind: moving_average, days: 0}", "forecast.days: found 0, allowed: 1 or more", "    forecast"),
    Case("smoothing of nothing", "cover_days: 30 days}", "cover_days: 30 days}\n    forecast: {kind: exponential_smoothing}", "level_smoothing: missing", "    forecast"),
    Case("smoothing beyond all", "cover_days: 30 days}", "cover_days: 30 days}\n    forecast: {kind: exponential_smoothing, level_smoothing: 1.5}", "level_smoothing: found 1.5, allowed: 0 to 1", "    forecast"),
    Case("season of one day", "cover_days: 30 days}", "cover_days: 30 days}\n    forecast: {kind: holt_winters, level_smoothing: 0.5, season_smoothing: 0.5, season_days: 1}", "forecast.season_days: found 1, allowed: 2 or more", "    forecast"),
    Case("season without its days", "cover_days: 30 days}", "cover_days: 30 days}\n    forecast: {kind: holt_winters, level_smoothing: 0.5, season_smoothing: 0.5}", "season_days: missing", "    forecast"),
    Case("forecast of no kind", "cover_days: 30 days}", "cover_days: 30 days}\n    forecast: {kind: moving_avrage, days: 7}", "found 'moving_avrage'", "    forecast"),
    Case("reorder point above target", "reorder_cover_days: 5", "reorder_cover_days: 50", "the reorder point s is above the target S"),
]

FIRE = """    kind: capacity_loss
    title: Fire
    date: 2020-02-01
    duration_days: {dist: discrete, values: [10, 20], weights: [1, 3]}
    covers: {firms: [toshiba]}
"""
PAUSE = """    kind: disruption
    title: Fire
    date: 2020-02-01
"""
DISKS = "    policy: {kind: base_stock, cover_days: 30 days}"
MADE = "    policy: {kind: s_S, reorder_cover_days: 5, cover_days: 10, review_days: 7}"

DEMAND = [
    Case("no such CSV file", "process: gamma", "process: listed\n    observations: {file: none.csv, column: units}", "none.csv", "    observations: {file"),
    Case("observations that name no column", "process: gamma", "process: listed\n    observations: {file: none.csv}", "allowed: a list of numbers, or file and column", "    observations: {file"),
    Case("observations that name a number", "process: gamma", "process: listed\n    observations: {file: none.csv, column: 3}", "allowed: a list of numbers, or file and column", "    observations: {file"),
    Case("negative observation", "process: gamma", "process: empirical\n    observations: [4, -2]", "home-demand.observations.1: found -2, allowed: 0 or more", "    observations: [4"),
    Case("observed words", "process: gamma", "process: empirical\n    observations: [4, few]", "home-demand.observations.1: found 'few', allowed: a number", "    observations: [4"),
    Case("no observations", "process: gamma", "process: empirical\n    observations: []", "observations: found an empty list, allowed: at least one entry", "    observations: []"),
    Case("a single observation", "process: gamma", "process: empirical\n    observations: 4", "observations: found 4, allowed: a list", "    observations: 4"),
    Case("observations of a gamma process", "    process: gamma", "    observations: [4, 2]", "observations belong to the processes listed and empirical, which need them", "  home-demand:"),
    Case("process without observations", "process: gamma", "process: empirical", "observations belong to the processes listed and empirical, which need them", "  home-demand:"),
    Case("mean missing", "    mean_per_day: 20\n", "", "demand.home-demand: mean_per_day is missing", "  home-demand:"),
    Case("listed demand that grows", "    seasonality: [0.9, 1.0, 1.0, 1.1]\n    process: gamma", "    process: listed\n    observations: [4, 2]", "listed demand is taken as it is", "  home-demand:"),
]

DISRUPTIONS = [
    Case("fails more than once a day", FIRE, f"{FIRE}    markov: {{mean_days_to_failure: 0.5, mean_days_to_recover: 9}}\n", "mean_days_to_failure: found 0.5, allowed: 1 or more", "    markov:"),
    Case("recovers in less than a day", FIRE, f"{FIRE}    markov: {{mean_days_to_failure: 9, mean_days_to_recover: {{dist: uniform, low: 0.5, high: 2}}}}\n", "mean_days_to_recover: found 0.5, allowed: 1 or more", "    markov:"),
    Case("never recovers", FIRE, f"{FIRE}    markov: {{mean_days_to_failure: 9}}\n", "fire.markov.mean_days_to_recover: missing", "    markov:"),
    Case("recovers in two ways", FIRE, f"{FIRE}    markov: {{mean_days_to_failure: 9, mean_days_to_recover: 9}}\n    recovery_days: 5\n", "interventions.fire: give either markov or recovery_days, not both", "  fire:"),
    Case("ban at random", "    shock: true", "    shock: true\n    markov: {mean_days_to_failure: 9, mean_days_to_recover: 9}", "found 'markov', which is not a field of an export ban", "    markov:"),
    Case("disruption of nothing", FIRE, f"{PAUSE}    pauses: transit\n", "interventions.fire: give lanes or stock_points", "  fire:"),
    Case("disruption that pauses nothing", FIRE, f"{PAUSE}    lanes: {{}}\n", "interventions.fire.pauses: missing; a disruption needs it", "  fire:"),
    Case("misspelt pause", FIRE, f"{PAUSE}    pauses: shipment\n    lanes: {{}}\n", "found 'shipment', allowed: orders, shipments, transit, receipts; did you mean 'shipments'?", "    pauses:"),
    Case("disruption with covers", FIRE, f"{PAUSE}    pauses: transit\n    lanes: {{}}\n    covers: {{}}\n", "found 'covers', which is not a field of a disruption", "    covers: {}"),
    Case("disruption of nobody's lanes", FIRE, f"{PAUSE}    pauses: transit\n    lanes: {{suppliers: [maker]}}\n", "fire.lanes.suppliers: covers nobody: no lane matches maker", "    lanes: {suppliers"),
    Case("disruption of a country without buyers", FIRE, f"{PAUSE}    pauses: transit\n    lanes: {{buyer_countries: [JP]}}\n", "fire.lanes.buyer_countries: covers nobody: no lane matches JP", "    lanes: {buyer"),
    Case("disruption of nobody's stock", FIRE, f"{PAUSE}    pauses: orders\n    stock_points: {{countries: [FR]}}\n", "fire.stock_points.countries: covers nobody: no stock point matches FR", "    stock_points: {countries"),
    Case("disruption of what leads to sources", FIRE, f"{PAUSE}    pauses: orders\n    stock_points: {{firms: [toshiba]}}\n", "nothing leads to toshiba-disks, toshiba-platters, allowed: points that are bought or made; for what sources ship, cover their lanes", "    stock_points: {firms"),
    Case("two covers, one of nobody", FIRE, f"{PAUSE}    pauses: orders\n    lanes: {{}}\n    stock_points: {{firms: [seagate]}}\n", "nothing leads to seagate-disks, allowed", "    stock_points: {firms"),
]

ORDERS = [
    Case("batches without end", MADE, "    policy: {kind: r_Q, batch_units: 5, max_batches: 0}", "policy.max_batches: found 0, allowed: 1 or more"),
    Case("half a batch", MADE, "    policy: {kind: r_Q, batch_units: 5, max_batches: 1.5}", "policy.max_batches: found 1.5, allowed: a whole number"),
    Case("level without orders", MADE, "    policy: {kind: none, units: 5}", "'units', which is not a field"),
    Case("orders of what nothing supplies", "{firm: toshiba, item: platter}", "{firm: toshiba, item: platter, policy: {kind: echelon_base_stock}}", "toshiba-platters.policy: found a policy, allowed: none, or kind none, as no lane or recipe supplies it"),
    Case("in balance with nothing", MADE, "    policy: {kind: echelon_base_stock, balanced_with: disks}", "balanced_with: found 'disks'; allowed: another bought or made stock point that goes into a recipe with 'recorders'"),
    Case("two sources and a substitute", DISKS, "    policy: {kind: dual_index, regular: seagate-lane, expedited: spare-lane}", "to disks lead: seagate-lane, spare-lane, toshiba-lane (a substitute); allowed: two lanes"),
    Case("shelf life of a source", "{firm: toshiba, item: platter}", "{firm: toshiba, item: platter, shelf_life_days: 9}", "a source has no stock that could age, allowed: shelf_life_days where goods are held"),
    Case("shelf life of nothing", "    unit_cost: 55", "    shelf_life_days: 0", "shelf_life_days: found 0, allowed: 1 or more"),
    Case("salvage of what does not expire", "    unit_cost: 55", "    salvage_value_per_unit: 5", "disks.salvage_value_per_unit: found a value of what expires, allowed: with shelf_life_days"),
    Case("misspelt regular lane", DISKS, "    policy: {kind: dual_index, regular: seagate-lan, expedited: spare-lane}", "regular: 'seagate-lan' is not one of lanes or substitutes; did you mean 'seagate-lane'?"),
    Case("no base to surge from", DISKS, "    policy: {kind: tailored_base_surge, regular: seagate-lane, expedited: spare-lane}", "standing_units: missing; a tailored_base_surge policy needs it"),
    Case("negative multiple", "    order_crossing: false", "    order_multiple_units: -4", "order_multiple_units: found -4, allowed: 0 or more"),
    Case("minimum without end", "    order_crossing: false", "    minimum_order_units: .inf", "minimum_order_units: found .inf, allowed: a finite number"),
    Case("negative goods under way", "    order_crossing: false", "    initial_in_transit: [3, -1]", "initial_in_transit.1: found -1, allowed: 0 or more"),
    Case("goods under way on no day", "    order_crossing: false", "    initial_in_transit: 3", "initial_in_transit: found 3, allowed: a list"),
    Case("misspelt work in process", "    yield_share: 0.98", "    initial_work_in_progress: [3]", "a recipe; did you mean 'initial_work_in_process'?"),
    Case("negative cost", "unit_cost: 55", "holding_cost_per_unit_day: -1", "holding_cost_per_unit_day: found -1, allowed: 0 or more"),
    Case("gamma below zero", "unit_cost: 55", "unit_cost: {dist: gamma, mean: -5, sd: 1}", "unit_cost.mean: found -5, allowed: more than 0"),
]

SYNTAX = [
    Case("tab", "  makers: [maker]", "\tmakers: [maker]", "found a tab, allowed: spaces"),
    Case("duplicate key", "    price: 50", "    price: 50\n    price: 60", "'price' stands here a second time; the first is on line 45", "    price: 60"),
    Case("duplicate entry", "  slump:\n", "  fire:\n", "'fire' stands here a second time", "  fire:\n    kind: demand_shift"),
    Case("anchor", "makers: [maker]", "makers: &all [maker]", "found the anchor '&all', allowed: none"),
    Case("alias", "makers: [maker]", "makers: *all", "found the alias '*all', allowed: none"),
    Case("tag", "mean_per_day: 20", "mean_per_day: !!float 20", "found the tag '!!float', allowed: none"),
    Case("code", "title: Slump", "title: !!python/object/apply:os.system [ls]", "allowed: none"),
    Case("second document", "firms:\n  seagate", "---\nfirms:\n  seagate", "a second document begins here", "---"),
    Case("number as a key", "  fire:\n", "  2020:\n", "found '2020' as a key, which YAML reads as a number; allowed: a text"),
    Case("null as a key", "  fire:\n", "  null:\n", "found 'null' as a key, which YAML reads as null"),
    Case("list as a key", "  fire:\n", "  [fire]:\n", "found a list as a key, allowed: a text"),
    Case("unclosed list", "makers: [maker]", "makers: [maker", "the closing ']' of a list is missing", "firms:\n  seagate"),
    Case("unclosed quote", "title: Slump", "title: 'Slump", "a quoted text is never closed"),
    Case("colon in a text", "title: Slump", "title: Slump: 2020", "a ':' stands where none is allowed"),
    Case("text that begins with @", "title: Slump", "title: @home", "a text cannot begin with '@'; quote it"),
    Case("bad indentation", "    title: Slump", "   title: Slump", "a key was expected here; check the indentation"),
    Case("YAML 1.1", "chokepoint: 1", "%YAML 1.1\n---\nchokepoint: 1", "found a YAML directive"),
    Case("deep nesting", "title: Slump", f"title: {'[' * 60}{']' * 60}", "nested more than 40 levels deep"),
    Case("control character", "title: Slump", "title: Sl\x1b[31mump", "found the control character U+001B"),
    Case("escaped control character", "title: Slump", 'title: "Slump\\0"', "found the control character U+0000"),
    Case("text running backwards", "title: Slump", "title: Sl\u202eump", "found the control character U+202E"),
]

# Mistakes that only the network as a whole shows; the compiler finds them.
GRAPH = [
    Case("cycle", "recipes:\n  assembly:\n    output: recorders\n    inputs: {disks: 2}\n    yield_share: 0.98\nlanes:\n", "  kits: {firm: maker, item: disk, policy: {kind: base_stock}}\nrecipes:\n  kitting: {output: kits, inputs: {recorders: 1}}\n  assembly: {output: recorders, inputs: {disks: 2}}\nlanes:\n  back: {supplier: kits, buyer: disks}\n", "found a cycle disks -> recorders -> kits -> disks", "  disks:\n"),
    Case("stock point that serves nobody", "  toshiba-platters: {", "  idle: {firm: toshiba, item: platter}\n  toshiba-platters: {", "stock_points.idle: nothing leads from it to a market"),
    Case("market without supply", "{firm: toshiba, item: platter}", "{firm: toshiba, item: platter, capacity_per_day: 0}", "demand.platter-demand: a market without supply", "  platter-demand:"),
    Case("substitute nobody triggers", "    date: 2019-10-09", "    date: 2019-10-09\n    probability: 0", "substitutes.toshiba-lane.trigger: nobody triggers it", "    trigger:"),
    Case("window too long", "  makers: [maker]", "  makers: [maker]\n  window_days: 9999", "analysis.window_days: found 9999, but only 815 days are simulated", "  window_days"),
    Case("shock before the calendar", "{start: 2019-01-01,", "{start: 2020-01-01,", "interventions.entity-list: the loss is counted from 2019-10-09, which is not simulated", "  entity-list:"),
    Case("fire where nothing is made", "covers: {firms: [toshiba]}", "covers: {stock_points: [disks]}", "interventions.fire.covers: 'disks' only buys and has no capacity to lose"),
    Case("echelon without a tree", "recipes:\n  assembly:\n    output: recorders\n    inputs: {disks: 2}\n    yield_share: 0.98\nlanes:\n  seagate-lane:\n    supplier: seagate-disks", "  depot: {firm: seagate, item: disk, policy: {kind: echelon_base_stock, units: 9}}\nrecipes:\n  assembly: {output: recorders, inputs: {disks: 2}}\nlanes:\n  hop: {supplier: seagate-disks, buyer: depot}\n  seagate-lane:\n    supplier: depot", "stock_points.depot.policy: 'disks' downstream buys on 3 lanes; allowed: echelon_base_stock where every point downstream has one supplier", "  depot:"),
]
# fmt: on

FILES = [*SPELLING, *NAMES, *NUMBERS, *DATES, *STRUCTURE, *SENSE, *DEMAND, *DISRUPTIONS, *ORDERS, *SYNTAX]
CASES = [*FILES, *GRAPH]


def refusal(path: Path) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        prepare(path)
    assert len(caught.value.problems) == 1, str(caught.value)
    return caught.value.problems[0]


def test_the_file_without_a_mistake_is_valid(tmp_path: Path):
    path = tmp_path / "valid.yaml"
    path.write_text(VALID, encoding="utf-8")
    assert prepare(path)[0].name == "recorders"


def test_there_are_a_hundred_different_mistakes():
    assert len({(case.right, case.wrong) for case in CASES}) == len(CASES) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_mistake_is_one_problem_at_its_line(case: Case, tmp_path: Path):
    assert VALID.count(case.right) >= 1
    text = VALID.replace(case.right, case.wrong, 1)
    path = tmp_path / "broken.yaml"
    path.write_bytes(text.encode("utf-8"))
    problem = refusal(path)
    found_at = text.index(case.at) if case.at else VALID.index(case.right) + case.wrong.startswith("\n")
    assert case.message in problem.message
    assert problem.place is not None
    assert problem.place.file == str(path)
    assert problem.place.line == text.count("\n", 0, found_at) + 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_command_refuses_it_with_one_message_and_writes_nothing(case: Case, tmp_path: Path):
    path = tmp_path / "broken.yaml"
    path.write_bytes(VALID.replace(case.right, case.wrong, 1).encode("utf-8"))
    result = CliRunner().invoke(main, ["run", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"{path}:")
    assert [entry.name for entry in tmp_path.iterdir()] == ["broken.yaml"]


LISTED = "process: listed\n    observations: {file: sales.csv, column: units}"


@pytest.mark.parametrize(
    ("table", "message", "line"),
    [
        ("day,unit\n1,5\n", "sales.csv has no column 'units'; did you mean 'unit'?", 0),
        ("units\n5\nmany\n", "found 'many'", 3),
        ("day,units\n1,5\n2,-5\n", "found '-5'", 3),
    ],
)
def test_a_mistake_in_a_csv_file_is_one_problem_where_it_stands(
    table: str, message: str, line: int, tmp_path: Path
):
    data, path = tmp_path / "sales.csv", tmp_path / "broken.yaml"
    data.write_text(table, encoding="utf-8")
    text = VALID.replace("process: gamma", LISTED, 1)
    path.write_text(text, encoding="utf-8")
    problem = refusal(path)
    assert message in problem.message
    assert problem.place is not None
    file, line = (data, line) if line else (path, text.count("\n", 0, text.index("{file: sales.csv")) + 1)
    assert (problem.place.file, problem.place.line) == (str(file), line)
    result = CliRunner().invoke(main, ["run", str(path), "--out", str(tmp_path / "out")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{file}:{line}:")
