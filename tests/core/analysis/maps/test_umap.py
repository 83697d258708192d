"""All of UMAP's tests, in one process: it is compiled there once."""

import numpy as np
import pytest

from core.analysis.maps import umap
from core.analysis.maps.base import FRAMES
from core.errors import BadInput
from tests.core.analysis.maps.blobs import blobs, purity


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    told = []
    umap.warm_up(lambda share, text: told.append(share))
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)


def fit(vectors, dims=2, start=None, progress=None, watch=None, **settings):
    chosen = umap.Settings(**{"n_neighbors": 10, "epochs": 100, **settings})
    return umap.fit(vectors, chosen, dims, start=start, progress=progress, watch=watch)


@pytest.mark.parametrize("dims", [2, 3])
def test_clouds_that_are_apart_stay_apart(dims):
    vectors, y = blobs()
    found = fit(vectors, dims)
    assert found.at.shape == (120, dims)
    assert found.at.dtype == np.float32
    assert purity(found.at, y) == 1
    assert found.at.mean(axis=0) == pytest.approx(np.zeros(dims), abs=1e-5)
    assert found.facts == {"epochs": 100, "initialisation": "spectral", "parts": 3}


def test_near_can_mean_other_things():
    vectors, _ = blobs(apart=3)
    made = {metric: fit(vectors, metric=metric).at for metric in ("euclidean", "manhattan")}
    assert not np.array_equal(made["euclidean"], made["manhattan"])
    longer = vectors * 2.0 ** np.arange(120)[:, None].clip(0, 20).astype(np.float32)
    by_angle = fit(vectors, metric="cosine", epochs=20).at
    assert np.array_equal(fit(longer, metric="cosine", epochs=20).at, by_angle)


def test_the_same_seed_gives_the_same_map_to_the_bit():
    vectors, _ = blobs(apart=3)
    one, same, other = (fit(vectors, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.at, same.at)
    assert np.array_equal(one.frames, same.frames)
    assert not np.array_equal(one.at, other.at)


def test_the_film_begins_at_the_initialisation_and_ends_at_the_map():
    vectors, _ = blobs(apart=3)
    seen = []
    found = fit(vectors, watch=lambda step, at: seen.append((step, at)))
    assert found.frames.dtype == np.float16
    assert 20 < len(found.frames) == len(found.steps) <= FRAMES
    assert found.steps[0] == 0
    assert found.steps[-1] == 100
    assert (np.diff(found.steps) > 0).all()
    assert np.array_equal(found.frames[-1], found.at.astype(np.float16))
    assert np.ptp(found.frames[0].astype(np.float64), axis=0) == pytest.approx([10, 10], abs=0.05)
    moves = np.abs(np.diff(found.frames.astype(np.float64), axis=0)).mean(axis=(1, 2))
    assert moves[0] > moves[-1] > 0  # the library's steps fall to nothing
    assert [step for step, _ in seen] == [0, 100]
    assert np.array_equal(seen[1][1], found.at)


def test_every_epoch_is_told_and_can_end_the_work():
    vectors, _ = blobs()
    told = []
    fit(vectors, progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert {f"Epoch {k} of 100" for k in range(1, 101)} <= {text for _, text in told}

    def give_up(share, text):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(vectors, progress=give_up)


def test_a_map_that_goes_on_from_another_begins_there_with_half_the_epochs():
    vectors, y = blobs()
    before = fit(vectors).at
    after = fit(vectors, start=before)
    assert after.steps[-1] == 50
    assert after.facts["initialisation"] == "an earlier map"
    first = after.frames[0].astype(np.float64)
    for axis in range(2):
        assert np.corrcoef(first[:, axis], before[:, axis])[0, 1] > 0.999
    assert purity(after.at, y) == 1


@pytest.mark.parametrize("dims", [2, 3])
def test_known_points_are_placed_near_themselves_and_the_map_stands_still(dims):
    vectors, _ = blobs()
    found, settings = fit(vectors, dims), umap.Settings(n_neighbors=10, epochs=100)
    kept = found.at.copy()
    placed = umap.place(vectors, found, settings, vectors[::10])
    assert np.array_equal(found.at, kept)
    assert placed.dtype == np.float32
    width = np.ptp(found.at, axis=0).max()
    away = np.linalg.norm(placed - found.at[::10], axis=1)
    assert np.median(away) < 0.06 * width  # clouds of 40 points are a sixth of the map wide
    assert away.max() < 0.12 * width
    assert umap.place(vectors, found, settings, vectors[:0]).shape == (0, dims)
    assert np.array_equal(umap.place(vectors, found, settings, vectors), found.at)


def test_a_map_read_from_a_file_places_the_same():
    vectors, _ = blobs(d=60)
    found, settings = fit(vectors), umap.Settings(n_neighbors=10, epochs=100)
    assert found.facts["reduced_to"] == 50
    kept = type(found)(found.at.copy(), state=dict(found.state))
    new = vectors[:5] + 0.1
    placed = umap.place(vectors, found, settings, new)
    assert np.array_equal(umap.place(vectors, kept, settings, new), placed)


@pytest.mark.parametrize(
    "vectors",
    [
        np.repeat(blobs(each=2)[0], 20, axis=0),  # equal points
        np.concatenate([blobs(each=8, seed=k)[0] + 1000 * k for k in range(3)]),  # nine pieces
        blobs(each=4)[0],  # too few for a spectral start
        np.arange(100, dtype=np.float32)[:, None],  # single numbers
    ],
)
def test_awkward_points_are_mapped(vectors):
    found = fit(vectors, n_neighbors=5, epochs=20)
    assert np.isfinite(found.at).all()
    assert np.ptp(found.at, axis=0).min() > 0


def test_a_small_minimal_distance_packs_groups_tight():
    vectors, y = blobs()
    widths = []
    for min_dist in (0.0, 0.99):
        at = fit(vectors, min_dist=min_dist).at
        near = [np.linalg.norm(at[y == k, None] - at[y == k], axis=2) for k in range(3)]
        widths.append(np.mean([np.sort(apart, axis=1)[:, 1].mean() for apart in near]))
    assert widths[0] < widths[1] / 2


def test_without_a_spectral_start_points_begin_anywhere_and_it_is_said(monkeypatch):
    vectors, y = blobs()
    assert fit(blobs(each=4)[0], n_neighbors=5).facts["initialisation"] == "random"
    monkeypatch.setattr("umap.umap_.spectral_layout", lambda *_, **__: np.zeros((120, 2)))
    found = fit(vectors)
    assert found.facts["initialisation"] == "random"
    assert purity(found.at, y) == 1


def test_a_start_without_extent_is_none():
    vectors, _ = blobs()
    found = fit(vectors, start=np.zeros((120, 2), np.float32))
    assert found.facts["initialisation"] == "spectral"


def test_a_point_has_no_more_neighbours_than_there_are_others():
    umap.check(umap.Settings(n_neighbors=9), 10, 5, 2)
    with pytest.raises(BadInput, match="n_neighbors: 10 points have at most 9 neighbours") as wrong:
        umap.check(umap.Settings(n_neighbors=10), 10, 5, 2)
    assert list(wrong.value.fields) == ["n_neighbors"]
    with pytest.raises(BadInput, match="no direction"):
        umap.check(umap.Settings(metric="cosine"), 100, 1, 2)


def test_automatic_epochs_are_fewer_for_many_points():
    from core.analysis.maps.umap import _epochs

    automatic = umap.Settings()
    assert _epochs(automatic, 10_000, 1.0) == 250
    assert _epochs(automatic, 10_001, 1.0) == 200
    assert _epochs(umap.Settings(epochs=7), 10_001, 1.0) == 7
