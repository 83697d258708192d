"""A question to the worker for maps that takes a while: begun by a click, and found again after a reload.

The server keeps it, not the page: whoever wants the same joins in, and it is given up once nobody wants it any more.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.compute import Call, Compute
from pages.ui.backend import jobs, store
from pages.ui.visitor import owner
from pages.ui.words import duration

__all__ = ["LongQuestion", "begin", "watch"]

BEGUN = "_long-questions"
KEPT = 256  # answers that a server remembers
LOOK = 0.4  # seconds between two looks at the progress
BRIEF = 1.0  # seconds for which a page waits for an answer that should be there at once
# A share of the work says how much time is left only once some of it is done.
TELLING = 0.05


@dataclass
class _Asked:
    worker: Compute
    call: Call | None = None
    wanted: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    started: float | None = None  # when the worker took it up


_asked: dict[tuple[str, str], _Asked] = {}  # by home folder and question
_guard = threading.RLock()


@dataclass(frozen=True)
class Progress:
    """How far a question is: the share done, what is being done, seconds so far, and how many wait before it.

    ``expected`` are the seconds that it was thought to take, 0 where nobody knows.
    """

    share: float
    text: str
    seconds: float
    before: int = 0
    expected: float = 0.0

    @property
    def left(self) -> float:
        """Seconds: at first as was expected, the further it is the more as it has gone so far."""
        as_it_went = self.seconds / self.share
        expected = self.expected or as_it_went
        return (1 - self.share) * (self.share * as_it_went + (1 - self.share) * expected)

    @property
    def words(self) -> str:
        """``Iteration 120 of 350 · 4 s · about 7 s left``."""
        if self.before:
            others = "another map is" if self.before == 1 else f"{self.before} other maps are"
            return f"Waiting: {others} being made first · {duration(self.seconds)}"
        parts = [self.text or "About to begin", duration(self.seconds)]
        if TELLING < self.share < 1:
            parts.append(f"about {duration(self.left)} left")
        return " · ".join(parts)


class LongQuestion:
    """One question: ``task`` of ``core.inference`` with JSON ``arguments``, which are what it is known by.

    ``expected`` are the seconds that it should take, where that is known.
    """

    def __init__(self, task: str, *, expected: float = 0.0, **arguments: Any):
        self.task, self.arguments, self.expected = task, arguments, expected
        home = str(store().home)
        self.name = (home, json.dumps([task, arguments], sort_keys=True))

    @property
    def _now(self) -> _Asked | None:
        return _asked.get(self.name)

    def begin(self, *, quick: bool = False) -> None:
        """Ask, or join those who have asked already. What is ``quick`` does not wait behind what takes long."""
        with _guard:
            now = self._now
            if now is None or (now.call.done() and not _succeeded(now.call)):
                _forget_old()
                now = _Asked(jobs().compute if quick else jobs().maps)
                now.call = now.worker.submit(self.task, listener=_noting(now), **self.arguments)
                _asked[self.name] = now
            now.wanted.add(owner())

    def stop(self) -> None:
        """Want it no longer; the last one who does ends it."""
        with _guard:
            now = self._now
            if now is None or now.call.done():
                return
            now.wanted.discard(owner())
            if not now.wanted:
                del _asked[self.name]
                now.worker.cancel(now.call)

    def forget(self) -> None:
        """Drop an answer that is no longer worth having, or an error that has been read."""
        with _guard:
            if (now := self._now) and now.call.done():
                del _asked[self.name]

    @property
    def going(self) -> bool:
        """Whether the visitor waits for its answer."""
        now = self._now
        return bool(now and not now.call.done() and owner() in now.wanted)

    def answer(self, wait: float = 0.0) -> dict[str, Any] | None:
        """The answer, None where there is none (yet). Raises what the task raised, an ``ExplorerError``."""
        now = self._now
        if now is None:
            return None
        try:
            return now.call.result(timeout=wait)
        except TimeoutError:
            if now.call.done():
                raise
            return None
        except CancelledError:
            return None  # the last one who wanted it has just stopped it

    def progress(self) -> Progress | None:
        """How far it is; None where nobody waits for it."""
        now = self._now
        if now is None or now.call.done():
            return None
        share, text = now.call.progress or (0.0, "")
        if now.started is not None:
            seconds = time.monotonic() - now.started
            return Progress(share, text, seconds, expected=self.expected)
        with _guard:
            others = [asked for asked in _asked.values() if asked.worker is now.worker]
        before = sum(not one.call.done() and one.began < now.began for one in others)
        return Progress(0.0, "", time.monotonic() - now.began, before)


def _succeeded(call: Call) -> bool:
    return call.done() and not call.cancelled() and call.exception() is None


def _noting(asked: _Asked) -> Callable[[float, str], None]:
    def heard(share: float, text: str) -> None:
        del share, text
        if asked.started is None:
            asked.started = time.monotonic()

    return heard


def _forget_old() -> None:
    ended = [name for name, asked in _asked.items() if asked.call.done()]
    for name in ended[: max(0, len(ended) - KEPT + 1)]:
        del _asked[name]


def begin(questions: Sequence[LongQuestion]) -> None:
    """Ask these, and give up what this page asked before: who chooses anew does not wait for what they had chosen."""
    names = {question.name for question in questions}
    for before in st.session_state.get(BEGUN, ()):
        if before.name not in names:
            before.stop()
    for question in questions:
        question.begin()
    st.session_state[BEGUN] = list(questions)


@st.fragment(run_every=LOOK)
def watch(questions: Sequence[LongQuestion], titles: Sequence[str], key: str) -> None:
    """A bar for each question that is being answered, and one button that stops them all.

    The page is drawn anew as soon as one of them has its answer, or none is wanted any more.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    bars = row.container()
    for question, title in zip(questions, titles, strict=True):
        if (progress := question.progress()) is not None:
            bars.progress(min(1.0, progress.share), text=f"{title}{progress.words}")
    row.button(
        "Stop",
        icon=":material/stop:",
        key=f"{key}-stop",
        shortcut="X",
        help="End it; what was made before is kept",
        on_click=_stop,
        args=(questions,),
    )
    if not all(question.going for question in questions):
        st.rerun()


def _stop(questions: Sequence[LongQuestion]) -> None:
    for question in questions:
        question.stop()
