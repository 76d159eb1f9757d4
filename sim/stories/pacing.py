"""Progress of work whose later parts depend on what earlier ones find."""

from sim.montecarlo.batches import Batches


class Pace:
    """Has batches tell, for each phase of a work, as many steps as were announced, whatever it takes.

    Parameters
    ----------
    batches
        Whose progress is told so from now on.
    """

    def __init__(self, batches: Batches) -> None:
        self._tell = batches.progress
        self._left = 0
        batches.progress = self._done

    def begin(self, steps: int) -> None:
        """Begin a phase of so many steps; those that are left of the one before count as done."""
        self._tell(self._left)
        self._left = steps

    def _done(self, steps: int) -> None:
        told = min(steps, self._left)
        self._left -= told
        self._tell(told)
