"""Memory: how much there is, and that what is not needed any more goes back, where the C library is glibc."""

import ctypes
import os

import pyarrow as pa

M_MMAP_THRESHOLD = -3
MAPPED_FROM = 128 * 1024
"""Bytes from which on an array has memory of its own, which goes back to the system with it."""


def map_arrays() -> None:
    """Have arrays take memory of their own, and give it back with them.

    Left alone, glibc learns to keep the memory of freed blocks of replications, for each thread, and Arrow
    that of the tables it has read and written.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, MAPPED_FROM)
    pa.set_memory_pool(pa.system_memory_pool())


def fitting(size: int) -> int:
    """How many things of so many bytes half of the machine's memory holds; no less than one.

    Examples
    --------
    >>> fitting(2**60)
    1
    """
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return max(1, half // size)


def trim() -> None:
    """Give back what small things have left behind them."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
