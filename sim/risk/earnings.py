"""What a maker earns in the scenario: the result of its account over all simulated days.

The account is that of every run (``docs/model.md``, a maker's account). Only what is counted differs: the
whole calendar, as what is bought ahead of a shock is paid ahead of it.
"""

import dataclasses

from sim.model.plan import Floats, Plan
from sim.risk.margins import BESIDE, entries_of, result_of
from sim.risk.outcomes import Outcome

RESULT = "result"
"""Name of what is earned, beside the entries that it is the sum of."""
_NO_SHOCK = -1


def accounted(plan: Plan) -> Plan:
    """The plan with accounts, and with a window that is the whole calendar.

    What happens and to whom is left as it is: of the shock, only where the window begins.

    Parameters
    ----------
    plan
        A plan, compiled.
    """
    return dataclasses.replace(plan, keeps_account=True, shock=_NO_SHOCK, window_days=plan.days)


def earnings(plan: Plan, outcomes: Outcome, maker: str) -> dict[str, Floats]:
    """What the maker earns in the scenario of each replication.

    Parameters
    ----------
    plan
        What :func:`accounted` made of a plan.
    outcomes
        Of its batch.
    maker
        Id of a maker of the headline.

    Returns
    -------
    dict
        ``[replication]`` of money: each entry that is part of the result, as in the table ``account`` (costs
        are below 0), and the ``result``.
    """
    position = plan.labels.makers.index(maker)
    entries = entries_of(plan, outcomes, position)
    return {
        **{name: amounts[:, 0] for name, part, amounts in entries if part != BESIDE},
        RESULT: result_of(plan, outcomes, position)[:, 0],
    }
