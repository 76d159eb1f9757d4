"""Links between firms: which are told of, what flows on them, and the network whose week a reader chooses."""

from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest
import yaml

import sim
from sim.model import links
from sim.model.links import days_followed, links_of
from sim.report.context import Context, make_context
from sim.report.link_section import link_section, network_of
from sim.report.link_section import links as draw_links
from tests.awkward import radio
from tests.awkward.reading import read_page
from tests.builders import ban, compiled, factory, stand_ins

BANNED = factory(
    140,
    stock_points={"parts": {"policy": {"units": 120.0}, "initial_on_hand": 120.0}},
    demand={"home": {"patience_days": 0}},
    interventions={"ban": ban(28, duration_days=28)},
    analysis={"window_days": 56},
)


def ends(plan) -> list[tuple[str, str, int, int]]:
    return [(link.seller, link.buyer, link.seller_tier, link.buyer_tier) for link in links_of(plan)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("links")


@pytest.fixture(scope="module")
def run(folder):
    file = folder / "banned.yaml"
    file.write_text(yaml.safe_dump(BANNED, sort_keys=False))
    return sim.run(file, replications=4, workers=1)


def test_a_link_is_all_lanes_from_a_firm_to_another():
    assert ends(compiled(radio())) == [("zz-mine", "zz-fab", 2, 1), ("zz-fab", "zz-radio", 1, 0)]
    dual = {
        "lanes": {
            "parts": {"share": 0.5},
            "too": {"supplier": "source", "buyer": "parts", "lead_time_days": 1, "price": 2.0, "share": 0.5},
        }
    }
    [link] = links_of(compiled(factory(20, **dual)))
    assert len(link.lanes) == 2


def test_of_many_links_those_are_told_on_which_most_is_sold(monkeypatch):
    plan = compiled(stand_ins())
    assert len(links_of(plan)) == 2
    monkeypatch.setattr(links, "MOST_LINKS", 1)
    assert len(links_of(plan)) == 1


def test_links_are_followed_around_the_window():
    assert days_followed(compiled(BANNED)) == (0, 140)
    late = factory(600, interventions={"ban": ban(300)}, analysis={"window_days": 56})
    assert days_followed(compiled(late)) == (300 - 91, 300 + 56 + 182)


def test_a_banned_link_carries_nothing_and_is_worth_its_list_price_otherwise(run):
    """20 parts a day at 1 each; the ban holds for four weeks from the fifth on."""
    table = run.tables["links"].set_index(["twin", "week"])["value"]
    assert table["counterfactual"].tolist()[1:] == pytest.approx([140.0] * 19)
    assert table["scenario"].tolist()[4:8] == [0.0] * 4
    assert table["scenario"].iloc[8] > 140.0


def test_the_slider_shows_every_week_and_begins_with_the_worst(run):
    section = link_section(make_context(run._findings))
    assert section is not None
    [chart] = section.charts
    slider, network = chart.slider, network_of(make_context(run._findings))
    assert slider is not None
    assert len(slider.moments) == len(network.weeks) == 20
    assert [moment.said for moment in slider.moments[4:8]] == [
        f"Week of {when}: of 1 link, 1 is cut"
        for when in ("29 Jan 2021", "5 Feb 2021", "12 Feb 2021", "19 Feb 2021")
    ]
    assert slider.moments[0].said.endswith("of 1 link, none has changed")
    assert slider.shown in range(4, 8)
    assert len(chart.rows) == 1 + 20
    lines, _, firms = slider.moments[slider.shown].restyled
    assert lines[0]["line.dash"] == ["dash"]
    assert len(firms[0]["customdata"][0]) == 2
    drawn = chart.figure.data[lines[1][0]]
    assert [drawn["line"][key] for key in ("color", "width", "dash")] == [
        lines[0][f"line.{key}"][0] for key in ("color", "width", "dash")
    ]


def test_the_page_has_the_slider_and_its_folder_tells_the_same(run, folder):
    assert read_page(run.report()).titles["links"].endswith("of 1 link, 1 is cut")
    assert 'type="range" id="slider-links" min="0" max="19"' in run.report()
    assert "links" in run.figures
    again = sim.open(run.save(folder / "saved"))
    assert again.report() == run.report()


def test_nothing_is_told_where_the_shock_changes_nothing(folder):
    file = folder / "quiet.yaml"
    file.write_text(yaml.safe_dump({**BANNED, "interventions": {}}, sort_keys=False))
    quiet = sim.run(file, replications=2, workers=1)
    assert "links" not in read_page(quiet.report()).titles
    assert network_of(make_context(quiet._findings)).weeks


def network(*rows: tuple[str, str, int, int]) -> Context:
    """A week in which as much flows on each link: seller, buyer and their tiers."""
    table = pd.DataFrame(
        [(*row, "2026-01-01", twin, 1.0) for row in rows for twin in ("scenario", "counterfactual")],
        columns=["supplier", "buyer", "supplier_tier", "buyer_tier", "week", "twin", "value"],
    )
    return cast(Context, SimpleNamespace(tables={"links": table}, names=SimpleNamespace(firm=str)))


def courses(context: Context) -> list[list[tuple[float, float]]]:
    """The points of every link that is drawn."""
    lines = [trace for trace in draw_links(context).data if trace["mode"] == "lines" and trace["x"] != [None]]
    return [list(zip(line["x"], line["y"], strict=True)) for line in lines]


@pytest.mark.parametrize("tier", [0, 1])
def test_links_there_and_back_are_drawn_apart(tier: int):
    there, back = courses(network(("a", "b", 0, tier), ("b", "a", tier, 0)))
    assert there == [there[0], there[1], back[0]]
    assert back[1] != there[1]


def test_a_link_within_a_tier_passes_by_the_firms_between():
    context = network(("a", "b", 0, 0), ("b", "c", 0, 0), ("a", "c", 0, 0))
    places = network_of(context).places
    assert not any(point in places.values() for course in courses(context) for point in course[1:-1])


def test_firms_of_many_tiers_stand_on_three_levels_and_of_few_on_one():
    chain = [(f"f{tier + 1}", f"f{tier}", tier + 1, tier) for tier in range(6)]
    for links_told, levels in ((chain, 3), (chain[:2], 1)):
        heights = [height for _, height in network_of(network(*links_told)).places.values()]
        assert len({round(height, 9) for height in heights}) == levels
        assert all(0.0 < height < 1.0 for height in heights)


@pytest.mark.parametrize("tiers", [1, 2, 7])
def test_names_have_room_beside_the_first_and_the_last_firms(tiers: int):
    chain = [(f"f{tier + 1}", f"f{tier}", tier + 1, tier) for tier in range(tiers - 1)]
    context = network(*(chain or [("a", "b", 0, 0)]))
    first, last = draw_links(context).layout["xaxis"]["range"]
    columns = [column for column, _ in network_of(context).places.values()]
    assert (min(columns) - first) / (last - first) > 0.3
    assert (last - max(columns)) / (last - first) > 0.12
