"""Long questions: asked once for all who want the same, found again by whoever asked, ended by the last."""

import pytest

from core.errors import ExplorerError
from pages.ui import long_question
from pages.ui.long_question import LongQuestion, Progress


@pytest.fixture
def be(monkeypatch):
    """``be("somebody")``: from now on the questions are theirs."""
    return lambda name: monkeypatch.setattr(long_question, "owner", lambda: name)


def test_the_same_question_is_asked_once_and_found_again(busy, be):
    be("ann")
    assert LongQuestion("project", request={"n": 5, "run": "a"}).answer() is None
    LongQuestion("project", request={"n": 5, "run": "a"}).begin()
    again = LongQuestion("project", request={"run": "a", "n": 5})
    again.begin()
    assert len(busy.calls) == 1
    assert again.going
    assert not LongQuestion("project", request={"run": "a", "n": 6}).going
    busy.calls[0].set_result({"key": "k"})
    assert not again.going
    assert LongQuestion("project", request={"n": 5, "run": "a"}).answer() == {"key": "k"}
    again.begin()
    assert len(busy.calls) == 1


def test_it_ends_with_the_last_who_wants_it(busy, be):
    question = LongQuestion("project", request={})
    be("ann")
    question.begin()
    be("ben")
    assert not question.going
    question.begin()
    question.stop()
    assert not question.going
    assert not busy.cancelled
    be("ann")
    assert question.going
    question.stop()
    assert busy.cancelled == busy.calls
    assert question.answer() is None
    question.begin()
    assert len(busy.calls) == 2


def test_what_failed_says_why_and_can_be_asked_again(busy, be):
    be("ann")
    question = LongQuestion("project", request={})
    question.begin()
    busy.calls[0].set_exception(ExplorerError("All points are the same."))
    with pytest.raises(ExplorerError, match="the same"):
        question.answer()
    question.begin()
    assert question.answer() is None
    assert len(busy.calls) == 2


def test_whoever_waits_is_told_for_what(busy, be):
    be("ann")
    first, second = (LongQuestion("project", request={"n": n}) for n in (1, 2))
    first.begin()
    second.begin()
    assert second.progress().before == 1
    assert "another map is being made first" in second.progress().words
    busy.tell(0, 0.5, "Iteration 175 of 350")
    assert first.progress().share == 0.5
    assert first.progress().before == 0
    assert first.progress().words.startswith("Iteration 175 of 350")
    busy.calls[0].set_result({})
    assert first.progress() is None
    assert second.progress().before == 0


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(0.25, "Halfway to half", 10.0), "Halfway to half · 10 s · about 30 s left"),
        (Progress(0.25, "Slow to begin", 10.0, 0, 4.0), "Slow to begin · 10 s · about 10 s left"),
        (Progress(0.01, "Neighbours", 1.0), "Neighbours · 1 s"),
        (Progress(0.0, "", 0.0), "About to begin · 0 s"),
    ],
)
def test_time_left_is_told_once_it_means_something(progress, said):
    assert progress.words == said


def test_what_is_quick_does_not_wait_behind_what_takes_long(busy, be, jobs):
    be("ann")
    LongQuestion("project", request={"n": 1}).begin()
    request = {"run": "vae-digits", "step": 6000, "method": "pca"}
    quick = LongQuestion("project", request=request)
    quick.begin(quick=True)
    assert quick.answer()["count"] > 0
    assert len(busy.calls) == 1
