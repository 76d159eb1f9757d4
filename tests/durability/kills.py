"""Kill a command's work at a random moment, go on, compare with an undisturbed one; again and again.

``python -m tests.durability.kills COMMAND COUNT FOLDER`` prints what it found as JSON. It is a process of its
own: it compiles the engine once, and forks a child for each run while it has no other thread.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sim.montecarlo import warmup
from sim.stories import analyses, runs, study
from sim.stories.durable import Execution
from tests.durability.folders import analysis_in, contents, scenario_in

REPLICATIONS, CHUNK, SEED = 2_000, 100, 20191009
Work = Callable[[Path], object]
"""Does, or goes on with, what all others are compared with, in a folder."""


def work_in(folder: Path, command: str) -> Work:
    if command == "run":
        job = study.job_of(scenario_in(folder), replications=REPLICATIONS)
        return lambda out: runs.run(job, out, Execution(chunk=CHUNK))
    analysis = analysis_in(folder, command)
    return lambda out: analyses.run(analysis, out)


def child(work: Work, out: Path) -> int:
    """A process that does the work."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            work(out)
            status = 0
        finally:
            os._exit(status)
    return process


def finished(process: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def when(out: Path, parts: int) -> str:
    """What a killed process was at."""
    if not (out / "manifest.json").exists():
        return "before the manifest"
    if list(out.glob("*.sha256")):
        return "after the checksums"
    return "between parts" if len(list(out.glob("parts/*.parquet"))) < parts else "while telling"


def main(command: str, count: int, folder: Path) -> None:
    warmup.warm_up()
    work, undisturbed = work_in(folder, command), folder / "undisturbed"
    began = time.monotonic()
    if not finished(child(work, undisturbed)):
        raise SystemExit("the undisturbed run failed")
    takes = time.monotonic() - began
    expected = contents(undisturbed)
    parts = sum(name.startswith("parts/") for name in expected)
    chance = random.Random(SEED)
    moments: Counter[str] = Counter()
    wrong = []
    for kill in range(count):
        out = folder / "killed"
        process = child(work, out)
        time.sleep(chance.uniform(0.0, takes))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        moments[when(out, parts)] += 1
        if not finished(child(work, out)) or contents(out) != expected:
            wrong.append(kill)
        shutil.rmtree(out)
    print(json.dumps({"kills": count, "wrong": wrong, "moments": moments}))  # noqa: T201 - its only output


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
