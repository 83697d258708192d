"""Sheets with axes and clouds of codes: what stands where, and what the axes say."""

import base64

import numpy as np
import pytest

from core.figures import clouds
from core.figures.palette import CLASSES, GENERATED, REAL
from core.figures.sheets import MOST_TICKS, sheet


def test_a_sheet_lies_under_its_axes_with_the_first_row_on_top():
    drawn = sheet(b"PNG", ["a", "b", "c"], ["top", "bottom"], across="to the right", down="down")
    (image,) = drawn.layout.images
    assert base64.b64decode(image.source.split(",")[1]) == b"PNG"
    assert (image.x, image.y, image.sizex, image.sizey) == (-0.5, -0.5, 3, 2)
    assert list(drawn.layout.yaxis.range) == [1.5, -0.5]
    assert drawn.layout.xaxis.title.text == "to the right"
    assert list(drawn.layout.xaxis.ticktext) == ["a", "b", "c"]
    assert list(drawn.data[0].customdata[1][2]) == ["bottom", "c"]


def test_many_names_are_thinned_out_unless_each_row_has_one_of_its_own():
    names = [str(k) for k in range(40)]
    drawn = sheet(b"", names, names, across="x", down="y", ratio=2.0)
    assert 5 < len(drawn.layout.xaxis.ticktext) <= MOST_TICKS
    assert list(drawn.layout.xaxis.tickvals) == [int(n) for n in drawn.layout.xaxis.ticktext]
    assert drawn.layout.yaxis.scaleratio == 2
    rows = sheet(b"", names, names, across="x", down="")
    assert len(rows.layout.yaxis.ticktext) == 40


def test_dots_are_coloured_by_class_and_know_which_they_are():
    at = np.arange(12.0).reshape(6, 2)
    y = np.array([2, 0, 2, 11, 0, 2])
    drawn = clouds.by_class(at, y, [f"c{k}" for k in range(12)], ["one", "two"], np.arange(60, 66))
    assert [trace.name for trace in drawn.data] == ["c0", "c2", "c11"]
    assert [trace.marker.color for trace in drawn.data] == [CLASSES[0], CLASSES[2], CLASSES[1]]
    assert list(drawn.data[1].customdata) == [60, 62, 65]
    assert list(drawn.data[1].x) == [0, 4, 10]
    assert drawn.layout.yaxis.title.text == "two"


def test_dots_without_classes_are_one_group():
    drawn = clouds.by_class(np.zeros((3, 2)), np.full(3, -1), [], ["one", "two"], np.arange(3))
    assert [trace.name for trace in drawn.data] == ["examples"]


@pytest.mark.parametrize("count", [0, 1, 300])
def test_drawn_codes_lie_over_those_of_the_data(count):
    drawn = clouds.drawn(np.zeros((9, 2)), np.ones((count, 2)), ["one", "two"], what="drawn codes")
    data, new = drawn.data
    assert (data.marker.color, new.marker.color) == (REAL, GENERATED)
    assert (len(data.x), len(new.x)) == (9, count)
    assert new.marker.opacity == 1
    assert data.marker.opacity < 1
