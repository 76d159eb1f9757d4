"""Which sales need which component: by bills of materials of one tier and of two, and with another recipe."""

import pytest
import yaml

import sim
from sim.report.context import make_context
from sim.report.exposure_section import exposure, exposure_of, exposure_section, exposure_title
from sim.report.graph_objects import as_plotly
from sim.report.sections import sections
from tests.builders import ban, factory, merged

DELUXE = {
    "items": {
        "chip": {"name": "Chip", "unit": "pieces"},
        "board": {"name": "Board", "unit": "pieces"},
        "deluxe": {"name": "Deluxe", "kind": "product", "unit": "pieces"},
    },
    "stock_points": {
        "chip-source": {"firm": "supplier", "item": "chip"},
        **{
            key: {
                "firm": "maker", "item": item,
                "policy": {"kind": "base_stock", "units": 50.0}, "initial_on_hand": 50.0,
            }
            for key, item in (("chips", "chip"), ("boards", "board"), ("best", "deluxe"))
        },
    },
    "lanes": {"chips": {"supplier": "chip-source", "buyer": "chips", "lead_time_days": 3, "price": 1.0}},
    "recipes": {
        "boards": {"output": "boards", "inputs": {"chips": 1.0}},
        "best": {"output": "best", "inputs": {"boards": 1.0, "parts": 1.0}},
    },
    "demand": {
        "rich": {
            "stock_point": "best", "market": "home", "process": "constant",
            "mean_per_day": 10.0, "price": 15.0,
        }
    },
}  # fmt: skip
BESIDE = {
    "stock_points": {"best": {"sourcing": "rank"}},
    "recipes": {"plain": {"output": "best", "inputs": {"parts": 3.0}, "rank": 2}},
}


def context_of(folder, *changes, shock=True):
    data = factory(
        40, demand={"home": {"patience_days": 0}}, stock_points={"parts": {"initial_on_hand": 20.0}}
    )
    for change in changes:
        data = merged(data, change)
    if shock:
        data = merged(data, {"interventions": {"ban": ban(10, duration_days=25)}})
    file = folder / "factory.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return make_context(sim.run(file, replications=2, workers=1)._findings)


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    return context_of(tmp_path_factory.mktemp("exposure"), DELUXE)


def test_sales_need_what_their_products_are_made_of_at_every_tier(context):
    found = exposure_of(context, "maker")
    assert dict(found.products) == {"deluxe": pytest.approx(0.75), "product": pytest.approx(0.25)}
    assert dict(found.needs) == {"part": {"product", "deluxe"}, "chip": {"deluxe"}}
    assert found.share("chip") == pytest.approx(0.75)


def test_a_figure_has_a_cell_for_each_need_and_none_elsewhere(context):
    (heat,) = as_plotly(exposure(context, "maker")).data
    assert [list(row) for row in heat.z] == [
        [pytest.approx(75), pytest.approx(25)],
        [pytest.approx(75), None],
    ]
    assert heat.text[1][1] == ""
    title = exposure_title(context, "maker")
    assert title == "Products with 100% of Maker’s revenue cannot be made if Part is missing"


def test_a_component_that_another_recipe_does_without_is_not_needed(tmp_path):
    assert dict(exposure_of(context_of(tmp_path, DELUXE, BESIDE), "maker").needs) == {
        "part": {"product", "deluxe"}
    }


def test_who_loses_nothing_is_told_no_needs(tmp_path):
    still = context_of(tmp_path, shock=False)
    assert exposure_section(still) is not None
    assert "exposure" not in [section.key for section in sections(still)]
