"""The server's hold on its supervisor: one subprocess that has torch loaded before anybody clicks."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from core.compute import Compute
from core.settings import ROOT

MESSAGE = 64  # bytes of a message from the supervisor: JSON, padded
STOP_SECONDS = 20.0  # for workers to save what they have
QUICK_DEATH = 20.0  # a supervisor that lives shorter than this did not come up
ATTEMPTS = 3
# One thread a process: two processes that spin on two cores lose a hundredfold.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}


def tell(connection: socket.socket, message: dict, handles: tuple[int, ...] = ()) -> None:
    """Send one short message, with open file descriptors riding along."""
    data = json.dumps(message).encode().ljust(MESSAGE)
    socket.send_fds(connection, [data], list(handles))


class Link:
    """Starts the supervisor, passes on the connection to each new worker that answers, and restarts it if it dies.

    The supervisor lives as long as its end of the connection: however the server ends, it notices.
    """

    def __init__(self, home: Path, compute: Compute, maps: Compute):
        self.home, self.compute = home, compute
        self.answering = {"compute": compute, "maps": maps}
        self.ready = threading.Event()
        self.problem = ""
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        self._wanted = False

    def start(self, after: float = 0.0) -> None:
        """Start the supervisor unless it runs; returns at once, ``ready`` tells when it is warm.

        It begins ``after`` so many seconds, or as soon as anybody waits for a worker.
        """
        with self._lock:
            if self._wanted:
                return
            self._wanted = True
            if not after:
                self._launch()
        threading.Thread(target=self._attend, args=(after,), name="supervisor", daemon=True).start()

    def stop(self) -> None:
        """End it; its workers save first, and their runs are interrupted."""
        with self._lock:
            if not self._wanted:
                return
            self._wanted = False
            process = self._process
            with suppress(OSError, AttributeError):  # which it has not if it never began
                self._connection.shutdown(
                    socket.SHUT_RDWR
                )  # heard on both sides; the listener closes it
        self.ready.clear()
        self.compute.hurry.set()
        for worker in self.answering.values():
            worker.close()
        if process is None:
            return
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wake(self) -> None:
        """Tell the supervisor to look at the queue now."""
        self.compute.hurry.set()
        with self._lock, suppress(OSError, AttributeError):
            self._connection.send(b"!")

    def _launch(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs, _log(self.home) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.training.supervisor", str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, **ENVIRONMENT, "EXPLORER_HOME": str(self.home)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the server, which then ends it in order
            )
        self._connection = ours
        self._started = time.monotonic()

    def _attend(self, after: float) -> None:
        """Listen until the service is stopped; restart a supervisor that died."""
        if after:
            self.compute.hurry.wait(after)
            with self._lock:
                if not self._wanted:
                    return
                self._launch()
        failures = 0
        while True:
            connection = self._connection
            with connection:
                self._listen(connection)
            self.ready.clear()
            self._process.wait()
            with self._lock:
                if not self._wanted:
                    return
                failures = failures + 1 if time.monotonic() - self._started < QUICK_DEATH else 1
                if failures == ATTEMPTS:
                    self.problem = (
                        "The training workers do not start; everything that was trained is kept. "
                        "The reason is in logs/supervisor.log."
                    )
                    return
                self._launch()

    def _listen(self, connection: socket.socket) -> None:
        while True:
            try:
                data, handles, _, _ = socket.recv_fds(connection, MESSAGE, 1, socket.MSG_WAITALL)
            except OSError:
                return
            if len(data) < MESSAGE:
                return
            message = json.loads(data)
            for name in message.keys() & self.answering.keys():
                self.answering[name].connect(socket.socket(fileno=handles[0]), message[name])
            if "ready" in message:
                self.ready.set()


def _log(home: Path):
    """The supervisor's log, or nowhere where nothing can be written."""
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        return (home / "logs" / "supervisor.log").open("ab")
    except OSError:
        return open(os.devnull, "wb")
