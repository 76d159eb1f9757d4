"""Scenarios in which sentences go wrong: no loss, total loss, gains, two plants, no shock and more.

The files stand as they were when a sentence on their page was false. The others are variants of a radio maker
that buys chips of a fab, which buys wafers of a mine. All of its ids begin with ``zz-``, so that an id can be
told from a name.
"""

import json
from pathlib import Path
from typing import Any

from tests.builders import Data, day, merged

FOLDER = Path(__file__).parents[1] / "cases"
FILES = ("never-falls-short", "total-loss", "two-plants", "lowcap", "noshock", "rare-total-loss")
SHOCK_DAY = 100


def radio(**changes: Any) -> Data:
    """60 days of chips in stock, 10 sold a day in Europe and 5 in Asia."""
    base = {
        "chokepoint": 1,
        "name": "radio",
        "title": "A radio maker",
        "currency": "EUR",
        "calendar": {"start": day(0), "days": 400},
        "firms": {
            "zz-radio": {"name": "Radio", "country": "DE"},
            "zz-fab": {"name": "Fab", "country": "US"},
            "zz-mine": {"name": "Mine", "country": "CN"},
        },
        "items": {
            "zz-chip": {"name": "Chip", "unit": "pieces"},
            "zz-wafer": {"name": "Wafer", "unit": "pieces"},
        },
        "markets": {
            "zz-europe": {"name": "Europe", "country": "DE"},
            "zz-asia": {"name": "Asia", "country": "JP"},
        },
        "stock_points": {
            "zz-ore": {"firm": "zz-mine", "item": "zz-wafer"},
            "zz-wafers": {
                "firm": "zz-fab",
                "item": "zz-wafer",
                "policy": {"kind": "base_stock", "cover_days": 40},
            },
            "zz-fab-chips": {
                "firm": "zz-fab",
                "item": "zz-chip",
                "policy": {"kind": "base_stock", "cover_days": 20},
            },
            "zz-chips": {
                "firm": "zz-radio",
                "item": "zz-chip",
                "policy": {"kind": "base_stock", "cover_days": 60},
            },
        },
        "recipes": {"zz-making": {"output": "zz-fab-chips", "inputs": {"zz-wafers": 0.1}, "process_days": 3}},
        "lanes": {
            "zz-wafers": {"supplier": "zz-ore", "buyer": "zz-wafers", "lead_time_days": 10, "price": 4},
            "zz-chips": {"supplier": "zz-fab-chips", "buyer": "zz-chips", "lead_time_days": 15, "price": 1},
        },
        "demand": {
            "zz-home": stream("zz-europe", 10),
            "zz-abroad": stream("zz-asia", 5),
        },
        "interventions": {"zz-shock": ban(duration_days=150)},
        "analysis": {"makers": ["zz-radio"], "window_days": 200},
    }
    return merged(base, changes)


def stream(market: str, mean: float) -> Data:
    """Customers of chips, who wait for two days."""
    return {
        "stock_point": "zz-chips",
        "market": market,
        "mean_per_day": mean,
        "dispersion": 2,
        "price": 5,
        "patience_days": 2,
    }


def ban(**changes: Any) -> Data:
    """No chips for the radio maker."""
    base = {"kind": "export_ban", "title": "The ban", "date": day(SHOCK_DAY), "shock": True}
    return merged(base, {"covers": {"lanes": ["zz-chips"]}, **changes})


def on_demand(factor: float, kind: str = "demand_shift", **changes: Any) -> Data:
    """Demand, or with another kind prices, from the shock on."""
    cover: Data = {"covers" if kind == "demand_shift" else "streams": {}}
    base = {"kind": kind, "title": "The turn", "date": day(SHOCK_DAY), "shock": True, "factor": factor}
    return merged(base, cover | changes)


VARIANTS: dict[str, Data] = {
    "no-loss": {"interventions": {"zz-shock": {"duration_days": 5}}},
    "never-recovers": {"interventions": {"zz-shock": {"duration_days": 300}}},
    "recovers-at-times": {
        "interventions": {"zz-shock": {"duration_days": {"dist": "uniform", "low": 1, "high": 500}}}
    },
    "gains": {"interventions": {"zz-shock": on_demand(1.2)}},
    "demand-only": {"interventions": {"zz-shock": on_demand(0.7)}},
    "prices-only": {"interventions": {"zz-shock": on_demand(0.9, "price_change", duration_days=120)}},
    "offsets": {"interventions": {"zz-shock": ban(duration_days=90), "zz-rush": on_demand(1.3)}},
    "two-humps": {"interventions": {"zz-shock": {"probability": 0.5}}},
    "two-events": {
        "interventions": {
            "zz-shock": {"probability": 0.5},
            "zz-licence": {
                "kind": "licence",
                "title": "Licences",
                "after": "zz-shock",
                "relieves": ["zz-shock"],
                "grant_probability": 0.5,
                "covers": {"suppliers": ["zz-fab"]},
            },
        }
    },
    "yes-or-no-input": {
        "interventions": {"zz-shock": {"probability": {"dist": "bernoulli", "probability": 0.5}}}
    },
    "rare": {"interventions": {"zz-shock": {"probability": 0.02}}},
    "uncertain-day": {
        "interventions": {"zz-shock": {"delay_days": {"dist": "uniform", "low": 0, "high": 60}}}
    },
    "nothing-happens": {"interventions": None},
    "not-a-shock": {"interventions": {"zz-shock": {"shock": False}}},
}


def written(name: str, folder: Path) -> Path:
    """The file of an awkward scenario."""
    if name in FILES:
        return FOLDER / f"{name}.yaml"
    changes = VARIANTS[name]
    replaced = {key: value for key, value in changes.items() if value is None or _is_whole(value)}
    data = radio() if replaced else radio(**changes)
    data |= {key: value or {} for key, value in replaced.items()}
    data["name"] = name
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def _is_whole(collection: Data) -> bool:
    return all("kind" in entry for entry in collection.values())
