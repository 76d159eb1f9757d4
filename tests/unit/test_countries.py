"""Which borders are crossed, as the flows say it, and nothing where none is."""

import pytest
import yaml

import sim
from sim.report.context import make_context
from sim.report.country_section import countries, countries_title, country_section, crossings
from sim.report.graph_objects import as_plotly
from sim.report.page_parts import Table
from tests.builders import ban, merged, stand_ins


def context_of(folder, **changes):
    """A shop in Germany that buys of the United States and Japan; a ban cuts the first off."""
    ban_of_one = ban(10, duration_days=40, covers={"suppliers": ["supplier"]})
    data = merged(stand_ins(interventions={"ban": ban_of_one}), changes)
    file = folder / "scenario.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return make_context(sim.run(file, replications=2, workers=1)._findings)


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    return context_of(tmp_path_factory.mktemp("countries"))


def test_cells_and_their_table_are_sums_of_the_flows(context):
    flows = context.tables["flows"]
    of_us = flows[flows["supplier"] == "supplier"].groupby("twin")["value"].sum()
    found = crossings(context).set_index(["from", "to"])
    assert found.loc[("US", "DE"), "counterfactual"] == pytest.approx(of_us["counterfactual"])
    (heat,) = as_plotly(countries(context)).data
    before = float(found["counterfactual"].max())
    assert max(cell for row in heat.z for cell in row) == pytest.approx(before)
    section = country_section(context)
    assert section is not None
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert {row[:2] for row in table.rows} == {("Japan", "Germany"), ("United States", "Germany")}


def test_the_title_tells_the_border_across_which_purchases_change_most(context):
    found = crossings(context)
    change = (found["scenario"] - found["counterfactual"]).abs()
    row = found.iloc[int(change.to_numpy().argmax())]
    name = {"US": "United States", "JP": "Japan"}[row["from"]]
    verb = "fall" if row["scenario"] < row["counterfactual"] else "rise"
    assert countries_title(context).startswith(f"{name} to Germany: purchases {verb} most, from EUR ")


def test_there_is_no_chapter_where_no_border_is_crossed(tmp_path):
    at_home = {key: {"country": "DE"} for key in ("supplier", "other")}
    by_law = {"ban": {"jurisdiction": "DE"}}
    assert country_section(context_of(tmp_path, firms=at_home, interventions=by_law)) is None
