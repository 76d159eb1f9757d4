"""What commands show while they work."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console

from sim.commands.ending import hushed_by

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
    if not console.is_terminal:
        yield
        return
    with console.status(with_what) as status, hushed_by(status.stop, status.start):
        yield


def prepare_engine(width: int) -> None:
    """Compile the engine for blocks of a width, if it is not in the cache, and load it."""
    from sim.engines import compiler
    from sim.montecarlo import warmup

    if compiler.NOTICE:
        warn([compiler.NOTICE])
    if not warmup.is_compiled(width):
        console.print("compiling the engine, once on this machine ...")
    warmup.warm_up(width)


def prepare_measures() -> None:
    """Compile the measures of the readable engine's replications, if they are not in the cache."""
    from sim.montecarlo import warmup

    if not warmup.can_measure():
        console.print("compiling the measures, once on this machine ...")
        warmup.warm_up_measures()


@contextmanager
def progress_bar(total: int | None, what: str = "replications") -> Iterator[Callable[[int], None]]:
    """A progress bar on the terminal; what it yields takes the number of things just finished."""
    if not console.is_terminal:
        from sim.montecarlo.workers import silent

        yield silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar, hushed_by(bar.stop, bar.start):
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def percent(share: float) -> str:
    """A share in per cent with one decimal, and no sign before a zero."""
    return f"{round(share, 3) + 0.0:.1%}"
