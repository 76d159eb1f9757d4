"""Options that several commands share."""

import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from sim.commands.ending import asked
from sim.errors import ResultError
from sim.stories import SEED

Command = TypeVar("Command", bound=Callable[..., Any])
Given = TypeVar("Given", Path, tuple[Path, ...])
Asked = TypeVar("Asked")

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
spoken_language = click.option(
    "--language",
    default="en",
    show_default=True,
    metavar="CODE",
    help="Of all that the page says: en, de (German) or zh (Chinese).",
)
root_seed = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=SEED, show_default=True, help="Root seed."
)


class FiniteRange(click.FloatRange):
    """A number within bounds that is neither infinite nor none at all."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that a text says."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{number} is not a finite number.", param, ctx)
        return number


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


def begun_or_resumed(
    resume: Path | None, begin: Callable[[], Asked], again: Callable[[Path], Asked], *allowed: str
) -> Asked:
    """What a command is to do: what its options say, or what the folder of ``--resume`` was begun for.

    Parameters
    ----------
    resume
        The folder, if one is given.
    begin
        Makes what is to be done of the options.
    again
        Makes it of the folder.
    allowed
        Options that may stand beside ``--resume``, as they change no figure.

    Raises
    ------
    UsageError
        If another option stands beside ``--resume``.
    """
    if resume is None:
        return begin()
    _refuse_beside_resume(click.get_current_context(), allowed)
    return again(resume)


def _refuse_beside_resume(ctx: click.Context, allowed: tuple[str, ...]) -> None:
    for option in ctx.command.params:
        name = str(option.name)
        is_given = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and name not in ("resume", *allowed):
            others = ", ".join(f"--{other}" for other in allowed)
            raise click.UsageError(f"found {option.get_error_hint(ctx)} beside --resume; allowed: {others}")


def out_folder(default: str) -> Callable[[Command], Command]:
    """The options that say where to write, and whether in the place of something else."""
    place = click.Path(path_type=Path, file_okay=False)
    out = click.option("--out", type=place, help=f"Folder to write; default: results/{default}.")
    return lambda command: out(overwriting(command))


OVERWRITE, YES = "overwrite", "yes"


def overwriting(command: Command) -> Command:
    """The options by which a folder makes room for other results; :func:`agrees` knows them."""
    overwrite = _flag(OVERWRITE, "Ask, if the folder holds other results, whether they are to be removed.")
    return overwrite(_flag(YES, "Remove them without asking.")(command))


def _flag(name: str, told: str) -> Callable[[Command], Command]:
    return click.option(f"--{name}", is_flag=True, expose_value=False, callback=_kept, help=told)


def _kept(ctx: click.Context, option: click.Parameter, given: bool) -> bool:
    ctx.meta[f"{__name__}.{option.name}"] = given
    return given


def agrees(question: str) -> bool:
    """Whether the other results that a folder holds are to be removed: if asked to, and if the user says so.

    Raises
    ------
    ResultError
        If there is nobody to ask, or the answer is no.
    """
    meta = click.get_current_context().meta
    if not meta.get(f"{__name__}.{OVERWRITE}"):
        return False
    if meta.get(f"{__name__}.{YES}"):
        return True
    if not sys.stdin.isatty():
        raise ResultError(f"{question} There is no terminal to ask on; allowed: --{OVERWRITE} with --{YES}")
    if not asked(question):
        raise ResultError("nothing was removed, and nothing written")
    return True


def in_folder(default: str) -> Callable[[Command], Command]:
    """The options of an analysis beside those of its own: where, how, and what is laid over the file."""

    def with_options(command: Command) -> Command:
        for option in (settings, resume_folder, out_folder(default), threads):
            command = option(command)
        return command

    return with_options


LOCAL = "local"
ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}")


@dataclass(frozen=True, slots=True)
class Spreading:
    """Over what a run is spread; it changes no figure.

    Raises
    ------
    UsageError
        If both a number of workers and the address of a cluster, which has its own, are given.
    """

    workers: int | None
    cluster: str | None
    chunk: int | None

    def __post_init__(self) -> None:
        if self.workers is not None and self.cluster not in (None, LOCAL):
            raise click.UsageError("found --workers beside the address of a cluster; allowed: one of them")


SPREADING = tuple(field.name for field in fields(Spreading))


def _address(_ctx: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    if given is not None and given != LOCAL and not ADDRESS.fullmatch(given):
        raise click.BadParameter(f"found {given!r}; allowed: tcp://HOST:PORT, tls://HOST:PORT or {LOCAL}")
    return given


def spread(command: Command) -> Command:
    """The options that :class:`Spreading` is made of."""
    workers = click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        help="Threads, or processes of SimPy or of --cluster local; default: one a core.",
    )
    cluster = click.option(
        "--cluster",
        metavar="ADDRESS",
        callback=_address,
        help="Simulate on a Dask cluster: its scheduler, as tcp://host:8786, or local for this machine.",
    )
    chunk = click.option(
        "--chunk",
        type=click.IntRange(1, 1_000_000),
        help="Futures kept at a time; default: about a second of work.",
    )
    return workers(cluster(chunk(command)))
