"""The library that draws figures in a browser: a bundle of plotly.js with the kinds of traces that we draw.

The bundle starts in a tenth of the time that the whole takes, which draws maps and bodies, too.
``make plotly`` makes it, of what ``.ci/plotly`` pins.
"""

from pathlib import Path

_LIBRARY = Path(__file__).parent / "library"


def plotly_script() -> str:
    """The text of the bundle.

    Examples
    --------
    >>> plotly_script().startswith("/* plotly.js v")
    True
    """
    return (_LIBRARY / "plotly.min.js").read_text(encoding="utf-8")
