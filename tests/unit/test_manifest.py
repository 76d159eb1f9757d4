"""What manifests say: to the letter, as folders of earlier versions must stay their own."""

import json
from dataclasses import asdict

import pytest
import yaml

from sim.model.failures import StressDesign
from sim.montecarlo.store import digest
from sim.scenario.load import resolved
from sim.stories import compare, sensitivity, stress, study
from sim.stories.manifest import Asked, file_name, manifest_of
from tests.builders import stand_ins
from tests.durability.folders import decided_scenario, random_scenario

LAST = ["digest", "versions", "given", "scenario"]
ONE_FILE = ["command", "scenario_file", "overrides"]


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Writes a scenario into the folder in which we are."""
    monkeypatch.chdir(tmp_path)

    def write(data, name="a.yaml"):
        (tmp_path / name).write_text(yaml.safe_dump(data, sort_keys=False))
        return name

    return write


def digest_of(scenario):
    return digest(resolved(scenario))


def test_a_run(file):
    job = study.job_of(file(random_scenario()), replications=7, seed=3, overrides=["title=A test"])
    manifest = job.manifest
    asked = {"replications": 7, "seed": 3}
    assert manifest["command"] == "chokepoint run a.yaml --replications 7 --seed 3 --set 'title=A test'"
    assert list(manifest) == [*ONE_FILE, "replications", "seed", "engine", "scenario_digest", *LAST]
    assert manifest["digest"] == digest([digest_of(job.scenario), asked])
    assert manifest["scenario_digest"] == digest_of(job.scenario)


def test_a_run_until_precise_by_the_other_engine(file):
    precise = study.Precision(0.25, "var95")
    job = study.job_of(file(random_scenario()), engine="simpy", precision=precise)
    asked = {
        "replications": 1_000_000,
        "precision": 0.25,
        "figure": "var95",
        "seed": 20191009,
        "engine": "simpy",
    }
    assert job.manifest["command"] == (
        "chokepoint run a.yaml --replications 1000000 --precision 0.25 --figure var95 --seed 20191009 "
        "--engine simpy"
    )
    assert {key: job.manifest[key] for key in asked} == asked
    assert job.manifest["digest"] == digest([digest_of(job.scenario), asked])


def test_a_comparison(file):
    files = [file(random_scenario()), file({**random_scenario(), "name": "other"}, "b.yaml")]
    manifest = compare.analysis(files, replications=16, seed=3).manifest
    digests = [digest_of(compared.scenario) for compared in compare.prepared(files)]
    assert manifest["command"] == "chokepoint compare a.yaml b.yaml --replications 16 --seed 3"
    assert list(manifest) == [
        *("command", "scenario_files", "scenario_digests", "overrides", "seed", "replications"),
        *("digest", "versions", "given"),
    ]
    assert manifest["digest"] == digest([digests, 3, 16])
    assert [given["name"] for given in manifest["given"]] == ["test", "other"]


def test_a_sensitivity_analysis(file):
    name = file(decided_scenario())
    manifest = sensitivity.analysis(name, replications=32, top=2, seed=3).manifest
    design = {"maker": "maker", "replications": 32, "top": 2, "seed": 3}
    variants = {key: digest_of(variant) for key, variant in sensitivity.prepare(name).variants.items()}
    assert manifest["command"] == (
        "chokepoint sensitivity a.yaml --maker maker --replications 32 --top 2 --seed 3"
    )
    assert list(manifest) == [*ONE_FILE, *design, "scenario_digest", *LAST, "given_alternatives"]
    assert manifest["digest"] == digest([manifest["scenario_digest"], design, variants])


@pytest.mark.parametrize(
    ("design", "told", "decides"),
    [
        ({}, "", []),
        ({"pairs_among": ("lane",)}, " --pairs-among lane", ["pairs-among ('lane',)"]),
        ({"pairs_among": ()}, " --pairs-among none", ["pairs-among ('none',)"]),
        (
            {"nodes": ("supplier",), "pairs_of": 0, "bounds_of": 2, "index": True},
            " --nodes supplier --pairs-of 0 --bounds-of 2 --index esri",
            ["nodes ('supplier',)", "pairs-of 0", "bounds-of 2", "index esri"],
        ),
    ],
)
def test_a_stress_test(file, design, told, decides):
    manifest = stress.analysis(file(stand_ins()), design=StressDesign(**design)).manifest
    assert manifest["command"] == f"chokepoint stress a.yaml{told}"
    asked = ["nodes", "pairs_among", "pairs_of", "bounds_of", "index"]
    assert list(manifest) == [*ONE_FILE, *asked, "scenario_digest", *LAST]
    given = asdict(StressDesign(**design))
    assert {name: manifest[name] for name in asked} == json.loads(json.dumps(given))
    assert manifest["digest"] == digest(["stress", manifest["scenario_digest"], *decides])


def test_neither_files_nor_wording_decide_whose_a_folder_is():
    one, other = (
        manifest_of(
            Asked(
                command="run",
                files=[name],
                options={},
                overrides=[],
                fields={"scenario_file": name},
                decides=["x"],
                scenarios={},
            )
        )
        for name in ("a.yaml", "b.yaml")
    )
    assert one["digest"] == other["digest"]
    assert json.dumps(one) != json.dumps(other)


def test_a_file_is_named_as_seen_from_here(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert file_name(tmp_path / "here" / "below" / "a.yaml") == "below/a.yaml"
    assert file_name(tmp_path / "a.yaml") == "a.yaml"
