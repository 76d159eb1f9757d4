"""A batch of scenarios, run and compared."""

from collections.abc import Callable
from pathlib import Path

from sim.face.folders import open as open_folder
from sim.face.options import workers_of
from sim.face.results import ComparisonResult
from sim.montecarlo.workers import silent
from sim.stories import batch as batch_story
from sim.stories.durable import Execution


def batch(
    plan: str | Path,
    out: str | Path | None = None,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> ComparisonResult:
    """Run every scenario that a file lists, each in its own folder, and compare them.

    What is finished already stays; what was cut off goes on.

    Parameters
    ----------
    plan
        A YAML file (``docs/scenario-format.md``, batches).
    out
        What holds the folders; default: among the results, by its name.
    workers, progress
        As for :func:`sim.run`.

    Raises
    ------
    ScenarioError
        If the file or a scenario cannot be used.
    ResultError
        If a folder holds something else.

    Examples
    --------
    >>> import sim, tempfile
    >>> from pathlib import Path
    >>> folder, file = Path(tempfile.mkdtemp()), Path("scenarios/first-scenario.yaml").resolve()
    >>> thick = "{file: FILE, set: {stock_points.controllers.policy.cover_days: 120}}"
    >>> plan = "{name: stock, replications: 16, scenarios: {plain: {file: FILE}, thick: THICK}}"
    >>> text = plan.replace("THICK", thick).replace("FILE", str(file))
    >>> _ = (folder / "plan.yaml").write_text(text)
    >>> found = sim.batch(folder / "plan.yaml", folder / "out")
    >>> bool(found.difference("thick", "plain", "velo") < 0)
    True
    """
    execution = Execution(workers=workers_of(workers), progress=progress or silent)
    folder = [step.carry_out(execution) for step in batch_story.steps(batch_story.prepared(plan), out)][-1]
    found = open_folder(folder)
    assert isinstance(found, ComparisonResult)  # noqa: S101 - that is the last step of a batch
    return found
