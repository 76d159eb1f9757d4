"""Zeros that take no memory until they are written to."""

import math
import sys
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import Any

import numpy as np

MAP_NORESERVE = 0x4000 if sys.platform == "linux" else 0
"""Has Linux lay out more than there is memory for; Python's own module has no name for it."""


def untouched_zeros(shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
    """Zeros for an array that mostly stays zero: page by page, memory is there once it is written to.

    NumPy asks the system for huge pages, of which one number takes 2 MB.

    Parameters
    ----------
    shape
        Of the array, of whatever dimensions.
    dtype
        Type of its numbers.

    Examples
    --------
    >>> untouched_zeros((2, 3))
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    count = math.prod(shape)
    size = max(1, count * np.dtype(dtype).itemsize)  # Nothing at all cannot be mapped.
    mapped = mmap(-1, size, flags=MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
    return np.frombuffer(mapped, dtype=dtype, count=count).reshape(shape)
