"""What the scripts of a page must know to speak its language: their own words, and plotly.js's locale."""

from typing import Any

from sim.report.language import ENGLISH, Language, message

_OF_THE_PAGE = (
    message("At"),
    message("Column"),
    message("From"),
    message("Row"),
    message("Save as CSV"),
    message("Series"),
    message("To"),
    message("Value"),
    message("{found} of {all}"),
    message("{found} of {all}, the first {shown} shown"),
    message("{series}, from"),
    message("{series}, to"),
)
"""Said by ``templates/page.js``."""
_OF_PLOTLY = (
    message("Autoscale"),
    message("Box Select"),
    message("Double-click on legend to isolate one trace"),
    message("Double-click to zoom back out"),
    message("Download plot as a PNG"),
    message("Download plot"),
    message("Image download succeeded"),
    message("Lasso Select"),
    message("Pan"),
    message("Preparing image - this may take a few seconds"),
    message("Reset"),
    message("Reset axes"),
    message("Show closest data on hover"),
    message("Compare data on hover"),
    message("Sorry, there was a problem downloading your image!"),
    message("Toggle Spike Lines"),
    message("Zoom"),
    message("Zoom in"),
    message("Zoom out"),
    message("incoming flow count:"),
    message("outgoing flow count:"),
    message("source:"),
    message("target:"),
    message("trace"),
)
"""Said by plotly.js beside and in a figure [1]_.

References
----------
.. [1] Plotly, How to localize: https://plotly.com/javascript/configuration-options/
"""


def scripted(language: Language) -> dict[str, Any]:
    """Words by their English, and ``locale``: settings of plotly.js for all figures."""
    return {
        "words": {word: language.words.gettext(word) for word in _OF_THE_PAGE},
        "plotly": plotly_locale(language),
    }


def plotly_locale(language: Language) -> dict[str, Any]:
    """What ``Plotly.setPlotConfig`` takes to write as a language does; nothing for English."""
    if language.code == ENGLISH:
        return {}
    dictionary = {word: language.words.gettext(word) for word in _OF_PLOTLY}
    definition = {"dictionary": dictionary, "format": dict(language.formats)}
    return {"locale": language.tag, "locales": {language.tag: definition}}
