"""Unquoted scalars by the core schema of YAML 1.2: ``no`` and ``2019-05-16`` stay texts."""

import math
import re

MAX_NUMBER_LENGTH = 40
LARGEST_EXACT_INTEGER = 2**53
Scalar = str | int | float | bool | None
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_INFINITY = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NOT_A_NUMBER = frozenset((".nan", ".NaN", ".NAN"))


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar by the core schema of YAML 1.2.

    Raises
    ------
    ValueError
        If the text is a number that no floating-point number can hold.

    Examples
    --------
    >>> [resolve(text) for text in ("12", "0x1F", "1e-3", "true", "no", "2019-05-16", "~")]
    [12, 31, 0.001, True, 'no', '2019-05-16', None]
    """
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] in "-+.0123456789":
        return _resolve_number(text)
    return text


def _resolve_number(text: str) -> Scalar:
    if text in _NOT_A_NUMBER:
        return math.nan
    infinite = _INFINITY.fullmatch(text)
    if infinite:
        return -math.inf if infinite[1] == "-" else math.inf
    is_integer = _INTEGER.fullmatch(text) is not None
    if not is_integer and not _FLOAT.fullmatch(text):
        return text
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError(f"found a number of {len(text)} characters, allowed: up to {MAX_NUMBER_LENGTH}")
    if is_integer:
        whole = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        return whole if abs(whole) <= LARGEST_EXACT_INTEGER else float(whole)
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"found {text}, a number too large to compute with, allowed: up to 1e308, or .inf")
    return number
