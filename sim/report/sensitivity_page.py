"""The report of a sensitivity analysis: one HTML file in the style of the report of a run."""

from sim.report.language import message, say, say_many
from sim.report.leading_words import LOSS_OF_MARGIN
from sim.report.names import tidy, within
from sim.report.numbers import percent, percent_range
from sim.report.page import reproduction
from sim.report.page_parts import Card, Line, Page
from sim.report.sensitivity_context import SensitivityContext, make_sensitivity_context
from sim.report.sensitivity_sections import sections
from sim.report.sensitivity_words import answer, caution
from sim.report.style import BLUE, GREEN
from sim.report.words import in_turn
from sim.risk.findings import Findings
from sim.risk.sensitivity_tables import INPUT


def page_of_sensitivity(findings: Findings) -> Page:
    """Everything that the page shows, in words and figures.

    Parameters
    ----------
    findings
        What :func:`sim.stories.sensitivity.run` returned.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing or infinite where one must be.
    """
    context = make_sensitivity_context(findings)
    decided = [] if context.decision is None else [_decision_card(context)]
    simulations, count = (int(context.summary[key]) for key in ("simulations", "inputs"))
    return Page(
        title=say("Sensitivity: {title}", title=tidy(context.scenario.title)),
        question=_question(context),
        description="",
        answer=answer(context),
        cards=[_loss_card(context), *decided],
        reading=say(
            "{inputs}, {futures_run}. What the model leaves out, and assumptions given as single values, are "
            "in no figure.",
            inputs=say_many("{number} uncertain input", "{number} uncertain inputs", count),
            futures_run=say_many("{number} simulated future", "{number} simulated futures", simulations),
        ),
        sections=sections(context),
        methods=[(say(term), say(text)) for term, text in _terms(context).items()],
        reproduction=reproduction(context.scenario, context.manifest),
        command=tidy(str(context.manifest.get("command", ""))),
    )


def answer_of(findings: Findings) -> str:
    """What to find out first, in a paragraph, and where so few rows tell little, that it is so.

    Raises
    ------
    ReportError
        If the findings are not whole.
    """
    context = make_sensitivity_context(findings)
    return in_turn([answer(context)[0], caution(context)])


def _question(context: SensitivityContext) -> str:
    maker = within(context.maker)
    loss = (
        say("{maker}’s loss of contribution margin", maker=maker)
        if context.leads.is_margin
        else say("{maker}’s loss", maker=maker)
    )
    if context.decision is None:
        return say("Which uncertain numbers move {loss}, and which should be found out first?", loss=loss)
    return say(
        "Which uncertain numbers move {loss}, and which should be found out first, to decide on “{title}”?",
        loss=loss,
        title=tidy(context.decision["title"]).rstrip(".?"),
    )


def _loss_card(context: SensitivityContext) -> Card:
    spread = context.summary["loss_share"]
    return Card(
        maker=context.maker,
        colour=BLUE,
        headline=Line(
            say(
                "of {sales} lost{as_margin} {when} (mean)",
                sales=context.sales,
                as_margin=context.leads.form,
                when=context.window,
            ),
            percent(spread["mean"]["estimate"], 1),
            say("5–95% of futures: {range}", range=percent_range(spread["p05"], spread["p95"], 1)),
        ),
        lines=_variance_lines(context),
    )


def _variance_lines(context: SensitivityContext) -> tuple[Line, ...]:
    """Where the variance comes from, if there is any."""
    if context.is_constant:
        return (
            Line(say("Variance between futures"), say("none"), say("the loss is the same in all of them")),
        )
    noise, table = context.noise, context.tables["sobol"]
    own = table[table["kind"] == INPUT]
    return (
        Line(
            say("Variance that is chance"),
            percent(float(noise["total_order"])),
            say(
                "what no input explains; 95% confidence: {range}",
                range=percent_range(float(noise["total_order_ci_low"]), float(noise["total_order_ci_high"])),
            ),
        ),
        Line(
            say("Variance that single inputs explain"),
            percent(min(float(own["first_order"].sum()), 1.0)),
            say_many("sum of {number} first-order index", "sum of {number} first-order indices", len(own)),
        ),
    )


def _decision_card(context: SensitivityContext) -> Card:
    table, decision = context.tables["alternatives"], context.decision or {}
    best = table[table["alternative"] == decision["best"]].iloc[0]
    top, everything = context.information.iloc[0], decision["evpi"]
    return Card(
        maker=tidy(decision["title"]),
        colour=GREEN,
        headline=Line(
            say("earned with the best alternative (mean): “{title}”", title=context.alternative),
            context.money.text(float(best["value"])),
            say("best in {share} of futures", share=percent(float(best["share_best"]))),
        ),
        lines=(
            Line(
                say("Most worth knowing of all inputs"),
                context.money.text(float(top["evppi"])) if top["is_worth"] else say("none"),
                context.name(top["input"]).text
                if top["is_worth"]
                else say("no input by itself changes what is best"),
            ),
            Line(
                say("To know the whole future"),
                context.money.text(everything["estimate"]),
                say("chance included: an upper limit of what can be found out"),
            ),
        ),
    )


def _terms(context: SensitivityContext) -> dict[str, str]:
    return ({_LOSS_OF_MARGIN: LOSS_OF_MARGIN} if context.leads.is_margin else {}) | _TERMS


_LOSS_OF_MARGIN = message("Loss of contribution margin")
_TERMS = {
    message("Input and chance"): message(
        "An input is a number that the scenario gives as a distribution because nobody knows it yet: it is "
        "drawn once a future. An event that happens or not is an input too: whether a rule comes, a licence "
        "is granted to a supplier, a supplier does more than a rule asks. Chance is all else that differs "
        "between futures: demand of each day, lead times of shipments, failures that come and go. Inputs can "
        "be found out; chance cannot."
    ),
    message("Tornado"): message(
        "The mean loss with one input in the lowest and in the highest tenth of its distribution (an event: "
        "with no and with yes), all else as it comes. So nothing is held at a median at which nothing may "
        "happen, and an effect that needs a second input is seen as often as that comes."
    ),
    message("First-order Sobol index (alone)"): message(
        "The share of the variance of the loss that would vanish on average if the input were known."
    ),
    message("Total Sobol index"): message(
        "The share that would be left if everything but the input were known. It is no smaller than the "
        "first-order index; what it has more are interactions with other inputs and with chance."
    ),
    message("Choice of the inputs with indices of their own"): message(
        "Those with the largest main effects in a first batch. The total index of all other inputs as one "
        "bounds what that choice has missed."
    ),
    message("Value of an alternative"): message(
        "What the maker earns in the scenario: the result of its account over all simulated days, less the "
        "cost that the scenario states. Losses against a world without the shock do not enter: who sells "
        "nothing loses nothing, and earns nothing. Stock counts at what was paid for it."
    ),
    message("Value of information"): message(
        "How much better the best alternative would be on average if an input were known before deciding: "
        "the expected value of perfect partial information. It is 0 for an input that cannot change which "
        "alternative is best, however much it moves the loss, and never above what it is worth to know the "
        "whole future. It is what rules that look at the input alone earn in futures that they were not "
        "learnt from."
    ),
    message("95% confidence"): message(
        "How exactly so many futures determine a figure. It says nothing about how well the model fits the "
        "world."
    ),
}
