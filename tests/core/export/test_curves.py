"""Curves taken along: read back they are what was logged."""

import csv
import io
import math

import numpy as np

from core.export import curves

LOSS = (np.array([1, 10, 20]), np.array([0.1, 1 / 3, 2e-7]))
MODES = (np.array([10, 15]), np.array([8.0, math.nan]))


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_a_row_for_every_step_and_nothing_where_nothing_was_logged():
    rows = read(curves.csv([("one", {"train/loss": LOSS, "samples/modes": MODES})]))
    assert list(rows[0]) == ["step", "samples/modes", "train/loss"]
    assert [int(row["step"]) for row in rows] == [1, 10, 15, 20]
    assert [row["samples/modes"] for row in rows] == ["", "8.0", "", ""]
    assert [float(row["train/loss"]) for row in rows if row["train/loss"]] == LOSS[1].tolist()


def test_several_runs_stand_below_each_other_by_name():
    rows = read(
        curves.csv([("plain", {"loss": LOSS}), ('packed, "2"', {"loss": LOSS, "modes": MODES})])
    )
    assert [row["run"] for row in rows] == ["plain"] * 3 + ['packed, "2"'] * 4
    assert {row["modes"] for row in rows if row["run"] == "plain"} == {""}


def test_a_run_that_has_logged_nothing_has_a_head_alone():
    assert curves.csv([("one", {})]) == b"step\r\n"
