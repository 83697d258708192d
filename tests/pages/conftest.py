"""The pages without a browser: a home of their own, workers that are not started, questions answered at once."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.compute import Call

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30


class Answers:
    """The compute worker's functions in this process; what fails fails when the answer is asked for."""

    warm = True

    def __init__(self):
        self.hurry = threading.Event()

    def submit(self, task: str, *, listener=None, **arguments) -> Future:
        from core import inference

        future = Future()
        try:
            future.set_result(getattr(inference, task)(**arguments))
        except Exception as error:  # noqa: BLE001 - like a future, it is raised to whoever asks
            future.set_exception(error)
        return future

    def call(self, task: str, timeout: float = 30, **arguments):
        return self.submit(task, **arguments).result()


@pytest.fixture
def jobs(home, monkeypatch):
    """The job service of this test's home; its queue fills, but nobody works it off."""
    from core.training.jobs import service

    service = service()
    monkeypatch.setattr(service, "compute", Answers())
    monkeypatch.setattr(service, "maps", Answers())
    monkeypatch.setattr(service.link, "start", lambda after=0.0: None)
    return service


@pytest.fixture
def sender(monkeypatch) -> dict:
    """Who opens the pages: somebody on the server's own machine, unless a test says otherwise."""
    from pages.ui import visitor

    seen = {
        "cookies": {visitor.COOKIE: "a" * 43},
        "headers": {"Host": "localhost:8501"},
        "address": None,
    }
    monkeypatch.setattr(visitor, "request", lambda: visitor.Seen(**seen))
    return seen


def last(asked: list[tuple[str, dict]], task: str) -> dict:
    """What was asked of ``task`` the last time."""
    return [arguments for name, arguments in asked if name == task][-1]


@pytest.fixture
def visit(jobs, sender) -> Callable[..., AppTest]:
    """Open a page as a browser would, its address included."""

    def open_page(path: str = "", **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages/frame.py"), default_timeout=SECONDS)
        app.session_state["_home-drawn"] = True  # no browser is there to be given a moment
        app.run()
        if path:
            app.switch_page(path)
        app.query_params = dict(query)
        return app.run()

    return open_page


@pytest.fixture
def make_run(jobs) -> Callable[..., str]:
    """A run with a short history; the visitor's at home, where the command line's runs are theirs."""
    from core.training.specs import resolve

    def make(
        state: str = "done", *, model="autoencoder", owner="local", seed=0, message="", **settings
    ):
        spec = resolve(model, "points" if model == "gan" else "digits", settings, seed=seed)
        run = jobs.store.create(spec, owner)
        steps = 0 if state == "queued" else 120
        rows = [
            (step, name, value / step)
            for step in range(1, steps, 10)
            for name, value in losses(model)
        ]
        metrics = {name: value for _, name, value in rows}
        jobs.store.record(
            run.id, rows, steps=steps, total_steps=3000, seconds=2.5, rate=9000.0, metrics=metrics
        )
        x = np.zeros((16, 1, 8, 8), np.uint8)
        jobs.store.write_snapshot(run.id, 0, {"x": x, "x_hat": x}, {"step": 0, "epoch": 0})
        if state in ("running", "paused"):
            jobs.store.hold(run.id)
        jobs.store.transition(run.id, state, message=message)
        return run.id

    return make


def losses(model: str) -> list[tuple[str, float]]:
    """Names and sizes of what a model logs."""
    if model == "gan":
        return [("train/D/loss", 1.3), ("train/G/loss", 0.7)]
    return [("train/loss", 0.5), ("validation/loss", 0.6), ("train/reconstruction_mean", 0.4)]


def texts(app: AppTest) -> str:
    """All that can be read on a page, for looking up a sentence."""
    kinds = (
        app.markdown,
        app.caption,
        app.info,
        app.warning,
        app.error,
        app.success,
        app.subheader,
        app.title,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.fixture
def asked(jobs, monkeypatch) -> list[tuple[str, dict]]:
    """Every question that the pages put to the compute worker."""
    questions, submit = [], jobs.compute.submit

    def noted(task, **arguments):
        questions.append((task, arguments))
        return submit(task, **arguments)

    monkeypatch.setattr(jobs.compute, "submit", noted)
    return questions


class Maps(list):
    """What each map on the page was given; ``told`` is the colour that the visitor has chosen on it."""

    told: str | None = None

    def now(self, key: str) -> dict:
        return [one for one in self if one["widget"] == key][-1]


@pytest.fixture
def shown(monkeypatch) -> Maps:
    """Maps that draw nothing."""
    from pages.ui import map as component

    seen = Maps()

    def draw(*, key, data, **_):
        seen.append(data | {"widget": key})
        return SimpleNamespace(colour=seen.told, selected=None)

    monkeypatch.setattr(component, "_component", lambda: draw)
    return seen


class Worker:
    """A worker that answers when the test says so."""

    warm = True

    def __init__(self):
        self.calls: list[Call] = []
        self.cancelled: list[Call] = []

    def submit(self, task: str, *, listener=None, **arguments) -> Call:
        self.calls.append(Call(len(self.calls), task, arguments, listener))
        return self.calls[-1]

    def cancel(self, call: Call) -> None:
        self.cancelled.append(call)
        call.cancel()

    def tell(self, number: int, share: float, text: str) -> None:
        self.calls[number].progress = (share, text)
        self.calls[number].listener(share, text)


@pytest.fixture
def busy(jobs, monkeypatch) -> Worker:
    """A worker for maps that answers when the test says so."""
    worker = Worker()
    monkeypatch.setattr(jobs, "maps", worker)
    return worker


@pytest.fixture
def playgrounds(monkeypatch) -> list[dict]:
    """What the components of the playground are given; they draw nothing."""
    from pages.ui import playground

    class Found:
        layers = fork = None

    seen: list[dict] = []

    def component(*, key, data, **callbacks):
        seen.append({"key": key, **data})
        return Found()

    monkeypatch.setattr(playground, "_component", lambda: component)
    return seen
