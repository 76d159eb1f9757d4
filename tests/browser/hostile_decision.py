"""A small scenario with a decision, every text of which tries to break the report."""

from tests.browser.fake_findings import HOSTILE
from tests.builders import Data, ban, shop


def hostile_decision() -> Data:
    """A shop cut off by a ban of uncertain length, and what could be done."""
    link, script, mixed, marks, long, unbroken = (text.replace("\u202e", "") for text in HOSTILE)
    uncertain = {"dist": "uniform", "low": 0.5, "high": 2.0, "source": script, "note": link}
    data = shop(
        60,
        title=script,
        firms={"maker": {"name": link}, "supplier": {"name": script}},
        items={"part": {"name": mixed}},
        markets={"home": {"name": marks}},
        demand={"home": {"patience_days": uncertain, "process": "gamma", "dispersion": 3.0}},
        lanes={"parts": {"price": uncertain}},
        interventions={"ban": ban(10, title=link, duration_days={"dist": "uniform", "low": 5, "high": 40})},
    )
    more = {"title": link, "set": {"stock_points.shelf.policy.units": 150.0}, "cost": 30.0}
    data["decision"] = {"title": script, "alternatives": {"wait": {"title": unbroken}, "more": more}}
    data["question"] = long
    return data
