"""A block of replications as the memory of a WebAssembly module: its arrays, and the arguments of its loop.

Arguments are laid out as compiled code takes them: arrays as an address, how many items, how large, how far
apart; tuples one after the other. Each takes 8 bytes.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.block_engine import Block, arguments_of
from sim.engines.layout import Array
from sim.model.plan import Bools

FIRST = 1 << 17
"""Address of the arguments; a module's own numbers and its stack lie below."""
ALIGNED, WORD = 64, 8
UNITS = 3
"""Units of a day: arguments that a module does not look at."""
Bytes = NDArray[np.uint8]
Argument = int | float
Place = tuple[str, Array, int]
"""An array by its name, and its address."""


@dataclass(slots=True)
class Image:
    """Where everything of a block stands.

    Attributes
    ----------
    arguments
        Addresses and numbers, in order.
    places
        Arrays by their names, and their addresses; the same array may have several names.
    end
        The first address behind all of them.
    names
        Of what each argument is of.
    """

    arguments: list[Argument]
    places: list[Place]
    end: int
    names: list[str] = field(default_factory=list)
    _owners: dict[int, tuple[Array, int]] = field(default_factory=dict)

    def memory(self) -> Bytes:
        """``[byte]`` what stands from :data:`FIRST` on, with the arrays as they are now; whole words."""
        found = np.zeros(-(-(self.end - FIRST) // WORD) * WORD, dtype=np.uint8)
        arguments = b"".join(map(_word, self.arguments))
        found[: len(arguments)] = np.frombuffer(arguments, dtype=np.uint8)
        for owner, address in self._owners.values():
            start = address - FIRST
            its = np.frombuffer(owner.tobytes(), dtype=np.uint8)
            found[start : start + owner.nbytes] = np.where(np.tile(_used(owner.dtype), owner.size), its, 0)
        return found

    def single(self) -> Bools:
        """``[byte]`` whether it is a number by itself: yes or no, or a small one."""
        found = np.zeros(-(-(self.end - FIRST) // WORD) * WORD, dtype=bool)
        for _, its, address in self.places:
            start = address - FIRST
            found[start : start + its.nbytes] |= np.tile(_single_bytes(its.dtype), its.size)
        return found

    def layout(self) -> list[tuple[str, int, tuple[int, ...]]]:
        """Names, addresses and shapes of the arrays: another block with the same fills the same memory."""
        return [(name, address, its.shape) for name, its, address in self.places]

    def __getitem__(self, name: str) -> tuple[Array, int]:
        """An array and its address."""
        return next((its, address) for known, its, address in self.places if known == name)

    def argument(self, name: str) -> int:
        """The address of the first argument of a name."""
        return FIRST + WORD * self.names.index(name)

    def row(self, name: str, place: tuple[int, ...], field: str = "") -> int:
        """The address of numbers of an array: of an item, or of a part of a field of a record.

        Parameters
        ----------
        name
            Of the array.
        place
            Indices, the record's first.
        field
            Of the record, where the array holds any.
        """
        its, address = self[name]
        if not field:
            return address + sum(index * step for index, step in zip(place, its.strides, strict=False))
        part, offset = its.dtype.fields[field][:2]
        base, shape = part.subdtype or (part, ())
        steps = [base.itemsize * math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
        inner = sum(index * step for index, step in zip(place[1:], steps, strict=False))
        return int(address + place[0] * its.itemsize + offset + inner)


def _used(kind: np.dtype[Any]) -> Bools:
    """``[byte]`` of one item, whether it is of a field: what fills up a record is of none."""
    if kind.names is None:
        return np.ones(kind.itemsize, dtype=bool)
    found = np.zeros(kind.itemsize, dtype=bool)
    for name in kind.names:
        part, offset = kind.fields[name][:2]  # type: ignore[index]
        found[offset : offset + part.itemsize] = True
    return found


def _single_bytes(kind: np.dtype[Any]) -> Bools:
    """``[byte]`` of one item."""
    if kind.names is None:
        return np.full(kind.itemsize, kind.itemsize == 1)
    found = np.zeros(kind.itemsize, dtype=bool)
    for name in kind.names:
        part, offset = kind.fields[name][:2]  # type: ignore[index]
        found[offset] |= part.itemsize == 1
    return found


def image_of(block: Block, first: int, end: int) -> Image:
    """Where everything of a block stands that runs from one day up to another.

    Parameters
    ----------
    block
        The block.
    first, end
        As for :func:`sim.engines.block_engine.run_span`.

    Raises
    ------
    TypeError
        If the block holds something else than arrays, numbers and tuples of these.
    """
    _units, *given = arguments_of(block, first, end)
    names = ("scenario", "counterfactual", "common", "measures", "moves", "span")
    count = UNITS + sum(_words(its) for its in given)
    image = Image([0] * UNITS, [], FIRST + WORD * count, ["units"] * UNITS)
    for name, its in zip(names, given, strict=True):
        for argument, of in _laid(image, name, its):
            image.arguments.append(argument)
            image.names.append(of)
    return image


def _words(its: Any) -> int:
    if isinstance(its, tuple):
        return sum(map(_words, its))
    return 5 + 2 * its.ndim if isinstance(its, np.ndarray) else 1


def _laid(image: Image, name: str, its: Any) -> Iterator[tuple[Argument, str]]:
    if isinstance(its, tuple):
        fields = getattr(its, "_fields", range(len(its)))
        for part, inner in zip(fields, its, strict=True):
            yield from _laid(image, f"{name}.{part}", inner)
    elif isinstance(its, np.ndarray):
        address = _address(image, its)
        image.places.append((name, its, address))
        told = (0, 0, its.size, its.itemsize, address, *its.shape, *its.strides)
        yield from ((argument, name) for argument in told)
    elif isinstance(its, np.void):
        yield _address(image, its), name
    elif isinstance(its, (bool, int, float, np.generic)):
        yield float(its) if isinstance(its, (float, np.floating)) else int(its), name
    else:
        raise TypeError(f"{name}: {type(its)}")


def _address(image: Image, its: Any) -> int:
    owner = its
    while isinstance(owner.base, (np.ndarray, np.void)):
        owner = owner.base
    start = owner.__array_interface__["data"][0]
    if start not in image._owners:  # noqa: SLF001 - of this module
        address = -(-image.end // ALIGNED) * ALIGNED
        image._owners[start] = owner, address  # noqa: SLF001
        image.end = address + max(owner.nbytes, 8)
    return image._owners[start][1] + int(its.__array_interface__["data"][0] - start)  # noqa: SLF001


def _word(argument: Argument) -> bytes:
    return struct.pack("<d" if isinstance(argument, float) else "<q", argument)
