"""Made-up but plausible findings, so that the report can be tested without simulating anything."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.risk.findings import Findings
from sim.scenario.schema import Scenario

HOSTILE = (
    "<a href=javascript:alert(1)>free</a>",
    "</script><script>alert(2)</script>",
    "=1+1 & \"quoted\" 'text' %{x} {{ 7*7 }} &lt;i&gt; $x^2$",
    "👩‍💻 camera \u202emaker",
    "A name of many letters " * 10,
    "Unbroken" * 26,
)

START, WEEKS, REPLICATIONS = dt.date(2019, 1, 1), 104, 300
SHOCK, SHOCK_WEEK, WINDOW_WEEKS = dt.date(2019, 10, 9), 40, 52


@dataclass(frozen=True, slots=True)
class Part:
    """One component: stock lasts for `cover` days after the shock, its lack costs `share` of revenue."""

    item: str
    name: str
    supplier: str
    newcomer: str
    cover: float
    lag: float
    share: float
    product: str
    intervention: str = "listing"


PARTS = (
    Part("server-cpu", "Server CPUs", "intel", "hygon", 131, 260, 0.085, "server"),
    Part("gpu", "Inference GPUs", "nvidia", "cambricon", 118, 330, 0.055, "server"),
    Part("hdd", "Surveillance hard disks", "seagate", "toshiba", 74, 70, 0.09, "recorder"),
    Part("ai-soc", "AI vision SoCs", "ambarella", "fullhan", 160, 150, 0.03, "ai-camera"),
    Part("fpga", "FPGAs", "xilinx", "pango", 210, 220, 0.012, "ai-camera"),
    Part("soc", "Camera SoCs", "hisilicon", "fullhan", 410, 120, 0.06, "camera", "direct-product-rule"),
)
MAKERS = {"hikvision": ("Hikvision", 1100.0, 1.0), "dahua": ("Dahua", 480.0, 0.8)}
FIRMS = {
    "hikvision": ("Hikvision", "CN", None),
    "dahua": ("Dahua", "CN", None),
    "intel": ("Intel", "US", 495000.0),
    "nvidia": ("Nvidia", "US", 75000.0),
    "seagate": ("Seagate", "US", 72000.0),
    "ambarella": ("Ambarella", "US", 1600.0),
    "xilinx": ("Xilinx", "US", 21500.0),
    "hisilicon": ("HiSilicon", "CN", None),
    "hygon": ("Hygon", "CN", 380.0),
    "cambricon": ("Cambricon", "CN", 440.0),
    "toshiba": ("Toshiba", "JP", 215000.0),
    "fullhan": ("Fullhan", "CN", 520.0),
    "pango": ("Pango", "CN", None),
}
PRODUCTS = {
    "camera": "Network cameras",
    "ai-camera": "AI cameras",
    "recorder": "Network video recorders",
    "server": "Central-control servers",
}
MARKETS = {
    "cn-government": ("Chinese public security", "CN", "government", 0.34),
    "cn-private": ("Chinese enterprises", "CN", "private", 0.36),
    "abroad": ("Rest of the world", "DE", "private", 0.30),
}
INTERVENTIONS: dict[str, dict[str, Any]] = {
    "warning": {
        "kind": "stockpiling",
        "title": "Stockpiling after the first press reports",
        "date": "2019-05-22",
        "covers": {"firms": ["hikvision", "dahua"]},
        "extra_cover_days": 60,
        "source": "F032",
        "confidence": "medium",
        "note": "Inventories doubled in 2019.",
    },
    "procurement": {
        "kind": "procurement_ban",
        "title": "US federal procurement ban (NDAA section 889)",
        "date": "2019-08-13",
        "covers": {"markets": ["abroad"]},
        "demand_share": 0.02,
        "source": "F026",
    },
    "listing": {
        "kind": "export_ban",
        "title": "Entity List designation",
        "date": "2019-10-09",
        "shock": True,
        "jurisdiction": "US",
        "covers": {},
        "source": "F011",
        "confidence": "high",
    },
    "licence": {
        "kind": "licence",
        "title": "Licences for hard disks",
        "after": "listing",
        "delay_days": 180,
        "probability": 0.4,
        "relieves": ["listing"],
        "shock": True,
        "confidence": "low",
        "source": "assumption",
        "note": "Few licences are known.",
    },
    "pandemic": {
        "kind": "demand_shift",
        "title": "Covid-19: demand falls in the first quarter of 2020",
        "date": "2020-01-23",
        "end": "2020-04-08",
        "covers": {},
        "factor": 0.82,
    },
    "direct-product-rule": {
        "kind": "direct_product_rule",
        "title": "Foreign direct-product rule reaches HiSilicon",
        "date": "2020-09-15",
        "jurisdiction": "US",
        "covers": {"suppliers": ["hisilicon"]},
        "shock": True,
    },
}


def fake_findings(*, hostile: bool = False) -> Findings:
    """Findings of a study that never ran; with `hostile`, every free text tries to break the report."""
    random = np.random.default_rng(20191009)
    tables: dict[str, list[pd.DataFrame]] = {}
    makers: dict[str, Any] = {}
    for maker in MAKERS:
        made, makers[maker] = _maker_tables(maker, random)
        for name, frame in made.items():
            tables.setdefault(name, []).append(frame)
    joined = {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}
    scenario = _scenario(hostile)
    joined |= {
        "suppliers": _suppliers(joined["flows"]),
        "tiers": _tiers(),
        "links": _links(joined["flows"]),
        "costs": _costs(),
        "interventions": _interventions(scenario),
        "assumptions": _assumptions(scenario),
        "observations": _observations(scenario),
    }
    return Findings(scenario, _manifest(hostile), _summary(makers), joined)


def _maker_tables(maker: str, random: np.random.Generator) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    _, level, exposure = MAKERS[maker]
    weeks = [START + dt.timedelta(days=7 * week) for week in range(WEEKS)]
    season = np.array([(0.74, 0.99, 1.1, 1.17)[(date.month - 1) // 3] for date in weeks])
    season *= np.where([dt.date(2020, 1, 23) <= date < dt.date(2020, 4, 8) for date in weeks], 0.82, 1.0)
    growth = 1.0 + 0.13 * np.arange(WEEKS) / 52
    noise = random.normal(1.0, 0.035, (REPLICATIONS, WEEKS)) * random.normal(1.0, 0.03, (REPLICATIONS, 1))
    without = level * season * growth * noise
    since = (np.arange(WEEKS) - SHOCK_WEEK) * 7.0
    run_out, lacking = {}, {}
    for part in PARTS:
        out = part.cover * random.lognormal(0.0, 0.2, REPLICATIONS)
        back = out + part.lag * random.lognormal(0.0, 0.35, REPLICATIONS) * 0.6
        depth = exposure * part.share * random.lognormal(0.0, 0.25, REPLICATIONS)
        ramp = np.clip((since - out[:, None]) / 45, 0, 1) - np.clip((since - back[:, None]) / 120, 0, 1)
        lacking[part.item] = np.maximum(ramp, 0) * depth[:, None] * without
        run_out[part.item] = out
    lacking["price"] = 0.004 * without * (since > 200)
    lacking["demand"] = 0.01 * exposure * without * (since > 0)
    lost = sum(lacking.values(), np.zeros_like(without))
    window = slice(SHOCK_WEEK, SHOCK_WEEK + WINDOW_WEEKS)
    loss, base = lost[:, window].sum(axis=1), without[:, window].sum(axis=1)
    short = lost > 0.02 * without
    adapted = 7.0 * (WEEKS - np.argmax(short[:, ::-1], axis=1) - SHOCK_WEEK)
    adapted = np.where(adapted >= 7.0 * (WEEKS - SHOCK_WEEK), np.nan, adapted)
    first = np.minimum.reduce(list(run_out.values()))
    frames = {
        "revenue_fan": pd.concat(
            [
                _fan(maker, weeks, twin, values)
                for twin, values in (("counterfactual", without), ("scenario", without - lost))
            ]
        ),
        "stock": pd.concat([_stock(maker, part, weeks, run_out[part.item]) for part in PARTS]),
        "run_out": pd.DataFrame([_run_out(maker, part, run_out[part.item]) for part in PARTS]),
        "attribution_weekly": pd.concat(
            [
                pd.DataFrame(
                    {"maker": maker, "component": component, "week": weeks, "loss": values.mean(axis=0)}
                )
                for component, values in lacking.items()
            ]
        ),
        "attribution": _attribution(
            maker, {key: value[:, window].sum(axis=1) for key, value in lacking.items()}
        ),
        "makers": pd.DataFrame(
            {
                "replication": range(REPLICATIONS),
                "maker": maker,
                "loss_share": loss / base,
                "loss": loss,
                "revenue_counterfactual": base,
                "revenue_scenario": base - loss,
                "first_lost_sales_days": first,
                "time_to_adapt_days": adapted,
            }
        ),
        "products": _products(
            maker, {key: value[:, window].sum(axis=1) for key, value in lacking.items()}, base
        ),
        "flows": _flows(maker, level),
        "risk_measures": _risk_measures(maker, loss / base),
        "survival": pd.concat(
            [_survival(maker, "first_lost_sales", first), _survival(maker, "recovery", adapted)]
        ),
    }
    shares = {key: float(value[:, window].sum(axis=1).mean() / loss.mean()) for key, value in lacking.items()}
    return frames, _maker_summary(maker, loss=loss, base=base, first=first, adapted=adapted, shares=shares)


def _risk_measures(maker: str, losses: np.ndarray[Any, Any]) -> pd.DataFrame:
    rows = [("value_at_risk", level, float(np.quantile(losses, level))) for level in (0.9, 0.95, 0.99)]
    rows += [("expected_shortfall", level, value * 1.1) for _, level, value in rows]
    rows += [("probability_of_more", share, float((losses > share).mean())) for share in (0.01, 0.1)]
    table = pd.DataFrame(rows, columns=["measure", "level", "estimate"])
    return table.assign(maker=maker, ci_low=table["estimate"] * 0.9, ci_high=[np.nan, *table["estimate"][1:]])


def _survival(maker: str, event: str, days: np.ndarray[Any, Any]) -> pd.DataFrame:
    reached = np.unique(np.round(days[~np.isnan(days)]))
    share = np.array([float((~(days <= day)).mean()) for day in reached])
    return pd.DataFrame(
        {
            "maker": maker,
            "event": event,
            "day": reached,
            "share": share,
            "ci_low": share * 0.9,
            "ci_high": share,
        }
    )


def _quantiles(values: np.ndarray[Any, Any], axis: int | None = None) -> dict[str, Any]:
    found = np.nanquantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=axis)
    return dict(zip(("p05", "p25", "p50", "p75", "p95"), found, strict=True))


def _fan(maker: str, weeks: list[dt.date], twin: str, values: np.ndarray[Any, Any]) -> pd.DataFrame:
    columns = {"maker": maker, "week": weeks, "twin": twin, "mean": values.mean(axis=0)}
    return pd.DataFrame(columns | _quantiles(values, axis=0))


def _stock(maker: str, part: Part, weeks: list[dt.date], out: np.ndarray[Any, Any]) -> pd.DataFrame:
    usage = MAKERS[maker][1] / 40
    since = (np.arange(WEEKS) - SHOCK_WEEK) * 7.0
    start = 0 if part.intervention == "listing" else 342
    full = np.where(since < -140, part.cover / 2, part.cover) * usage
    frames = []
    for twin in ("counterfactual", "scenario"):
        left = np.clip(1 - (since - start) / np.maximum(out[:, None] - start, 10), 0, 1)
        stock = full * (left if twin == "scenario" else 1.0) * np.ones_like(left)
        bands = {
            key: value for key, value in _quantiles(stock, axis=0).items() if key in ("p05", "p50", "p95")
        }
        columns = {"maker": maker, "item": part.item, "stock_point": part.item, "week": weeks, "twin": twin}
        frames.append(pd.DataFrame(columns | bands | {"cover_p50": bands["p50"] / usage}))
    return pd.concat(frames)


def _run_out(maker: str, part: Part, out: np.ndarray[Any, Any]) -> dict[str, Any]:
    nobody = part.item == "fpga" and maker == "dahua"
    share = 0.0 if nobody else min(1.0, 0.55 + 60 / part.cover)
    bands = {key: np.nan if nobody else _quantiles(out)[key] for key in ("p05", "p50", "p95")}
    return {"maker": maker, "item": part.item, "stock_point": part.item, "share_running_out": share} | bands


def _attribution(maker: str, lost: dict[str, np.ndarray[Any, Any]]) -> pd.DataFrame:
    parts = {part.item: part for part in PARTS}
    rows = []
    for component, values in lost.items():
        part = parts.get(component)
        supplier, intervention = (part.supplier, part.intervention) if part else ("", "listing")
        bands = _quantiles(values)
        rows.append(
            {
                "maker": maker,
                "component": component,
                "supplier": supplier,
                "intervention": intervention,
                "mean": values.mean(),
                "p05": bands["p05"],
                "p95": bands["p95"],
            }
        )
    return pd.DataFrame(rows)


def _products(maker: str, lost: dict[str, np.ndarray[Any, Any]], base: np.ndarray[Any, Any]) -> pd.DataFrame:
    rows = []
    sizes = {"camera": 0.42, "ai-camera": 0.14, "recorder": 0.24, "server": 0.2}
    for product, size in sizes.items():
        values = sum((lost[part.item] for part in PARTS if part.product == product), np.zeros(REPLICATIONS))
        for market, (_, _, _, weight) in MARKETS.items():
            tilt = 1.5 if market == "cn-government" and product == "server" else 1.0
            here, revenue = values * weight * tilt, base.mean() * size * weight
            bands = _quantiles(here)
            rows.append(
                {
                    "maker": maker,
                    "item": product,
                    "market": market,
                    "revenue_counterfactual": revenue,
                    "mean": here.mean(),
                    "p05": bands["p05"],
                    "p95": bands["p95"],
                    "loss_share": here.mean() / revenue,
                }
            )
    return pd.DataFrame(rows)


def _costs() -> pd.DataFrame:
    kinds = {"holding": 900.0, "backorder": 0.0, "in_transit": 120.0, "order": 3.5, "lost_sales": 0.0}
    return pd.DataFrame(
        [
            {
                "maker": maker,
                "cost": kind,
                "counterfactual": amount,
                "mean": 0.1 * amount,
                "p05": -0.2 * amount,
                "p95": 0.3 * amount,
            }
            for maker in MAKERS
            for kind, amount in kinds.items()
        ]
    )


def _flows(maker: str, level: float) -> pd.DataFrame:
    rows = []
    for part in PARTS:
        before = level * 52 * part.share * 0.12
        kept = 0.75 if part.item == "soc" else 0.22
        for twin, supplier, value in (
            ("counterfactual", part.supplier, before),
            ("scenario", part.supplier, before * kept),
            ("scenario", part.newcomer, before * (1 - kept) * 0.55),
        ):
            rows.append(
                {"twin": twin, "supplier": supplier, "component": part.item, "maker": maker, "value": value}
            )
    return pd.DataFrame(rows)


def _tiers() -> pd.DataFrame:
    """The makers, their only plant and who sells to them: half of what they have is gone after the shock."""
    weeks = np.arange(WEEKS)
    rows = []
    for tier, plant in ((0, ""), (0, "any"), (1, "")):
        for twin in ("scenario", "counterfactual"):
            left = np.where((weeks > SHOCK_WEEK) & (twin == "scenario"), 0.5, 1.0)
            columns: dict[str, Any] = {
                "tier": tier,
                "firm": "hikvision" if plant else "",
                "plant": plant,
                "twin": twin,
            }
            columns |= {"week": [START + dt.timedelta(days=7 * week) for week in range(WEEKS)]}
            for name, normal in (("cover", 40.0), ("slack", 0.6)):
                shares = {"mean": 1.0, "p05": 0.9, "p95": 1.1}
                columns |= {f"{name}_{key}": normal * share * left for key, share in shares.items()}
            rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)


def _links(flows: pd.DataFrame) -> pd.DataFrame:
    """What is bought of suppliers, spread evenly over the weeks, from the shock on as in the scenario."""
    sums = flows.groupby(["supplier", "maker", "twin"])["value"].sum().unstack(fill_value=0)
    return pd.DataFrame(
        {
            "supplier": supplier,
            "buyer": buyer,
            "supplier_tier": 1,
            "buyer_tier": 0,
            "week": START + dt.timedelta(days=7 * week),
            "twin": twin,
            "value": sums[twin if week > SHOCK_WEEK else "counterfactual"][supplier, buyer] / 52,
        }
        for supplier, buyer in sums.index.tolist()
        for twin in ("scenario", "counterfactual")
        for week in range(SHOCK_WEEK - 10, SHOCK_WEEK + 40)
    )


def _suppliers(flows: pd.DataFrame) -> pd.DataFrame:
    totals = flows.groupby(["supplier", "twin"])["value"].sum().unstack(fill_value=0)
    lost = totals["counterfactual"] - totals["scenario"]
    own = [FIRMS[supplier][2] or np.nan for supplier in totals.index]
    return pd.DataFrame(
        {
            "supplier": totals.index,
            "revenue_counterfactual": totals["counterfactual"].to_numpy(),
            "mean": lost.to_numpy(),
            "p05": (lost - 0.3 * lost.abs()).to_numpy(),
            "p95": (lost + 0.25 * lost.abs()).to_numpy(),
            "share_of_revenue_mean": lost.to_numpy() / np.array(own),
        }
    )


def _interventions(scenario: Scenario) -> pd.DataFrame:
    rows = []
    for key, intervention in scenario.interventions.items():
        start = intervention.date or dt.date(2020, 4, 6)
        spread = dt.timedelta(days=0 if intervention.date else 70)
        rows.append(
            {
                "intervention": key,
                "title": intervention.title,
                "kind": intervention.kind,
                "shock": intervention.shock,
                "probability": intervention.probability.mean,
                "start_p05": start - spread,
                "start_p50": start,
                "start_p95": start + spread,
                "end_p50": intervention.end or pd.NaT,
            }
        )
    return pd.DataFrame(rows)


def _assumptions(scenario: Scenario) -> pd.DataFrame:
    rows = []
    for key, intervention in scenario.interventions.items():
        rows.append(
            (
                f"interventions.{key}",
                intervention.title,
                "intervention",
                intervention.source,
                intervention.note,
                intervention.confidence,
            )
        )
    for part in PARTS:
        item = scenario.items[part.item]
        rows += [
            (
                f"substitutes.{part.item}.qualification_lag_days",
                f"{part.lag * 0.4:.0f}–{part.lag:.0f} days, PERT",
                "distribution",
                "priors U027–U030",
                f"Time until {item.name} can be replaced.",
                "low",
            ),
            (
                f"stock_points.{part.item}.policy.cover_days",
                f"{part.cover:.0f} days",
                "value",
                "D027, D028 (annual reports)",
                None,
                "medium",
            ),
        ]
    return pd.DataFrame(rows, columns=["path", "text", "kind", "source", "note", "confidence"])


def _observations(scenario: Scenario) -> pd.DataFrame:
    ratios = (1.02, 0.97, 1.04, 0.99, 1.06, 1.03, 1.09)
    rows = []
    for ratio, (key, seen) in zip(ratios, scenario.observations.items(), strict=True):
        rows.append(
            {
                "observation": key,
                "firm": seen.firm,
                "measure": seen.measure,
                "sold": "",
                "start": seen.start,
                "end": seen.end,
                "published": seen.published,
                "reported": seen.value,
                "simulated_mean": seen.value * ratio,
                "simulated_p05": seen.value * ratio * 0.95,
                "simulated_p95": seen.value * ratio * 1.05,
                "source": seen.source,
                "relation": "before the shock" if seen.end < SHOCK else "after the shock",
            }
        )
    return pd.DataFrame(rows)


def _estimate(value: float, half: float) -> dict[str, float]:
    return {"estimate": value, "ci_low": value - half, "ci_high": value + half}


def _spread(values: np.ndarray[Any, Any]) -> dict[str, dict[str, float]]:
    half = float(1.96 * values.std() / len(values) ** 0.5)
    at = {key: float(_quantiles(values)[key]) for key in ("p05", "p50", "p95")}
    var = float(np.quantile(values, 0.95))
    figures = (
        {"mean": float(values.mean())} | at | {"var95": var, "es95": float(values[values >= var].mean())}
    )
    return {
        key: _estimate(value, half * (1 if key in ("mean", "p50") else 2)) for key, value in figures.items()
    }


def _times(values: np.ndarray[Any, Any], never: str) -> dict[str, float]:
    bands = _quantiles(values)
    return {key: float(bands[key]) for key in ("p50", "p05", "p95")} | {never: float(np.isnan(values).mean())}


def _maker_summary(
    maker: str,
    *,
    loss: np.ndarray[Any, Any],
    base: np.ndarray[Any, Any],
    first: np.ndarray[Any, Any],
    adapted: np.ndarray[Any, Any],
    shares: dict[str, float],
) -> dict[str, Any]:
    suppliers = {part.item: part.supplier for part in PARTS}
    components = [
        {"component": key, "mean_loss": share * float(loss.mean()), "share_of_loss": share}
        | ({"supplier": suppliers[key]} if key in suppliers else {})
        for key, share in sorted(shares.items(), key=lambda pair: -pair[1])
    ]
    return {
        "name": MAKERS[maker][0],
        "loss_share": _spread(loss / base),
        "loss": _spread(loss),
        "first_lost_sales_days": _times(first, "share_never"),
        "time_to_adapt_days": _times(adapted, "share_not_recovered"),
        "components": components,
    }


def _summary(makers: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema_version": 2,
        "scenario": "fake",
        "currency": "RMB million",
        "window": {"days": 365, "shock": "listing", "shock_date": SHOCK.isoformat()},
        "replications": REPLICATIONS,
        "weekly_replications": REPLICATIONS,
        "seed": 1,
        "makers": makers,
    }


def _manifest(hostile: bool) -> dict[str, Any]:
    return {
        "command": "chokepoint run scenarios/fake.yaml --replications 300 --seed 1"
        + (HOSTILE[1] if hostile else ""),
        "seed": 1,
        "replications": REPLICATIONS,
        "digest": "4f1c" * 16,
        "scenario_file": "scenarios/fake.yaml",
        "scenario_digest": "9ab0" * 16,
        "versions": {"chokepoint": "0.1.0", "python": "3.11.7", "numpy": "2.4.6", "simpy": "4.1.2"},
    }


def _scenario(hostile: bool) -> Scenario:
    quarters = (
        (2019, 1, 9943.0),
        (2019, 4, 13981.0),
        (2019, 7, 15916.0),
        (2019, 10, 17818.0),
        (2020, 1, 9429.0),
        (2020, 4, 14842.0),
        (2020, 7, 17750.0),
    )
    raw: dict[str, Any] = {
        "chokepoint": 1,
        "name": "fake",
        "title": "The Entity List and two camera makers",
        "description": "Two makers of surveillance cameras lose their American suppliers.",
        "question": "What does the listing of October 2019 cost the two makers within a year, and why?",
        "currency": "RMB million",
        "calendar": {"start": START, "days": 7 * WEEKS},
        "analysis": {"shock": "listing", "makers": list(MAKERS)},
        "firms": {key: {"name": name, "country": country} for key, (name, country, _) in FIRMS.items()},
        "items": {part.item: {"name": part.name, "unit": "thousand pieces"} for part in PARTS}
        | {
            key: {"name": name, "unit": "thousand pieces", "kind": "product"}
            for key, name in PRODUCTS.items()
        },
        "markets": {
            key: {"name": name, "country": country, "buyer": buyer}
            for key, (name, country, buyer, _) in MARKETS.items()
        },
        "stock_points": {"any": {"firm": "hikvision", "item": "hdd"}},
        "interventions": {key: dict(value) for key, value in INTERVENTIONS.items()},
        "observations": {
            f"hikvision-{year}-q{(month + 2) // 3}": {
                "measure": "revenue",
                "firm": "hikvision",
                "start": dt.date(year, month, 1),
                "end": dt.date(year + month // 10, (month + 2) % 12 + 1, 1) - dt.timedelta(days=1),
                "value": value,
                "source": "Hikvision quarterly reports (D009–D015)",
                "confidence": "medium",
            }
            for year, month, value in quarters
        },
    }
    if hostile:
        _make_hostile(raw)
    return Scenario.model_validate(raw)


def _make_hostile(raw: dict[str, Any]) -> None:
    number = 0
    for collection in ("firms", "items", "markets", "interventions", "observations"):
        for entry in raw[collection].values():
            for key in ("name", "title", "unit", "note", "source"):
                if key in entry:
                    entry[key] = f"{HOSTILE[number % len(HOSTILE)]}{number}"
                    number += 1
    raw |= {"title": HOSTILE[1], "question": "".join(HOSTILE), "description": HOSTILE[0]}
