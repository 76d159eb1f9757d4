"""Imports of exported tables: the same bill in every form, what is assumed, and rows that cannot be used."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sim.cli import main
from sim.errors import ScenarioError, SimError
from sim.scenario.erp.bills import bill_of
from sim.scenario.erp.mapping import Mapping, Table, read_mapping
from sim.scenario.erp.network import imported
from sim.scenario.erp.tables import Found, read_tables
from sim.scenario.erp.wizard import Question, asked_table, proposed_table
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.stories import files
from tests.unit.test_observed_demand import write

PAIRS = "parent,component,quantity\nbike,frame,1\nbike,wheel,2\nframe,tube,4.5\nwheel,spoke,32\n"
LEVELS = "level,component,quantity\n0,bike,1\n1,frame,1\n2,tube,4.5\n1,wheel,2\n2,spoke,32\n"
PER_PRODUCT = LEVELS.replace("2,spoke,32", "2,spoke,64")
INDENTED = "component,quantity\nbike,1\n  frame,1\n    tube,4.5\n  wheel,2\n    spoke,32\n"
DOTTED = "component,quantity\nbike,1\n.frame,1\n..tube,4.5\n.wheel,2\n..spoke,32\n"
EXPECTED = {("bike", "frame"): 1.0, ("bike", "wheel"): 2.0, ("frame", "tube"): 4.5, ("wheel", "spoke"): 32.0}
VENDORS = "item,vendor,country,price,lead_time_days,minimum_quantity\n"


def named(*columns: str) -> dict[str, str]:
    return {column: column for column in columns}


def bill(folder: Path, text: str, **how: object):
    columns = named(*text.partition("\n")[0].split(how.get("separator", ",")))  # type: ignore[arg-type]
    table = Table.model_validate({"holds": "bom", "columns": columns, **how})
    found = read_tables([write(folder / "bom.csv", text)], {"bom.csv": table})
    made = bill_of(found, {"bom.csv": table})
    uses = {(use.parent, use.component): use.quantity for uses in made.uses.values() for use in uses}
    return uses, [str(problem).replace(f"{folder}/", "") for problem in found.problems]


def told(**tables: dict[str, object]) -> Mapping:
    data = {
        "name": "imported",
        "title": "Imported",
        "currency": "EUR",
        "maker": {"name": "Velo", "country": "NL"},
        "tables": {f"{name}.csv": {"holds": name, **table} for name, table in tables.items()},
    }
    return Mapping.model_validate(data)


def scenario_of(folder: Path, bom: str = PAIRS, vendors: str = "", items: str = "", **how: object):
    texts = {"bom": bom, "vendors": vendors, "items": items}
    given = {name: text for name, text in texts.items() if text}
    tables: dict[str, dict[str, object]] = {
        name: {"columns": named(*text.partition("\n")[0].split(","))} for name, text in given.items()
    }
    tables["bom"] |= how
    mapping = told(**tables)
    found = read_tables([write(folder / f"{name}.csv", text) for name, text in given.items()], mapping.tables)
    result = imported(mapping, found)
    return Scenario.model_validate(result.data), result


# ---------------------------------------------------------------------- bills


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (PAIRS, {}),
        (LEVELS, {"form": "levels"}),
        (PER_PRODUCT, {"form": "levels", "quantities": "per_product"}),
        (INDENTED, {"form": "indented"}),
        (DOTTED, {"form": "indented"}),
        (PAIRS.replace(",", ";").replace("4.5", "4,5"), {"separator": ";", "decimal": ","}),
        (PAIRS.replace("bike,wheel,2\n", "bike,wheel,0.5\nbike,wheel,1.5\n"), {}),
    ],
)
def test_every_form_tells_the_same_bill(tmp_path, text, how):
    assert bill(tmp_path, text, **how) == (EXPECTED, [])


def test_what_a_phantom_is_made_of_takes_its_place(tmp_path):
    text = PAIRS.replace("quantity\n", "quantity,kind\n").replace("frame,1\n", "frame,1,Phantom\n")
    text = "".join(
        line if line.count(",") == 3 else f"{line.strip()},make\n" for line in text.splitlines(keepends=True)
    )
    uses, problems = bill(tmp_path, text, phantoms=["Phantom"])
    assert problems == []
    assert uses == {("bike", "tube"): 4.5, ("bike", "wheel"): 2.0, ("wheel", "spoke"): 32.0}


def test_a_phantom_of_an_indented_bill_is_taken_apart(tmp_path):
    text = "component,quantity,kind\nbike,1,make\n  frame,2,Phantom\n    tube,4.5,buy\n  wheel,2,buy\n"
    uses, problems = bill(tmp_path, text, form="indented", phantoms=["Phantom"])
    assert (uses, problems) == ({("bike", "tube"): 9.0, ("bike", "wheel"): 2.0}, [])


def test_what_an_items_table_calls_a_phantom_is_taken_apart(tmp_path):
    items = "item,kind\nframe,Phantom\n"
    scenario, _ = scenario_of(tmp_path, items=items, phantoms=["Phantom"])
    assert list(scenario.recipes["bike"].inputs) == ["tube", "wheel"]


def test_bills_of_several_forms_are_one_bill(tmp_path):
    tables = {
        "pairs.csv": Table.model_validate(
            {"holds": "bom", "columns": named("parent", "component", "quantity")}
        ),
        "levels.csv": Table.model_validate(
            {"holds": "bom", "columns": named("level", "component", "quantity"), "form": "levels"}
        ),
        "more.csv": Table.model_validate(
            {"holds": "bom", "columns": named("level", "component", "quantity"), "form": "levels"}
        ),
    }
    texts = (PAIRS, "level,component,quantity\n0,spoke,1\n1,wire,0.3\n", "level,component,quantity\n1,x,1\n")
    given = [write(tmp_path / name, text) for name, text in zip(tables, texts, strict=True)]
    found = read_tables(given, tables)
    made = bill_of(found, tables)
    uses = {(use.parent, use.component): use.quantity for uses in made.uses.values() for use in uses}
    assert uses == {**EXPECTED, ("spoke", "wire"): 0.3}
    with pytest.raises(ScenarioError, match=r"pairs\.csv twice; allowed: each file once"):
        read_tables([given[0], tmp_path / "." / "pairs.csv"], tables)


def test_an_item_number_that_begins_with_a_sign_keeps_it(tmp_path):
    uses, _ = bill(tmp_path, PAIRS.replace("frame", "-frame"))
    assert ("bike", "-frame") in uses
    assert ("-frame", "tube") in uses


def test_what_two_item_tables_say_is_put_together_unless_it_differs(tmp_path):
    items = "item,name,price,on_hand\nbike,E-bike,900,\nbike,,900,240\nbike,Bike,,\n"
    scenario, result = scenario_of(tmp_path, items=items)
    assert scenario.items["bike"].name == "E-bike"
    assert scenario.stock_points["bike"].initial_on_hand.source == "items.csv, line 3"
    [problem] = result.problems
    assert str(problem).endswith(
        "items.csv:4:1: name of bike: found 'Bike', and 'E-bike' in items.csv, line 2"
    )


def test_rows_of_totals_are_left_out_and_told(tmp_path):
    rows = f"{PAIRS}Summe,,39.5\n,Grand total:,39.5\n"
    _, result = scenario_of(tmp_path, rows, vendors=f"{VENDORS}tube,Total,NL,3,9,1\nTotal 2025,,,3,,\n")
    assert result.problems == []
    assert result.notes == [
        "bom.csv, line 6: 'Summe' is taken for a row of totals; it is left out",
        "bom.csv, line 7: 'Grand total:' is taken for a row of totals; it is left out",
        "vendors.csv, line 3: 'Total 2025' is taken for a row of totals; it is left out",
    ]


@pytest.mark.parametrize(
    ("text", "how", "problem"),
    [
        (f"{PAIRS}bike,,3\n", {}, "bom.csv:6:1: found no component"),
        (LEVELS.replace("2,tube", ",tube"), {"form": "levels"}, "bom.csv:4:1: found no level of tube"),
    ],
)
def test_a_row_without_what_it_is_of_is_told(tmp_path, text, how, problem):
    assert bill(tmp_path, text, **how)[1] == [problem]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("wheel,bike,1", "bom.csv:6:1: bike goes into wheel, and wheel into it"),
        ("tube,tube,1", "bom.csv:6:1: tube goes into tube, and tube into it"),
        ("bike,bell,0", "bom.csv:6:1: quantity of bell: found 0, allowed: above 0"),
        ("bike,bell,-1", "bom.csv:6:1: quantity: found '-1', allowed: a number, 0 or more"),
        ('bike,bell,"1,5"', "bom.csv:6:1: quantity: found '1,5', allowed: a number, 0 or more"),
        ("bike,bell", "bom.csv:6:1: found 2 cells, allowed: 3 as in the header"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_line(tmp_path, row, problem):
    _, problems = bill(tmp_path, f"{PAIRS}{row}\n")
    assert problem in problems


def test_an_alternate_of_what_is_not_there_is_told(tmp_path):
    text = "parent,component,quantity,alternate_of\nbike,frame,1,\nbike,carbon,1,fork\n"
    uses, problems = bill(tmp_path, text)
    assert problems == ["bom.csv:3:1: carbon stands for fork, which bike does not have"]
    assert set(uses) == {("bike", "frame")}


def test_a_level_that_is_missing_is_told(tmp_path):
    uses, problems = bill(tmp_path, LEVELS.replace("2,tube", "3,tube"), form="levels")
    assert problems == ["bom.csv:4:1: level of tube: found 3 below 1, a level is missing"]
    assert ("frame", "tube") not in uses


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 3)), max_size=15))
def test_whatever_goes_into_what_the_rest_is_a_network(tmp_path_factory, rows):
    text = "parent,component,quantity\n" + "".join(f"p{a},p{b},{n}\n" for a, b, n in rows)
    try:
        scenario, result = scenario_of(tmp_path_factory.mktemp("bom"), text)
    except ScenarioError as error:
        assert "tell of nothing that is made or sold" in str(error)  # noqa: PT017 - of circles alone
        return
    assert len(result.problems) <= len(rows)
    assert set(scenario.stock_points) >= {recipe.output for recipe in scenario.recipes.values()}


def test_a_row_without_a_parent_goes_on_with_the_one_before(tmp_path):
    """As Odoo exports a bill: its head in the first row only."""
    text = PAIRS.replace("bike,wheel", ",wheel")
    assert bill(tmp_path, text, form="grouped") == (EXPECTED, [])
    assert bill(tmp_path, PAIRS.replace("quantity\n", "quantity\n,bike,1\n")) == (EXPECTED, [])
    head = PAIRS.replace("quantity\n", "quantity\n,bell,1\n")
    uses, [problem] = bill(tmp_path, head)
    assert uses == EXPECTED
    assert problem.startswith("bom.csv:2:1: found no parent of bell; ")
    assert "form: grouped" in problem
    assert bill(tmp_path, head, form="grouped") == (
        EXPECTED,
        ["bom.csv:2:1: found no parent of bell, neither here nor before"],
    )


@pytest.mark.parametrize("kind", ["phantom", "make"])
def test_parts_that_are_shared_on_many_levels_are_taken_apart_once(tmp_path, kind):
    rows = [f"d{n},d{n + 1},1,{kind}\nd{n},e{n},1,{kind}\ne{n},d{n + 1},1,{kind}\n" for n in range(30)]
    text = "parent,component,quantity,kind\n" + "".join(rows)
    scenario, _ = scenario_of(tmp_path, text, phantoms=["phantom"])
    assert scenario.demand["d0"].price.value == 2.0 * 2**30


def test_a_bill_of_1500_levels_is_imported(tmp_path):
    text = "parent,component,quantity\n" + "".join(f"p{n},p{n + 1},1\n" for n in range(1500))
    assert len(scenario_of(tmp_path, text)[0].recipes) == 1500


def test_a_circle_of_all_is_told_row_by_row(tmp_path):
    text = "parent,component,quantity\n" + "".join(f"p{n},p{(n + 1) % 9},1\n" for n in range(9))
    with pytest.raises(ScenarioError) as caught:
        scenario_of(tmp_path, text)
    assert len(caught.value.problems) == 10


@pytest.mark.parametrize("cell", ["x" * 501, "a\x07b"])
def test_a_text_that_no_item_has_is_told_with_its_line(tmp_path, cell):
    _, problems = bill(tmp_path, f"{PAIRS}bike,{cell},1\n")
    assert problems == ["bom.csv:6:1: component: allowed: plain text, up to 500 characters"]


# ---------------------------------------------------------------------- vendors and items


def test_vendors_that_change_nothing_are_told(tmp_path):
    rows = "frame,Steel,NL,3,10,1\nbell,Steel,NL,3,10,1\ntube,velo B.V.,NL,3,10,1\n"
    _, result = scenario_of(tmp_path, vendors=VENDORS + rows)
    assert result.notes == [
        "frame is made, as the bill says; that Steel sells it too is left out",
        "bell, which Steel sells, goes into nothing; it is left out",
        "tube is sold by a vendor that is called as the maker is; it counts as another firm",
    ]


def test_long_names_and_names_like_ids_stay_apart(tmp_path):
    item = "a part with a name that is as long as names of parts can be, or longer"
    text = f'parent,component,quantity\nbike,"{item}",1\nbike,frame,1\nbike,"frame of steel",1\n'
    rows = f'"{item}",International Business A,NL,3,9,1\n"{item}",International Business B,NL,3,9,1\n'
    scenario, _ = scenario_of(tmp_path, text, vendors=f"{VENDORS}{rows}frame,steel,NL,3,9,1\n")
    assert len(scenario.lanes) == 4
    assert len(scenario.stock_points) == 8


def test_the_same_partner_counts_once_at_the_price_of_the_smallest_order(tmp_path):
    rows = "tube,Steel Co. Ltd,NL,3,10,100\ntube,STEEL CO LTD,NL,4,12,1\n"
    scenario, result = scenario_of(tmp_path, vendors=VENDORS + rows)
    [lane] = [lane for lane in scenario.lanes.values() if lane.buyer == "tube"]
    assert (lane.price.value, lane.lead_time_days.value, lane.minimum_order_units.value) == (4.0, 12.0, 1.0)
    assert lane.price.source == "vendors.csv, line 3"
    assert result.notes == ["STEEL CO LTD is taken to be Steel Co. Ltd"]


def test_a_delay_of_0_is_not_known(tmp_path):
    scenario, _ = scenario_of(tmp_path, vendors=f"{VENDORS}tube,Steel,NL,3,0,1\n")
    lead = scenario.lanes["tube-of-steel"].lead_time_days
    assert (lead.value, lead.source, lead.confidence) == (45.0, "assumption", "low")
    assert "vendors.csv, line 2 says 0 days" in (lead.note or "")


def test_two_vendors_of_one_item_are_two_lanes(tmp_path):
    scenario, _ = scenario_of(tmp_path, vendors=f"{VENDORS}tube,Steel,NL,3,9,1\ntube,Iron,DE,2,9,1\n")
    assert sorted(lane for lane in scenario.lanes if lane.startswith("tube")) == [
        "tube-of-iron",
        "tube-of-steel",
    ]


def test_what_nobody_sells_has_a_vendor_that_says_so(tmp_path):
    scenario, _ = scenario_of(tmp_path)
    assert scenario.firms["vendor-of-tube"].note == "no table names a vendor"
    assert scenario.lanes["tube-of-vendor-of-tube"].price.source == "assumption"


def test_an_alternate_is_a_recipe_of_second_rank(tmp_path):
    text = "parent,component,quantity,alternate_of\nbike,frame,1,\nbike,carbon,1,frame\n"
    scenario, _ = scenario_of(tmp_path, text)
    found = {recipe.rank: list(recipe.inputs) for recipe in scenario.recipes.values()}
    assert found == {1: ["frame"], 2: ["carbon"]}


def test_demand_and_names_come_from_the_items(tmp_path):
    items = "item,name,unit,demand_per_day,price,cover_days,on_hand\nbike,E-bike,pieces,12,900,20,240\n"
    scenario, _ = scenario_of(tmp_path, items=items)
    stream = scenario.demand["bike"]
    assert (stream.mean_per_day.value, stream.price.value) == (12.0, 900.0)
    assert scenario.items["bike"].name == "E-bike"
    assert scenario.stock_points["bike"].initial_on_hand.value == 240.0


# ---------------------------------------------------------------------- the command


def tables_in(folder: Path) -> list[str]:
    write(folder / "bom.csv", PAIRS)
    write(folder / "vendors.csv", f"{VENDORS}tube,Steel,NL,3,9,1\n")
    return ["bom.csv", "vendors.csv"]


def call(*words: str):
    return CliRunner().invoke(main, words, catch_exceptions=False)


def test_a_mapping_is_proposed_and_what_follows_can_be_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables = tables_in(tmp_path)
    assert call("import", *tables, "--mapping-wizard", "mapping.yaml").exit_code == 0
    told = call("import", *tables, "--mapping", "mapping.yaml", "--out", "mine.xlsx")
    assert told.exit_code == 0, told.output
    assert load_scenario(tmp_path / "mine.xlsx").analysis.makers == ["maker"]
    assert call("validate", "mine.xlsx").exit_code == 0


def test_problems_are_all_told_and_nothing_is_written_unless_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables = tables_in(tmp_path)
    call("import", *tables, "--mapping-wizard", "mapping.yaml")
    write(tmp_path / "vendors.csv", f"{VENDORS}tube,Steel,NL,dear,9,1\nspoke,,NL,1,9,1\n")
    told = call("import", *tables, "--mapping", "mapping.yaml")
    assert told.exit_code == 2
    assert "vendors.csv:2:1: price: found 'dear'" in told.stderr
    assert "vendors.csv:3:1: found no vendor" in told.stderr
    assert not (tmp_path / "imported.yaml").exists()
    told = call("import", *tables, "--mapping", "mapping.yaml", "--skip-problems")
    assert told.exit_code == 0
    assert "2 rows left out" in told.stdout


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("parent: parent", "parant: parent"), "means nothing in a table of bom; did you mean 'parent'?"),
        (("parent: parent", "parent: father"), "bom.csv:1:1: there is no column 'father'"),
        (("bom.csv:", "boms.csv:"), "the mapping says nothing of bom.csv; did you mean 'boms.csv'?"),
        (("form: pairs", "form: pears"), "tables.bom.csv.form: "),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(tmp_path, monkeypatch, change, problem):
    monkeypatch.chdir(tmp_path)
    tables = tables_in(tmp_path)
    call("import", *tables, "--mapping-wizard", "mapping.yaml")
    write(tmp_path / "mapping.yaml", (tmp_path / "mapping.yaml").read_text().replace(*change))
    told = call("import", *tables, "--mapping", "mapping.yaml")
    assert told.exit_code == 2
    assert problem in told.stderr


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (
            "name/id,product_tmpl_id/id,min_qty,price,delay",
            {"vendor", "item", "minimum_quantity", "price", "lead_time_days"},
        ),
        (
            "parent_item_number,component_item_number,bom_level,quantity,item_type",
            {"parent", "component", "quantity"},
        ),
        ("Stufe;Material;Menge;Bezeichnung", {"level", "component", "quantity", "name"}),
        ("item_code,item_name,stock_uom,actual_qty", {"item", "name", "unit", "on_hand"}),
    ],
)
def test_headings_of_known_systems_are_understood(tmp_path, header, columns):
    table = proposed_table(write(tmp_path / "table.csv", f"{header}\n"))
    assert columns <= set(table["columns"])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_told(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("table")
    (folder / "bom.csv").write_bytes(b"parent,component,quantity\n" + data)
    table = Table.model_validate({"holds": "bom", "columns": named("parent", "component", "quantity")})
    try:
        found = read_tables([folder / "bom.csv"], {"bom.csv": table})
    except ScenarioError as error:
        assert str(error)  # noqa: PT017 - some bytes are a table
    else:
        assert isinstance(found, Found)


def test_nothing_is_written_over(tmp_path):
    tables_in(tmp_path)
    there = write(tmp_path / "there.yaml", "precious")
    with pytest.raises(SimError, match="found a file"):
        files.propose_mapping([tmp_path / "bom.csv"], "Velo", "NL", there)
    assert there.read_text() == "precious"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "Stufe;Material;Menge\n0;RAD;1\n1;Größe;1.250,5\n".encode("cp1252"),
            {"encoding": "cp1252", "decimal": ","},
        ),
        (b"parent,component,quantity\nbike,frame,1\n,wheel,2\n", {"form": "grouped"}),
        (b"parent,component,quantity\n,bike,1\nbike,wheel,2\n", {"form": "pairs"}),
        (
            "Item,Qty,Description\nBIKE,1,Bike\n..WHEEL,2,Wheel\n".encode("utf-16"),
            {"form": "indented", "encoding": "utf-16"},
        ),
        (b"item,vendor,price\nbike,Velo,2.5\n", {"holds": "vendors"}),
    ],
)
def test_how_a_table_is_written_is_proposed_from_its_rows(tmp_path, data, said):
    file = tmp_path / "table.csv"
    file.write_bytes(data)
    proposed = proposed_table(file)
    assert {name: proposed.get(name) for name in said} == said
    assert proposed.get("encoding", "utf-8") == said.get("encoding", "utf-8")
    assert proposed.get("decimal", ".") == said.get("decimal", ".")
    Table.model_validate(proposed)


# ---------------------------------------------------------------------- the wizard asks


def answering(**answers: str):
    """Answers questions by what they begin with; all else as proposed."""
    asked: list[Question] = []

    def ask(question: Question) -> str:
        asked.append(question)
        known = (answer for words, answer in answers.items() if words.replace("_", " ") in question.text)
        return next(known, question.default)

    return ask, asked


@pytest.mark.parametrize(
    "text",
    [
        "parent_item_number,component_item_number,bom_level,quantity\nbike,frame,1,1\n",
        "Stufe;Material;Menge\n0;RAD;1\n1;ROHR;2,5\n",
        "item,vendor,price\nbike,Velo,2.5\n",
        "Item,Qty\nBIKE,1\n..WHEEL,2\n",
    ],
)
def test_whoever_agrees_with_all_gets_what_is_proposed(tmp_path, text):
    file = write(tmp_path / "table.csv", text)
    ask, asked = answering()
    table = asked_table(file, ask)
    assert table.pop("quantities", "per_parent") == "per_parent"
    assert table == proposed_table(file)
    assert all(question.default in question.allowed for question in asked)


def test_answers_count_and_needed_columns_must_be_named(tmp_path):
    file = write(tmp_path / "table.csv", "top,part,n,what\nbike,frame,1,phantom\nbike,wheel,2,make\n")
    ask, asked = answering(holds="bom", tells_who="pairs", column_is_parent="top", component="part",
                           is_quantity="n", column_is_kind="what", Quantities_of="per_product")  # fmt: skip
    table = asked_table(file, ask)
    assert Table.model_validate(table).columns == {
        "parent": "top",
        "component": "part",
        "quantity": "n",
        "kind": "what",
    }
    assert table["quantities"] == "per_product"
    by_text = {question.text: question for question in asked}
    parent = by_text["Which column is parent (bike, bike)"]
    assert "-" not in parent.allowed
    assert by_text["Which column is kind (-: none)"].default == "-"


def test_on_a_terminal_the_wizard_asks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "items.csv", "item,price\nbike,900\n")
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("sim.commands.importing.sys", terminal)
    words = ["import", "items.csv", "--mapping-wizard", "mapping.yaml"]
    lines = ["Velo", "NL", "CHF", "things", "items", *[""] * 3, "price", *[""] * 9]
    told = CliRunner().invoke(main, words, input="\n".join(lines), catch_exceptions=False)
    assert told.exit_code == 0, told.output
    assert "'things' is not one of 'bom', 'vendors', 'items'" in told.stderr
    mapping = read_mapping(tmp_path / "mapping.yaml")
    assert (mapping.maker.name, mapping.currency) == ("Velo", "CHF")
    assert mapping.tables["items.csv"].columns["item"] == "item"
    assert call(*words[:-1], "quiet.yaml", "--yes").exit_code == 0
    assert read_mapping(tmp_path / "quiet.yaml").maker.name == "My company"


# ---------------------------------------------------------------------- exports as they are found

EXPORTS = Path(__file__).parents[1] / "cases" / "exports"
FOUND = {
    "parts-of-a-board": (
        {("parts-of-a-board", part): amount for part, amount in
         {"C_Test": 3.0, "LAMP": 2.0, "Plug_01x04": 1.0, "TRX100": 2.0}.items()}, []),
    "bills-and-lines": (
        {("product_cake", "product_flour"): 1.0, ("product_cake", "product_box"): 1.0,
         ("product_box", "product_card"): 1.0},
        ["bills-and-lines.csv:7:1: product_lost belongs to bill_gone, and no row says what that makes"]),
    "two-columns-of-children": (
        {("900", "11"): 2.5 * 1.05, ("900", "70"): 2.0 * 1.02, ("70", "12"): 0.4 * 1.03}, []
    ),
    "products-and-materials": ({("P01", "M07"): 2.0, ("P01", "M09"): 3.0, ("P02", "M07"): 4.0}, []),
    "mechanical-parts": (
        {("mechanical-parts", part): amount for part, amount in
         {"frame": 1.0, "Filament": 1.2, "M3-nut": 11.0}.items()}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_an_export_as_it_is_found_needs_nothing_but_the_wizard(tmp_path, name):
    file = EXPORTS / f"{name}.csv"
    proposed = {file.name: Table.model_validate(proposed_table(file))}
    found = read_tables([file], proposed)
    made = bill_of(found, proposed)
    uses = {(use.parent, use.component): use.quantity for uses in made.uses.values() for use in uses}
    problems = [str(problem).replace(f"{EXPORTS}/", "") for problem in found.problems]
    assert (uses, problems) == FOUND[name]
    files.propose_mapping([file], "Maker", "DE", tmp_path / "mapping.yaml")
    out = tmp_path / "out.yaml"
    files.import_tables([file], tmp_path / "mapping.yaml", out, skips_problems=True)
    assert len(load_scenario(out).recipes) == len({parent for parent, _ in uses})


def test_a_bill_may_name_the_vendor_of_each_part(tmp_path):
    file = EXPORTS / "mechanical-parts.csv"
    table = proposed_table(file)
    table["columns"] |= {"vendor": "Source 1"}
    mapping = told(bom={"columns": named("parent", "component", "quantity")})
    mapping = mapping.model_copy(update={"tables": {file.name: Table.model_validate(table)}})
    scenario = Scenario.model_validate(imported(mapping, read_tables([file], mapping.tables)).data)
    assert {firm.name for firm in scenario.firms.values()} >= {"Filament Works", "Screws & Sons"}
    assert scenario.lanes["m3-nut-of-screws-sons"].buyer == "m3-nut"


def test_a_quantity_that_is_not_given_is_an_assumption(tmp_path):
    scenario, _ = scenario_of(tmp_path, PAIRS.replace("frame,1", "frame,"))
    quantity = scenario.recipes["bike"].inputs["frame"]
    assert (quantity.value, quantity.source, quantity.confidence) == (1.0, "assumption", "low")
    assert quantity.note == "bom.csv, line 2 gives no quantity"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (LEVELS.replace("\n0", "\n1").replace("\n1,frame", "\n1.1,frame").replace("2,tube", "1.1.1,tube")
         .replace("1,wheel", "1.2,wheel").replace("2,spoke", "1.2.1,spoke"), "numbered"),
        (LEVELS.replace("\n1,", "\n.1,").replace("\n2,", "\n..2,"), "levels"),
    ],
)  # fmt: skip
def test_positions_and_levels_with_dots_are_levels(tmp_path, text, form):
    assert bill(tmp_path, text, form=form) == (EXPECTED, [])
    assert proposed_table(tmp_path / "bom.csv")["form"] == form


def test_a_list_needs_a_product(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "bom.csv", "part,quantity\nframe,1\n")
    call("import", "bom.csv", "--mapping-wizard", "mapping.yaml")
    text = (tmp_path / "mapping.yaml").read_text()
    write(tmp_path / "mapping.yaml", text.replace("    product: bom\n", ""))
    told = call("import", "bom.csv", "--mapping", "mapping.yaml")
    assert "product missing; a list needs to say what its parts go into" in told.stderr


# --- scrap and yield ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "said", "expected"),
    [
        ("scrap_share", "0.05", 4.2),
        ("scrap_percent", "5", 4.2),
        ("yield_share", "0.8", 5.0),
        ("yield_percent", "80", 5.0),
        ("scrap_percent", "", 4.0),
    ],
)
def test_scrap_and_yield_make_a_quantity_larger(tmp_path, column, said, expected):
    uses, problems = bill(tmp_path, f"parent,component,quantity,{column}\nbike,wheel,4,{said}\n")
    assert uses == {("bike", "wheel"): pytest.approx(expected)}
    assert problems == []


@pytest.mark.parametrize(
    ("column", "said", "allowed"),
    [
        ("scrap_share", "5", "a number from 0 to 1"),
        ("scrap_percent", "101", "a number from 0 to 100"),
        ("yield_share", "0", "a number from 0 to 1, but not 0"),
        ("yield_percent", "-1", "a number from 0 to 100, but not 0"),
    ],
)
def test_a_loss_of_more_than_all_is_told(tmp_path, column, said, allowed):
    _, problems = bill(tmp_path, f"parent,component,quantity,{column}\nbike,wheel,4,{said}\n")
    assert problems == [f"bom.csv:2:1: {column}: found '{said}', allowed: {allowed}"]


def test_a_mapping_has_one_column_of_losses(tmp_path):
    columns = named("parent", "component", "quantity", "scrap_share", "yield_share")
    data = told(bom={"columns": columns}).model_dump(mode="json")
    with pytest.raises(ScenarioError, match="scrap_share, allowed: one of scrap_share"):
        read_mapping(write(tmp_path / "mapping.yaml", files.as_yaml(data)))


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("Scrap_Factor", "0.05", "scrap_share"),
        ("Scrap", "1", "scrap_share"),
        ("Scrap", "1.0", "scrap_share"),
        ("Scrap", "1.5", "scrap_percent"),
        ("Scrap", "12", "scrap_percent"),
        ("Scrap %", "0.5", "scrap_percent"),
        ("Yield", "0.98", "yield_share"),
        ("Yield", "98", "yield_percent"),
    ],
)
def test_a_proposal_tells_shares_and_percentages_apart(tmp_path, heading, cell, expected):
    file = write(tmp_path / "bom.csv", f"parent,component,quantity,{heading}\nbike,wheel,4,{cell}\n")
    assert proposed_table(file)["columns"][expected] == heading
