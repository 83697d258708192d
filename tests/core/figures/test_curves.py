"""Figures are pure: arrays in, a figure out, thinned, named, described in words."""

import numpy as np
import pytest

from core.figures import palette
from core.figures.curves import Line, Mark, curves, in_words, mean_band, smooth, thin
from core.figures.layers import layer_bars

STEPS = np.arange(1, 5001)
LINE = Line("loss", STEPS, 1 / STEPS, palette.REAL)


def test_a_curve_is_thinned_and_keeps_its_ends():
    steps, values = thin(STEPS, 1 / STEPS, limit=300)
    assert len(steps) == len(values) == 300
    assert (steps[0], steps[-1]) == (1, 5000)
    assert (np.diff(steps) > 0).all()
    assert thin(STEPS[:5], STEPS[:5], limit=300)[0].tolist() == [1, 2, 3, 4, 5]


def test_smoothing_keeps_a_constant_and_passes_over_nan():
    assert smooth(np.full(50, 3.0), 0.9) == pytest.approx(3.0)
    smoothed = smooth(np.array([1.0, np.nan, 1.0]), 0.5)
    assert np.isnan(smoothed[1])
    assert smoothed[[0, 2]] == pytest.approx(1.0)
    values = np.random.default_rng(0).normal(size=400)
    assert smooth(values, 0.95)[100:].std() < values.std() / 3
    assert smooth(values, 0.0) is values


def test_the_mean_of_seeds_and_its_band():
    a = (np.array([1, 2, 3, 4]), np.array([1.0, 1.0, 1.0, 1.0]))
    b = (np.array([2, 4, 6]), np.array([3.0, 3.0, 3.0]))
    steps, mean, low, high = mean_band([a, b])
    assert steps.tolist() == [2, 4]
    assert mean == pytest.approx(2.0)
    assert high - mean == pytest.approx(np.sqrt(2))
    assert mean - low == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("log", [False, True])
def test_the_figure_has_titles_light_traces_and_its_marks(log):
    figure = curves(
        [LINE],
        marks=[Mark(100, "β 1 → 4")],
        log=log,
        smoothing=0.5,
        limit=400,
        title="loss",
        revision="r",
    )
    assert figure.layout.xaxis.title.text == "step"
    assert figure.layout.yaxis.title.text == "loss"
    assert figure.layout.yaxis.type == ("log" if log else "linear")
    assert figure.layout.uirevision == "r"
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert max(len(trace.x) for trace in figure.data) <= 400
    assert "β 1 → 4" in figure.data[-1].text
    assert len(figure.layout.shapes) == 1


def test_a_band_lies_around_its_line():
    figure = curves([Line("mean", STEPS, 1 / STEPS, palette.REAL, low=0 * STEPS, high=2 / STEPS)])
    assert figure.data[0].fill == "toself"
    assert not figure.data[0].showlegend


def test_no_curve_at_all_is_an_empty_figure():
    assert not curves([], marks=[Mark(3, "x")]).data[:-1]
    assert in_words([]) == "Curves of loss over training steps. No values yet."


def test_a_figure_can_be_read_aloud():
    assert "loss: 1 at step 1, lowest 0.0002 at step 5,000" in in_words([LINE])


def test_bars_of_layers():
    figure = layer_bars(
        {"encoder.0": 0.1, "decoder.0": 2.0}, title="gradient norm", colour=palette.ENCODER
    )
    assert figure.layout.xaxis.title.text == "gradient norm"
    assert list(figure.data[0].y) == ["encoder.0", "decoder.0"]


def test_ten_class_colours_all_different():
    assert len(set(palette.CLASSES)) == 10
    assert len({palette.REAL, palette.GENERATED, palette.ENCODER, palette.DISCRIMINATOR}) == 4
    assert palette.faded("#ff0080", 0.5) == "rgba(255,0,128,0.5)"


@pytest.mark.parametrize(("last", "marks"), [(1, 1), (5000, None)])
def test_no_step_is_written_twice_along_the_axis(last, marks):
    steps = np.arange(1, last + 1)
    assert curves([Line("loss", steps, 1 / steps, palette.REAL)]).layout.xaxis.dtick == marks
