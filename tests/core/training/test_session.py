"""A session obeys, looks and saves, and none of it moves a number that nobody asked to move."""

import numpy as np
import pytest

from core import arrays
from core.errors import NotAllowed, StorageFull
from core.runs import LOCAL
from core.training import film, recorder
from core.training.session import Session
from core.training.worker import work
from tests.core.training.running import (
    GAN,
    STAGED,
    VAE,
    assert_same_end,
    begin,
    opened,
    spec_of,
    told,
    until,
)

pytestmark = pytest.mark.usefixtures("staged")


def test_a_run_leaves_scalars_snapshots_states_and_an_environment(store, whole):
    run = store.get(whole(VAE))
    assert (run.state, run.steps, run.total_steps) == ("done", 60, 60)
    assert run.seconds > 0
    assert run.rate > 0
    assert run.metrics["train/loss"] == store.scalars(run.id)["train/loss"][1][-1]
    assert {"threads", "device", "torch"} <= run.environment.keys()
    assert run.environment["threads"] == 1
    steps = store.snapshots(run.id)
    assert {0, 60} <= set(steps)
    assert len(steps) <= 60
    assert store.states(run.id)[-1] == 60
    assert len(store.states(run.id)) <= 13


def test_the_first_numbers_are_in_the_store_right_after_the_first_step(store):
    session = opened(store, begin(store, VAE).id)
    until(session, 1)
    assert store.scalars(session.id)["train/loss"][0].tolist() == [1]


def test_snapshots_hold_the_probe_once_and_what_the_model_made_of_it(store, whole):
    id = whole(VAE)
    first, meta = arrays.read(store.snapshot_path(id, 0))
    assert (first["x"].shape, first["x"].dtype) == ((16, 1, 8, 8), np.uint8)
    assert (first["x_hat"].shape, first["samples"].shape) == ((16, 1, 8, 8), (64, 1, 8, 8))
    assert (first["codes"].shape, first["codes"].dtype) == ((1000, 2), np.float16)
    assert first["index"].shape == first["y"].shape == (1000,)
    assert meta["kind"] == "images"
    assert meta["step"] == 0
    last, meta = arrays.read(store.snapshot_path(id, 60))
    assert set(last) == {"x_hat", "samples", "codes", "log_var", "square", "square_box"}
    assert meta["seconds"] > 0
    assert not np.array_equal(first["x_hat"], last["x_hat"])


def test_points_have_a_film_of_one_noise(store, whole, monkeypatch):
    monkeypatch.setattr(film, "FILM_SHARE", 10.0)  # however slow the machine is at this moment
    id = whole(GAN)
    values, _ = arrays.read(store.film_path(id))
    assert values["steps"].tolist() == [0, 25, 50, 75]
    assert (values["samples"].shape, values["samples"].dtype) == ((4, 512, 2), np.float16)
    assert (values["modes"].shape, values["modes"].dtype) == ((4, 8), np.int16)
    assert arrays.read(store.snapshot_path(id, 0))[0]["x"].shape == (512, 2)


@pytest.mark.parametrize("case", [GAN, STAGED, VAE], ids=lambda case: case[0])
def test_watching_pausing_and_company_change_nothing(store, whole, case, monkeypatch):
    monkeypatch.setattr(recorder, "LIVE_SECONDS", 0.0)
    watched, other = begin(store, case), begin(store, VAE)
    session, company = opened(store, watched.id), opened(store, other.id)
    for step in range(3, 40, 6):
        store.watch(watched.id)
        until(session, step)
        told(session, "pause")
        assert session.idle
        told(session, "snapshot")
        told(session, "step", n=2)
        until(company, step)
        until(session, step + 2)
        told(session, "resume")
    until(company)
    until(session)
    assert store.live_path(watched.id).exists()
    assert_same_end(store, whole(case), watched.id)


def test_a_group_has_the_numbers_of_lone_runs(store, whole):
    ids = [begin(store, case).id for case in (VAE, STAGED, GAN)]
    work(ids, store=store)
    for id, case in zip(ids, (VAE, STAGED, GAN), strict=True):
        assert_same_end(store, whole(case), id)


def test_a_paused_run_takes_single_steps_and_phases(store):
    session = opened(store, begin(store, GAN).id)
    until(session, 5)
    told(session, "pause")
    run = store.get(session.id)
    assert (run.state, run.steps, store.states(session.id)[-1]) == ("paused", 5, 5)
    assert session.advance(0.0)
    assert session.trainer.step == 5
    told(session, "step", n=3)
    for _ in range(5):
        session.advance(0.0)
    assert store.get(session.id).steps == session.trainer.step == 8
    told(session, "phase", name="D")
    told(session, "phase", name="nobody")
    assert [c.step for c in store.commands(session.id)] == [5, 5, 8, 8]
    assert "nobody" in store.commands(session.id)[-1].payload["error"]
    told(session, "resume")
    assert store.get(session.id).state == "running"


def test_a_live_change_is_logged_with_its_step_and_what_was_before(store):
    session = opened(store, begin(store, VAE).id)
    until(session, 7)
    told(session, "set", name="learning_rate", value=0.01)
    told(session, "set", name="learning_rate", value=-1)
    told(session, "set", name="latent_dim", value=3)
    good, wrong, fixed = store.commands(session.id)
    assert (good.step, good.payload["old"], good.payload["value"]) == (7, 1e-3, 0.01)
    assert "learning_rate" in wrong.payload["error"]
    assert "latent_dim" in fixed.payload["error"]
    assert session.trainer.config.learning_rate == 0.01
    assert until(session).run.spec == store.get(session.id).spec


def test_a_stopped_run_goes_on_where_it_was(store, whole):
    session = opened(store, begin(store, VAE).id)
    until(session, 20)
    told(session, "stop")
    assert store.get(session.id).state == "stopped"
    assert session.ended
    store.release(session.id)
    (run,) = work([session.id], store=store)
    assert run.state == "done"
    assert_same_end(store, whole(VAE), run.id)
    with pytest.raises(NotAllowed, match="ended"):
        work([run.id], store=store)


def test_a_loss_that_breaks_ends_the_run_with_advice(store):
    run = begin(store, VAE, optimizer="sgd", learning_rate=10.0, steps=200)
    (run,) = work([run.id], store=store)
    assert run.state == "failed"
    assert "learning rate" in run.message
    assert len(store.snapshots(run.id)) >= 1


def test_pictures_obey_their_share_of_time_and_space(store, monkeypatch):
    monkeypatch.setenv("EXPLORER_SNAPSHOTS_MB", "0.1")
    run = begin(store, VAE, steps=400)
    work([run.id], store=store)
    folder = store.files(run.id).folder / "snapshots"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 0.1 * 2**20
    steps = store.snapshots(run.id)
    assert {0, 400} <= set(steps)


def test_states_obey_their_space_and_the_latest_stays(store, monkeypatch):
    monkeypatch.setattr(recorder, "STATE_SHARE", 10.0)
    run = begin(store, VAE, steps=64)
    work([run.id], store=store)
    size = store.files(run.id).path("states", 64).stat().st_size
    assert len(store.states(run.id)) >= 7
    monkeypatch.setenv("EXPLORER_STATES_MB", str(3.5 * size / 2**20))
    run = begin(store, VAE, steps=64)
    work([run.id], store=store)
    assert len(store.states(run.id)) == 3
    assert store.states(run.id)[-1] == 64


def test_a_disk_that_fills_up_fails_the_run_and_keeps_what_was_there(store, monkeypatch):
    run = begin(store, VAE)
    session = opened(store, run.id)
    until(session, 20)
    told(session, "pause")
    store.release(run.id)
    real = arrays.write_bytes

    def full(path, data):
        if "states" in path.parts:
            raise StorageFull(f"{path.name} could not be written (No space left on device).")
        return real(path, data)

    monkeypatch.setattr(arrays, "write_bytes", full)
    store.update(run.id, state="interrupted")
    (found,) = work([run.id], store=store)
    assert found.state == "failed"
    assert "No space left" in found.message
    assert store.states(run.id)[-1] == 20
    assert store.scalars(run.id)["train/loss"][0][0] == 1


@pytest.mark.parametrize("harm", ["cut", "flip", "empty"])
def test_a_damaged_state_gives_way_to_an_earlier_one(store, whole, harm, monkeypatch):
    monkeypatch.setattr(recorder, "STATE_SHARE", 10.0)
    session = opened(store, begin(store, VAE).id)
    until(session, 40)
    told(session, "stop")
    files = store.files(session.id)
    path = files.path("states", 40)
    data = path.read_bytes()
    damaged = {"cut": data[:-9], "flip": data[:-9] + b"\1" + data[-8:], "empty": b""}[harm]
    path.write_bytes(damaged)
    again = opened(store, session.id)
    assert 0 < again.trainer.step < 40
    assert f"step {again.trainer.step}" in store.get(session.id).message
    assert path.with_suffix(".damaged").read_bytes() == damaged
    until(again)
    assert_same_end(store, whole(VAE), session.id)


def test_with_every_state_damaged_it_begins_again(store, whole):
    session = opened(store, begin(store, VAE).id)
    until(session, 30)
    told(session, "stop")
    for step in store.states(session.id):
        store.files(session.id).path("states", step).write_bytes(b"rubbish")
    again = opened(store, session.id)
    assert again.trainer.step == 0
    until(again)
    assert_same_end(store, whole(VAE), session.id)


def test_a_run_that_cannot_begin_says_why(store):
    spec = spec_of(VAE)
    wrong = spec.model_copy(update={"dataset": "own", "data": {"content": "0" * 16}})
    broken = spec.model_copy(update={"config": {**spec.config, "latent_dim": -4}})
    for bad in (wrong, broken):
        run = store.create(bad, LOCAL, state="running")
        (found,) = work([run.id], store=store)
        assert found.state == "failed"
        assert found.message
        assert "Traceback" not in found.message


def test_an_unexpected_error_becomes_a_sentence_with_a_reference(store, monkeypatch):
    def broken(self, *_):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(Session, "_train", broken)
    run = begin(store, VAE)
    (found,) = work([run.id], store=store)
    assert found.state == "failed"
    assert "reference" in found.message
    assert "secret" not in found.message
    assert "secret detail" in (store.home / "logs" / "training.log").read_text()


def test_a_slow_first_frame_does_not_keep_the_next_ones_waiting(store, monkeypatch):
    id = begin(store, VAE).id
    eyes = opened(store, id).recorder
    eyes.live_costs.append(0.6)  # at 3 % of the time the next would come after twenty seconds
    assert eyes._live_pause() == recorder.FIRST_PAUSE
    eyes.live_costs.extend([0.5, 0.6])
    assert eyes._live_pause() == pytest.approx(0.5 / recorder.LIVE_SHARE)
