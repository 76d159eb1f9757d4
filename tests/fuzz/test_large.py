"""Files that ask for a lot of work in few words: none takes more time or memory than any file may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.checked import check, folder

BAKERY = {
    "chokepoint": "1",
    "name": "bakery",
    "title": "A baker",
    "currency": "EUR",
    "calendar": "{start: 2025-01-01, days: 365}",
    "firms": "{mill: {name: Mill, country: FR}, baker: {name: Baker, country: DE}}",
    "items": "{flour: {name: Flour, unit: sack}}",
    "markets": "{town: {name: Town, country: DE}}",
    "stock_points": "{mill: {firm: mill, item: flour}, "
    "shelf: {firm: baker, item: flour, policy: {kind: base_stock, cover_days: 7}}}",
    "lanes": "{lorry: {supplier: mill, buyer: shelf, lead_time_days: 2, price: 20}}",
    "demand": "{sales: {stock_point: shelf, market: town, mean_per_day: 10, price: 30}}",
}
POINT = "{firm: baker, item: flour, policy: {kind: base_stock}}"


def bakery(**parts: str) -> str:
    """The smallest scenario with some parts in place of its own."""
    return "".join(f"{name}: {part}\n" for name, part in {**BAKERY, **parts}.items())


def many(entry: str, count: int, *others: str) -> str:
    """A mapping of entries in which `#` stands for their number, behind some others."""
    return f"{{{', '.join([*others, *(entry.replace('#', str(number)) for number in range(count))])}}}"


def wide(count: int, lane: str = "") -> dict[str, str]:
    """Many mills and a lane from each."""
    return {
        "stock_points": many("m#: {firm: mill, item: flour}", count, f"shelf: {POINT}"),
        "lanes": many(f"l#: {{supplier: m#, buyer: shelf{lane}}}", count),
    }


def deep(count: int, policy: str = "base_stock") -> dict[str, str]:
    """A long chain of stock points."""
    lanes = [f"l{number}: {{supplier: p{number}, buyer: p{number + 1}}}" for number in range(count - 1)]
    return {
        "stock_points": many(
            f"p#: {POINT.replace('base_stock', policy)}", count, "mill: {firm: mill, item: flour}"
        ),
        "lanes": f"{{first: {{supplier: mill, buyer: p0}}, {', '.join(lanes)}}}",
        "demand": f"{{sales: {{stock_point: p{count - 1}, market: town, mean_per_day: 10, price: 30}}}}",
    }


def shocks(count: int, rest: str) -> dict[str, str]:
    return {"interventions": many(f"i#: {{title: x, date: 2025-02-01, {rest}}}", count)}


NAMES = "ab" * 38
SALES = (
    "s#: {stock_point: shelf, market: town, price: 1, process: listed, "
    "observations: {file: large.csv, column: x}}"
)
BANS = [f"i{number}: {{kind: export_ban, title: x, date: 2025-02-01, covers: {{}}}}" for number in range(50)]
RELIEVED = f"[{', '.join(f'i{number}' for number in range(50))}]"
CORRELATION = "{between: [lanes.x, lanes.y], rank_correlation: 0.1}"
LARGE = {
    "like nothing": bakery(lanes=many("l#: {like: lorr#}", 4000)),
    "like a mistake": bakery(
        lanes=many("l#: {like: lorry}", 3000, "lorry: {supplier: mil, buyer: shelf}"),
        stock_points=many("mill-#: {firm: mill, item: flour}", 1000),
    ),
    "names alike": bakery(
        lanes=many(f"l#: {{supplier: {NAMES}#, buyer: shelf}}", 100),
        stock_points=many(f"{NAMES[1:]}#: {{firm: mill, item: flour}}", 1000),
    ),
    "said twice": "a: 1\n" * 20_000,
    "echelons": bakery(**deep(1500, "echelon_base_stock")),
    "a circle": bakery(**deep(1500)).replace("supplier: mill", "supplier: p1499"),
    "streams": bakery(
        **{**deep(700), "demand": many("s#: {stock_point: p#, market: town, mean_per_day: 1, price: 1}", 700)}
    ),
    "bans": bakery(**wide(300), **shocks(200, "kind: export_ban, covers: {}")),
    "disruptions": bakery(**wide(300), **shocks(100, "kind: disruption, pauses: orders, stock_points: {}")),
    "disruptions of nothing": bakery(
        **wide(300), **shocks(100, "kind: disruption, pauses: orders, stock_points: {firms: [mill]}")
    ),
    "licences": bakery(
        **wide(300),
        interventions=many(
            f"p#: {{kind: licence, title: x, date: 2025-02-01, relieves: {RELIEVED}}}", 50, *BANS
        ),
    ),
    "export classes": bakery(
        **wide(500),
        **shocks(
            1, f"kind: export_ban, covers: {{export_classes: [{', '.join(f'c{i}' for i in range(10_000))}]}}"
        ),
    ),
    "lead times": bakery(**wide(1000, ", lead_time_days: {dist: gamma, mean: 2000, sd: 2000}")),
    "in transit": bakery(**wide(500, f", initial_in_transit: [{', '.join(['1'] * 30)}]")),
    "correlations": bakery(
        **wide(1000, ", price: {dist: uniform, low: 0, high: 1}"),
        analysis=f"{{correlations: [{', '.join([CORRELATION] * 900)}]}}",
    ),
    "observed days": bakery(demand=many(SALES, 20)),
    "makers": bakery(
        firms=many("f#: {name: F, country: DE}", 2000),
        stock_points=many("p#: {firm: f#, item: flour}", 1000),
        lanes="{}",
        demand=many("s#: {stock_point: p#, market: town, mean_per_day: 1, price: 1}", 1000),
        analysis=f"{{makers: [{', '.join(f'f{number}' for number in range(1000, 2000))}]}}",
    ),
}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with folder() as found:
        (found / "large.csv").write_text("x\n" + "1\n" * 800_000, encoding="utf-8")
        yield found


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_much_work_in_few_words(text: str, place: Path):
    check(text.encode("utf-8"), place)
