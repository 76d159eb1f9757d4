"""Options that several commands share."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

Command = TypeVar("Command", bound=Callable[..., Any])
Given = TypeVar("Given", Path, tuple[Path, ...])

scenario_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
file_or_folder = click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
resume_folder = click.option(
    "--resume",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Go on with what this folder was begun for; its manifest says what to do.",
)
settings = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Lay a setting over the file; may be repeated.",
)
threads = click.option("--workers", type=click.IntRange(1, 1024), help="Threads; default: one a core.")
root_seed = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=20191009, show_default=True, help="Root seed."
)


def futures(default: int, what: str, *, fewest: int, most: int = 10_000_000) -> Callable[[Command], Command]:
    """The option that says how many futures to simulate."""
    allowed = click.IntRange(fewest, most)
    return click.option("--replications", "-n", type=allowed, default=default, show_default=True, help=what)


def given(files: Given | None) -> Given:
    """What a command is to begin with.

    Raises
    ------
    UsageError
        If there is nothing.
    """
    if not files:
        raise click.UsageError("found neither FILE nor --resume; allowed: one of them")
    return files


def refuse_beside_resume(ctx: click.Context, *allowed: str) -> None:
    """Leave no other options and arguments beside ``--resume`` than those that are allowed.

    Raises
    ------
    UsageError
        If there is another.
    """
    for option in ctx.command.params:
        name = str(option.name)
        is_given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and name not in ("resume", *allowed):
            others = ", ".join(f"--{other}" for other in allowed)
            raise click.UsageError(f"found {option.get_error_hint(ctx)} beside --resume; allowed: {others}")


def out_folder(default: str) -> Callable[[Command], Command]:
    """The option that says where to write."""
    place = click.Path(path_type=Path, file_okay=False)
    return click.option("--out", type=place, help=f"Folder to write; default: results/{default}.")


@dataclass(frozen=True, slots=True)
class Spreading:
    """Over what a run is spread."""

    workers: int | None
    cluster: str | None
    chunk: int | None


LOCAL = "local"
ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}")
SPREADING = tuple(field.name for field in fields(Spreading))


def _address(_ctx: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    if given is not None and given != LOCAL and not ADDRESS.fullmatch(given):
        raise click.BadParameter(f"found {given!r}; allowed: tcp://HOST:PORT, tls://HOST:PORT or {LOCAL}")
    return given


def spread(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say over what a run is spread: they change no figure."""

    @click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        help="Threads, or processes of SimPy or of --cluster local; default: one a core.",
    )
    @click.option(
        "--cluster",
        metavar="ADDRESS",
        callback=_address,
        help="Simulate on a Dask cluster: its scheduler, as tcp://host:8786, or local for this machine.",
    )
    @click.option(
        "--chunk",
        type=click.IntRange(1, 1_000_000),
        help="Futures kept at a time; default: about a second of work.",
    )
    @functools.wraps(command)
    def spread_over(**options: Any) -> Any:
        spreading = Spreading(**{name: options.pop(name) for name in SPREADING})
        if spreading.workers is not None and spreading.cluster not in (None, LOCAL):
            raise click.UsageError("found --workers beside the address of a cluster; allowed: one of them")
        return command(spreading=spreading, **options)

    return spread_over
