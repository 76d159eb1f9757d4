"""Things by name, for people: a name that nothing has is answered with the nearest one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from sim.errors import UnknownNameError
from sim.scenario.shapes import nearest
from sim.scenario.wording import show

Thing = TypeVar("Thing")
MOST_LISTED = 40
"""Names in a message or a representation."""


def listed(names: Iterable[str], most: int = MOST_LISTED) -> str:
    """Names one after the other, and how many more there are.

    Examples
    --------
    >>> listed("abc"), listed("abc", most=1)
    ('a, b, c', 'a and 2 more')
    """
    every = list(names)
    shown, left = ", ".join(every[:most]), len(every) - most
    return (f"{shown} and {left} more" if left > 0 else shown) or "none"


def unknown(name: object, what: str, names: Iterable[str]) -> UnknownNameError:
    """The error of a name that nothing has.

    Examples
    --------
    >>> print(unknown("stok", "table", ["stock", "makers"]))
    found no table 'stok'; did you mean 'stock'? allowed: stock, makers
    """
    allowed = list(names)
    hint = nearest(name, allowed) if isinstance(name, str) else ""
    return UnknownNameError(f"found no {what} {show(name)}{hint or ';'} allowed: {listed(allowed)}")


class Named(Mapping[str, Thing], Generic[Thing]):
    """A read-only mapping that makes what it holds when it is asked for, once.

    Where there are several things of a kind (``revenue_fan/hikvision``, ``revenue_fan/dahua``), the kind
    alone (``revenue_fan``) is the first of them.

    Parameters
    ----------
    what
        What a thing is called in messages: ``"table"``.
    makers
        For each name, what makes the thing.

    Examples
    --------
    >>> figures = Named("figure", {"fan/a": lambda: 1, "fan/b": lambda: 2})
    >>> figures["fan/b"], figures["fan"], list(figures)
    (2, 1, ['fan/a', 'fan/b'])
    """

    def __init__(self, what: str, makers: Mapping[str, Callable[[], Thing]]) -> None:
        self._what = what
        self._makers = makers
        self._made: dict[str, Thing] = {}

    def __getitem__(self, name: str) -> Thing:
        full = self._full(name)
        if full not in self._made:
            self._made[full] = self._makers[full]()
        return self._made[full]

    def _full(self, name: str) -> str:
        if name in self._makers:
            return name
        first = next((full for full in self._makers if full.startswith(f"{name}/")), None)
        if first is None:
            raise unknown(name, self._what, self._makers)
        return first

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def _ipython_key_completions_(self) -> list[str]:
        """What a notebook offers behind ``tables["`` when the tabulator key is pressed."""
        return list(self)

    def __repr__(self) -> str:
        return f"<{len(self)} {self._what}s: {listed(self)}>"
