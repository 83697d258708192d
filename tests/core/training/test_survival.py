"""Workers and servers that are killed outright: nothing before the last state is lost, and no number changes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.runs import LOCAL, Store
from core.training.worker import work
from tests.core.training.running import GAN, GREEDY, STAGED, assert_same_end, spec_of, wait_for

ROOT = Path(__file__).resolve().parents[3]
# Forks a worker for each line it reads, as the supervisor does; they hear commands at every step, take a turn for
# each, and are no faster than the test can follow.
NURSERY = """
import os, signal, sys, time
from core import models
from core.training import session, worker
from tests.core.staged_model import Staged
known = models.get
models.get = lambda name: Staged if name == "staged" else known(name)
session.POLL_SECONDS = worker.SLICE_SECONDS = 0.0
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    id, pause = line.split()
    process = os.fork()
    if not process:
        try:
            worker.work([id], progress=lambda _: time.sleep(float(pause)))
        finally:
            os._exit(0)
    print(process, flush=True)
"""

pytestmark = pytest.mark.usefixtures("staged")


class Nursery:
    """Workers of one home folder."""

    def __init__(self, home: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            cwd=ROOT,
            env={**os.environ, "EXPLORER_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, id: str, pause: float = 0.0) -> int:
        self.process.stdin.write(f"{id} {pause}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """One for all these tests, as the workers' home is."""
    return Store(tmp_path_factory.mktemp("survival"))


@pytest.fixture(scope="module")
def nursery(store):
    nursery = Nursery(store.home)
    with nursery.process:
        yield nursery
        nursery.process.stdin.close()


def end(process: int, number: int = signal.SIGKILL) -> None:
    os.kill(process, number)
    gone(process)


def gone(process: int) -> None:
    wait_for(lambda: not Path(f"/proc/{process}").exists())


def pause_at_start(store: Store, case) -> str:
    """A run that will stand still before its first step."""
    id = store.create(spec_of(case), LOCAL).id
    store.command(id, "pause")
    return id


def applied(store: Store, id: str) -> Callable[[], bool]:
    return lambda: not store.pending(id)


def drive(nursery: Nursery, store: Store, id: str, killed: bool, script: list) -> None:
    """Give these commands one by one; then end the worker, or not, and let the run end."""
    worker = nursery.start(id)
    wait_for(lambda: store.get(id).state == "paused")
    for name, payload in script:
        store.command(id, name, payload)
        wait_for(applied(store, id))
        if name == "step":
            goal = sum(c.payload["n"] for c in store.commands(id) if c.name == "step")
            wait_for(lambda: store.get(id).steps == goal)  # noqa: B023 - waited for here
    if killed:
        end(worker)
        assert store.get(id).state == "interrupted"
        work([id], store=store)
    else:
        store.command(id, "resume")
        gone(worker)
    assert store.get(id).state == "done"


CASES = {
    "after a live change": (
        GAN,
        [
            ("step", {"n": 10}),
            ("set", {"name": "generator_rate", "value": 2.0}),
            ("step", {"n": 5}),
            ("set", {"name": "learning_rate", "value": 5e-4}),
        ],
    ),
    "between greedy layers": (
        GREEDY,
        [("step", {"n": 10}), ("set", {"name": "l1", "value": 0.01})],
    ),
    "inside a stage": (STAGED, [("step", {"n": 12}), ("phase", {"name": "step"})]),
    "between single D and G steps": (
        GAN,
        [
            ("step", {"n": 7}),
            ("phase", {"name": "D"}),
            ("phase", {"name": "D"}),
            ("phase", {"name": "G"}),
            ("phase", {"name": "D"}),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_worker_killed(nursery, store, name):
    case, script = CASES[name]
    ids = [pause_at_start(store, case) for _ in range(2)]
    drive(nursery, store, ids[0], False, script)
    drive(nursery, store, ids[1], True, script)
    assert_same_end(store, *ids)


def test_a_worker_killed_in_full_run_again_and_again(nursery, store):
    ids = [store.create(spec_of(GAN, steps=600), LOCAL).id for _ in range(2)]
    work([ids[0]], store=store)
    step = -1
    for _ in range(2):
        worker = nursery.start(ids[1], 0.002)
        wait_for(lambda: store.get(ids[1]).steps > step + 60)  # noqa: B023 - waited for here
        end(worker)
        run = store.get(ids[1])
        assert run.state == "interrupted"
        assert "Resume" in run.message
        step = max(store.states(run.id), default=0)
        kept = store.scalars(run.id)["train/D/loss"][0]
        assert set(range(1, step + 1)) <= set(kept.tolist())
    work([ids[1]], store=store)
    assert_same_end(store, *ids)


def test_a_worker_told_to_end_saves_first(nursery, store):
    ids = [store.create(spec_of(GAN, steps=600), LOCAL).id for _ in range(2)]
    work([ids[0]], store=store)
    worker = nursery.start(ids[1], 0.002)
    wait_for(lambda: store.get(ids[1]).steps > 100)
    end(worker, signal.SIGTERM)
    run = store.get(ids[1])
    assert run.state == "interrupted"
    assert store.states(run.id)[-1] == run.steps
    work([ids[1]], store=store)
    assert_same_end(store, *ids)


SERVER = """
import sys
from core.training.jobs import Service
from core.training.specs import resolve
service = Service()
service.start()
service.wait_ready(120)
spec = resolve("gan", "points", {"n": 600, "steps": 1000000})
running, = service.submit(spec, "anna")
print(running, flush=True)
sys.stdin.read()
"""


def test_a_server_killed_leaves_interrupted_runs_and_no_process(tmp_path):
    store = Store(tmp_path / "server")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env={**os.environ, "EXPLORER_HOME": str(store.home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        id = server.stdout.readline().strip()
        wait_for(lambda: store.get(id).steps > 10)
        server.kill()
    wait_for(lambda: store.get(id).state == "interrupted")
    wait_for(lambda: not processes_with(str(store.home)))
    run = store.get(id)
    assert store.states(id)[-1] == run.steps
    assert store.scalars(id)["train/D/loss"][0][-1] <= run.steps
    assert not list((store.home / "runs").rglob(".*"))


def processes_with(home: str) -> list[int]:
    """The processes whose environment names this home folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if f"EXPLORER_HOME={home}".encode() in environment.split(b"\0"):
            found.append(int(folder.name))
    return [process for process in found if process != os.getpid()]
