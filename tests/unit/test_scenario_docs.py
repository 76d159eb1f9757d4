"""The page about the format tells every field, and its examples are good."""

import re
from pathlib import Path

from pydantic import BaseModel

from sim.scenario.load import load_scenario
from sim.scenario.shapes import SCENARIO, Choice, Listing, Mapping, Record, Shape, fields_of
from sim.scenario.source import read_text

PAGE = (Path(__file__).parents[2] / "docs" / "scenario-format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def models_below(shape: Shape) -> set[type[BaseModel]]:
    match shape:
        case Record(model=model):
            return {model}.union(*(models_below(field) for field in fields_of(model).values()))
        case Choice(options=options):
            return {model for option in options.values() for model in models_below(Record(option))}
        case Mapping(value=inner) | Listing(item=inner):
            return models_below(inner)
        case _:
            return set()


def test_every_field_is_told():
    fields = {name for model in models_below(SCENARIO) for name in fields_of(model)}
    assert not {name for name in fields if f"`{name}`" not in PAGE}


def test_every_kind_is_told():
    shapes = [shape for model in models_below(SCENARIO) for shape in fields_of(model).values()]
    shapes += [shape.value for shape in shapes if isinstance(shape, Mapping)]
    kinds = {name for shape in shapes if isinstance(shape, Choice) for name in shape.options} - {"value"}
    assert "export_ban" in kinds
    assert not {name for name in kinds if f"`{name}`" not in PAGE}


def test_the_first_scenario_loads_with_its_shock(tmp_path: Path):
    path = tmp_path / "bakery.yaml"
    path.write_text(EXAMPLES[0] + EXAMPLES[1])
    scenario = load_scenario(path)
    assert scenario.interventions["flood"].shock
    assert len(EXAMPLES[0].splitlines()) <= 11


def test_all_examples_are_yaml():
    assert len(EXAMPLES) >= 6
    for example in EXAMPLES:
        read_text(example)


def test_every_link_within_the_page_leads_somewhere():
    titles = re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= anchors
