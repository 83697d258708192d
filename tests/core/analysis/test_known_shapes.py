"""Shapes that are what they say, and readings that find a lie on a map."""

import numpy as np
import pytest

from core.analysis.known_shapes import SHAPES, in_words, shape, what_one_reads
from core.analysis.maps import tsne
from core.analysis.maps.components import principal
from core.errors import BadInput


@pytest.mark.parametrize("seed", [0, 1, 2, 7])
@pytest.mark.parametrize("name", SHAPES)
def test_the_vectors_are_of_the_shape_they_claim(name, seed):
    known = shape(name, seed)
    assert known.name == name
    # As few as draw quickly, and as many as a perplexity of 100 needs.
    assert 301 <= len(known.vectors) <= 320
    assert known.vectors.dtype == np.float32
    assert len(known.parts) == known.y.max() + 1
    for row in what_one_reads(known.vectors, known):
        assert row["seen"] == row["vectors"] == pytest.approx(row["true"], rel=0.1)
        assert row["true"] == known.truth[row["name"]]
        assert row["unit"] == ("" if row["name"] == "clumps" else "×")
        assert row["protocol"]


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_follow_their_seed(name):
    one, same, other = (shape(name, seed).vectors for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def read(known, at) -> dict[str, float]:
    return {row["name"]: row["seen"] for row in what_one_reads(at, known)}


def test_readings_do_not_depend_on_where_a_map_lies_how_it_is_turned_or_how_large_it_is():
    known = shape("gaps")
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(10, 10)))[0]
    moved = 0.01 * known.vectors @ turn + 5
    assert read(known, moved) == pytest.approx(read(known, known.vectors), rel=1e-4)


def test_a_map_that_makes_clusters_alike_is_found_out():
    known = shape("spread")
    at = known.vectors[:, :2].copy()
    wide = known.y == 1
    at[wide] = at[wide].mean(0) + (at[wide] - at[wide].mean(0)) / 10
    assert read(known, at)["spreads"] == pytest.approx(1, abs=0.2)
    (row, _) = what_one_reads(at, known)
    assert in_words(row).startswith(
        "Width of the second cluster over that of the first: 10× in truth, "
    )


def test_a_map_that_evens_out_the_gaps_is_found_out():
    known = shape("gaps")
    at = known.vectors[:, :2].copy()
    at[known.y == 2, 0] -= 48
    assert read(known, at)["gaps"] == pytest.approx(1, abs=0.1)
    assert read(known, at)["clumps"] == 3


def test_clumps_that_are_not_there_are_counted():
    known = shape("square")
    at = np.random.default_rng(0).normal(size=(len(known.y), 2))
    at += 20 * np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[np.arange(len(at)) % 4]
    assert read(known, at) == {"clumps": 4}


def test_linked_rings_run_through_each_other_and_a_plane_cannot_keep_them_apart():
    known = shape("rings")
    one, other = (known.vectors[known.y == k] for k in (0, 1))
    for ring, through in ((one, other), (other, one)):
        # The middle of each lies on the other.
        assert np.linalg.norm(through - ring.mean(0), axis=1).min() < 0.1
    flat = principal(known.vectors, 2).scores(known.vectors)
    assert read(known, flat)["clumps"] == 1


def test_an_unknown_shape_and_a_map_of_others_are_sentences():
    with pytest.raises(BadInput, match="one of spread, gaps, square, noise, rings"):
        shape("cube")
    gaps = shape("gaps")
    with pytest.raises(BadInput, match="nothing to read"):
        what_one_reads(np.where(gaps.y == 2, 1.0, 0.0)[:, None], gaps)
    with pytest.raises(BadInput, match="has 310 points, the map 3"):
        what_one_reads(np.zeros((3, 2)), shape("noise"))


@pytest.mark.parametrize(
    ("name", "perplexity", "reads", "low", "high"),
    [
        ("spread", 30, "spreads", 0.7, 1.5),
        ("gaps", 100, "gaps", 0.7, 2.5),
        ("square", 5, "clumps", 5, 40),
        ("square", 100, "clumps", 1, 1),
        ("rings", 30, "clumps", 2, 2),
    ],
)
def test_the_lessons_hold_on_maps_of_t_sne(name, perplexity, reads, low, high):
    known = shape(name)
    settings = tsne.Settings(perplexity=perplexity)
    assert low <= read(known, tsne.fit(known.vectors, settings, 2).at)[reads] <= high
