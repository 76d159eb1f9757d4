"""How much orders vary: told where it is asked for, by stock point, with a chapter of its own."""

import numpy as np
import pytest
import yaml

import sim
from tests.awkward.reading import read_page
from tests.builders import ban, factory, merged

ASKED = {"analysis": {"bullwhip": True, "window_days": 40}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bullwhip")


def run_of(folder, name, **changes):
    data = merged(factory(60, interventions={"ban": ban(10, duration_days=15)}), merged(ASKED, changes))
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return sim.run(file, replications=8, workers=1)


@pytest.fixture(scope="module")
def varying(folder):
    return run_of(folder, "varying", demand={"home": {"process": "gamma", "dispersion": 4.0}})


def test_who_passes_on_what_is_asked_varies_as_much(varying):
    """Without the ban, base stock orders what was asked of it; with it parts are not ordered for 15 days."""
    table = varying.tables["bullwhip"].set_index(["stock_point", "twin"])
    assert set(table.index.get_level_values("stock_point")) == {"parts", "goods"}
    np.testing.assert_allclose(table["ratio"].xs("counterfactual", level="twin"), 1.0)
    assert table["ratio"]["parts", "scenario"] > 1.5
    assert (table["periods"] == 40).all()
    assert (table["ratio_p05"] <= table["ratio_p95"]).all()
    assert table["demand_mean"]["parts", "counterfactual"] == pytest.approx(
        2.0 * table["demand_mean"]["goods", "counterfactual"]
    )


def test_demand_that_does_not_vary_has_no_ratio(folder):
    run = run_of(folder, "constant")
    table = run.tables["bullwhip"].set_index(["stock_point", "twin"])
    assert table["ratio"].xs("goods").isna().all()
    assert table["demand_variance"].xs("goods").max() < 1e-12
    assert "How orders swing" in read_page(run.report()).text


def test_a_window_of_a_period_has_no_variance(folder):
    run = run_of(folder, "short", analysis={"window_days": 1})
    assert run.tables["bullwhip"]["ratio"].isna().all()
    assert "No stock point sees demand that varies" in read_page(run.report()).titles["bullwhip"]


def test_the_chapter_tells_the_table_and_so_does_its_folder(varying, folder):
    page = read_page(varying.report())
    ratios = varying.tables["bullwhip"].query("twin == 'counterfactual'")["ratio"]
    assert f"at {int((ratios > 1.0).sum())} of 2 stock points" in page.titles["bullwhip"]
    without, with_shock = varying.figures["bullwhip"].data
    assert sorted(without.x) == pytest.approx(sorted(ratios))
    assert len(with_shock.x) == 2
    again = sim.open(varying.save(folder / "saved"))
    assert again.report() == varying.report()


def test_nobody_who_does_not_ask_is_told(folder):
    run = run_of(folder, "silent", analysis={"bullwhip": False})
    assert "bullwhip" not in run.tables
    assert "How orders swing" not in read_page(run.report()).text
