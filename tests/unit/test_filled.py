"""Finding what large arrays hold that are nearly all zeros."""

import numpy as np
import pytest

from sim.montecarlo import filled
from sim.montecarlo.filled import few_filled, filled_in


@pytest.mark.parametrize("piece", [1, 100, 10**6])
@pytest.mark.parametrize("shape", [(3, 400), (3, 40, 10), (3, 2, 20, 10), (3, 400, 1)])
def test_filled_places_are_found_however_an_array_is_looked_over(monkeypatch, piece, shape):
    monkeypatch.setattr(filled, "PIECE", piece)
    flat = np.zeros((shape[0], 400))
    flat[1, [0, 13, 399]] = 1.0, -0.0, np.nan
    values = flat.reshape(shape)
    for laid_out in (values, np.moveaxis(np.moveaxis(values, 0, -1).copy(), -1, 0)):
        places = few_filled(laid_out)
        assert places is not None
        assert places.tolist() == [0, 13, 399]
        np.testing.assert_array_equal(filled_in(laid_out, places), flat[:, places].T)
    flat[2, ::15] = 1.0
    assert few_filled(values) is None
