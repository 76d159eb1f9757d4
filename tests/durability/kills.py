"""Kill a run at a random moment, go on, compare with an undisturbed one; again and again.

``python -m tests.durability.kills COUNT FOLDER`` prints what it found as JSON. It is a process of its own: it
compiles the engine once, and forks a child for each run while it has no other thread.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import yaml

from sim import runs, study
from sim.montecarlo import warmup
from tests.durability.folders import contents, random_scenario

REPLICATIONS, CHUNK, SEED = 8_000, 400, 20191009


def run(file: Path, out: Path) -> None:
    """Do, or go on with, the run that all others are compared with."""
    runs.run(study.job_of(file, replications=REPLICATIONS), out, runs.How(chunk=CHUNK))


def child(file: Path, out: Path) -> int:
    """A process that does the run."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            run(file, out)
            status = 0
        finally:
            os._exit(status)
    return process


def finished(process: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def when(out: Path) -> str:
    """What a killed run was at."""
    if not (out / "manifest.json").exists():
        return "before the manifest"
    if (out / "summary.json").exists():
        return "after the summary"
    parts = len(list(out.glob("parts/*.parquet")))
    return "between parts" if parts < REPLICATIONS // CHUNK else "while telling"


def main(count: int, folder: Path) -> None:
    warmup.warm_up()
    file, undisturbed = folder / "scenario.yaml", folder / "undisturbed"
    file.write_text(yaml.safe_dump(random_scenario()))
    began = time.monotonic()
    if not finished(child(file, undisturbed)):
        raise SystemExit("the undisturbed run failed")
    takes = time.monotonic() - began
    expected = contents(undisturbed)
    chance = random.Random(SEED)
    moments: Counter[str] = Counter()
    wrong = []
    for kill in range(count):
        out = folder / "killed"
        process = child(file, out)
        time.sleep(chance.uniform(0.0, takes))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        moments[when(out)] += 1
        if not finished(child(file, out)) or contents(out) != expected:
            wrong.append(kill)
        shutil.rmtree(out)
    print(json.dumps({"kills": count, "wrong": wrong, "moments": moments}))  # noqa: T201 - its only output


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
