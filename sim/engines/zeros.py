"""Zeros that take no memory until they are written to."""

import math
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import Any

import numpy as np


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
    mapped = mmap(-1, size, flags=MAP_PRIVATE | MAP_ANONYMOUS)
    return np.frombuffer(mapped, dtype=dtype, count=count).reshape(shape)
