"""What true points reach: the floors of the protocol, where there are modes and where there are none."""

import pytest

from core.errors import BadInput
from core.inference import true_points


@pytest.mark.parametrize(
    ("distribution", "modes", "floor"), [("ring", 8, 0.0014), ("grid", 25, 0.0048)]
)
def test_the_floors_of_the_usual_protocol(distribution, modes, floor):
    found = true_points({"distribution": distribution, "n": 1000})
    assert len(found["modes"]) == found["floors"]["modes"] == modes
    assert found["floors"]["reverse_kl"] == pytest.approx(floor)
    assert found["floors"]["high_quality"] == pytest.approx(0.9889, abs=1e-4)
    assert found["exact"]
    assert found["samples"] == 2500


def test_a_set_without_modes_has_cells():
    found = true_points({"distribution": "moons", "n": 1000})
    assert found["modes"] == []
    assert set(found["floors"]) == {"kl", "js", "cells"}
    assert 0.9 < found["floors"]["cells"] <= 1
    assert not found["exact"]


def test_an_empty_drawing_is_refused():
    with pytest.raises(BadInput):
        true_points({"distribution": "drawn"})
