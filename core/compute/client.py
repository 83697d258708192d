"""The server's side of the compute worker: asks by function name, waits or does not, gives up cleanly."""

import itertools
import os
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from core.compute.messages import error_from_plain, receive, send
from core.errors import ExplorerError

Listener = Callable[[float, str], None]
PATIENCE = 5.0  # seconds a cancelled task has to end by itself before its process is replaced


class Call(Future):
    """An answer to come. ``progress`` is the latest (share done, what is being done), or None."""

    def __init__(self, number: int, task: str, args: dict, listener: Listener | None):
        super().__init__()
        self.number, self.task, self.args, self.listener = number, task, args, listener
        self.progress: tuple[float, str] | None = None
        self.sent = False


class Compute:
    """Calls the functions of ``core.inference`` in a worker that does nothing else. Safe between threads.

    A cancelled task has ``patience`` seconds to end. ``warm`` tells whether the worker has said that it is warmed up.
    """

    def __init__(self, patience: float = PATIENCE, hurry: threading.Event | None = None):
        self.patience = patience
        self.hurry = (
            hurry or threading.Event()
        )  # somebody waits: a worker that has not begun should
        self.warm = False
        self._numbers = itertools.count(1)
        self._calls: dict[int, Call] = {}
        self._given_up: set[int] = set()
        self._lock = threading.RLock()
        self._connection: socket.socket | None = None
        self._process: int | None = None

    def call(self, task: str, /, timeout: float = 30.0, **args: Any) -> Any:
        """The answer of function ``task``; its own errors are raised here as they were there.

        Raises ``ExplorerError`` if it takes longer than ``timeout`` seconds; it is then cancelled.
        """
        self.hurry.set()
        call = self.submit(task, **args)
        try:
            return call.result(timeout)
        except TimeoutError:
            self.cancel(call)
            raise ExplorerError(
                f"This took longer than {timeout:g} seconds and was stopped; try again, or ask for less."
            ) from None

    def submit(self, task: str, /, *, listener: Listener | None = None, **args: Any) -> Call:
        """Ask without waiting; asked before the worker is there, it is sent once it is.

        ``listener(share, text)`` hears of progress where the task tells of it.
        """
        call = Call(next(self._numbers), task, args, listener)
        with self._lock:
            self._calls[call.number] = call
            if self._connection is not None:
                self._send(call)
        return call

    def cancel(self, call: Call) -> None:
        """Give up on an answer. The task ends at its next Python instruction; if it finds none, its process ends."""
        with self._lock:
            if self._calls.pop(call.number, None) is None:
                return
            call.cancel()
            if self._connection is None:
                return
            self._given_up.add(call.number)
            with suppress(OSError):
                send(self._connection, {"cancel": call.number})
            timer = threading.Timer(self.patience, self._end_if_stuck, (self._process, call.number))
        timer.daemon = True
        timer.start()

    def connect(self, connection: socket.socket, process: int) -> None:
        """Talk to a new worker from now on, and send it what waits."""
        with self._lock:
            self._connection, self._process, self.warm = connection, process, False
            for call in list(self._calls.values()):
                self._send(call)
        threading.Thread(
            target=self._listen, args=(connection,), name="compute", daemon=True
        ).start()

    def close(self) -> None:
        """End the conversation; whoever still waits gets a sentence."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # which the listener hears, and closes it
        self._fail("The explorer is shutting down.")

    def _send(self, call: Call) -> None:
        call.sent = True
        try:
            send(self._connection, {"id": call.number, "task": call.task, "args": call.args})
        except OSError:
            pass  # the listener sees the end of the connection and tells everybody who waits
        except TypeError:
            del self._calls[call.number]
            raise

    def _listen(self, connection: socket.socket) -> None:
        """Hand out answers until the worker is gone; then tell those who wait."""
        while True:
            try:
                message = receive(connection)
            except OSError:
                message = None
            if message is None:
                break
            self._hand_out(message)
        connection.close()
        with self._lock:
            if self._connection is not connection:
                return
            self._connection = self._process = None
            self.warm = False
            self._given_up.clear()
        self._fail(
            "The compute worker ended while it was at this; a new one is starting. Try again."
        )

    def _hand_out(self, message: dict) -> None:
        if "warm" in message:
            self.warm = True
            return
        number = message["id"]
        with self._lock:
            self._given_up.discard(number)
            call = (
                self._calls.get(number) if "progress" in message else self._calls.pop(number, None)
            )
        if call is None or call.cancelled():
            return
        if "progress" in message:
            call.progress = tuple(message["progress"])
            if call.listener is not None:
                call.listener(*call.progress)
        elif "error" in message:
            call.set_exception(error_from_plain(message["error"]))
        elif "result" in message:
            call.set_result(message["result"])

    def _fail(self, sentence: str) -> None:
        with self._lock:
            calls = [call for call in self._calls.values() if call.sent]
            for call in calls:
                del self._calls[call.number]
        for call in calls:
            if not call.cancelled():
                call.set_exception(ExplorerError(sentence))

    def _end_if_stuck(self, process: int, number: int) -> None:
        with self._lock:
            if number in self._given_up and self._process == process:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
