"""The flagship as one of its suppliers sees it."""

from pathlib import Path

import pytest

from sim.stories import study

SCENARIO = Path(__file__).parents[2] / "scenarios" / "entity-list-2019-ambarella.yaml"


def test_a_supplier_loses_what_its_buyers_may_not_buy():
    """Its loss is that of the table of suppliers, and comes through its own lanes."""
    found = study.run(SCENARIO, replications=8, workers=1).findings
    told = found.summary["makers"]["ambarella"]
    assert 0.3 < told["loss_share"]["mean"]["estimate"] < 1.0
    suppliers = found.tables["suppliers"].set_index("supplier")
    assert told["loss"]["mean"]["estimate"] == pytest.approx(suppliers["mean"].to_dict()["ambarella"])
    share_of_firm = suppliers["share_of_revenue_mean"].to_dict()["ambarella"]
    assert 0.1 < share_of_firm < told["loss_share"]["mean"]["estimate"]
    causes = found.tables["attribution"].groupby("supplier")["mean"].sum()
    assert causes.to_dict() == {"ambarella": pytest.approx(told["loss"]["mean"]["estimate"])}
