"""The bench of mode collapse: what is done is kept, what is changed is done anew, and the sums are right."""

import json

import pytest

from core.bench import gan, modes
from core.bench.modes import Case, Goal, bench_modes
from core.errors import BadInput
from core.models.gan_presets import CURES
from core.settings import settings

QUICK = {
    "collapse": Case("Collapse", "collapse", seconds=0.1, goal=Goal(most_modes=4.0)),
    "uncured": Case("Uncured", "collapse", seconds=0.1),
    "cure: packing": Case("Packing", "cure: packing", seconds=0.1),
}


@pytest.fixture
def quick(home, monkeypatch):
    """Cases of a tenth of a second."""
    monkeypatch.setattr(modes, "CASES", dict(QUICK))


@pytest.mark.usefixtures("quick")
def test_an_interrupted_bench_goes_on_where_it_was(monkeypatch):
    first = bench_modes(1)
    assert [row["case"] for row in first["rows"]] == list(QUICK)
    assert len(list((settings().home / "bench" / "modes").iterdir())) == 3
    trained = []
    train = modes._train
    monkeypatch.setattr(modes, "_train", lambda *a: trained.append(a) or train(*a))
    again = bench_modes(2)
    assert trained == [(name, 1) for name in QUICK]
    assert again["rows"][:3] == first["rows"]
    # No time left: only what is kept; and a damaged file is no result.
    kept = modes._place("collapse", 0)
    kept.write_text("{", encoding="utf-8")
    assert len(bench_modes(3, minutes=0)["rows"]) == 5
    modes.CASES["collapse"] = QUICK["collapse"]._replace(seconds=0.2)
    assert len(bench_modes(2, ["collapse"], minutes=0)["rows"]) == 0


@pytest.mark.usefixtures("quick")
def test_a_row_says_what_was_measured_and_how():
    (row,) = bench_modes(1, ["collapse"])["rows"]
    assert 0 <= row["modes"] <= 8
    assert sum(row["counts"]) == pytest.approx(2500 * row["high_quality"])
    assert row["steps"] > 5
    assert row["seconds"] < 2
    json.dumps(row, allow_nan=False)
    with pytest.raises(BadInput, match="no case sphere"):
        bench_modes(1, ["sphere"])


def rows_of(case: str, counts: list[float]) -> list[dict]:
    same = {"high_quality": 0.5, "reverse_kl": 0.1, "kl": 1.0, "js": 0.2, "seconds": 20.0}
    return [{"case": case, "modes": float(n), "broken": "", **same} for n in counts]


def test_the_summary_is_mean_and_standard_error_and_knows_its_goal():
    rows = rows_of("collapse", [1, 2, 3, 4, 5, 5, 5, 5, 8, 2])
    (one,) = modes._summary(["collapse"], rows)
    assert one["modes"]["mean"] == 4.0
    assert one["modes"]["error"] == pytest.approx((38 / 9 / 10) ** 0.5)
    assert one["few_modes"] == 9
    assert one["reached"]
    many = rows_of("collapse", [1, 1, 1, 1, 1, 1, 1, 8, 8, 8])
    assert not modes._summary(["collapse"], many)[0]["reached"]
    assert modes._summary(["ring"], rows_of("ring", [8]))[0]["reached"] is False
    assert modes._summary(["ring"], rows_of("ring", [8]))[0]["modes"]["error"] is None


def test_a_cure_helps_by_more_than_two_standard_errors_of_the_difference():
    rows = (
        rows_of("uncured", [2, 4, 2, 4])  # 3 ± 0.58
        + rows_of("cure: packing", [4, 5, 4, 5])  # 4.5 ± 0.29: more by 1.5, the error is 0.65
        + rows_of("cure: replay", [4, 4, 4, 4])  # more by 1, not twice 0.58
        + rows_of("cure: unrolled", [0, 1, 0, 1])
    )
    found = modes._summary(list(modes.CASES), rows)
    assert {one["case"]: one.get("helped") for one in found} == {
        "uncured": None,
        "cure: packing": "yes",
        "cure: replay": "within the error",
        "cure: unrolled": "no",
    }


def test_the_table_holds_every_mean_with_its_error():
    rows = rows_of("collapse", [1, 3]) + rows_of("ring", [8]) + rows_of("uncured", [2, 4])
    lines = modes.table(modes._summary(list(modes.CASES), rows)).splitlines()
    assert len({line.count("|") for line in lines[:5]}) == 1
    assert lines[2:] == [
        "| *Collapse in 20 seconds* | 2.0 ± 1.0 | 50.0 ± 0.0 % | 0.100 ± 0.000 | 20 | 2 "
        "| reached, 2 of 2 with 5 modes or fewer |",
        "| *A good day*, ring | 8.0 | 50.0 % | 0.100 | 20 | 1 | not reached |",
        "| Uncured | 3.0 ± 1.0 | 50.0 ± 0.0 % | 0.100 ± 0.000 | 20 | 2 |  |",
        "",
        f"*A good day*, ring: published {modes.PUBLISHED['ring']}.",
    ]


def test_every_named_cure_is_a_case_and_changes_what_collapses():
    assert set(CURES) < set(modes.CASES)
    plain = modes._spec(modes.CASES["uncured"], 0)
    for name in CURES:
        spec = modes._spec(modes.CASES[name], 0)
        assert (spec.config, spec.training) != (plain.config, plain.training)
        assert (spec.dataset, spec.data, spec.seed) == (plain.dataset, plain.data, plain.seed)
        sizes = ("generator_sizes", "discriminator_sizes", "latent_dim", "activation")
        assert all(spec.config[key] == plain.config[key] for key in sizes)


def test_the_default_gan_races_a_bare_loop(home):
    found = gan.bench_gan(seconds=0.2, rounds=1)
    assert found["ours"] > 0
    assert found["ratio"] == pytest.approx(found["ours"] / found["bare_loop"])
