"""What the explorer's page says in a language: its template, and the words and notation of its scripts."""

import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sim.report.language import ENGLISH, message, say, spoken
from sim.report.scripted import plotly_locale

_SCRIPTED = (
    message(" from {day}"),
    message("1 future in 20 loses {var95} or more, and these {es95} on average."),
    message("Against the base, points"),
    message("Back to normal: {when}."),
    message("Cut all that {firm} supplies"),
    message("Cut the lane {lane}"),
    message("ES 95 %"),
    message("Explorer: {title}"),
    message("Firms and lanes"),
    message("First sale lost: {when}."),
    message("Join {name} again"),
    message("Maker"),
    message("Mean"),
    message("Median"),
    message("Network"),
    message(
        "Not in this file, as they change the shape of the network: {controls}. chokepoint explore moves "
        "them."
    ),
    message("Pin"),
    message("Pin {letter}"),
    message("Refused; the figures are those before it."),
    message("Saved: {file}"),
    message("Shared: explored.html, in the browser's downloads."),
    message("Show"),
    message("Show {letter} again"),
    message("Take back {setting}"),
    message("The base"),
    message("The explorer has ended; nothing more is simulated."),
    message("Through what it is lost"),
    message("VaR 95 %"),
    message("What"),
    message("against the base in the same futures"),
    message("as in the base"),
    message("as it is"),
    message("base"),
    message("chance of losing more"),
    message("cut {name}{from}"),
    message("loss"),
    message("loss of {maker}"),
    message("never"),
    message("never in {share} of futures"),
    message("now"),
    message("of margin is lost on average; {worst}"),
    message("of revenue is lost on average; {worst}"),
    message("{change} ± {half} points"),
    message("{days} days"),
    message("{half} points"),
    message("{middle} in the middle future ({low} to {high} in 9 of 10), never in {share}"),
    message("{name}, decided on"),
    message("{name}, level"),
    message("{name}, typed"),
    message("{name}: {value}"),
    message("{share} lose more than {loss}"),
    message("{what}: {count} of {all} futures"),
)
"""Said by ``templates/page.js``."""


def page_html() -> str:
    """The page in the language that is spoken, as it is before anything is simulated."""
    environment = Environment(
        loader=PackageLoader("sim.explorer"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = say
    return environment.get_template("page.html").render(tag=spoken().tag, tongue=_tongue())


def _tongue() -> Markup:
    """What scripts must know to speak; nothing in English."""
    if spoken().code == ENGLISH:
        return Markup()
    told = json.dumps(_told_to_scripts(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Markup(told.replace("<", "\\u003c"))  # noqa: S704 - nothing is left in it that could end the element


def _told_to_scripts() -> dict[str, Any]:
    """Words by their English, how numbers are written, and settings of plotly.js."""
    language = spoken()
    return {
        "words": {text: language.words.gettext(text) for text in _SCRIPTED},
        "decimal": language.decimal,
        "thousands": language.thousands,
        "percent": language.percent,
        "plotly": plotly_locale(language),
    }


def template(name: str) -> str:
    """A part of the page as it stands."""
    return files("sim.explorer").joinpath("templates", name).read_text(encoding="utf-8")
