"""The error against the size of the code: lines, reference, words."""

import numpy as np

from core.figures.code_size import Family, error_by_size, in_words


def test_the_figure_draws_each_family_and_the_reference_dashed():
    line = Family("PCA", np.array([2, 8]), np.array([0.05, 0.03]), "#123456")
    exact = Family("exact", np.arange(1, 9), np.linspace(0.06, 0.02, 8), "#000000")
    figure = error_by_size([line], exact, unit="MSE")
    assert [trace.name for trace in figure.data] == ["exact", "PCA"]
    assert [trace.line.dash for trace in figure.data] == ["dash", "solid"]
    assert list(figure.data[1].x) == [2, 8]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert error_by_size([line], unit="MSE", log=False).layout.yaxis.type == "linear"
    assert in_words([line], "MSE") == "MSE against the size of the code. PCA: 0.05 at 2, 0.03 at 8."
