"""The heat map of units and factors: in an order that shows who is whose."""

import numpy as np

from core.figures import factors

SHARE = np.array([[0.1, 0.0, 0.8], [0.0, 0.0, 0.0], [0.9, 0.1, 0.0], [0.0, 0.3, 0.9]])
ACTIVE = np.array([True, False, True, True])


def test_units_stand_along_the_diagonal_and_the_collapsed_last():
    assert factors.diagonal(SHARE, ACTIVE).tolist() == [2, 3, 0, 1]
    drawn = factors.information(SHARE, 2 * SHARE, ACTIVE, ("a", "b", "c"))
    (heat,) = drawn.data
    assert heat.y == ("2", "3", "0", "1, collapsed")
    assert (np.array(heat.z) == SHARE[[2, 3, 0, 1]]).all()
    assert (np.array(heat.customdata) == 2 * np.array(heat.z)).all()
    assert (heat.zmin, heat.zmax) == (0, 1)
    for axis in (drawn.layout.xaxis, drawn.layout.yaxis):
        assert axis.title.text


def test_many_units_are_drawn_without_numbers():
    share = np.full((60, 3), 0.5)
    drawn = factors.information(share, share, np.ones(60, bool), ("a", "b", "c"))
    assert drawn.data[0].texttemplate is None
    assert drawn.layout.height <= 560


def test_words_name_the_best_unit_of_each_factor():
    words = factors.in_words(SHARE, ("size", "place", "turn"))
    assert "size: unit 2, 90%" in words
    assert "turn: unit 3, 90%" in words
