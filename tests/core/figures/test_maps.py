"""A map as a figure: every point once, in the colour of what it is, on axes of equal scale."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core.analysis.column import Column
from core.figures import map_colours
from core.figures.map_colours import STEPS, groups, scale
from core.figures.maps import in_words, scatter
from core.figures.palette import CLASSES, MARK, NUMBERS, category

N = 300
AT = np.random.default_rng(0).normal(size=(N, 3)).astype(np.float32)
AXES = ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)", "t-SNE 3 (no unit)")
LABELS = Column(
    "Cluster",
    (np.arange(N) % 4 - 1.0).astype(np.float32),
    "category",
    "",
    ("a", "b", "c"),
    none="noise",
)
NUMBER = Column("KL", np.arange(N, dtype=np.float32), "number", "", unit="nats per example")


def test_each_category_is_a_trace_in_its_colour_and_noise_lies_below():
    drawn = scatter(AT[:, :2], LABELS, AXES[:2], np.arange(N) + 1000)
    assert [trace.name for trace in drawn.data] == ["noise", "a", "b", "c"]
    assert [trace.marker.color for trace in drawn.data] == [MARK, *CLASSES[:3]]
    rows = np.concatenate([trace.customdata for trace in drawn.data]) - 1000
    assert sorted(rows) == list(range(N))
    for trace in drawn.data:
        there = np.asarray(trace.customdata) - 1000
        assert np.array_equal(np.stack([trace.x, trace.y], 1), AT[there, :2])
    assert drawn.layout.showlegend
    assert drawn.layout.yaxis.scaleanchor == "x"
    assert [a.title.text for a in (drawn.layout.xaxis, drawn.layout.yaxis)] == list(AXES[:2])


def test_three_dimensions_have_three_titles_and_equal_scales():
    drawn = scatter(AT, LABELS, AXES)
    assert all(isinstance(trace, go.Scatter3d) for trace in drawn.data)
    scene = drawn.layout.scene
    assert [a.title.text for a in (scene.xaxis, scene.yaxis, scene.zaxis)] == list(AXES)
    assert scene.aspectmode == "data"
    assert sum(len(trace.z) for trace in drawn.data) == N


def test_a_number_has_a_bar_with_its_unit_and_what_has_none_is_grey():
    values = NUMBER.values.copy()
    values[:5] = np.nan
    column = Column("KL", values, "number", "", unit="nats per example")
    grey, rest = scatter(AT[:, :2], column, AXES[:2]).data
    assert (grey.name, grey.marker.color, len(grey.x)) == ("no value", MARK, 5)
    assert rest.marker.colorbar.title.text == "KL in nats per example"
    assert np.array_equal(rest.marker.color, values[5:])
    assert (rest.marker.cmin, rest.marker.cmax) == (8, 296)
    assert rest.marker.colorscale[0] == (0, NUMBERS[0])


def test_many_points_are_drawn_by_webgl_and_smaller():
    many = np.random.default_rng(0).normal(size=(9_000, 2))
    column = Column("Class", np.zeros(9_000, np.float32), "category", "", ("a",))
    (trace,) = scatter(many, column, AXES[:2]).data
    (few,) = scatter(
        many[:100], Column("Class", column.values[:100], "category", "", ("a",)), AXES[:2]
    ).data
    assert (type(trace), type(few)) == (go.Scattergl, go.Scatter)
    assert trace.marker.size < few.marker.size
    assert not scatter(many, column, AXES[:2]).layout.showlegend


def test_without_classes_all_points_have_a_colour_of_the_palette():
    column = Column("Class", np.full(N, -1, np.float32), "category", "", none="no class")
    (group,) = groups(column)
    assert (group.name, group.colour, len(group.rows)) == ("no class", CLASSES[0], N)


def test_a_scale_leaves_the_outer_hundredths_to_the_ends():
    ends = scale(NUMBER)
    assert ends == (3, 296, True, True)
    assert ends.ends == ("≤ 3", "≥ 296")
    found = groups(NUMBER)
    assert len(found) == STEPS
    assert sorted(np.concatenate([g.rows for g in found])) == list(range(N))
    assert [g.rows.min() for g in found] == sorted(g.rows.min() for g in found)
    assert (found[0].colour, found[-1].colour) == (NUMBERS[0], NUMBERS[-1])
    assert scale(LABELS) is None


@pytest.mark.parametrize("value", [np.nan, 7.0])
def test_a_number_that_is_everywhere_the_same_or_nowhere_can_be_drawn(value):
    column = Column("KL", np.full(N, value, np.float32), "number", "", unit="nats")
    (group,) = groups(column)
    assert len(group.rows) == N
    assert group.known == np.isfinite(value)
    assert len(scatter(AT[:, :2], column, AXES[:2]).data) == 1
    assert in_words(AT[:, :2], column, AXES[:2]).endswith(".")


def test_after_the_palettes_ten_come_lighter_and_darker_ones():
    colours = [category(k) for k in range(30)]
    assert tuple(colours[:10]) == CLASSES
    assert len(set(colours)) == 30
    light = [sum(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours]
    assert all(light[k + 10] > light[k] > light[k + 20] for k in range(10))
    assert category(30) == category(0)


def test_the_scale_passes_through_its_stops():
    shares = np.linspace(0, 1, len(NUMBERS))
    assert tuple(map_colours.mixed(share) for share in shares) == NUMBERS


def test_words_say_what_the_colours_come_to():
    words = in_words(AT[:, :2], LABELS, AXES[:2])
    assert words.startswith(
        "Map of 300 points over t-SNE 1 (no unit) and t-SNE 2 (no unit), coloured by Cluster: "
    )
    assert words.endswith("noise (75), a (75), b (75), c (75).")
    assert "median 150; nine in ten lie between 15 and 284" in in_words(AT, NUMBER, AXES)
    many = Column("Class", np.arange(N, dtype=np.float32) % 25, "category", "")
    assert in_words(AT, many, AXES).endswith("19 (12) and 5 more.")
