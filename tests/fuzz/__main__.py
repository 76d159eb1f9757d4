"""Fuzzes by tokens, then by the schema, each for half of the time: ``python -m tests.fuzz SECONDS``."""

import subprocess
import sys
from importlib.util import find_spec

import click

from tests.fuzz.findings import FOUND


def main(seconds: float) -> int:
    """Run both fuzzers, whatever the first finds; whether one of them found something."""
    fuzzers = ["tokens", "structured"]
    if find_spec("atheris") is None:
        click.echo("tokens: left out, as there is no Atheris for this system")
        fuzzers.remove("tokens")
    found = [
        subprocess.run(
            [sys.executable, "-m", f"tests.fuzz.{name}", str(seconds / len(fuzzers))], check=False
        ).returncode
        for name in fuzzers
    ]
    if any(found):
        click.echo(f"What is at fault is in {FOUND}: mend it, and keep the file in tests/fuzz/corpus.")
    return max(found)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
