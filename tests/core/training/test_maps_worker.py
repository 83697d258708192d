"""The worker for maps of a real service: it answers, is given up, dies and is there again."""

import os
import signal
import time

import pytest

from core.errors import ExplorerError
from tests.core.training.running import wait_for

RUN = "vae-digits"
LONG = {
    "run": RUN,
    "split": "train",
    "method": "tsne",
    "settings": {"iterations": 5000, "exaggeration_iterations": 1000},
}


@pytest.fixture
def maps(service):
    assert service.wait_ready(120)
    wait_for(lambda: service.maps._process is not None)
    return service.maps


def begun(service, **changes):
    """A long map of which the first is seen already."""
    request = LONG | changes
    key = service.compute.call("project_estimate", request=request)["key"]
    call = service.maps.submit("project", request=request)
    wait_for(lambda: service.store.maps.live(RUN, key))
    return call, key


def test_a_map_made_by_the_worker_is_found_by_the_other(service, maps):
    request = {"run": RUN, "method": "pca"}
    made = maps.call("project", request=request, timeout=120)
    assert not made["cached"]
    assert service.compute.call("project_estimate", request=request)["cached"]
    assert service.store.maps.read(RUN, made["key"])
    nearest = service.compute.call(
        "map_near",
        run=RUN,
        key=made["key"],
        position=int(service.store.maps.read(RUN, made["key"])[0]["position"][0]),
    )
    assert len(nearest["place"]) == 9


def test_a_map_that_is_given_up_ends_and_the_worker_lives_on(service, maps):
    call, key = begun(service)
    assert 0 < call.progress[0] < 1
    process, asked = maps._process, time.monotonic()
    maps.cancel(call)
    assert maps.call("project", request={"run": RUN, "method": "own"}, timeout=60)
    assert time.monotonic() - asked < 5
    assert maps._process == process
    assert service.store.maps.live(RUN, key) is None
    assert service.store.maps.read(RUN, key) is None


def test_a_worker_that_dies_over_a_map_is_replaced(service, maps):
    call, _ = begun(service, n=1200)
    process = maps._process
    os.kill(process, signal.SIGKILL)
    with pytest.raises(ExplorerError, match="Try again"):
        call.result(30)
    wait_for(lambda: maps._process not in (None, process))
    assert maps.call("project", request={"run": RUN, "method": "own"}, timeout=60)
    assert service.compute.call("schemas", timeout=60)["models"]
