"""Fuzzes the reading of scenarios by tokens, guided by the lines that a file reaches.

``python -m tests.fuzz.tokens SECONDS [FILES]`` runs until the time is up or the files are tried.
"""

import os
import sys
import tempfile
import warnings
from contextlib import ExitStack
from pathlib import Path
from random import Random

import atheris
import click

# What runs for each token or each field of every file tells little and would take half of the time.
OFTEN = ("source", "scalars", "merge", "references", "shapes", "walk", "wording")
with atheris.instrument_imports(
    include=["sim.scenario", "sim.model"], exclude=[f"sim.scenario.{name}" for name in OFTEN]
):
    from tests.fuzz.checked import folder
    from tests.fuzz.findings import Findings, limit_memory
    from tests.fuzz.hostile import mutated, sources, starts

LONGEST = 4_000
OPTIONS = (f"-max_len={LONGEST}", "-mutate_depth=1", "-rss_limit_mb=0", "-timeout=60", "-verbosity=0")
"""Of libFuzzer: one change of a file is enough, and what takes too much is ours to say."""


def main(seconds: float, files: int) -> None:
    """Fuzz, print what was found, and end the process."""
    warnings.simplefilter("error")
    limit_memory()
    pieces = list(sources().values())
    small = starts()
    with ExitStack() as stack:
        findings = Findings("tokens", stack.enter_context(folder()))
        corpus = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for number, data in enumerate(small):
            (corpus / str(number)).write_bytes(data)

        def try_one(data: bytes) -> None:
            findings.try_file(data)
            if findings.tried == files or findings.passed_seconds > seconds:
                click.echo(findings)
                stack.close()
                os._exit(len(findings.faults) > 0)

        def change(data: bytes, longest: int, seed: int) -> bytes:
            random = Random(seed)
            return mutated(random.choice((data, random.choice(small))), pieces, random, longest)

        atheris.Setup([sys.argv[0], *OPTIONS, str(corpus)], try_one, custom_mutator=change)
        atheris.Fuzz()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else -1)
