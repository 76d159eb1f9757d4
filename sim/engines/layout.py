"""How the compiled engine lays out a network in memory: records with one row of replications for each number.

A *block* is a number of replications simulated side by side. Every quantity of a stock point, lane, stream
... is a row ``[replication]`` within that thing's record, so that the innermost loops run over contiguous
memory, the width of a block is known to the compiler, and one thing's numbers lie together.
"""

from typing import Any, NamedTuple

import numpy as np

Records = Any
"""A NumPy array of records; compiled code reads a record's fields as attributes."""
Record = Any
Array = Any

POINT_NUMBERS = (
    "yield_share",
    "balance_ratio",
    "minimum_order_units",
    "order_multiple_units",
    "batch_units",
    "max_batches",
    "standing_units",
    "units",
    "cover_days",
    "reorder_units",
    "reorder_cover_days",
    "normal_capacity",
    "capacity_factor",
    "target_factor",
    "extra_cover_days",
    "yield_today",
    "opening",
    "up_to",
    "reorder_at",
    "capacity",
    "on_hand",
    "waiting",
    "wip",
    "penalty",
    "finished",
    "echelon_position",
    "ordered",
    "received",
    "started",
    "produced",
    "consumed",
    "returned",
    "shipped",
    "expired",
    "written_off",
    "work_written_off",
    "capacity_held",
    "covered",
    "uncommitted",
)
LANE_NUMBERS = (
    "share",
    "capacity_per_day",
    "capacity_share_of_usage",
    "minimum_order_units",
    "order_multiple_units",
    "units_per_original",
    "performance_penalty",
    "normal_share",
    "volume_share",
    "usage_weight",
    "subsidiary_share",
    "permitted",
    "turns_back",
    "orders_reached",
    "orders_under_way",
    "lost_share",
    "backlog",
    "in_transit",
    "dock",
    "open_share",
    "allowance",
    "level",
    "ordered",
    "refused",
    "cancelled",
    "turned_back",
    "written_off",
    "shipped",
    "delivered",
)
STREAM_NUMBERS = (
    "leaving_share",
    "demand_factor",
    "demand",
    "unserved",
    "sold",
    "lost",
    "switching",
    "kept_away",
    "away",
    "switched",
    "permitted",
    "served_share",
    "barred",
    "withheld",
)
SUBSTITUTE_NUMBERS = (
    "cover_below_days",
    "qualification_lag_days",
    "ramp_days",
    "engineer_days",
    "engineers",
    "lag_left",
)
SCRATCH_ROWS = (
    "stock",
    "owed",
    "below",
    "position",
    "noise",
    "lost",
    "quantity",
    "balanced",
    "late",
    "total",
    "left",
    "before",
    "remaining",
    "overflow",
    "possible",
    "start",
    "binding",
    "waits",
    "reach",
    "asked",
    "stuck",
    "placed",
    "moved",
    "moves",
    "cover",
    "here",
    "following",
    "ahead",
)
INTERVENTION_NUMBERS = (
    "factor",
    "ramp_days",
    "recovery_days",
    "lost_share",
    "target_factor",
    "extra_cover_days",
    "volume_share",
    "rate",
    "passed_on_share",
)


def point_record(width: int) -> np.dtype[Any]:
    """A stock point.

    ``forecast`` is its row among the forecasts (-1: it knows what is planned). ``first_work`` and
    ``work_slots`` tell its part of the ring of running production; ``first_inbound`` and ``end_inbound``
    where its inbound lanes stand among the links, and so on; from ``first_by_rank`` on there are the places
    of its inbound lanes in order of rank.
    """
    return _record(
        width,
        numbers=POINT_NUMBERS,
        days=("process_days", "last_completion"),
        scalars=(
            "supply",
            "policy",
            "review_days",
            "balanced_with",
            "balance_days",
            "younger_days",
            "first_added",
            "regular_lane",
            "expedited_lane",
            "forecast",
            "mover",
            "first_work",
            "work_slots",
            "work_today",
            "first_by_rank",
            "horizon_days",
            *_ends("inbound", "outbound", "stream", "input", "use", "original"),
        ),
        flags=(
            "by_rank",
            "echelon",
            "impatient",
            "in_lots",
            "takes_penalty",
            "has_choice",
            "is_line",
            "was_short",
            "has_shipped",
        ),
    )


def lane_record(width: int) -> np.dtype[Any]:
    """A lane; ``first_slot`` and ``slots`` tell its part of the ring of goods in transit.

    ``first_order`` and ``order_slots`` tell its part of the ring of orders under way, if it has one.
    ``licensed`` is its place among lanes under quotas (else -1). Nothing is due after ``last_due``. A
    substitute ``is_open`` once its ramp has begun in some replication; till then nothing moves on it. Where
    interventions change its lead time, it ``has_own_lead_time``, which is not the same in both twins.
    """
    return _record(
        width,
        numbers=LANE_NUMBERS,
        days=("last_arrival", "arrival_day", "order_days", "own_lead_time_days"),
        scalars=(
            "supplier",
            "buyer",
            "claim",
            "mover",
            "licensed",
            "first_slot",
            "slots",
            "today",
            "last_due",
            "first_order",
            "order_slots",
            "orders_today",
        ),
        flags=(
            "order_crossing",
            "is_delayed",
            "limited",
            "in_lots",
            "restrictable",
            "has_sent",
            "is_open",
            "has_docked",
            "has_delivered",
            "has_own_lead_time",
        ),
    )


def forecast_record(width: int) -> np.dtype[Any]:
    """A stock point's forecast; ``first_day`` and ``days`` tell its part of the rings of what is kept by day.

    These are the days that it has seen, or those of its season.
    """
    return _record(
        width,
        numbers=("level_smoothing", "trend_smoothing", "season_smoothing", "level", "trend"),
        scalars=("kind", "first_day", "days", "oldest"),
    )


def stream_record(width: int) -> np.dtype[Any]:
    """A demand stream.

    Of those who left, ``away`` units a day ask no more, of which ``kept_away`` stays away for another day;
    each unit lost adds ``switching``. They ask the ``rival`` (-1: nobody) for what is ``switched`` today.
    While only ``served_share`` of its demand may be served, ``barred`` customers wait who may not;
    ``withheld`` have joined them today, less who may be served again. ``permitted`` is what bans permit.
    """
    return _record(width, numbers=STREAM_NUMBERS, scalars=("point", "claim", "rival"))


def edge_record(width: int) -> np.dtype[Any]:
    """An input of a recipe; its rivals are other recipes' inputs that have their turn later."""
    return _record(
        width,
        numbers=("units", "usage_weight", "held_back"),
        scalars=("point", "made", "claim", *_ends("rival")),
    )


def substitute_record(width: int) -> np.dtype[Any]:
    """A substitute; before ``first_day`` nothing can trigger it."""
    return _record(
        width,
        numbers=SUBSTITUTE_NUMBERS,
        days=("trigger_day", "qualified_day", "active"),
        scalars=("lane", "firm", "first_day", "after_substitute"),
        flags=("logistic", "after_ramp"),
    )


def intervention_record(width: int) -> np.dtype[Any]:
    """An intervention and the days on which it holds."""
    return _record(width, numbers=INTERVENTION_NUMBERS, days=("start", "end"), flags=("turns_back",))


def effect_record(width: int) -> np.dtype[Any]:
    """What an intervention does to one target; ``applies`` says in which replications it reaches it."""
    return _record(
        width,
        days=("applies",),
        scalars=("kind", "intervention", "target", "relieved", "process", "pause", "grant", *_ends("relief")),
    )


def grant_record(width: int) -> np.dtype[Any]:
    """A supplier's licence with terms of its own, and what is left of this year's quotas."""
    return _record(
        width,
        numbers=("quota_units", "quota_value", "units_left", "value_left"),
        days=("valid_days", "renewal_days", "renewals", "revoked_after_days"),
        scalars=("intervention",),
        flags=("has_quota",),
    )


def licensed_record(width: int) -> np.dtype[Any]:
    """A lane that a supplier's licence with a quota relieves; ``counts`` is 1 while that limits orders."""
    return _record(width, numbers=("value", "counts"), scalars=("grant",))


def change_record(width: int) -> np.dtype[Any]:
    """A number that interventions change, or a share of stock that they destroy; ``value`` is today's.

    A number that ``is_drawn`` has another ``usual`` value every day.
    """
    return _record(
        width,
        numbers=("usual", "value"),
        scalars=("kind", "target", *_ends("step")),
        flags=("is_drawn",),
        constants=("highest",),
    )


def step_record(width: int) -> np.dtype[Any]:
    """What one intervention makes of a number."""
    return _record(width, numbers=("amount",), scalars=("intervention", "operation"))


def rows_record(width: int) -> np.dtype[Any]:
    """Rows to write on while one stock point has its turn."""
    return _record(width, numbers=SCRATCH_ROWS, days=("arrival", "slot"))


def claim_record(width: int) -> np.dtype[Any]:
    """A claim on a stock, or one of a stock point's inbound lanes or inputs."""
    return _record(
        width,
        numbers=("need", "grant", "wanted", "room", "carried", "taken", "placed", "stuck", "supported"),
        scalars=("rank",),
    )


def _ends(*links: str) -> tuple[str, ...]:
    """Names of the fields that tell where the links of a thing begin and end."""
    return tuple(f"{end}_{link}" for link in links for end in ("first", "end"))


def _record(
    width: int,
    *,
    numbers: tuple[str, ...] = (),
    days: tuple[str, ...] = (),
    scalars: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    constants: tuple[str, ...] = (),
) -> np.dtype[Any]:
    return np.dtype(
        [(name, np.float64, (width,)) for name in numbers]
        + [(name, np.int64, (width,)) for name in days]
        + [(name, np.int64) for name in scalars]
        + [(name, np.bool_) for name in flags]
        + [(name, np.float64) for name in constants],
        align=True,
    )


class Topology(NamedTuple):
    """What does not change: in which order stock points have their turns, and who is connected with whom.

    ``planned`` are the points whose planned usage matters, from the customers up; ``judged`` those whose
    promises matter where somebody can choose between suppliers, from the sources down; ``delayed`` the lanes
    on which orders may be under way; ``switching`` the streams from which lost customers switch, ``barrable``
    those whose customers a ban may bar. ``links`` holds indices of lanes, streams and inputs end to end;
    records say where theirs begin and end.
    """

    order: Array
    orderers: Array
    planned: Array
    judged: Array
    sources: Array
    perishable: Array
    delayed: Array
    links: Array
    restrictable: Array
    switching: Array
    barrable: Array
    losing_capacity: Array
