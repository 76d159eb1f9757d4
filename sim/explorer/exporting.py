"""The explorer as one HTML file without a server: the engine as WebAssembly, and blocks of futures as memory.

The file holds no scenario and asks nobody for anything. A worker for each block runs the engine, so that the
page never waits for it. Its content security policy lets only what is in the file run.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from sim.engines import compiler
from sim.engines.block_engine import FORKED, Block
from sim.engines.numba_webassembly import module_of
from sim.errors import EngineError
from sim.explorer.frozen import (
    FUTURES,
    Change,
    Progress,
    Whole,
    freeze,
    shared_addresses,
    uniforms_of,
)
from sim.explorer.image import FIRST, WORD, Image, image_of
from sim.explorer.rows import Group, earned_of
from sim.explorer.session import Session
from sim.explorer.words import page_html, template
from sim.montecarlo import resuming
from sim.montecarlo.sampling import REPLICATES
from sim.montecarlo.workers import silent
from sim.report.names import plot_text
from sim.report.scripts import plotly_script
from sim.risk.tail import CONFIDENCE
from sim.risk.unseen import NEAREST, weights

OWN_DAYS = ("trigger_day", "first_day")
MOST_KEPT = 2
"""Days on which a page keeps a block as it stands, from the last on."""


def page_of(session: Session, progress: Progress = silent) -> str:
    """The explorer of a session as one HTML file, in the language that is spoken.

    Parameters
    ----------
    session
        What is explored.
    progress
        As for :func:`sim.explorer.frozen.freeze`.

    Raises
    ------
    EngineError
        If WebAssembly cannot be made.
    """
    if compiler.WAY != compiler.PRIVATE:
        raise EngineError(
            f"WebAssembly cannot be made: {compiler.NOTICE or 'the compiler was chosen otherwise'}"
        )
    whole = freeze(session, progress)
    told = [block_of(whole, place) for place in range(len(whole.freezer.base))]
    positions: dict[str, dict[str, int]] = {}
    for place, its in enumerate(whole.positions):
        positions.setdefault(its.control, {})[its.key] = place
    about = {
        "begin": _beginning(session, whole),
        "blocks": [its for its, _ in told],
        "positions": positions,
        "apart": whole.apart,
        "ahead": whole.freezer.ahead,
        "room": whole.freezer.room,
        "uniforms": {path: row.tolist() for path, row in uniforms_of(session, whole.controls).items()},
        "student": [_student(REPLICATES - 1), _student(FUTURES - 1)],
        "replicates": REPLICATES,
        "nearest": NEAREST,
        "futures": FUTURES,
    }
    packed = {
        "engine": module_of(whole.freezer.base[0].block),
        "plotly": plotly_script().encode(),
        "weights": weights(FUTURES - NEAREST, NEAREST).astype("<f4").tobytes(),
        **{f"block-{place}": content for place, (_, content) in enumerate(told)},
    }
    return _html(about, packed)


def _student(freedom: int) -> float:
    return float(special.stdtrit(freedom, 0.5 * (1.0 + CONFIDENCE)))


def _beginning(session: Session, whole: Whole) -> dict[str, Any]:
    """What the page begins with: as a server says it, without controls that have no position."""
    held = {its.control for its in whole.positions}
    controls = dict(whole.controls)
    gone = [its["label"] for its in controls["levers"] if f"lever {its['id']}" not in held]
    gone += [
        f"{its['label']}, {its['field']}"
        for name in ("numbers", "chances", "dates")
        for its in controls[name]
        if its["path"] not in held
    ]
    for name in ("numbers", "chances", "dates"):
        controls[name] = [its for its in controls[name] if its["path"] in held]
    controls["levers"] = [its for its in controls["levers"] if f"lever {its['id']}" in held]
    return {
        "ask": "begin",
        "title": session.scenario.title,
        "question": session.scenario.question or "",
        "file": session.file.name,
        "futures": FUTURES,
        "margin": session.plan.margin_leads,
        "names": {maker: plot_text(name) for maker, name in session.makers.items()},
        "makers": dict(session.makers),
        "controls": controls,
        "left_out": gone,
    }


# ---------------------------------------------------------------------- a block


def block_of(whole: Whole, place: int) -> tuple[dict[str, Any], bytes]:
    """A block of the base and all changes of it, as :func:`memory_of` tells them."""
    return memory_of(whole.freezer.base[place].block, [its[place] for its in whole.changes])


def memory_of(block: Block, changes: Sequence[Change] = ()) -> tuple[dict[str, Any], bytes]:
    """A block as plain data, and its bytes: its memory, the runs of all changes, and their bytes.

    Parameters
    ----------
    block
        A block that has not run yet.
    changes
        What may be laid over its memory.
    """
    image = image_of(block, 0, 0)
    memory = image.memory()
    shared, span = shared_addresses(image)
    about = {
        "first": FIRST,
        "size": len(memory),
        "arguments": len(image.arguments),
        "width": block.width,
        "days": block.plan.days,
        "shared": block.shared_days,
        "shared_days": shared,
        "span": span - 2 * WORD,
        "moves": image.row("moves", (0, 0)),
        "last_stop": image.argument("measures.last_stop"),
        "twins": _twins(image),
        "fork": _fork(image),
        "kept": resuming.days_to_keep(block)[-MOST_KEPT:],
        "earned": [
            [[_plain(its) for its in one.twins], _plain(one.whole)] for one in earned_of(block.plan, image)
        ],
        "runs": sum(len(its.starts) for its in changes),
        "changes": list(_told(changes)),
    }
    runs = [np.stack([its.starts, its.lengths], axis=1).astype("<i4").tobytes() for its in changes]
    return about, memory.tobytes() + b"".join(runs) + b"".join(its.bytes.tobytes() for its in changes)


def _plain(groups: Sequence[Group]) -> list[Any]:
    return [[its.sign, its.rows] for its in groups]


def _told(changes: Sequence[Change]) -> Any:
    runs = place = 0
    for its in changes:
        yield {
            "day": int(its.reach.day),
            "normal": bool(its.reach.normal),
            "shared": its.shared_days,
            "runs": runs,
            "count": len(its.starts),
            "bytes": place,
        }
        runs += len(its.starts)
        place += len(its.bytes)


def _twins(image: Image) -> list[int]:
    """Where the arguments of the scenario and of the counterfactual begin, and how many each has."""
    own = [place for place, name in enumerate(image.names) if name.startswith("scenario.")]
    other = [place for place, name in enumerate(image.names) if name.startswith("counterfactual.")]
    return [own[0], other[0], len(own)]


def _fork(image: Image) -> list[list[int]]:
    """Bytes that the counterfactual takes over: to, from, how many rows, how long, and how far apart."""
    found = []
    for name in FORKED:
        its, start = image[f"scenario.{name}"]
        found.append([image[f"counterfactual.{name}"][1], start, 1, its.nbytes, its.nbytes])
    its, start = image["scenario.substitutes"]
    other, kind = image["counterfactual.substitutes"][1], its.dtype
    for name in kind.names or ():
        if name not in OWN_DAYS:
            part, offset = kind.fields[name][:2]
            found.append([other + offset, start + offset, len(its), part.itemsize, kind.itemsize])
    return [row for row in found if row[2] and row[3]]


# ---------------------------------------------------------------------- HTML


def _html(about: dict[str, Any], packed: dict[str, bytes]) -> str:
    """The explorer's own page, with all that it needs in it."""
    page = page_html()
    style, script, offline, worker = map(template, ("page.css", "page.js", "offline.js", "worker.js"))
    scripts = [offline, script]
    data = [
        f'<script type="application/json" id="about">{_json(about)}</script>',
        f'<script type="text/plain" id="worker">{worker}</script>',
        *(
            f'<script type="text/plain" id="packed-{name}">{_packed(content)}</script>'
            for name, content in packed.items()
        ),
    ]
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy(scripts)}">\n<style>{style}</style>'
    for gone in (
        '<link rel="stylesheet" href="page.css">\n',
        '<script src="plotly.js" defer></script>\n',
        '<script src="page.js" defer></script>\n',
    ):
        page = page.replace(gone, "")
    page = page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{head}', 1)
    page = page.replace("<body>", '<body class="alone">', 1)
    body = "\n".join([*data, *(f"<script>{text}</script>" for text in scripts)])
    return page.replace("</body>", f"{body}\n</body>", 1)


def policy(scripts: Sequence[str]) -> str:
    """What the page may run: its own scripts, the engine, and what it unpacks."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes} 'wasm-unsafe-eval' blob:; worker-src blob:; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _json(data: Any) -> str:
    """Plain data that ends no script element."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
