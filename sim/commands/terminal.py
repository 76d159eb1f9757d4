"""What commands show while they work."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

console = Console(stderr=True, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """Say something beside the output."""
    console.print(text, markup=False)


def warn(lines: Iterable[str]) -> None:
    """Say what is no mistake but worth a look."""
    for line in lines:
        note(f"warning: {line}")


@contextmanager
def busy(with_what: str) -> Iterator[None]:
    """Something that moves on the terminal while there is nothing to count."""
    with console.status(with_what) if console.is_terminal else nullcontext():
        yield


def prepare_engine() -> None:
    """Compile the engine, if it is not in the cache, and load it."""
    from sim.montecarlo import warmup

    if not warmup.is_compiled():
        console.print("compiling the engine, once on this machine ...")
    warmup.warm_up()


@contextmanager
def progress_bar(total: int | None, what: str = "replications") -> Iterator[Callable[[int], None]]:
    """A progress bar on the terminal; what it yields takes the number of things just finished."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def percent(share: float) -> str:
    """A share in per cent with one decimal, and no sign before a zero."""
    return f"{round(share, 3) + 0.0:.1%}"
