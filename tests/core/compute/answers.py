"""Tasks for the compute worker of the tests."""

import importlib
import os
import sys
import threading
import time

import numpy as np

from core.errors import BadInput, NotAllowed

__all__ = [
    "add",
    "background",
    "die",
    "echo",
    "load_slowly",
    "refuse",
    "sleep",
    "stuck",
    "surprise",
    "unsendable",
    "warmed",
]
BACKGROUND = ("background",)
RELEASE = threading.Event()
PIECES: list[str] = []


def WARM_UP():
    """Five pieces of a tenth of a second, each noting who makes it."""
    for _ in range(5):
        time.sleep(0.1)
        PIECES.append(threading.current_thread().name)
        yield


def warmed():
    return {"pieces": PIECES, "niceness": os.getpriority(os.PRIO_PROCESS, 0)}


def echo(**values):
    return values


def add(x: np.ndarray, y: float):
    return {"sum": x + y, "text": "done", "rest": (1, None, {"deep": np.float32(2)})}


def refuse(kind: str):
    if kind == "fields":
        raise BadInput.of_fields({"latent_dim": "Too many."})
    raise NotAllowed("Not this one.")


def surprise():
    raise KeyError("a secret")


def unsendable():
    return {"function": echo}


def sleep(seconds: float, progress=None):
    for i in range(int(seconds * 100)):
        time.sleep(0.01)
        progress(i / (seconds * 100), "sleeping")
    return "slept"


def stuck():
    """Ends at no Python instruction: like a long call into C."""
    import ctypes

    ctypes.PyDLL(None).sleep(1000)


def load_slowly(folder: str):
    """Import a module that takes a while to load, and wait."""
    sys.path[:0] = [folder]
    importlib.import_module("loaded_slowly")
    time.sleep(600)


def background():
    RELEASE.wait(30)
    return "late"


def die():
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def hidden():
    return "never"
