"""The doors to ``core``: the store, the jobs, and questions to the compute worker that a page must not wait for."""

import json
from typing import Any

import streamlit as st

from core import schemas as kept
from core.runs import Run, Store
from core.training.jobs import Service, service
from pages.ui.visitor import owners

__all__ = ["Pending", "ask", "jobs", "schemas", "store", "visible_runs"]

# A question is asked again at most this often; a form sends a new one with every change.
KEPT = 64


def store() -> Store:
    """The run store of the home folder that the environment names now."""
    return service().store


def jobs() -> Service:
    """The queue and the workers behind it."""
    return service()


def visible_runs(*, deleted: bool = False) -> list[Run]:
    """The visitor's runs, those opened by link and the shipped ones; newest first, shipped last, each once."""
    found = {}
    for name in owners():
        for run in store().runs(name, deleted=deleted, shipped=not deleted):
            found.setdefault(run.id, run)
    return sorted(found.values(), key=lambda run: (run.shipped, -run.created))


class Pending(Exception):
    """The answer is not there yet: show that one waits and look again soon."""


def ask(task: str, *, wait: float = 0.25, **arguments: Any) -> dict[str, Any]:
    """The compute worker's answer, remembered in this session for as long as the arguments stay the same.

    Waits up to ``wait`` seconds; with none, workers that have not begun may take their time. Raises ``Pending``
    while it is on its way, and what the task raised.
    """
    questions = st.session_state.setdefault("_questions", {})
    key = json.dumps([task, arguments], sort_keys=True, default=_digest)
    if key not in questions:
        while len(questions) >= KEPT:
            questions.pop(next(iter(questions)))
        questions[key] = jobs().compute.submit(task, **arguments)
    if wait:
        jobs().compute.hurry.set()
    future = questions[key]
    try:
        return future.result(timeout=wait)
    except TimeoutError as error:
        if not future.done():
            raise Pending from error
        questions.pop(key)
        raise
    except Exception:
        # Asked anew the next time: a worker that died is replaced, a file may be there by then.
        questions.pop(key, None)
        raise


def _digest(value: Any) -> str:
    """Arguments that JSON does not know (uploaded bytes) count by their identity."""
    return f"{type(value).__name__} {hash(value)}"


def schemas(wait: float = 0.25) -> dict[str, Any]:
    """What can be trained and set (``core.schemas``). Raises ``Pending`` while a cold server works it out."""
    return kept.read() or ask("schemas", wait=wait)
