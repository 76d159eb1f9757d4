"""One HTML file that works offline: the page, its charts and the library that draws them."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sim.errors import ReportError
from sim.report.context import Context, make_context
from sim.report.headline import answer, card, further
from sim.report.language import ENGLISH, say, say_many, speaking
from sim.report.largest import of_largest, reading
from sim.report.methods import methods
from sim.report.names import tidy
from sim.report.numbers import day, grouped
from sim.report.packing import css_string, packed
from sim.report.page_parts import Chart, Claimed, OtherView, Page, Table
from sim.report.scripted import scripted
from sim.report.scripts import plotly_script
from sim.report.sections import sections
from sim.report.words import after_shock
from sim.risk.findings import Findings
from sim.scenario.schema import Claim, Scenario

MOST_WARNINGS = 10
_TEMPLATES = Path(__file__).parent / "templates"


def page_of(findings: Findings, beside: Sequence[OtherView] = ()) -> Page:
    """Everything that the report of a run shows, in words and figures.

    Parameters
    ----------
    findings
        What a study found.
    beside
        Other views of the same case, from :func:`sim.report.beside.beside`.

    Raises
    ------
    ReportError
        If a table, a column or a figure of the summary is absent, or a number is missing or infinite
        where one must be.
    """
    return replace(make_page(of_largest(make_context(findings))), beside=beside)


def rendered(page: Page) -> str:
    """A page as one HTML text that fetches nothing.

    Raises
    ------
    ReportError
        If a figure holds a number that is not finite.
    """
    script = _script(_template_text("unpack.js") + _template_text("page.js"))
    library = plotly_script() if page.charts else ""
    with speaking(page.language) as language:
        return (
            _environment()
            .get_template("page.html")
            .render(
                page=page,
                tag=language.tag,
                tongue=as_json(scripted(language)) if language.code != ENGLISH else "",
                style=Markup(_template_text("page.css")),  # noqa: S704 - our own file
                script=script,
                policy=content_policy([script, *([library] if library else [])]),
                packed=(_packed_figures(page.charts, library) if library else {})
                | _packed_tables(page.searched),
            )
        )


def _packed_figures(charts: Sequence[Chart], library: str) -> dict[str, Markup]:
    """What figures are made of and what draws them, by the part of the page that holds it."""
    specifications = {f"specification-{chart.key}": chart.specification for chart in charts}
    return {"figures": packed(as_json(specifications)), "plotly": packed(library)}


def _packed_tables(tables: Sequence[Table]) -> dict[str, Markup]:
    """The rows of tables that a reader searches, by the part of the page that holds them."""
    return {"tables": packed(as_json({table.key: table.rows for table in tables}))} if tables else {}


def make_page(context: Context) -> Page:
    """Everything the template shows, in words and figures."""
    scenario, manifest = context.findings.scenario, context.findings.manifest
    return Page(
        title=tidy(scenario.title),
        question=tidy(scenario.question or ""),
        description=tidy(scenario.description or ""),
        answer=answer(context),
        further=further(context),
        cards=[card(context, maker) for maker in context.makers],
        reading=_reading(context) + reading(context),
        sections=sections(context),
        methods=methods(context),
        reproduction=reproduction(scenario, {**manifest, "replications": context.replications}),
        command=tidy(str(manifest.get("command", ""))),
        warnings=_warnings(context.findings.summary.get("warnings", [])),
        claim=_claimed(scenario.claim),
    )


def _claimed(claim: Claim | None) -> Claimed | None:
    if claim is None:
        return None
    source = f" ({claim.source})" if claim.source else ""
    return Claimed(tidy(claim.statement), tidy(f"{claim.by}{source}"), [tidy(need) for need in claim.needs])


def _warnings(found: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Signs of a broken baseline, by where they stand in the scenario."""
    shown = [(tidy(entry["path"]), tidy(entry["message"])) for entry in found[:MOST_WARNINGS]]
    left = len(found) - len(shown)
    return [*shown, ("", say("and {number} more, in summary.json", number=grouped(left)))] if left else shown


def _reading(context: Context) -> str:
    counts = say_many(
        "Loss is counted {when} in {number} simulated future.",
        "Loss is counted {when} in {number} simulated futures.",
        context.replications,
        when=after_shock(context),
    )
    covers = (
        say("One future does not say how much futures differ: simulate more.")
        if context.is_single
        else say(
            "“5–95% of futures” covers what differs between them; “95% confidence” covers only how many were "
            "simulated."
        )
    )
    return say("{sentence} {next}", sentence=counts, next=covers)


def reproduction(scenario: Scenario, manifest: Mapping[str, Any]) -> dict[str, str]:
    """What the figures came of, by name."""
    versions = ", ".join(
        f"{name} {version}" for name, version in sorted(manifest.get("versions", {}).items())
    )
    entries = {
        say("Scenario file"): manifest.get("scenario_file"),
        say("Scenario digest"): manifest.get("scenario_digest"),
        say("Seed"): manifest.get("seed"),
        say("Replications"): manifest.get("replications"),
        say("Digest of the results"): manifest.get("digest"),
        say("Versions"): versions,
        say("First simulated day"): day(scenario.calendar.start),
    }
    return {name: tidy(str(value)) for name, value in entries.items() if value not in (None, "")}


def as_json(value: Any) -> Markup:
    """JSON that may stand inside a script element.

    Raises
    ------
    ReportError
        If a number is not finite.
    """
    text = json.dumps(
        _plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing is left in it that could end the element


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ReportError(f"a figure holds {value}, allowed: finite numbers")
        return float(f"{value:.6g}")
    if value is None or isinstance(value, str | int):
        return value
    raise ReportError(
        f"a figure holds a {type(value).__name__}, allowed: text, finite numbers, lists of them"
    )


def content_policy(scripts: Sequence[str]) -> str:
    """A content security policy under which only these scripts run and nothing is fetched."""
    hashes = " ".join(f"'sha256-{_sha256(str(script))}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _script(text: str) -> Markup:
    # A browser reads CR LF as LF, and the hash is taken of what the browser reads.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "</script" in text.lower() or "<!--" in text:
        raise ReportError("a script of the report holds text that would end its element")
    return Markup(text)  # noqa: S704 - the plotly package's file or our own


def _template_text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_keep_ranges_together,
    )
    environment.filters["css_string"] = css_string
    environment.globals["say"] = say
    return environment


def _keep_ranges_together(value: Any) -> Any:
    """Forbid a line break after the dash of a range such as 5–95%."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return re.sub(r"–(?=\d)", "–\u2060", value)
    return value
