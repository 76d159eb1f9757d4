"""Files that were at fault once, and some that fuzzers make: each is read or refused, in no time."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from tests.fuzz.checked import HERE, FaultError, check, folder
from tests.fuzz.hostile import mutated, sources, starts
from tests.fuzz.structured import documents

CORPUS = sorted((HERE / "corpus").iterdir())


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with folder() as found:
        yield found


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_no_file_is_at_fault_twice(file: Path, place: Path):
    check(file.read_bytes(), place)


def test_files_made_of_tokens_are_read_or_refused(place: Path):
    random, small, pieces = Random(1), starts(), list(sources().values())
    for _ in range(300):
        check(mutated(random.choice(small), pieces, random, longest=8_000), place)


@settings(max_examples=60)
@given(data=documents())
def test_hostile_scenarios_are_read_or_refused(data: bytes, place: Path):
    check(data, place)


@pytest.mark.parametrize(
    ("does", "kind"),
    [
        ("raise ValueError('x')", "ValueError"),
        ("import warnings; warnings.warn('x')", "UserWarning"),
        ("while True: pass", "slow"),
        ("bytearray(300_000_000)", "big"),
        (
            "from sim.errors import ScenarioError, Problem; raise ScenarioError([Problem('x')] * 100_000)",
            "long",
        ),
    ],
)
def test_what_a_file_does_wrong_is_noticed(
    does: str, kind: str, place: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tests.fuzz.checked.SECONDS", 0.3 if kind == "slow" else 60.0)
    monkeypatch.setattr("tests.fuzz.checked.validate", lambda *_: exec(does))  # noqa: S102 - as a fault of ours
    with pytest.raises(FaultError) as caught:
        check(b"", place)
    assert caught.value.kind.startswith(kind)
