"""The bench of disentanglement: every seed with every β, means with their standard errors."""

import numpy as np
import pytest

from core.bench.disentanglement import FIGURES, bench_disentanglement


def test_seeds_and_betas_are_told_as_they_are_done_and_summed_up():
    told = []
    found = bench_disentanglement(seeds=2, steps=3, report=told.append)
    assert told == found["rows"]
    assert [(row["beta"], row["seed"]) for row in told] == [(1, 0), (4, 0), (1, 1), (4, 1)]
    for one in found["summary"]:
        rows = [row for row in told if row["beta"] == one["beta"]]
        assert one["runs"] == 2
        for name in FIGURES:
            values = np.array([row[name] for row in rows])
            assert one[name]["mean"] == pytest.approx(values.mean())
            # Of two values the standard error is half their difference.
            assert one[name]["error"] == pytest.approx(abs(values[0] - values[1]) / 2)
        assert 0 <= one["mutual_information_gap"]["mean"] <= 1
        assert one["kl"]["mean"] > 0
    assert [one["published"] for one in found["summary"]] == [0.10, 0.21]
