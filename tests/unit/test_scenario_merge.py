"""Extension, copies and overrides make one tree in which every piece still knows its file and line."""

from pathlib import Path

import pytest

from sim.errors import MAX_LISTED, ScenarioError
from sim.scenario import merge as merging
from sim.scenario.merge import apply_override, merge, read_scenario, resolve_likes
from sim.scenario.source import read_text

LANES = """
lanes:
  a: {price: 3, lead_time_days: {dist: pert, low: 1, mode: 2, high: 3}, tags: [x, y]}
  b: {like: a}
"""


def merged(below: str, above: str):
    return merging._drop_removed(merge(read_text(below), read_text(above))).plain


def refused(path: Path, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path, overrides)
    return str(caught.value).replace(f"{path.parent}/", "")


def override(*settings: str):
    tree = read_text(LANES)
    for setting in settings:
        tree = apply_override(tree, setting)
    return tree.plain["lanes"]


def refused_override(setting: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        apply_override(read_text(LANES), setting)
    return str(caught.value)


class TestMerge:
    @pytest.mark.parametrize(
        ("below", "above", "result"),
        [
            ("{a: 1}", "{b: 2}", {"a": 1, "b": 2}),
            ("{a: {b: 1, c: 2}}", "{a: {c: 3}}", {"a": {"b": 1, "c": 3}}),
            ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
            ("{a: {b: 1}}", "{a: 2}", {"a": 2}),
            ("{a: 2}", "{a: {b: 1}}", {"a": {"b": 1}}),
            ("{a: {b: 1, c: 2}}", "{a: {b: null}}", {"a": {"c": 2}}),
            ("{a: 1}", "{a: ~}", {}),
            ("{a: 1}", "{b: ~}", {"a": 1, "b": None}),
            ("{a: {value: 1, source: s}}", "{a: {value: 2}}", {"a": {"value": 2, "source": "s"}}),
            ("{a: {dist: p, low: 1, mode: 2}}", "{a: {mode: 3}}", {"a": {"dist": "p", "low": 1, "mode": 3}}),
            ("{a: {dist: p, mode: 2}}", "{a: {dist: u, low: 0}}", {"a": {"dist": "u", "low": 0}}),
            ("{a: {dist: n, mean: 1}}", "{a: {value: 3}}", {"a": {"value": 3}}),
            ("{a: {value: 3, note: n}}", "{a: {dist: n, mean: 1}}", {"a": {"dist": "n", "mean": 1}}),
            ("{a: {kind: part, name: x}}", "{a: {kind: product}}", {"a": {"kind": "product", "name": "x"}}),
        ],
    )  # fmt: skip
    def test_result(self, below: str, above: str, result: object):
        assert merged(below, above) == result

    def test_order_is_that_of_the_base(self):
        assert list(merged("{a: 1, b: 2}", "{c: 3, a: 4}")) == ["a", "b", "c"]


class TestExtends:
    def write(self, folder: Path, **files: str) -> Path:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)
        return folder / "top.yaml"

    def test_a_chain_is_merged_from_the_bottom_up_and_keeps_places(self, tmp_path: Path):
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "base.yaml").write_text("name: base\ntitle: base\nfirms:\n  a: {name: A}\n")
        middle = "extends: deep/base.yaml\ntitle: middle\n"
        top = self.write(tmp_path, middle=middle, top="extends: middle.yaml\nname: top\n")
        tree = read_scenario(top)
        assert tree.plain == {"name": "top", "title": "middle", "firms": {"a": {"name": "A"}}}
        places = {key: str(node.place) for key, node in tree.value.items()}  # type: ignore[union-attr]
        assert places["name"] == f"{top}:2:7"
        assert places["title"] == f"{tmp_path}/middle.yaml:2:8"
        assert places["firms"].startswith(f"{tmp_path}/deep/base.yaml:4:")

    def test_a_removed_entry_can_come_back(self, tmp_path: Path):
        top = self.write(
            tmp_path,
            base="firms: {a: {name: A, country: US}}",
            middle="extends: base.yaml\nfirms: {a: null}",
            top="extends: middle.yaml\nfirms: {a: {name: B}}",
        )
        assert read_scenario(top).plain == {"firms": {"a": {"name": "B"}}}

    def test_circle(self, tmp_path: Path):
        top = self.write(tmp_path, top="name: x\nextends: other.yaml", other="extends: ./top.yaml")
        message = "extends goes round in a circle: top.yaml is already part of this scenario"
        assert refused(top) == f"other.yaml:1:10: {message}"

    def test_itself(self, tmp_path: Path):
        assert "top.yaml:1:10: extends goes round" in refused(self.write(tmp_path, top="extends: top.yaml"))

    def test_missing_file(self, tmp_path: Path):
        top = self.write(tmp_path, top="name: x\nextends: none.yaml")
        assert refused(top) == "top.yaml:2:10: there is no file none.yaml"

    def test_directory(self, tmp_path: Path):
        top = self.write(tmp_path, top="extends: .")
        assert "top.yaml:1:10: " in refused(top)
        assert "is a directory" in refused(top)

    @pytest.mark.parametrize("value", ["[a.yaml]", "3", "''", "{a: b}"])
    def test_not_a_path(self, tmp_path: Path, value: str):
        assert "allowed: the path of a scenario file" in refused(
            self.write(tmp_path, top=f"extends: {value}")
        )

    def test_nothing_is_no_extension(self, tmp_path: Path):
        assert "allowed: the path of a scenario file" in refused(self.write(tmp_path, top="extends:"))

    def test_a_mistake_in_the_base_is_told_with_its_file(self, tmp_path: Path):
        top = self.write(tmp_path, base="a: 1\na: 2", top="extends: base.yaml")
        assert refused(top).startswith("base.yaml:2:1: ")

    def test_too_long_a_chain(self, tmp_path: Path):
        for index in range(30):
            (tmp_path / f"f{index}.yaml").write_text(f"extends: f{index + 1}.yaml")
        assert "more than 20 files extend each other" in refused(tmp_path / "f0.yaml")

    def test_size_is_limited_over_the_whole_chain(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(merging, "MAX_NODES", 10)
        top = self.write(tmp_path, base="{a: 1, b: 2, c: 3}", top="{extends: base.yaml, d: 1}")
        assert "base.yaml:1:14: more than" in refused(top)


class TestLike:
    def test_copies_deeply_and_overrides(self):
        tree = read_text(
            "lanes:\n"
            "  a: {price: 1, lead: {low: 1, high: 2}}\n"
            "  b: {like: a, lead: {high: 3}}\n"
            "  c: {like: b, price: null}\n"
        )
        lanes = merging._drop_removed(resolve_likes(tree)).plain["lanes"]
        assert lanes["b"] == {"price": 1, "lead": {"low": 1, "high": 3}}
        assert lanes["c"] == {"lead": {"low": 1, "high": 3}}

    def test_order_of_entries_does_not_matter(self):
        first, second, third = "a: {x: 1}", "b: {like: a, y: 2}", "c: {like: b, z: 3}"
        forward = resolve_likes(read_text(f"{{lanes: {{{first}, {second}, {third}}}}}")).plain["lanes"]
        backward = resolve_likes(read_text(f"{{lanes: {{{third}, {second}, {first}}}}}")).plain["lanes"]
        assert forward == backward
        assert list(backward) == ["c", "b", "a"]

    def test_all_mistakes_are_told(self):
        lanes = "{a: {like: b}, b: {like: a}, c: {like: aa}, d: {like: [a]}}"
        tree = read_text(f"{{lanes: {lanes}, firms: {{a: {{like: b}}}}}}")
        with pytest.raises(ScenarioError) as caught:
            resolve_likes(tree)
        messages = [problem.message for problem in caught.value.problems]
        assert len(messages) == 4
        assert messages[0].startswith("firms.a: like: 'b' is not one of firms")
        assert messages[1].endswith("like goes round in a circle: a -> b -> a")
        assert messages[2] == "lanes.c: like: 'aa' is not one of lanes; did you mean 'a'?"

    def test_an_extended_entry_keeps_what_the_base_says(self, tmp_path: Path):
        (tmp_path / "base.yaml").write_text("lanes: {a: {price: 1}, b: {like: a, share: 2}}")
        (tmp_path / "top.yaml").write_text("extends: base.yaml\nlanes: {a: {price: 5}}")
        assert read_scenario(tmp_path / "top.yaml").plain["lanes"]["b"] == {"price": 5, "share": 2}

    def test_a_long_chain_is_no_problem(self):
        entries = ", ".join(f"k{index}: {{like: k{index + 1}}}" for index in range(5000))
        tree = resolve_likes(read_text(f"{{lanes: {{{entries}, k5000: {{price: 1}}}}}}"))
        assert tree.plain["lanes"]["k0"] == {"price": 1}

    def test_a_long_circle_is_shortened(self):
        entries = ", ".join(f"k{index}: {{like: k{(index + 1) % 500}}}" for index in range(500))
        with pytest.raises(ScenarioError, match=r"k0 -> k1 -> k2 -> ... -> k498 -> k499 -> k0"):
            resolve_likes(read_text(f"{{lanes: {{{entries}}}}}"))

    def test_copies_are_limited(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(merging, "MOST_VALUES", 500_000)
        values = ", ".join("1" for _ in range(1000))
        entries = ", ".join(f"k{index}: {{like: a}}" for index in range(1000))
        with pytest.raises(ScenarioError, match="the copies hold more than"):
            resolve_likes(read_text(f"{{lanes: {{a: {{values: [{values}]}}, {entries}}}}}"))


def test_copies_of_nothing_are_told_up_to_a_number():
    copies = ", ".join(f"c{number}: {{like: x{number}}}" for number in range(100))
    with pytest.raises(ScenarioError) as caught:
        resolve_likes(read_text(f"{{lanes: {{{copies}}}, firms: {{{copies}}}}}"))
    assert len(caught.value.problems) == MAX_LISTED + 1
    assert caught.value.problems[-1].message == "and more problems"


class TestOverrides:
    def test_replaces_a_value(self):
        assert override("lanes.a.price=4")["a"]["price"] == 4

    def test_sets_what_the_file_does_not(self):
        assert override("lanes.b.lead_time_days.low=0.5")["b"] == {
            "like": "a",
            "lead_time_days": {"low": 0.5},
        }

    def test_reaches_into_a_distribution(self):
        assert override("lanes.a.lead_time_days.low=0.5")["a"]["lead_time_days"]["low"] == 0.5

    def test_takes_flow_style(self):
        changed = override("lanes.a.lead_time_days={dist: uniform, low: 1, high: 2}", "lanes.c={like: a}")
        assert changed["a"]["lead_time_days"] == {"dist": "uniform", "low": 1, "high": 2}
        assert changed["c"] == {"like": "a"}

    def test_list_index(self):
        assert override("lanes.a.tags.1=z")["a"]["tags"] == ["x", "z"]

    def test_text_may_hold_an_equals_sign(self):
        assert override("lanes.a.note=x=y")["a"]["note"] == "x=y"

    def test_the_last_one_wins(self):
        assert override("lanes.a.price=4", "lanes.a.price=5")["a"]["price"] == 5

    def test_null_removes(self):
        tree = apply_override(read_text(LANES), "lanes.b=null")
        assert list(merging._drop_removed(tree).plain["lanes"]) == ["a"]

    def test_creates_a_missing_section(self):
        tree = apply_override(read_text("{}"), "analysis.window_days=30")
        assert tree.plain == {"analysis": {"window_days": 30}}

    @pytest.mark.parametrize(
        ("setting", "message"),
        [
            ("lanes.a.price", "--set lanes.a.price: allowed: path=value"),
            ("=3", "allowed: path=value"),
            ("lanes..price=3", "allowed: path=value"),
            ("lans.a.price=3", "'lans' is not a field of a scenario; did you mean 'lanes'?"),
            ("extends=x.yaml", "'extends' is not a field of a scenario"),
            ("lanes.aa.price=3", "'aa' is not one of lanes; did you mean 'a'?"),
            ("lanes.a.price.low=3", "lanes.a.price is 3 and has no parts"),
            ("lanes.a.tags.2=z", "found '2' as an index of lanes.a.tags, allowed: an index from 0 to 1"),
            ("lanes.a.tags.x=z", "found 'x' as an index of lanes.a.tags"),
            ("lanes.a.price=[1", "a ',' or the closing ']'"),
            ("lanes.a.price=&x 1", "found the anchor"),
            ("lanes.a.price=\x00", "found the control character U+0000"),
            ("lanes.a.note=\udcff", "found the control character U+DCFF"),
            ("lanes.\udcff=3", "found the control character U+DCFF"),
            ("lanes.a" + ".a" * 39 + "=3", "a path of 41 parts, allowed: up to 40"),
        ],
    )
    def test_mistakes(self, setting: str, message: str):
        said = refused_override(setting)
        assert said.startswith("command line: ")
        assert message in said
