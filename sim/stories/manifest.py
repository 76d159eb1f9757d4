"""What a manifest says: all that it takes to get the same figures again; no time and no machine."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.montecarlo.manifests import Manifest
from sim.montecarlo.provenance import versions
from sim.montecarlo.store import digest
from sim.scenario.garbage import collector_paused
from sim.scenario.load import resolved, written
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command was asked for.

    Parameters
    ----------
    command
        Its name.
    files
        Its scenario files, as :func:`file_name` gives them.
    options
        Its options beside the settings, by name; a tuple for one that is repeated, True for one that is
        given alone.
    overrides
        Settings ``path=value`` laid over each file.
    fields
        What the manifest says of files, settings and options.
    decides
        Plain data that decide the figures: folders with the same digest of them are of the same.
    scenarios
        What the manifest holds of the scenarios, so that to go on needs no file.
    """

    command: str
    files: Sequence[str]
    options: Mapping[str, Any]
    overrides: Sequence[str]
    fields: Mapping[str, Any]
    decides: Sequence[Any]
    scenarios: Mapping[str, Any]


def manifest_of(asked: Asked) -> Manifest:
    """The manifest of what a command was asked for."""
    return {
        "command": command_line(asked.command, asked.files, asked.options, asked.overrides),
        **asked.fields,
        "digest": digest(asked.decides),
        "versions": versions(),
        **asked.scenarios,
    }


def command_line(
    command: str, files: Sequence[str], options: Mapping[str, Any], overrides: Sequence[str]
) -> str:
    """The command that gives the same figures again.

    Examples
    --------
    >>> command_line("stress", ["a.yaml"], {"pairs-among": ("lane", "country")}, ["title=A test"])
    "chokepoint stress a.yaml --pairs-among lane --pairs-among country --set 'title=A test'"
    >>> command_line("run", ["a.yaml"], {"replications": 100, "csv": True}, [])
    'chokepoint run a.yaml --replications 100 --csv'
    """
    settings = [f"--set {shlex.quote(override)}" for override in overrides]
    return " ".join(["chokepoint", command, *files, *_words(options), *settings])


def _words(options: Mapping[str, Any]) -> Iterator[str]:
    for name, values in options.items():
        for value in values if isinstance(values, tuple) else (values,):
            yield f"--{name}" if value is True else f"--{name} {value}"


def fields_of(
    file: str, overrides: Sequence[str], design: Mapping[str, Any], scenario_digest: str
) -> dict[str, Any]:
    """What a manifest says of one scenario file, its settings, and what else was asked for."""
    return {
        "scenario_file": file,
        "overrides": list(overrides),
        **design,
        "scenario_digest": scenario_digest,
    }


@collector_paused()
def with_defaults(scenario: Scenario) -> tuple[dict[str, Any], str]:
    """What a manifest holds of a scenario, as given and with every default filled in; and its digest."""
    whole = resolved(scenario)
    return {"given": written(scenario), "scenario": whole}, digest(whole)


def digest_of(scenario: Scenario) -> str:
    """Digest of a scenario, with every default filled in."""
    return digest(resolved(scenario))


def file_name(file: str | Path) -> str:
    """A file as a manifest names it: seen from here if it lies below, else by its name alone."""
    here, path = Path.cwd(), Path(file)
    return str(path.resolve().relative_to(here)) if path.resolve().is_relative_to(here) else path.name
