"""What is said of codes that are made to have known answers, and of who lies nearest to whom."""

import numpy as np
import pytest

from core.analysis import codes
from core.analysis.neighbours import distances, nearest


def made(n: int = 4000) -> np.ndarray:
    """Five units: wide, its mirror, a ReLU that fires for one example in four, one that never does, a constant."""
    random = np.random.default_rng(0)
    wide = random.standard_normal(n)
    fires = np.where(np.arange(n) % 4 == 0, 2.0, 0.0)
    return np.stack([wide, -2 * wide, fires, np.zeros(n), np.full(n, 0.3)], 1).astype(np.float32)


def test_each_unit_is_described():
    found = codes.statistics(made(), 20)
    assert found["std"] == pytest.approx(made().std(0), rel=1e-5, abs=1e-6)
    assert found["mean"] == pytest.approx(made().mean(0), abs=1e-6)
    assert found["dead"].tolist() == [False, False, False, True, True]
    assert found["order"][:3].tolist() == [1, 0, 2]
    # The largest size is some seven: a tenth of it is below the 2 that one in four examples has.
    assert found["share_active"][2:].tolist() == [0.25, 0, 0]
    assert 0 < found["share_active"][0] < found["share_active"][1] < 1


def test_every_example_is_in_one_bin_of_each_unit():
    found = codes.statistics(made(), 20)
    assert found["counts"].shape == (5, 20)
    assert (found["counts"].sum(1) == 4000).all()
    assert (found["counts"][3] > 0).sum() == 1
    assert found["edges"][[0, -1]] == pytest.approx([made().min(), made().max()])


def test_a_constant_unit_correlates_with_nothing():
    found = codes.statistics(made(), 20)["correlation"]
    assert found[:3, :3] == pytest.approx(np.corrcoef(made()[:, :3].T), abs=1e-5)
    assert not found[3:].any()
    assert not found[:, 3:].any()


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_a_code_that_says_nothing_is_dead_throughout(value):
    found = codes.statistics(np.full((50, 3), value, np.float32), 5)
    assert found["dead"].all()
    assert not found["correlation"].any()
    assert (found["counts"].sum(1) == 50).all()
    assert all(np.isfinite(array).all() for array in found.values())


def test_distances_are_those_of_brute_force_in_data_units():
    x = np.random.default_rng(0).integers(0, 256, (2100, 1, 3, 4)).astype(np.uint8)
    found = distances(x, x[5])
    expected = [np.sqrt(((image / 255 - x[5] / 255) ** 2).sum()) for image in x]
    assert found == pytest.approx(expected, rel=1e-5)
    assert distances(x.astype(np.float32), x[5].astype(np.float32)) == pytest.approx(
        255 * found, rel=1e-5
    )


def test_the_nearest_come_first_and_of_equals_the_earlier_row():
    assert nearest(np.array([3.0, 1.0, 2.0, 1.0]), 3).tolist() == [1, 3, 2]
    assert nearest(np.array([3.0, 1.0]), 9).tolist() == [1, 0]
