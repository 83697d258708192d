"""Questions to a real compute worker in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from core.compute import Compute
from core.compute.messages import receive, send
from core.errors import BadInput, ExplorerError, NotAllowed

ROOT = Path(__file__).resolve().parents[3]
WORKER = (
    "import socket, sys; from pathlib import Path; from core.compute.worker import serve\n"
    "rest = float(sys.argv[3]) if sys.argv[3:] else None\n"
    "place = socket.socket(fileno=int(sys.argv[1]))\n"
    "serve(place, Path(sys.argv[2]), 'tests.core.compute.answers', rest)"
)


def attach(compute: Compute, home: Path, *rest: float) -> subprocess.Popen:
    ours, theirs = socket.socketpair()
    with theirs:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(theirs.fileno()), str(home), *map(str, rest)],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
    compute.connect(ours, worker.pid)
    return worker


@pytest.fixture
def compute(home):
    compute = Compute()
    worker = attach(compute, home)
    yield compute
    compute.close()
    worker.wait(30)


def test_values_of_every_kind_come_and_go():
    left, right = socket.socketpair()
    values = {
        "array": np.arange(6, dtype=np.float16).reshape(2, 3),
        "empty": np.zeros((0, 4)),
        "bytes": b"\0\1",
        "path": Path("a/b"),
        "list": [1, 2.5, None, True, "ü"],
        "deep": {"x": [np.uint8(3), np.ones(2)]},
    }
    with left, right:
        send(left, values)
        found = receive(right)
        with pytest.raises(TypeError, match="object"):
            send(left, {"no": object()})
        left.close()
        assert receive(right) is None
    assert np.array_equal(found["array"], values["array"])
    assert found["array"].dtype == np.float16
    assert found["empty"].shape == (0, 4)
    assert (found["bytes"], found["path"]) == (b"\0\1", "a/b")
    assert found["list"] == values["list"]
    assert found["deep"]["x"][0] == 3
    assert found["deep"]["x"][1].tolist() == [1.0, 1.0]


def test_questions_are_answered(compute):
    found = compute.call("add", x=np.arange(3), y=1.5)
    assert found["sum"].tolist() == [1.5, 2.5, 3.5]
    assert found["rest"] == [1, None, {"deep": 2.0}]
    assert compute.call("echo", id=3, task="t") == {"id": 3, "task": "t"}


def test_a_big_array_comes_whole(compute):
    x = np.random.default_rng(0).integers(0, 255, 20_000_000, np.uint8)
    assert np.array_equal(compute.call("add", x=x, y=0)["sum"], x)


def test_errors_for_people_are_raised_as_they_were(compute):
    with pytest.raises(BadInput) as caught:
        compute.call("refuse", kind="fields")
    assert caught.value.fields == {"latent_dim": "Too many."}
    with pytest.raises(NotAllowed, match=r"Not this one\."):
        compute.call("refuse", kind="other")


@pytest.mark.parametrize("task", ["surprise", "unsendable"])
def test_other_errors_become_a_sentence_with_a_reference(compute, home, task):
    with pytest.raises(ExplorerError, match="reference") as caught:
        compute.call(task)
    assert "secret" not in str(caught.value)
    assert "Traceback" in (home / "logs" / "compute.log").read_text()
    assert compute.call("echo", a=1) == {"a": 1}


@pytest.mark.parametrize("task", ["hidden", "os", "__import__", "BACKGROUND"])
def test_only_public_tasks_can_be_asked_for(compute, task):
    with pytest.raises(BadInput, match="no task"):
        compute.call(task)


def test_progress_is_told(compute):
    heard = []
    call = compute.submit("sleep", seconds=0.1, listener=lambda *told: heard.append(told))
    assert call.result(30) == "slept"
    assert heard[-1] == call.progress
    assert call.progress[1] == "sleeping"


def test_what_takes_too_long_is_stopped_and_the_next_is_answered(compute):
    process = compute._process
    with pytest.raises(ExplorerError, match="longer than"):
        compute.call("sleep", timeout=0.2, seconds=600)
    assert compute.call("echo", a=1) == {"a": 1}
    assert compute._process == process


def test_a_module_that_is_being_loaded_is_loaded_to_its_end(compute, tmp_path):
    """Half a module would be in everybody's way who asks later."""
    begun, done = tmp_path / "begun", tmp_path / "done"
    source = f"""
import time
from pathlib import Path
Path({str(begun)!r}).touch()
for _ in range(50):
    time.sleep(0.01)
DONE = True
Path({str(done)!r}).touch()
"""
    (tmp_path / "loaded_slowly.py").write_text(source)
    process = compute._process
    call = compute.submit("load_slowly", folder=str(tmp_path))
    wait_for(begun.exists)
    compute.cancel(call)
    assert compute.call("echo", a=1) == {"a": 1}
    assert done.exists()
    assert compute._process == process


def test_a_question_that_waits_can_be_given_up(compute):
    first = compute.submit("sleep", seconds=0.5)
    second = compute.submit("sleep", seconds=600)
    compute.cancel(second)
    assert first.result(30) == "slept"
    assert second.cancelled()
    assert compute.call("echo", a=1) == {"a": 1}


def test_a_download_holds_nobody_up(compute):
    slow = compute.submit("background")
    assert compute.call("echo", a=1) == {"a": 1}
    assert not slow.done()


def test_a_worker_that_is_stuck_or_dies_is_replaced(compute, home):
    compute.patience = 0.2
    compute.call("echo")  # a worker that still starts would be told in time, and not be stuck
    with pytest.raises(ExplorerError, match="try again"):
        compute.call("stuck", timeout=0.2)
    while compute._connection is not None:
        time.sleep(0.01)
    waiting = compute.submit("echo", a=2)
    worker = attach(compute, home)
    assert waiting.result(30) == {"a": 2}
    with pytest.raises(ExplorerError, match="Try again"):
        compute.call("die")
    worker.wait(30)


def test_many_threads_may_ask_at_once(compute):
    found = {}

    def ask(number: int) -> None:
        found[number] = compute.call("echo", number=number)["number"]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {i: i for i in range(20)}


def test_the_worker_ends_with_the_server(home):
    compute = Compute()
    worker = attach(compute, home)
    assert compute.call("echo", a=1) == {"a": 1}
    waiting = compute.submit("sleep", seconds=600)
    compute.close()
    assert worker.wait(30) == 0
    with pytest.raises(ExplorerError, match="shutting down"):
        waiting.result(1)


@pytest.fixture
def resting(home):
    """``resting(rest)``: a worker that warms up after so many seconds, or once it was asked."""
    compute, workers = Compute(), []

    def begin(rest: float) -> Compute:
        workers.append(attach(compute, home, rest))
        return compute

    yield begin
    compute.close()
    workers[0].wait(30)


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_worker_warms_up_by_itself_in_a_thread_of_its_own(resting):
    compute = resting(0.0)
    wait_for(lambda: compute.warm)
    assert compute.call("warmed") == {"pieces": ["warm-up"] * 5, "niceness": 0}


def test_a_worker_that_was_not_asked_does_nothing_until_its_time(resting):
    compute = resting(3600.0)
    time.sleep(1.5)
    assert not compute.warm
    # Its first answer comes before its first piece, and the question is what begins them.
    assert compute.call("warmed")["pieces"] == []
    wait_for(lambda: compute.warm)


def test_warming_up_waits_while_a_question_is_answered(resting):
    compute = resting(3600.0)
    begun = len(compute.call("warmed")["pieces"])
    assert compute.call("sleep", seconds=1.0) == "slept"
    # The piece that had begun is finished beside the question, no other is begun.
    assert len(compute.call("warmed")["pieces"]) <= begun + 2
    assert not compute.warm
    wait_for(lambda: compute.warm)


@pytest.mark.parametrize("name", ["compute", "maps"])
def test_the_service_replaces_its_own(service, name):
    assert service.wait_ready(120)
    worker = getattr(service, name)
    wait_for(lambda: worker._process is not None)
    process = worker._process
    os.kill(process, signal.SIGKILL)
    wait_for(lambda: worker._process not in (None, process))
    with pytest.raises(BadInput, match="no task"):
        worker.call("os", timeout=120)
