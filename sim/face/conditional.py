"""A run, told of the futures in which events turn out in one way."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.errors import ResultError
from sim.face.estimates import EstimatedNumber, LossFigures, estimated_from, in_short
from sim.face.named import unknown
from sim.risk.leading import TABLES
from sim.risk.replicated import estimators_among
from sim.risk.summary import distribution
from sim.risk.tail import CONFIDENCE, probability_estimate
from sim.risk.unseen import LOSS_SHARES, Bounds
from sim.scenario.counting import counted

if TYPE_CHECKING:
    from sim.face.results import RunResult


class ConditionalResult:
    """What :meth:`RunResult.given` returns: the futures of a run in which events turn out so.

    Parameters
    ----------
    run
        Of which run.
    conditions
        Paths of the events, and whether they happen.

    Attributes
    ----------
    run, conditions
        As given.
    among
        A series of yes or no by replication: which futures these are.
    """

    def __init__(self, run: "RunResult", conditions: tuple[tuple[str, bool], ...]) -> None:
        self.run = run
        self.conditions = conditions
        self.among = pd.Series(True, index=run.events.index)
        for event, happens in conditions:
            self.among &= run.events[event] == happens

    @property
    def replications(self) -> int:
        """Number of these futures."""
        return int(self.among.sum())

    @property
    def share(self) -> EstimatedNumber:
        """Their share of all futures."""
        found = probability_estimate(self.among)
        return estimated_from(found.estimate, found.ci_low, found.ci_high, CONFIDENCE)

    def given(self, event: str, happens: bool = True) -> "ConditionalResult":
        """Those of them in which another event happens too, or does not: as :meth:`RunResult.given`."""
        path = _event_named(event, [str(column) for column in self.run.events])
        found = ConditionalResult(self.run, (*self.conditions, (path, happens)))
        if not found.replications:
            raise ResultError(
                f"found no future in which {found._told()}; allowed: what happens "
                "in one at least. Simulate more, or change its probability"
            )
        return found

    def loss(self, maker: str, of: str = "revenue") -> LossFigures:
        """The loss of a maker in the window in these futures, in the scenario's currency.

        Parameters
        ----------
        maker, of
            As for :meth:`RunResult.loss`.

        Raises
        ------
        UnknownNameError
            If it is no maker of the headline, or there is no such loss.
        """
        rows = self._rows(maker, of)
        bounds = Bounds(0.0, float(rows["revenue_counterfactual"].max()))
        return self._figures(maker, rows["loss"], self.run.summary["currency"], bounds)

    def loss_share(self, maker: str, of: str = "revenue") -> LossFigures:
        """The same as a share of the revenue without the shock.

        Raises
        ------
        UnknownNameError
            If it is no maker of the headline, or there is no such loss.
        """
        return self._figures(maker, self._rows(maker, of)["loss_share"], "share of revenue", LOSS_SHARES)

    def _rows(self, maker: str, of: str) -> pd.DataFrame:
        if maker not in self.run.makers:
            raise unknown(maker, "maker", self.run.makers)
        kept = {loss: name for loss, name in TABLES.items() if name in self.run.tables}
        if of not in kept:
            raise unknown(of, "loss", kept)
        table = self.run.tables[kept[of]]
        return table[(table["maker"] == maker) & table["replication"].map(self.among)]

    def _figures(self, maker: str, losses: "pd.Series[Any]", unit: str, bounds: Bounds) -> LossFigures:
        estimators = estimators_among(str(self.run.summary["sampling"]), self.among)
        told = {
            name: estimated_from(figure.estimate, figure.ci_low, figure.ci_high, CONFIDENCE)
            for name, figure in distribution(losses.to_numpy(np.float64), estimators, bounds).items()
        }
        return LossFigures(maker, unit, median=told.pop("p50"), **told)

    def _told(self) -> str:
        return " and ".join(f"{event} is {'yes' if happens else 'no'}" for event, happens in self.conditions)

    def __repr__(self) -> str:
        whole = counted(self.run.replications, "future")
        leads = self.run.headline
        lines = (f"  {maker}: {in_short(self.loss_share(maker, leads))}" for maker in self.run.makers)
        return "\n".join([f"{self.replications:,} of {whole}, in which {self._told()}:", *lines])


def _event_named(name: object, events: Sequence[str]) -> str:
    """The path of the event that is meant by a path, the end of one, or the id of an intervention."""
    inside = "interventions."
    meant = [path for path in events if name in (path, path.removeprefix(inside))]
    meant = meant or [path for path in events if path.startswith(f"{inside}{name}.")]
    if len(meant) != 1:
        raise unknown(name, "single event" if meant else "event", meant or events)
    return meant[0]
