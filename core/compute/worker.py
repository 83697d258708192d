"""The compute worker: answers one question after another with the functions of ``core.inference``.

Its main thread computes. A second thread reads, so that a question can be cancelled while it is being answered.
A worker for long questions has a third, which gets ready what takes long to load while nobody asks.
"""

import importlib
import inspect
import os
import queue
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from core import incidents
from core.compute.messages import encode, error_to_plain, receive
from core.errors import BadInput, ExplorerError

WARMING_NICENESS = 10  # as a training: whoever needs what is being warmed up must wait for the piece that has begun
# Python hands its lock from thread to thread after this many seconds (5 ms by default): while it warms up, a question
# that is being answered in native code must not wait long to go on.
SWITCH_SECONDS = 0.0005
AGAIN_SECONDS = 0.02  # until another look whether a question that was given up can be ended


class Cancelled(BaseException):
    """Raised inside a task that nobody waits for any more; no ``except Exception`` of the task swallows it."""


def serve(
    connection: socket.socket,
    home: Path,
    module: str = "core.inference",
    rest: float | None = None,
) -> None:
    """Answer until the server is gone. Only the names in the module's ``__all__`` can be asked for.

    With ``rest`` the worker also warms up, by the pieces of the module's ``WARM_UP``; until the first question, or
    for so many seconds, it does nothing at all.
    """
    Worker(connection, home, module, rest).run()


class Worker:
    """One conversation with the server."""

    def __init__(self, connection: socket.socket, home: Path, module: str, rest: float | None):
        self.connection, self.home, self.module, self.rest = connection, home, module, rest
        self.waiting: queue.Queue[dict] = queue.Queue()
        self.given_up: set[int] = set()
        self.current: int | None = None
        self.sending = threading.Lock()
        self.asked, self.idle = threading.Event(), threading.Event()

    def run(self) -> None:
        """Answer questions in the order they come."""
        for number in (signal.SIGUSR1, signal.SIGALRM):
            signal.signal(number, self._look_up)
        main = threading.get_ident()
        threading.Thread(target=self._read, args=(main,), name="reader", daemon=True).start()
        if self.rest is not None:
            self.asked.wait(self.rest)
        try:
            importlib.import_module(self.module)
        except Exception as error:  # noqa: BLE001 - each question will meet it again, and say so
            incidents.note(error, self.home, "compute")
        if self.rest is not None:
            threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
        while True:
            if self.waiting.empty():
                self.idle.set()
            message = self.waiting.get()
            self.idle.clear()
            if message["id"] in self.given_up:
                continue
            tasks = sys.modules.get(self.module)
            if message["task"] in getattr(tasks, "BACKGROUND", ()):
                # A download waits for the network, not for this process: others are answered meanwhile.
                threading.Thread(target=self._answer, args=(message,), daemon=True).start()
            else:
                self._answer_cancellable(message)

    def _warm_up(self) -> None:
        """Between questions, piece by piece; a piece that has begun goes on beside a question that comes meanwhile."""
        if sys.platform == "linux":  # where a thread has a niceness of its own
            niceness = max(os.getpriority(os.PRIO_PROCESS, 0), WARMING_NICENESS)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
        usual = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            self.idle.wait()
            for _ in sys.modules[self.module].WARM_UP():
                self.idle.wait()
            self._send(encode({"warm": True}))
        except Exception as error:  # noqa: BLE001 - what is not warm is slow, and says itself what it lacks
            incidents.note(error, self.home, "compute")
        finally:
            sys.setswitchinterval(usual)

    def _answer_cancellable(self, message: dict) -> None:
        self.current = message["id"]
        try:
            self._answer(message)
        except Cancelled:
            self._send(encode({"id": message["id"], "cancelled": True}))
        finally:
            self.current = None

    def _answer(self, message: dict) -> None:
        number = message["id"]
        try:
            result = self._call(number, message["task"], message["args"])
            reply = encode({"id": number, "result": result})
        except ExplorerError as error:
            reply = encode({"id": number, "error": error_to_plain(error)})
        except Exception as error:  # noqa: BLE001 - whatever a task raises, who asked gets a sentence
            sentence = incidents.note(error, self.home, "compute")
            reply = encode({"id": number, "error": error_to_plain(ExplorerError(sentence))})
        if self.current == number:
            self.current = None  # too late to cancel: an answer is never sent by halves
        self._send(reply)

    def _call(self, number: int, task: str, args: dict) -> Any:
        tasks = importlib.import_module(self.module)
        if task not in tasks.__all__:
            raise BadInput(f"There is no task {task!r}.")
        function = getattr(tasks, task)
        if "progress" in inspect.signature(function).parameters:
            args = {**args, "progress": lambda share, text: self._progress(number, share, text)}
        return function(**args)

    def _progress(self, number: int, share: float, text: str) -> None:
        reply = encode({"id": number, "progress": [float(share), str(text)]})
        if self.current != number:
            self._send(reply)
            return
        self.current = None  # as above
        self._send(reply)
        self.current = number
        if number in self.given_up:
            raise Cancelled

    def _send(self, data: bytes) -> None:
        with self.sending:
            self.connection.sendall(data)

    def _read(self, main: int) -> None:
        while True:
            message = receive(self.connection)
            if message is None:
                os._exit(0)  # the server is gone: nobody waits for what is being computed
            if "cancel" not in message:
                self.waiting.put(message)
                self.asked.set()
                continue
            number = message["cancel"]
            self.given_up.add(number)
            if self.current == number:
                signal.pthread_kill(main, signal.SIGUSR1)
            else:
                self._send(encode({"id": number, "cancelled": True}))

    def _look_up(self, _: int, frame: FrameType | None) -> None:
        """Runs in the main thread: end what it is doing if that is what was given up.

        A module that is being loaded or a function that is being compiled would be left in pieces: they are finished.
        """
        if self.current is None or self.current not in self.given_up:
            return
        if shielded(frame):
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
            return
        self.current = None
        raise Cancelled


def shielded(frame: FrameType | None) -> bool:
    """Whether ``frame`` or what called it is at work that cannot be begun anew after it was broken off."""
    while frame is not None:
        names = frame.f_code.co_filename, frame.f_globals.get("__name__") or ""
        if names[0].startswith("<frozen importlib") or names[1].startswith("numba."):
            return True
        frame = frame.f_back
    return False
