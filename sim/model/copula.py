"""How a scenario has its uncertain numbers sampled: the method, and what hangs together."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from sim.errors import Problem, ScenarioError, first_problems
from sim.model.plan import Floats, Sampling
from sim.scenario.schema import AnalysisSettings, Correlation
from sim.scenario.shapes import nearest


def sampling_of(analysis: AnalysisSettings, inputs: Sequence[str]) -> Sampling:
    """Method of sampling and Gaussian copula of the uncertain inputs [1]_.

    Parameters
    ----------
    analysis
        What the scenario says of it.
    inputs
        Paths of the uncertain numbers.

    Raises
    ------
    ScenarioError
        If a correlation is not between two uncertain numbers, is told twice, or contradicts others.

    References
    ----------
    .. [1] Nelsen, *An Introduction to Copulas*, 2nd ed. (2006), sec. 2.3 and 5.1.2.
    """
    problems = first_problems(_problems(analysis.correlations, inputs))
    if problems:
        raise ScenarioError(problems)
    paths = {path for entry in analysis.correlations for path in entry.between}
    correlated = [index for index, path in enumerate(inputs) if path in paths]
    factor = _factor(_matrix(analysis.correlations, [inputs[index] for index in correlated]))
    if factor is None:
        found = "analysis.correlations: found rank correlations that contradict each other"
        allowed = "allowed: a positive definite matrix, for example numbers nearer to 0"
        raise ScenarioError([Problem(f"{found}; {allowed}")])
    return Sampling(analysis.sampling, np.array(correlated, dtype=np.int64), factor)


def _problems(correlations: Sequence[Correlation], inputs: Sequence[str]) -> Iterator[Problem]:
    known, seen = set(inputs), set[frozenset[str]]()
    for place, entry in enumerate(correlations):
        where = f"analysis.correlations.{place}.between"
        for path in entry.between:
            if path not in known:
                yield Problem(
                    f"{where}: found {path!r}; allowed: the path of a distribution that fills a number once "
                    f"a replication{nearest(path, inputs)}"
                )
        pair = frozenset(entry.between)
        if len(pair) == 1 or pair in seen:
            told = "a number and itself" if len(pair) == 1 else "a pair that is there already"
            yield Problem(f"{where}: found {told}; allowed: each pair of numbers once")
        seen.add(pair)


def _matrix(correlations: Sequence[Correlation], paths: Sequence[str]) -> Floats:
    """Correlations of normal numbers whose ranks have given ones: 2 sin(pi r / 6)."""
    matrix = np.eye(len(paths))
    position = {path: index for index, path in enumerate(paths)}
    for entry in correlations:
        one, other = (position[path] for path in entry.between)
        matrix[one, other] = matrix[other, one] = 2.0 * math.sin(math.pi * entry.rank_correlation / 6.0)
    return matrix


def _factor(matrix: Floats) -> Floats | None:
    """Cholesky factor; None if the matrix is not positive definite [1]_.

    Column by column, in an order that no processor changes, as that of a library for linear algebra may be.

    References
    ----------
    .. [1] Golub & Van Loan, *Matrix Computations*, 4th ed., sec. 4.2.5: the outer product version.

    Examples
    --------
    >>> _factor(np.array([[4.0, 2.0], [2.0, 10.0]]))
    array([[2., 0.],
           [1., 3.]])
    """
    left, factor = matrix.copy(), np.zeros_like(matrix)
    for column in range(len(matrix)):
        if not left[column, column] > 0.0:
            return None
        rows = column + np.flatnonzero(left[column:, column])
        factor[rows, column] = left[rows, column] / math.sqrt(left[column, column])
        below = factor[rows, column]
        left[np.ix_(rows, rows)] -= below[:, None] * below[None, :]
    return factor
