"""Tables read back from a folder are those that were written: values, kinds, empty ones, awkward texts."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.failures import StressDesign
from sim.montecarlo.store import RunFolder
from sim.report import stored_tables
from sim.report.stored_tables import STORED, from_csv, typed
from sim.risk import margins, tables
from sim.stories import compare, sensitivity, stress, study

FIRST, PORT = "scenarios/first-scenario.yaml", "scenarios/first-scenario-port.yaml"
UNCERTAIN = ["interventions.fire.duration_days={dist: uniform, low: 60, high: 120}"]


def through_a_file(name, table, folder):
    RunFolder(folder).write_csv(f"{name}.csv", table)
    return from_csv(name, (folder / f"{name}.csv").read_bytes())


STORIES = {
    "run": lambda: study.run(FIRST, replications=8, workers=1).findings,
    "flagship": lambda: (
        study.run("scenarios/entity-list-2019-research-house.yaml", replications=4, workers=1).findings
    ),
    "several recipes": lambda: (
        study.run("scenarios/graphite-licences-2023.yaml", replications=4, workers=1).findings
    ),
    "without a shock": lambda: study.run("tests/cases/noshock.yaml", replications=4, workers=1).findings,
    "compare": lambda: compare.run([FIRST, PORT], replications=16, workers=1),
    "sensitivity": lambda: sensitivity.run(FIRST, replications=32, workers=1, overrides=UNCERTAIN),
    "decision": lambda: sensitivity.run(
        "scenarios/entity-list-2019-research-house.yaml", replications=32, top=1, workers=1
    ),
    "stress": lambda: stress.run(FIRST, workers=1),
    "stress without pairs": lambda: stress.run(FIRST, workers=1, design=StressDesign(pairs_among=())),
}


@pytest.mark.parametrize("story", STORIES)
def test_every_table_is_read_back_as_it_was(story, tmp_path):
    for name, table in typed(STORIES[story]().tables).items():
        pd.testing.assert_frame_equal(through_a_file(name, table, tmp_path), table, check_exact=True)


def test_every_table_of_a_run_can_be_read_back():
    assert {**tables.COLUMNS, **margins.COLUMNS}.keys() <= STORED.keys()


@pytest.mark.parametrize("story", ["run", "compare", "stress"])
def test_kinds_change_no_value_of_a_table(story):
    for name, table in STORIES[story]().tables.items():
        same = [column for column in table if len(table) and not table[column].isna().any()]
        pd.testing.assert_frame_equal(typed({name: table})[name][same], table[same], check_exact=True)


@pytest.mark.parametrize("name", STORED)
def test_an_empty_table_keeps_the_kinds_of_its_columns(name, tmp_path):
    empty = typed({name: pd.DataFrame({column: [] for column in STORED[name].all}, dtype=object)})[name]
    pd.testing.assert_frame_equal(through_a_file(name, empty, tmp_path), empty)
    assert {column for column in empty if empty[column].dtype == np.float64} == {
        column
        for column in STORED[name].all
        if column not in {*STORED[name].plain.split(), *stored_tables.WHOLE, *stored_tables.DATES}
    }


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.floats(width=64))
def test_awkward_texts_and_numbers_come_back(tmp_path_factory, text, number):
    table = pd.DataFrame({"maker": ["x", text], "cost": ["=1", "-"], "mean": [number, 0.0]})
    found = through_a_file("costs", table, tmp_path_factory.mktemp("table"))
    pd.testing.assert_frame_equal(found, typed({"costs": table})["costs"], check_exact=True)


def test_a_day_that_never_comes_is_none(tmp_path):
    table = pd.DataFrame({"intervention": ["ban", "fire"], "end_p50": [None, dt.date(2020, 2, 29)]})
    found = through_a_file("interventions", table, tmp_path)["end_p50"].tolist()
    assert found == [None, dt.date(2020, 2, 29)]
