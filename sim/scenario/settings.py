"""Settings that a scenario file holds for later: values by their path, to be laid over it."""

import math
from typing import Annotated, Any

from pydantic import PlainSerializer


def with_texts_for_infinities(data: Any) -> Any:
    """Plain data in which infinities, which JSON cannot hold, are texts.

    Examples
    --------
    >>> with_texts_for_infinities({"capacity_per_day": [1.0, float("inf")]})
    {'capacity_per_day': [1.0, '.inf']}
    """
    if isinstance(data, dict):
        return {key: with_texts_for_infinities(value) for key, value in data.items()}
    if isinstance(data, list):
        return [with_texts_for_infinities(value) for value in data]
    return ".inf" if data == math.inf else data


Settings = Annotated[dict[str, Any], PlainSerializer(with_texts_for_infinities)]
"""Values by their dotted path, as with ``--set``."""
