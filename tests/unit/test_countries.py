"""Which borders are crossed, as the flows say it, and nothing where none is."""

from itertools import pairwise

import pandas as pd
import pytest
import yaml

import sim
from sim.report.context import make_context
from sim.report.country_map import MOST_BORDERS, Border, borders_of, country_map, map_title
from sim.report.country_section import countries, countries_title, country_section, crossings
from sim.report.graph_objects import as_plotly
from sim.report.page_parts import Table
from sim.report.world import coasts, places
from sim.scenario.countries import codes
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


def borders(context):
    return borders_of(crossings(context))


def test_the_map_draws_a_curve_for_each_border_from_seller_to_buyer(context):
    found = borders(context)

    figure = as_plotly(country_map(context, found))

    curves = [trace for trace in figure.data if trace.mode == "lines+markers"]
    ends = {((curve.x[0], curve.y[0]), (curve.x[-1], curve.y[-1])) for curve in curves}
    assert ends == {(places()[border.seller], places()[border.buyer]) for border in found}
    assert {border.seller for border in found} == {"US", "JP"}
    assert all(sum(size > 0 for size in curve.marker.size) == 1 for curve in curves)
    section = country_section(context)
    assert section is not None
    chart = section.charts[0]
    assert list(chart.rows[0]) == ["From", "To", "With the shock", "Without the shock"]
    assert {row[0] for row in chart.rows[1:]} == {"United States", "Japan"}


@pytest.mark.parametrize(
    ("got", "told"),
    [
        (100.0, "Purchases across borders are EUR 200, with the shock as without it"),
        (50.0, "Purchases across borders fall by 25%, from EUR 200 to EUR 150"),
        (150.0, "Purchases across borders rise by 25%, from EUR 200 to EUR 250"),
        (-100.0, "Purchases across borders fall by 100%, from EUR 200 to EUR 0"),
    ],
)
def test_the_title_of_the_map_tells_the_change_of_all_borders(context, got, told):
    assert map_title(context, [Border("US", "DE", 100.0, 100.0), Border("JP", "DE", 100.0, got)]) == told


def test_of_many_borders_the_largest_are_drawn(context):
    codes = sorted(places())[: MOST_BORDERS + 2]
    many = [Border(code, "DE", 100.0 - rank, 90.0) for rank, code in enumerate(codes) if code != "DE"]

    figure = country_map(context, many)

    curves = [trace for trace in figure.data if trace.get("mode") == "lines+markers"]
    assert len(curves) == MOST_BORDERS
    (named,) = (trace for trace in figure.data if trace.get("mode") == "markers+text")
    assert 0 < sum(text != "" for text in named["text"]) < len(named["text"])


def test_invented_countries_are_on_no_map_and_those_of_the_list_are(context):
    flows = pd.DataFrame(
        [("XA", "DE", 5.0, 4.0), ("US", "XB", 5.0, 4.0), ("DE", "DE", 9.0, 9.0), ("US", "DE", 3.0, 2.0)],
        columns=["from", "to", "counterfactual", "scenario"],
    )

    assert borders_of(flows) == [Border("US", "DE", 3.0, 2.0)]
    assert codes() - places().keys() == {"EU", "BV", "HM"}
    assert all(-180 <= x <= 190 and -60 <= y <= 84 for x, y in places().values() if y > -60)


def test_a_map_of_one_neighbour_and_one_of_the_whole_world_stay_on_the_world(context):
    for pair in (("SG", "MY"), ("NZ", "US"), ("AQ", "SJ")):
        layout = country_map(context, [Border(*pair, 1.0, 1.0)]).layout
        west, east = layout["xaxis"]["range"]
        south, north = layout["yaxis"]["range"]
        assert -180.0 <= west < east <= 190.0
        assert south < north <= 84.0
        assert 200 <= layout["meta"]["height"] <= 640


def test_land_is_closed_and_does_not_cross_the_map():
    for coast in coasts():
        assert coast[0] == coast[-1]
        assert all(abs(one[0] - other[0]) < 180.0 for one, other in pairwise(coast))
