"""Hostile workbooks, CSV files and graphs: good ones, damaged in one or several ways, each by its number."""

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import openpyxl

from sim.scenario.graphml import graphml_of
from sim.scenario.graphs import to_graph
from sim.scenario.sheets import Sheet, sheets_of, tables_of
from sim.scenario.table_writer import csv_of
from sim.scenario.workbook_writer import workbook_of
from tests.builders import ban, shop
from tests.fuzz.hostile import _VALUES

WORKBOOK, BILL = "hostile.xlsx", "bom.csv"
SHEET = "xl/worksheets/sheet1.xml"
Members = dict[str, bytes]
COLUMNS = "parent,component,quantity,level,name,unit,kind,alternate_of"
GOOD_BILL = f"""{COLUMNS}
bike,frame,1,1,Frame,pieces,make,
bike,wheel,2,1,Wheel,pieces,phantom,
bike,carbon,1,1,Carbon frame,pieces,buy,frame
frame,tube,4.5,2,Tube,m,buy,
wheel,spoke,32,2,Spoke,pieces,buy,
"""
# fmt: off
_CELLS = (
    *_VALUES, "=1+1", "=cmd|' /C calc'!A0", "#REF!", "#DIV/0!", "1899-12-31", "01.01.1899", "0000-00-00",
    -1, -693594, 0, 60, 2958466, 1e10, 1e308, True, "12,5", "1.234,5", "€ 3", "\u00a07", "٣", "½", "Summe",
    "Total:", "{", "[", '"', "{dist: uniform, low: 1", "{a: &x 1, b: *x}", "{sheet: lists, column: none}",
    "x" * 30_000, "\u202eevil", "_x0000_", "_xD800_", "a\tb", "a\nb", " ", "'", "''", "-", "--", "n/a",
)
_XML = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]>", b"<!ENTITY a SYSTEM 'file:///etc/passwd'>", b"\0",
    b"\xff\xfe", b"<", b">", b"</row>", b"<row>", b"<c>", b"<v>1</v>", b"&a;", b"&#0;", b"&#xD800;", b"]]>",
    b"<![CDATA[", b"<si/>" * 1_000, b"<a>" * 2_000, b'<mergeCell ref="A1:XFD1048576"/>',
    b"<?xml version='1.0' encoding='utf-7'?>", b' t="e"', b' t="zz"', b' s="99999"', b' r="XFE1"',
    b' r="A0"', b' r="A99999999"', b' r="A1"', b"<f>1+1</f>",
)
_INSIDE = (
    (rb"<v>[^<]*</v>", (b"<v>99999</v>", b"<v>-1</v>", b"<v>1e999</v>", b"<v>nan</v>", b"<v></v>")),
    (rb' r="[A-Z]+\d+"', (b' r="XFD1048576"', b' r="A1"', b' r="ZZZZ9"', b"", b' r=""', b' r="5"')),
    (rb' t="[a-z]+"', (b' t="s"', b' t="b"', b' t="e"', b' t="d"', b' t="str"', b' t="inlineStr"', b"")),
    (rb' s="\d+"', (b' s="1"', b' s="-1"', b' s="65536"', b' s="x"')),
    (rb'<dimension ref="[^"]*"', (b'<dimension ref="A1:XFD1048576"', b'<dimension ref="x"')),
    (rb'formatCode="[^"]*"', (b'formatCode="yyyy"', b'formatCode="' + b"[" * 500 + b'"')),
    (rb'Target="[^"]*"', (b'Target="../../../etc/passwd"', b'Target=""', b'Target="http://a.example/x"')),
    (rb'<sheet name="[^"]*"', (b'<sheet name="Tabelle1"', b'<sheet name=""', b'<sheet name="lanes"')),
    (rb'uniqueCount="\d+"', (b'uniqueCount="999999999"', b'uniqueCount="-1"')),
)
# fmt: on


def _shop() -> dict[str, Any]:
    return shop(30, interventions={"ban": ban(10, probability=0.5)})


@cache
def _good() -> bytes:
    return workbook_of(sheets_of(_shop()))


def hostile_workbook(number: int) -> bytes:
    """The workbook of a number: the same every time.

    Parameters
    ----------
    number
        Which.
    """
    random = Random(f"workbook {number}")
    data = _good()
    for _ in range(random.randint(1, 2)):
        data = random.choice(_DAMAGES)(data, random)
    return data


def hostile_bill(number: int) -> bytes:
    """The bill of materials of a number, as bytes of a CSV file: the same every time.

    Parameters
    ----------
    number
        Which.
    """
    random = Random(f"bill {number}")
    data = random.choice(_BILLS)(random)
    for _ in range(random.randint(0, 3)):
        data = random.choice(_BYTES)(data, random)
    return data


def hostile_collection(number: int) -> tuple[str, bytes]:
    """A collection of the shop and the bytes of its CSV file, by their number: the same every time.

    Parameters
    ----------
    number
        Which.
    """
    random = Random(f"collection {number}")
    table = random.choice(tables_of(_shop()))
    rows: list[list[Any]] = [list(row) for row in table.rows]
    for _ in range(random.randint(0, 2)):
        row = random.choice(rows)
        row[random.randrange(len(row))] = random.choice(_CELLS)
    data = csv_of(Sheet(table.name, table.headings, rows)).encode("utf-8", "surrogatepass")
    for _ in range(random.randint(0, 2)):
        data = random.choice(_BYTES)(data, random)
    return table.name, data


def hostile_graph(number: int) -> bytes:
    """The GraphML of a number: the same every time.

    Parameters
    ----------
    number
        Which.
    """
    random = Random(f"graph {number}")
    data = graphml_of(to_graph(_shop()))
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(data) + 1)
        inserted = data[:place] + random.choice(_XML) + data[place:]
        data = random.choice((inserted, random.choice(_BYTES)(data, random)))
    return data


# ---------------------------------------------------------------------- workbooks


def _members(data: bytes) -> Members | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - damaged before
        return None


def _zipped(members: Members) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    return out.getvalue()


def _with_member(change: Callable[[Members, str, Random], None]) -> Callable[[bytes, Random], bytes]:
    def damaged(data: bytes, random: Random) -> bytes:
        members = _members(data)
        if not members:
            return data
        change(members, random.choice(list(members)), random)
        return _zipped(members)

    return damaged


def _flipped(data: bytes, random: Random) -> bytes:
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 30))):
        if out:
            out[random.randrange(len(out))] = random.randrange(256)
    return bytes(out)


def _cut(data: bytes, random: Random) -> bytes:
    first, last = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return random.choice((data[:last], data[first:], data[:first] + data[last:], data + data[first:last]))


def _cells(data: bytes, random: Random) -> bytes:
    """As a user of a spreadsheet would do it."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - damaged before
        return data
    sheet: Any = random.choice(book.worksheets)
    for _ in range(random.randint(1, 4)):
        row, column = random.randint(1, sheet.max_row + 2), random.randint(1, sheet.max_column + 2)
        sheet.cell(row, column).value = random.choice(_CELLS)
    random.choice(_SHEETS)(sheet, random)
    out = io.BytesIO()
    try:
        book.save(out)
    except Exception:  # noqa: BLE001 - openpyxl will not write it
        return data
    return out.getvalue()


_SHEETS: tuple[Callable[[Any, Random], None], ...] = (
    lambda sheet, random: setattr(sheet, "title", random.choice(("Tabelle1", "notes", "scenario ", "Lanes"))),
    lambda sheet, random: sheet.insert_rows(random.randint(1, sheet.max_row)),
    lambda sheet, random: sheet.insert_cols(random.randint(1, sheet.max_column)),
    lambda sheet, random: sheet.delete_rows(random.randint(1, sheet.max_row)),
    lambda sheet, random: sheet.merge_cells(f"A{random.randint(1, 3)}:C{random.randint(4, 9)}"),
    lambda sheet, random: setattr(sheet.cell(random.choice((1_000, 100_000)), 1), "value", 1),
    lambda _sheet, _random: None,
    lambda _sheet, _random: None,
)
"""What is done to a whole sheet."""


def _inject(members: Members, name: str, random: Random) -> None:
    part, place = members[name], random.randrange(len(members[name]) + 1)
    members[name] = part[:place] + random.choice(_XML) + part[place:]


def _inside(members: Members, _name: str, random: Random) -> None:
    pattern, values = random.choice(_INSIDE)
    names = [name for name, part in members.items() if re.search(pattern, part)]
    if names:
        name, value = random.choice(names), random.choice(values)
        found = [match.span() for match in re.finditer(pattern, members[name])]
        start, end = random.choice(found)
        members[name] = members[name][:start] + value + members[name][end:]


def _remove(members: Members, name: str, _random: Random) -> None:
    del members[name]


def _swap(members: Members, name: str, random: Random) -> None:
    other = random.choice(list(members))
    members[name], members[other] = members[other], members[name]


def _empty(members: Members, name: str, _random: Random) -> None:
    members[name] = b""


def _utf_16(members: Members, name: str, _random: Random) -> None:
    members[name] = members[name].decode("utf-8", "replace").encode("utf-16")


def _bomb(members: Members, name: str, random: Random) -> None:
    members[name] += random.choice((b" ", b"0", b"<a/>")) * random.choice((10**6, 10**7, 7 * 10**7))


def _many(members: Members, _name: str, random: Random) -> None:
    members.update({f"x{number}": b"" for number in range(random.choice((10, 600)))})


def _texts(members: Members, _name: str, random: Random) -> None:
    count = random.choice((1_000, 100_000, 400_000))
    members["xl/sharedStrings.xml"] = b"<sst>" + b"<si><t>a</t></si>" * count + b"</sst>"


def _rows(members: Members, _name: str, random: Random) -> None:
    row = random.choice(
        (b"<row/>", b'<row><c t="s"><v>0</v></c></row>', b"<row>" + b"<c/>" * 1_000 + b"</row>")
    )
    rows = row * random.choice((100, 5_000, 20_000))
    members[SHEET] = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"


def _climb(members: Members, name: str, _random: Random) -> None:
    members[f"../../{name}"] = members.pop(name)


_DAMAGES = (
    _flipped,
    _cut,
    *(_cells,) * 5,
    *(_with_member(_inject),) * 3,
    *(_with_member(_inside),) * 5,
    *map(_with_member, (_remove, _swap, _empty, _utf_16, _bomb, _many, _texts, _rows, _climb)),
)

# ---------------------------------------------------------------------- CSV files


def _bill(random: Random) -> bytes:
    """The good one with some cells changed."""
    rows = [line.split(",") for line in GOOD_BILL.splitlines()]
    for _ in range(random.randint(1, 4)):
        row = random.choice(rows)
        row[random.randrange(len(row))] = str(random.choice(_CELLS))[:3_000]
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")


def _lines(random: Random) -> bytes:
    lines = GOOD_BILL.splitlines()
    for _ in range(random.randint(1, 3)):
        what, place = random.randrange(4), random.randrange(len(lines))
        if what == 0:
            lines.insert(place, random.choice(("", ",,,,", ";;;", "Summe,,9,,,,,", '"', "a" * 200_000, ",")))
        elif what == 1:
            lines[place] += random.choice((",", ",x", '"', "\r", "\0"))
        elif what == 2:
            lines.append(lines[place])
        else:
            lines[place] = lines[place].rpartition(",")[0]
    return random.choice(("\n", "\r\n", "\r", "\n\n")).join(lines).encode()


def _network(random: Random) -> bytes:
    """Deep, wide, shared or in circles; large bills that are good take longer, as they may."""
    size = random.choice((10, 100, 700))
    shape = random.randrange(4)
    pairs = [
        [(f"p{n}", f"p{n + 1}") for n in range(size)],
        [("top", f"p{n}") for n in range(size)],
        [(f"p{n}", f"p{(n + 1) % size}") for n in range(size)],
        [(f"p{random.randrange(size)}", f"p{random.randrange(size)}") for _ in range(size)],
    ][shape]
    kind = random.choice(("make", "phantom"))
    amount = random.choice(("1", "2", "1e15", "0", "1e-300", "0.1"))
    rows = "".join(f"{parent},{component},{amount},1,,,{kind},\n" for parent, component in pairs)
    return f"{COLUMNS}\n{rows}".encode()


def _wide(random: Random) -> bytes:
    columns = COLUMNS.split(",") + [f"c{n}" for n in range(random.choice((100, 20_000)))]
    return (",".join(columns) + "\n" + ",".join("1" for _ in columns) + "\n").encode()


_BILLS = (*(_bill,) * 6, *(_lines,) * 6, *(_network,) * 3, _wide)


def _encoded(data: bytes, random: Random) -> bytes:
    text = data.decode("utf-8", "replace")
    how = random.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32", "cp1252", "utf-7", "cp037"))
    return text.encode(how, "replace")


def _nothing(_data: bytes, random: Random) -> bytes:
    return random.choice(
        (b"", b"\n", b"\xef\xbb\xbf", b"\0" * 1_000, COLUMNS.encode(), b"PK\x03\x04", b"\xff" * 99)
    )


_BYTES = (_flipped, _flipped, _cut, _encoded, _nothing)
