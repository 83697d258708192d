"""A process dies in the middle of a training: the page says so, and the run goes on where it was."""

import os
import signal

from tests.browser import steps
from tests.browser.harness import SERVER_GONE, until

NICE = 10  # what a worker that trains runs at


def trainers(server) -> list[int]:
    """The processes of a server that train."""
    found = server.processes()
    return [pid for pid in found if os.getpriority(os.PRIO_PROCESS, pid) == NICE]


def test_a_killed_worker_leaves_an_interrupted_run_that_resumes(visit, own_server):
    visitor = visit(own_server.start())
    steps.start_run(visitor)
    at = steps.await_step(visitor.page, 300)
    for pid in trainers(own_server):
        os.kill(pid, signal.SIGKILL)
    steps.await_state(visitor.page, "interrupted", 6)
    visitor.look()
    steps.control(visitor, "play")
    steps.await_state(visitor.page, "training")
    steps.await_step(visitor.page, at + 1)


def test_a_killed_server_loses_nothing(visit, own_server):
    visitor = visit(own_server.start())
    visitor.ignored = SERVER_GONE
    run = steps.start_run(visitor)
    steps.await_step(visitor.page, 300)
    own_server.kill()
    until(lambda: not own_server.processes(), 10, "the end of every worker")
    visitor.page.goto("about:blank")

    own_server.start()
    visitor.open(f"/train?run={run}")
    steps.await_state(visitor.page, "interrupted")
    at = steps.await_step(visitor.page, 300)
    steps.control(visitor, "play")
    steps.await_state(visitor.page, "training")
    steps.await_step(visitor.page, at + 1)
    visitor.open("/")
    visitor.page.get_by_text("Recent runs").wait_for()


def test_the_page_recovers_when_its_server_comes_back(visit, own_server):
    visitor = visit(own_server.start())
    visitor.ignored = SERVER_GONE
    run = steps.start_run(visitor, steps=200)
    steps.await_state(visitor.page, "done")
    own_server.stop()
    own_server.start()
    visitor.page.get_by_role("link", name="Runs").first.click(timeout=60_000)
    visitor.key("runs-table").wait_for(timeout=60_000)
    assert run in visitor.page.evaluate("() => location.href") or visitor.page.url.endswith("/runs")


def test_a_stopped_server_leaves_no_process_behind(visit, own_server):
    visitor = visit(own_server.start())
    visitor.ignored = SERVER_GONE
    steps.start_run(visitor)
    steps.await_step(visitor.page, 1)
    assert trainers(own_server)
    own_server.process.terminate()
    assert own_server.process.wait(15) is not None
    until(lambda: not own_server.processes(), 5, "the end of every worker")
    visitor.page.goto("about:blank")
