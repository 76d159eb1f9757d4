"""What all parts of the report of a sensitivity analysis share."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sim.report.expected_tables import DECISION_TABLES, SENSITIVITY_TABLES, checked
from sim.report.input_names import WHETHER, InputName, input_name
from sim.report.language import message, say, say_many
from sim.report.leading_words import Leading, leading
from sim.report.names import Names, tidy
from sim.report.numbers import Money
from sim.report.seller_words import sales_in
from sim.report.words import NOTHING
from sim.risk.findings import Findings
from sim.risk.sensitivity_tables import INPUT, OTHER_INPUTS, PROCESS_NOISE
from sim.scenario.schema import Scenario

GROUPS = {
    OTHER_INPUTS: InputName(message("All other inputs"), message("as one")),
    PROCESS_NOISE: InputName(message("Chance"), message("no input explains it")),
}
NEGLIGIBLE = 0.005
"""Total Sobol index below which a factor is not said to move the loss."""


@dataclass(frozen=True)
class SensitivityContext:
    """Findings with names and units; ``decision`` is the summary of it, None if there is none."""

    scenario: Scenario
    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    money: Money
    decision: Mapping[str, Any] | None

    def name(self, factor: str) -> InputName:
        """What an input, or a group of factors, is called."""
        if factor in GROUPS:
            return InputName(say(GROUPS[factor].subject), say(GROUPS[factor].quantity))
        return input_name(self.scenario, self._names, factor)

    @cached_property
    def _names(self) -> Names:
        return Names(self.scenario, length=120)

    @property
    def maker(self) -> str:
        """Name of the maker whose loss is the output."""
        return Names(self.scenario, length=60).firm(str(self.summary["maker"]))

    @property
    def sales(self) -> str:
        """What its loss is a share of."""
        return sales_in(self.scenario, Names(self.scenario), str(self.summary["maker"]))

    @property
    def leads(self) -> Leading:
        """Words for the loss that is the output."""
        return leading(self.summary)

    @property
    def window(self) -> str:
        """The loss window in words."""
        length = int(self.summary["window_days"])
        shock = self.summary["shock"]
        when = (
            say("in the 12 months")
            if length in (365, 366)
            else say_many("in the {number} day", "in the {number} days", length)
        )
        if not shock:
            return when
        title = Names(self.scenario, length=80).intervention(str(shock))
        return say("{when} after “{title}”", when=when, title=title)

    @property
    def noise(self) -> pd.Series:
        """The row of the indices that tells of process noise."""
        table = self.tables["sobol"]
        return table[table["factor"] == PROCESS_NOISE].iloc[0]

    @property
    def mover(self) -> pd.Series | None:
        """The row of the input that moves the loss most, if one does."""
        table = self.tables["sobol"]
        own = table[table["kind"] == INPUT]
        return own.iloc[0] if len(own) and own["total_order"].iloc[0] >= NEGLIGIBLE else None

    @property
    def total_of_others(self) -> float:
        """Total index of all inputs that have none of their own, as one."""
        table = self.tables["sobol"]
        return float(table.loc[table["factor"] == OTHER_INPUTS, "total_order"].sum())

    @property
    def others_move(self) -> bool:
        """Whether these move the loss."""
        return self.total_of_others >= NEGLIGIBLE

    @property
    def is_constant(self) -> bool:
        """Whether the loss is the same in all futures."""
        return bool(self.tables["sobol"]["total_order"].max() <= 0.0)

    @property
    def is_moved_rarely(self) -> bool:
        """Whether an input moves the loss, but so rarely that no future that was drawn shows it."""
        return self.is_constant and bool((self.tables["tornado"]["reach"] >= NOTHING).any())

    @property
    def tornado_events(self) -> list[bool]:
        """Of each row of the tornado, whether it is answered by yes or no."""
        return [self.name(path).quantity.startswith(say(WHETHER)) for path in self.tables["tornado"]["input"]]

    @property
    def information(self) -> pd.DataFrame:
        """The table of what inputs are worth, and whether that is told from chance and from nothing."""
        table = self.tables["evpi"]
        chance = float((self.decision or {})["chance_evppi"])
        return table.assign(is_worth=(table["evppi"] > chance) & (table["ci_low"] > 0.0))

    @property
    def nothing_is_worth(self) -> bool:
        """Whether one alternative is best in all futures, so that no knowledge could change the choice."""
        return float((self.decision or {})["evpi"]["estimate"]) <= 0.0

    @property
    def alternative(self) -> str:
        """Title of the best alternative."""
        table, best = self.tables["alternatives"], (self.decision or {}).get("best")
        return tidy(str(table[table["alternative"] == best]["title"].iloc[0]))


def make_sensitivity_context(findings: Findings) -> SensitivityContext:
    """Check the findings and prepare what all parts of the report share.

    Raises
    ------
    ReportError
        If a table or a column is absent, or a number is missing where one must be.
    """
    decision = findings.summary["decision"]
    expected = SENSITIVITY_TABLES | (DECISION_TABLES if decision else {})
    return SensitivityContext(
        scenario=findings.scenario,
        manifest=findings.manifest,
        summary=findings.summary,
        tables={name: checked(findings.tables, name, expected) for name in expected},
        money=Money(findings.scenario.currency),
        decision=decision,
    )
