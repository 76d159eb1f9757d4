"""The report of a sensitivity analysis: one HTML file in the style of the report of a run."""

from sim.report.blocks import Card, Line, Page
from sim.report.names import tidy
from sim.report.numbers import percent, percent_range
from sim.report.page import rendered, reproduction
from sim.report.sensitivity_context import SensitivityContext, make_sensitivity_context
from sim.report.sensitivity_sections import sections
from sim.report.sensitivity_words import answer
from sim.report.style import BLUE, GREEN
from sim.risk.findings import Findings
from sim.risk.sensitivity_tables import INPUT


def render_sensitivity(findings: Findings) -> str:
    """Write the report as one HTML text; the same findings give the same text.

    Parameters
    ----------
    findings
        What :func:`sim.sensitivity.run` returned.

    Returns
    -------
    str
        A complete HTML document that fetches nothing.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    context = make_sensitivity_context(findings)
    decided = [] if context.decision is None else [_decision_card(context)]
    simulations, count = (int(context.summary[key]) for key in ("simulations", "inputs"))
    return rendered(
        Page(
            title=f"Sensitivity: {tidy(context.scenario.title)}",
            question=_question(context),
            description="",
            answer=answer(context),
            cards=[_loss_card(context), *decided],
            reading=f"{count:,} uncertain inputs, {simulations:,} simulated futures. What the model "
            f"leaves out, and "
            "assumptions given as single values, are in no figure.",
            sections=sections(context),
            methods=[(term, " ".join(text.split())) for term, text in _TERMS.items()],
            reproduction=reproduction(context.scenario, context.manifest),
            command=tidy(str(context.manifest.get("command", ""))),
        )
    )


def answer_of(findings: Findings) -> str:
    """What to find out first, in a paragraph.

    Raises
    ------
    ReportError
        If the findings are not whole.
    """
    return answer(make_sensitivity_context(findings))[0]


def _question(context: SensitivityContext) -> str:
    asked = f"Which uncertain numbers move {context.maker}’s loss, and which should be found out first?"
    return asked if context.decision is None else f"{asked} {tidy(context.decision['title'])}."


def _loss_card(context: SensitivityContext) -> Card:
    spread, noise = context.summary["loss_share"], context.noise
    table = context.tables["sobol"]
    explained = table[table["kind"] == INPUT]["first_order"].clip(lower=0.0).sum()
    return Card(
        maker=context.maker,
        colour=BLUE,
        headline=Line(
            f"of revenue lost {context.window} (mean)",
            percent(spread["mean"]["estimate"], 1),
            f"5–95% of futures: {percent_range(spread['p05'], spread['p95'], 1)}",
        ),
        lines=(
            Line(
                "Variance that is chance",
                percent(float(noise["total_order"])),
                "what no input explains; 95% confidence: "
                + percent_range(
                    max(float(noise["total_order_ci_low"]), 0.0),
                    min(float(noise["total_order_ci_high"]), 1.0),
                ),
            ),
            Line(
                "Variance that single inputs explain",
                percent(float(explained)),
                f"sum of {int((table['kind'] == INPUT).sum())} first-order indices",
            ),
        ),
    )


def _decision_card(context: SensitivityContext) -> Card:
    table, decision = context.tables["alternatives"], context.decision or {}
    best = table[table["alternative"] == decision["best"]].iloc[0]
    top = context.tables["evpi"].iloc[0]
    everything = decision["evpi"]
    return Card(
        maker=tidy(decision["title"]),
        colour=GREEN,
        headline=Line(
            f"loss and cost of the best alternative (mean): “{context.alternative}”",
            context.money.text(-float(best["value"])),
            f"best in {percent(float(best['share_best']))} of futures",
        ),
        lines=(
            Line(
                "Most worth knowing of all inputs",
                context.money.text(float(top["evppi"])),
                context.name(top["input"]).text,
            ),
            Line(
                "To know the whole future",
                context.money.text(everything["estimate"]),
                "chance included: an upper limit of what can be found out",
            ),
        ),
    )


_TERMS = {
    "Input and chance": """
        An input is a number that the scenario gives as a distribution because nobody knows it yet: it is
        drawn once a
        future. Chance is all else that differs between futures: demand of each day, lead times of shipments,
        events that happen or do not. Inputs can be found out; chance cannot.""",
    "Tornado": """
        The mean loss with one input at its 5th and at its 95th percentile and all others at their medians,
        in the same draws of chance.""",
    "First-order Sobol index (alone)": """
        The share of the variance of the loss that would vanish on average if the input were known.""",
    "Total Sobol index": """
        The share that would be left if everything but the input were known. It is no smaller than the
        first-order
        index; what it has more are interactions with other inputs and with chance.""",
    "Choice of the inputs with indices of their own": """
        Those with the largest main effects in a first batch. The total index of all other inputs as one
        bounds
        what that choice has missed.""",
    "Value of information": """
        How much better the best alternative would be on average if an input were known before deciding: the
        expected value of perfect partial information. It is 0 for an input that cannot change which
        alternative
        is best, however much it moves the loss. The estimate errs upward; the dotted line says how much
        is chance.""",
    "95% confidence": """
        How exactly so many futures determine a figure. It says nothing about how well the model fits the
        world.""",
}
