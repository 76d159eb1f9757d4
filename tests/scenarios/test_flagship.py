"""What the flagship must show: the facts before the shock, and the loss of about ten per cent of one view."""

import math
from pathlib import Path

import pandas as pd
import pytest

from sim.scenario.load import load_scenario
from sim.stories import study

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"
FLAGSHIP = SCENARIOS / "entity-list-2019-research-house.yaml"
REPLICATIONS = 12
BACK_END_AND_MIDDLE = {"recorders", "central-control", "ai-servers"}
CAMERAS = {"standard-cameras", "ai-cameras"}


@pytest.fixture(scope="module")
def flagship() -> study.Study:
    return study.run(FLAGSHIP, replications=REPLICATIONS)


def simulated_over_reported(flagship: study.Study, firm: str, measure: str) -> pd.Series:
    table = flagship.findings.tables["observations"]
    rows = table[(table["firm"] == firm) & (table["measure"] == measure)]
    return (rows["simulated_mean"] / rows["reported"]).set_axis(rows["end"].astype(str))


def before_the_shock(ratios: pd.Series) -> pd.Series:
    return ratios[ratios.index < "2019-10-09"]


def test_hikvisions_loss_is_about_ten_per_cent(flagship: study.Study) -> None:
    share = flagship.findings.summary["makers"]["hikvision"]["loss_share"]["mean"]["estimate"]
    assert 0.08 <= share <= 0.12


def test_most_of_the_loss_is_in_back_end_and_central_control_and_little_in_cameras(
    flagship: study.Study,
) -> None:
    products = flagship.findings.tables["products"]
    losses = products[products["maker"] == "hikvision"].groupby("item")["mean"].sum()
    assert losses[list(BACK_END_AND_MIDDLE)].sum() > 0.8 * losses.sum()
    assert losses[list(CAMERAS)].sum() < 0.15 * losses.sum()


def test_the_loss_comes_through_parts(flagship: study.Study) -> None:
    attribution = flagship.findings.tables["attribution"]
    rows = attribution[attribution["maker"] == "hikvision"]
    through_parts = rows[rows["component"].isin(["server-cpu", "hdd", "gpu", "ai-soc"])]["mean"].sum()
    loss = flagship.findings.summary["makers"]["hikvision"]["loss"]["mean"]["estimate"]
    assert through_parts == pytest.approx(loss, rel=0.01)


def test_hikvisions_quarters_before_the_shock_are_within_five_per_cent(flagship: study.Study) -> None:
    ratios = before_the_shock(simulated_over_reported(flagship, "hikvision", "revenue"))
    assert len(ratios) == 7
    assert (ratios - 1.0).abs().max() < 0.05, ratios


def test_dahuas_totals_before_the_shock_are_within_eight_per_cent(flagship: study.Study) -> None:
    ratios = before_the_shock(simulated_over_reported(flagship, "dahua", "revenue"))
    assert len(ratios) == 2
    assert (ratios - 1.0).abs().max() < 0.08, ratios


@pytest.mark.parametrize("date", ["2019-06-30", "2019-12-31"])
def test_hikvisions_stock_rises_as_reported_within_fifteen_per_cent(flagship: study.Study, date: str) -> None:
    ratios = simulated_over_reported(flagship, "hikvision", "inventory_value")
    assert math.isclose(ratios[date], ratios["2018-12-31"], rel_tol=0.15)


def test_no_number_is_without_a_source_and_a_confidence(flagship: study.Study) -> None:
    table = flagship.findings.tables["assumptions"]
    assert table["source"].notna().all()
    assert table["confidence"].notna().all()


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_scenario_of_the_library_is_valid_and_names_its_schema(file: Path) -> None:
    assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=scenario.schema.json")
    assert load_scenario(file).name == file.stem
