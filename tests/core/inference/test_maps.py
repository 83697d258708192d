"""Maps as tasks: made once and found again, made anew where the weights are others, refused with a sentence."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from core import arrays, datasets
from core.analysis.sampling import by_class
from core.errors import BadInput, NoSuchRun
from core.inference import known_shapes, map_making, map_stability, project, project_estimate
from core.settings import ROOT

DIVERGES = {"steps": 20, "batch_size": 64, "encoder_sizes": [16]}


def whole(store, answer):
    """Arrays and meta of a map that was made."""
    return store.maps.read(answer["run"], answer["key"])


def rewritten(store, id, change):
    """The last state of a run with every weight of its model changed."""
    step = store.states(id)[-1]
    files = store.files(id)
    values, meta = files.read_state(files.path("states", step))
    for name, array in values.items():
        if name.startswith("model/"):
            values[name] = change(array)
    files.write_state(step, values, meta)


def test_a_map_says_what_it_shows(trained, store):
    id = trained()
    heard = []
    answer = project({"run": id[:6], "method": "pca"}, lambda *told: heard.append(told))
    values, meta = whole(store, answer)
    data = datasets.load("digits", {})
    rows = by_class(data, "test", 10_000)
    assert np.array_equal(values["position"], rows)
    assert np.array_equal(values["index"], data.index[rows])
    assert np.array_equal(values["y"], data.y[rows])
    assert values["at"].shape == (len(rows), 2)
    assert meta["counts"] == np.bincount(data.y[rows]).tolist()
    assert (meta["count"], meta["total"]) == (len(rows), len(rows))
    assert meta["request"]["step"] == 40
    assert answer["run"] == id
    assert not answer["cached"]
    assert answer["trust"]["trustworthiness"]["kind"] == "exact"
    assert sum(answer["facts"]["explained_variance_ratio"]) == pytest.approx(1, abs=1e-5)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert store.maps.live(id, answer["key"]) is None


def test_the_second_look_is_instant_and_the_same(trained, store):
    request = {"run": trained(), "method": "pca"}
    first = project(request)
    before, _ = whole(store, first)
    begun = time.perf_counter()
    again = project(request | {"settings": {}, "dims": 2, "step": 40})
    assert time.perf_counter() - begun < 0.2
    assert again == first | {"cached": True}
    after, _ = whole(store, again)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert project_estimate(request)["seconds"] == 0
    command = [sys.executable, "-m", "core", "project", request["run"], "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["key"] == first["key"]
    assert json.loads(done.stdout)["cached"]


def test_other_weights_make_another_map(trained, store):
    id = trained()
    request = {"run": id, "method": "own"}
    keys = [project(request | {"step": step})["key"] for step in (0, 17, 40)]
    assert len(set(keys)) == 3
    pixels = project(request | {"of": "pixels", "method": "pca"})["key"]
    rewritten(store, id, lambda array: array * 2)  # as a resumed run writes the same step anew
    assert project(request)["key"] not in keys
    assert project(request | {"of": "pixels", "method": "pca"})["key"] == pixels


def test_a_damaged_map_is_made_again(trained, store):
    request = {"run": trained(), "method": "pca"}
    first = project(request)
    path = store.maps.path(first["run"], first["key"])
    path.write_bytes(path.read_bytes()[:-7])
    again = project(request)
    assert not again["cached"]
    assert whole(store, again)


def test_a_fair_sample_and_its_size_are_told(trained, store):
    answer = project({"run": trained(), "method": "own", "split": "train", "n": 300})
    assert (answer["count"], answer["total"]) == (300, 1294)
    _, meta = whole(store, answer)
    y = datasets.load("digits", {}).y[datasets.load("digits", {}).splits["train"]]
    fair = np.bincount(y) * 300 / len(y)
    assert (np.abs(np.array(meta["counts"]) - fair) < 1).all()


def test_what_is_being_made_can_be_seen(trained, store, monkeypatch):
    seen, real = [], map_making.trust.trust

    def look(*arguments, **named):
        run, key = request["run"], project_estimate(request)["key"]
        seen.append(arrays.unpack(store.maps.live(run, key)))
        return real(*arguments, **named)

    request = {"run": trained(), "method": "pca"}
    monkeypatch.setattr(map_making.trust, "trust", look)
    answer = project(request)
    ((values, meta),) = seen
    assert np.array_equal(values["at"], whole(store, answer)[0]["at"])
    assert meta["whole"]
    assert meta["classes"] == [str(digit) for digit in range(10)]


def test_a_run_removed_meanwhile_leaves_nothing(trained, store, monkeypatch):
    id, real = trained(), map_making.trust.trust

    def remove(*arguments, **named):
        store.purge(id)
        return real(*arguments, **named)

    monkeypatch.setattr(map_making.trust, "trust", remove)
    with pytest.raises(NoSuchRun, match="removed"):
        project({"run": id, "method": "pca"})
    assert not list(store.maps.folder.glob("*/*"))


def test_over_training_there_is_a_frame_for_each_snapshot(trained, store):
    id = trained()
    request = {"run": id, "method": "pca", "over": "training"}
    assert project_estimate(request)["maps"] == len(store.snapshots(id))
    answer = project(request)
    values, meta = whole(store, answer)
    data = datasets.load("digits", {})
    probe = np.concatenate([data.splits[name] for name in ("test", "validation", "train")])[:1000]
    assert np.array_equal(values["position"], probe)
    assert values["steps"].tolist() == store.snapshots(id)
    assert values["frames"].shape == (len(store.snapshots(id)), 1000, 2)
    assert np.array_equal(values["frames"][-1], values["at"].astype(np.float16))
    assert meta["step_unit"] == "step"
    # Each map goes on from the one before: no axis turns round.
    frames = values["frames"].astype(np.float64)
    late = frames[-2] * frames[-1]
    assert (late.sum(axis=0) > 0).all()
    assert project(request)["cached"]


def test_over_training_codes_that_are_no_numbers_are_left_out(trained, store):
    id = trained()
    steps = store.snapshots(id)
    for step in steps[-1:]:
        values, meta = arrays.read(store.snapshot_path(id, step))
        values["codes"][7] = np.nan
        store.write_snapshot(id, step, values, meta)
    answer = project({"run": id, "method": "pca", "over": "training"})
    assert answer["facts"]["left_out"] == steps[-1:]
    assert whole(store, answer)[0]["steps"].tolist() == steps[:-1]


def test_the_estimate_grows_with_what_is_asked_for(trained):
    id = trained()
    seconds = [
        project_estimate({"run": id, "method": "pca", "split": "train", "n": n})["seconds"]
        for n in (100, 600, 1294)
    ]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_estimates_learn_from_what_maps_took(store):
    from core.inference import map_speed

    assert map_speed.factor("tsne") == 1
    map_speed.learn("tsne", 1.0, 0.001)  # too short to tell
    assert map_speed.factor("tsne") == 1
    map_speed.learn("tsne", 2.0, 6.0)
    assert map_speed.factor("tsne") == pytest.approx(3)
    map_speed.learn("tsne", 1.0, 12.0)
    assert map_speed.factor("tsne") == pytest.approx(6)
    (store.maps.folder / "speed.json").write_text("{broken")
    assert map_speed.factor("tsne") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "magic"}, "magic"),
        ({"method": "own", "dims": 3}, "method"),
        ({"settings": {"depth": 3}}, "depth"),
        ({"n": 2}, "n"),
        ({"n": 60_000}, "n"),
        ({"dims": 4}, "dims"),
        ({"split": "everything"}, "split"),
        ({"of": "dreams"}, "of"),
        ({"of": "layer:nowhere"}, "layer"),
        ({"of": "pixels", "over": "training"}, "of"),
        ({"step": 41}, "step"),
        ({"step": -1}, "step"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_mapped_is_refused_by_name(trained, changes, field):
    request = {"run": trained(), "method": "pca", **changes}
    for task in (project_estimate, project):
        with pytest.raises(BadInput, match=field):
            task(request)


def test_codes_of_a_diverged_run(trained, store):
    id = trained(settings=DIVERGES)
    rewritten(store, id, lambda array: array * np.nan)
    with pytest.raises(BadInput, match="diverged"):
        project({"run": id, "method": "pca"})


def test_codes_that_are_all_the_same(trained, store):
    id = trained(settings=DIVERGES)
    rewritten(store, id, lambda array: array * 0)
    with pytest.raises(BadInput, match="the same"):
        project({"run": id, "method": "pca"})


def test_a_run_that_there_is_not():
    with pytest.raises(NoSuchRun):
        project({"run": "nobody", "method": "pca"})


def test_t_sne_moves_and_is_seen_moving(trained, store, monkeypatch):
    request = {"run": trained(), "method": "tsne", "settings": {"iterations": 60}}
    monkeypatch.setattr(map_making, "LIVE_SECONDS", 0.0)
    live, real = [], store.maps.__class__.show

    def show(self, run, key, values, meta):
        live.append(meta)
        real(self, run, key, values, meta)

    monkeypatch.setattr(store.maps.__class__, "show", show)
    values, meta = whole(store, project(request))
    assert np.array_equal(values["frames"][-1], values["at"].astype(np.float16))
    assert values["steps"][0] == 0
    assert (np.diff(values["steps"]) > 0).all()
    assert meta["facts"]["iterations"] == values["steps"][-1] == 160
    steps = [one["step"] for one in live if not one["whole"]]
    assert steps == sorted(steps)
    assert len(steps) > 2


def test_seeds_are_compared_and_their_maps_kept(trained, store):
    request = {
        "run": trained(),
        "method": "tsne",
        "settings": {"iterations": 20, "seed": 2**31 - 1},
    }
    heard = []
    found = map_stability(request, lambda *told: heard.append(told))
    assert found["seeds"] == [2**31 - 1, 0, 1]
    assert project(request)["cached"]
    assert project(request)["key"] == found["keys"][0]
    assert [key in store.maps.about(request["run"]) for key in found["keys"]] == [True] * 3
    assert 0 < found["value"] < 1
    assert len(found["pairs"]) == 3
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)
    assert any(text.startswith("Seed 2 of 3") for _, text in heard)
    with pytest.raises(BadInput, match="no chance"):
        map_stability({"run": request["run"], "method": "pca"})
    with pytest.raises(BadInput, match="over"):
        map_stability(request | {"over": "training"})


def test_shapes_that_are_known_are_mapped_once(store):
    heard = []
    found = known_shapes([5, 30], progress=lambda *told: heard.append(told))["shapes"]
    assert heard[-1][0] == pytest.approx(1)
    for shape in found:
        assert [one["perplexity"] for one in shape["maps"]] == [5, 30]
        assert shape["maps"][0]["at"].shape == (len(shape["y"]), 2)
        assert all({"name", "true", "seen"} <= set(row) for row in shape["maps"][0]["reads"])
    heard.clear()
    again = known_shapes([30])["shapes"]
    assert not heard
    assert np.array_equal(again[0]["maps"][0]["at"], found[0]["maps"][1]["at"])
    for wrong in ([], [5] * 6, ["many"], [1e9], None):
        with pytest.raises(BadInput):
            known_shapes(wrong)
