"""When modes count as lost and as found again, and that a film remembers both."""

import numpy as np
import pytest

from core import arrays
from core.training import film as films
from core.training.alarms import alarms_of
from core.training.worker import work
from tests.core.training.running import begin, opened, told, until


def alarms(*covered: int) -> list[tuple]:
    steps = 25 * np.arange(len(covered))
    return [tuple(alarm) for alarm in alarms_of(np.stack([steps, covered], 1))]


@pytest.mark.parametrize(
    ("covered", "found"),
    [
        ((0, 2, 5, 8, 8, 7, 7), []),
        ((8, 8, 6, 6), [(50, None)]),
        ((8, 6, 8, 6, 8), []),
        ((8, 6, 6, 8, 8), [(25, 75)]),
        ((8, 6, 6, 8, 6, 6), [(25, None)]),
        ((8, 2, 2, 7, 7, 1, 0), [(25, 75), (125, None)]),
        ((25, 19, 19), []),
        ((25, 18, 18), [(25, None)]),
        ((3, 1, 1), [(25, None)]),
        ((2, 1, 1), []),
        ((2, 0, 0), [(25, None)]),
        ((4, 3, 8, 5, 5, 9, 9), [(75, 125)]),
        ((0, 0, 0), []),
        ((8, 1), []),
        ((), []),
    ],
)
def test_an_alarm_needs_a_quarter_and_two_modes_and_two_frames(covered, found):
    assert alarms(*covered) == found


COLLAPSING = (
    "gan",
    "points",
    {"n": 600, "steps": 2000, "batch_size": 32, "mode_std": 0.1, "learning_rate": 5e-3},
)


@pytest.fixture
def scripted(monkeypatch):
    """A film whose modes are covered as a script says, frame by frame of 25 steps."""
    script = [0, 3, 8, 8, 5, 5, 5, 7, 7, 2, 2, 2]

    class Looks:
        def __init__(self, session):
            self.session = session

        def frame_of_film(self):
            covered = script[self.session.trainer.step // 25]
            modes = (np.arange(8) < covered).astype(np.int16)
            return {"samples": np.zeros((512, 2), np.float16), "modes": modes}

    def scripted(session):
        session.recorder.film.looks = Looks(session)
        return session

    monkeypatch.setattr(films, "FILM_SHARE", 10.0)
    return scripted


FOUND = [(100, 175), (225, None)]
SCRIPTED = ("gan", "points", {"n": 600, "steps": 276, "batch_size": 32})


def test_a_finished_run_and_a_resumed_one_have_the_same_alarms(store, scripted):
    whole = until(scripted(opened(store, begin(store, SCRIPTED).id)))
    assert [tuple(alarm) for alarm in store.alarms(whole.id)] == FOUND
    session = opened(store, begin(store, SCRIPTED).id)
    for step, found in ((110, []), (130, [(100, None)]), (240, FOUND[:1])):
        told(until(scripted(session), step), "stop")
        assert [tuple(alarm) for alarm in store.alarms(session.id)] == found
        session = opened(store, session.id)
        assert [tuple(alarm) for alarm in store.alarms(session.id)] == found
    until(scripted(session))
    assert [tuple(alarm) for alarm in store.alarms(session.id)] == FOUND
    one, other = (arrays.read(store.film_path(run.id)) for run in (whole, session))
    assert one[1] == other[1]
    assert all(np.array_equal(one[0][name], other[0][name]) for name in one[0])


def test_an_alarm_and_its_end_are_told_at_once(store, scripted, monkeypatch):
    monkeypatch.setattr(films, "FILM_WRITE_SECONDS", 1000.0)
    session = scripted(opened(store, begin(store, SCRIPTED).id))
    for step, found in ((124, []), (125, [(100, None)]), (200, FOUND[:1]), (250, FOUND)):
        until(session, step)
        assert [tuple(alarm) for alarm in store.alarms(session.id)] == found


def test_a_fork_takes_over_the_alarms_up_to_its_step(store, scripted):
    from core.runs.forks import adopt

    session = until(scripted(opened(store, begin(store, SCRIPTED).id)))
    for step, found in ((275, FOUND), (150, [(100, None)]), (99, [])):
        child = store.create(session.run.spec, "anna", parent=session.id, parent_step=step)
        adopt(store, child.id, store.get(session.id), step)
        assert [tuple(alarm) for alarm in store.alarms(child.id)] == found
        film, _ = arrays.read(store.film_path(child.id))
        assert film["steps"].max() <= step
        assert film["covered"][:, 0].max() <= step


def test_a_thinned_film_forgets_no_alarm(store, scripted, monkeypatch):
    monkeypatch.setattr(films, "FILM_FRAMES", 6)
    session = until(scripted(opened(store, begin(store, SCRIPTED).id)))
    film, _ = arrays.read(store.film_path(session.id))
    assert len(film["steps"]) < len(film["covered"]) == 12
    assert [tuple(alarm) for alarm in store.alarms(session.id)] == FOUND


def test_a_film_that_goes_on_counts_no_moment_twice(tmp_path):
    """Of step 75 the frame was thinned out, and its modes are remembered."""
    kept = {"samples": np.zeros((2, 512, 2), np.float16), "modes": np.zeros((2, 8), np.int16)}
    covered = np.array([[0, 8], [25, 8], [50, 8], [75, 2]])
    path = tmp_path / "film.safetensors"
    arrays.write(path, {**kept, "steps": np.array([0, 50]), "covered": covered})
    film = films.Film(path, looks=None)
    film.begin(75)
    assert film.next == 100
    assert film.watch.alarms == []


def test_runs_without_modes_and_without_a_film_have_no_alarms(store):
    run = begin(store, ("gan", "points", {"n": 300, "steps": 60, "distribution": "moons"}))
    work([run.id], store=store)
    assert "covered" not in arrays.read(store.film_path(run.id))[0]
    assert store.alarms(run.id) == []
    assert store.alarms(begin(store, ("vae", "digits", {})).id) == []


def test_a_film_counts_the_modes_that_its_samples_lie_at(store):
    run = begin(store, COLLAPSING, steps=200)
    work([run.id], store=store)
    film, _ = arrays.read(store.film_path(run.id))
    assert film["covered"][:, 0].tolist() == film["steps"].tolist()
    assert film["covered"][:, 1].tolist() == (film["modes"] > 0).sum(1).tolist()


@pytest.mark.parametrize("harm", [b"", b"\x08", b"\xff" * 16, b"\x08" + b"\0" * 7 + b"rubbish!"])
def test_a_damaged_film_has_no_alarms(store, harm):
    run = begin(store, SCRIPTED)
    store.film_path(run.id).write_bytes(harm)
    assert store.alarms(run.id) == []
