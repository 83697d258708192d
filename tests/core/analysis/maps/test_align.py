import numpy as np
import pytest

from core.analysis.maps.align import aligned


def turned(at, dims):
    """The same map turned, mirrored, scaled and shifted."""
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(dims, dims)))[0]
    turn[:, 0] *= -np.sign(np.linalg.det(turn))  # a reflection
    return at @ turn * 7 + np.arange(1, dims + 1)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_turned_mirrored_scaled_and_shifted_map_is_brought_back(dims):
    to = np.random.default_rng(0).normal(size=(50, dims)).astype(np.float32)
    found = aligned(turned(to, dims), to)
    assert found.dtype == np.float32
    assert found == pytest.approx(to, abs=1e-5)


def test_frames_are_each_laid_over_by_themselves():
    to = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    frames = np.stack([to * 1e-3, turned(to, 2)]).astype(np.float16)
    found = aligned(frames, to)
    assert found.shape == (2, 50, 2)
    assert found[1] == pytest.approx(to, abs=0.02)
    assert found[0] == pytest.approx(to, abs=0.02)


def test_only_common_points_decide_and_all_are_moved():
    random = np.random.default_rng(0)
    to = random.normal(size=(50, 2))
    at = turned(to, 2)[10:40]
    order = random.permutation(30)
    found = aligned(at[order], to, rows=np.arange(20), to_rows=10 + order[:20])
    assert found == pytest.approx(to[10 + order], abs=1e-5)


def test_no_similarity_comes_nearer():
    random = np.random.default_rng(0)
    to = random.normal(size=(40, 2))
    at = turned(to, 2) + random.normal(size=(40, 2))
    best = aligned(at, to)
    error = np.square(best - to).sum()
    for angle, scale in [(0.05, 1), (-0.05, 1), (0, 1.03), (0, 0.97)]:
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        other = (best - best.mean(axis=0)) @ turn * scale + best.mean(axis=0)
        assert np.square(other - to).sum() > error


def test_a_map_without_extent_is_only_shifted_and_strangers_are_refused():
    to = np.random.default_rng(0).normal(size=(5, 2))
    assert aligned(np.ones((5, 2)), to) == pytest.approx(np.tile(to.mean(axis=0), (5, 1)))
    with pytest.raises(ValueError, match="common points"):
        aligned(to[:3], to)
    with pytest.raises(ValueError, match="common points"):
        aligned(to, to, rows=np.array([], int), to_rows=np.array([], int))
