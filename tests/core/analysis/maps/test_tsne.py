import numpy as np
import pytest

from core.analysis.maps import tsne
from core.analysis.maps.base import FRAMES
from core.errors import BadInput
from tests.core.analysis.maps.blobs import blobs, purity

QUICK = {"perplexity": 10, "iterations": 100, "exaggeration_iterations": 50}
SHORT = {"perplexity": 10, "iterations": 40, "exaggeration_iterations": 30}


def fit(vectors, dims=2, quick=QUICK, **options):
    settings = {name: options.pop(name) for name in list(options) if name in QUICK_NAMES}
    return tsne.fit(vectors, tsne.Settings(**{**quick, **settings}), dims, **options)


QUICK_NAMES = set(tsne.Settings.model_fields)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("initialisation", ["pca", "random", "spectral"])
def test_clouds_that_are_apart_stay_apart(dims, initialisation):
    vectors, y = blobs()
    found = fit(vectors, dims, initialisation=initialisation)
    assert found.at.shape == (120, dims)
    assert found.at.dtype == np.float32
    assert purity(found.at, y) == 1
    assert found.facts["initialisation"] == initialisation
    assert 0 < found.facts["kl_divergence"] < 1
    assert found.facts["iterations"] == 150


def test_near_can_mean_other_things():
    vectors, _ = blobs(apart=3)
    made = {metric: fit(vectors, metric=metric).at for metric in ("euclidean", "manhattan")}
    assert not np.array_equal(made["euclidean"], made["manhattan"])
    longer = vectors * 2.0 ** np.arange(120)[:, None].clip(0, 20).astype(np.float32)
    options = {"metric": "cosine", "initialisation": "random"}
    assert np.array_equal(fit(longer, **options).at, fit(vectors, **options).at)


def test_the_same_seed_gives_the_same_map_to_the_bit():
    vectors, _ = blobs()
    one, same, other = (fit(vectors, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.at, same.at)
    assert np.array_equal(one.frames, same.frames)
    assert not np.array_equal(one.at, other.at)


def test_many_points_repel_each_other_through_a_field_as_they_do_through_a_tree(monkeypatch):
    vectors, y = blobs()
    through_tree = fit(vectors, quick=SHORT)
    monkeypatch.setattr(tsne, "TREE_UP_TO", 50)
    one, same = (fit(vectors, quick=SHORT) for _ in range(2))
    assert np.array_equal(one.at, same.at)
    assert not np.array_equal(one.at, through_tree.at)
    assert purity(one.at, y) == 1
    expected = through_tree.facts["kl_divergence"]
    assert one.facts["kl_divergence"] == pytest.approx(expected, rel=0.1)


def test_the_film_begins_at_the_initialisation_and_ends_at_the_map():
    vectors, _ = blobs()
    seen = []
    found = fit(vectors, watch=lambda step, at: seen.append((step, at)))
    assert found.frames.dtype == np.float16
    assert found.steps.dtype == np.int32
    assert 20 < len(found.frames) == len(found.steps) <= FRAMES
    assert found.steps[0] == 0
    assert found.steps[-1] == 150
    assert (np.diff(found.steps) > 0).all()
    # The start is the plane of most variance, made small.
    centred = vectors - vectors.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    first = found.frames[0].astype(np.float64)
    assert abs(np.corrcoef(first[:, 0], centred @ axis)[0, 1]) > 0.999
    assert first.std(axis=0).max() == pytest.approx(1e-4, rel=0.01)
    assert np.array_equal(found.frames[-1], found.at.astype(np.float16))
    assert found.at.mean(axis=0) == pytest.approx(np.zeros(2), abs=1e-4)
    assert [step for step, _ in seen] == found.steps.tolist()
    assert np.array_equal(seen[-1][1], found.at)


def test_progress_is_told_and_can_end_the_work():
    vectors, _ = blobs()
    told = []
    fit(vectors, progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.2
    assert shares[-1] > 0.95
    assert any("of 150" in text for _, text in told)

    def give_up(share, text):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(vectors, progress=give_up)


def test_a_map_that_goes_on_from_another_begins_there_with_half_the_iterations():
    vectors, y = blobs()
    before = fit(vectors).at
    after = fit(vectors, start=before)
    assert after.steps[-1] == 75
    assert after.facts["initialisation"] == "an earlier map"
    first = after.frames[0].astype(np.float64).ravel()
    assert np.corrcoef(first, before.ravel())[0, 1] > 0.999
    assert purity(after.at, y) == 1


@pytest.mark.parametrize(("dims", "through"), [(2, "tree"), (3, "tree"), (2, "field")])
def test_known_points_are_placed_near_themselves_and_the_map_stands_still(
    dims, through, monkeypatch
):
    vectors, _ = blobs()
    found, settings = fit(vectors, dims), tsne.Settings(**QUICK)
    if through == "field":
        monkeypatch.setattr(tsne, "TREE_UP_TO", 50)
    kept = found.at.copy()
    placed = tsne.place(vectors, found, settings, vectors[::10])
    again = tsne.place(vectors, found, settings, vectors[::10])
    alone = tsne.place(vectors, found, settings, vectors[:1])
    assert np.array_equal(found.at, kept)
    assert np.array_equal(placed, again)
    assert alone[0] == pytest.approx(placed[0], abs=1e-3)
    assert placed.dtype == np.float32
    width = np.ptp(found.at, axis=0).max()
    away = np.linalg.norm(placed - found.at[::10], axis=1)
    assert np.median(away) < 0.03 * width
    assert away.max() < 0.15 * width
    assert tsne.place(vectors, found, settings, vectors[:0]).shape == (0, dims)


def test_a_map_read_from_a_file_places_the_same():
    vectors, _ = blobs(d=60)
    found, settings = fit(vectors), tsne.Settings(**QUICK)
    assert found.facts["reduced_to"] == 50
    kept = type(found)(found.at.copy(), state=dict(found.state))
    new = vectors[:5] + 0.1
    placed = tsne.place(vectors, found, settings, new)
    assert np.array_equal(tsne.place(vectors, kept, settings, new), placed)


def test_equal_points_and_single_numbers_are_mapped():
    vectors, _ = blobs(each=10)
    twins = np.repeat(vectors, 4, axis=0)
    assert np.isfinite(fit(twins).at).all()
    line = fit(np.arange(100, dtype=np.float32)[:, None])
    assert np.isfinite(line.at).all()
    with pytest.raises(BadInput, match="no direction"):
        fit(vectors[:, :1], metric="cosine", perplexity=5)


@pytest.mark.parametrize(("n", "most"), [(40, 13), (91, 30), (10, 3), (7, 2)])
def test_the_perplexity_is_at_most_a_third_of_the_others(n, most):
    tsne.check(tsne.Settings(perplexity=most), n, 5, 2)
    with pytest.raises(BadInput, match=f"perplexity: {n} points allow at most {most}") as wrong:
        tsne.check(tsne.Settings(perplexity=most + 0.5), n, 5, 2)
    assert list(wrong.value.fields) == ["perplexity"]


def test_six_points_are_too_few():
    with pytest.raises(BadInput, match="at least 7 points"):
        tsne.check(tsne.Settings(perplexity=2), 6, 5, 2)
