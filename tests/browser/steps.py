"""What a person does on the pages, and what they see of a run."""

import re

from tests.browser.harness import Visitor, until

LONG = 1_000_000  # steps: a run that no test sees the end of


def start_run(visitor: Visitor, **settings) -> str:
    """Start a training from the Train page, its form filled from the address; returns the run's id."""
    values = {"model": "autoencoder", "dataset": "digits", "steps": LONG} | settings
    visitor.open("/train?" + "&".join(f"{name}={value}" for name, value in values.items()))
    visitor.key("start").get_by_role("button").click()
    visitor.key("control-bar").wait_for()
    return run_of(visitor.page)


def run_of(page) -> str:
    """The run that the address bar names."""
    address = page.evaluate("() => location.href")  # page.url is only as new as the last event
    found = re.search(r"[?&]run=(\w+)", address)
    assert found, address
    return found[1]


def step(page) -> int:
    """The step that the status line shows; 0 before the first."""
    found = re.search(r"step ([\d,]+)", page.inner_text(".st-key-status"))
    return int(found[1].replace(",", "")) if found else 0


def state(page) -> str:
    """The word on the badge beside the title, after its icon."""
    return page.locator(".st-key-run-head .stMarkdownBadge").inner_text().split()[-1]


def await_state(page, word: str, seconds: float = 20) -> None:
    """Wait for the badge to say so."""
    until(lambda: state(page) == word, seconds, f"a run that is {word}; it is {state(page)}")


def await_step(page, least: int, seconds: float = 20) -> int:
    """Wait for the run to get so far; the step it has reached."""
    until(lambda: step(page) >= least, seconds, f"step {least}")
    return step(page)


def control(visitor: Visitor, name: str, page=None) -> None:
    """Press a button of the control bar."""
    (page or visitor.page).locator(f".st-key-control-{name}").get_by_role("button").click()


def points(page, chart: str = "curves-chart") -> list[int]:
    """How many points each line of the curves has; empty before the chart is drawn."""
    return page.evaluate(
        """chart => {
            const plot = document.querySelector(`[class*="st-key-${chart}"] .js-plotly-plot`);
            return (plot?._fullData ?? []).map(line => line.x.length);
        }""",
        chart,
    )


def picture_step(page) -> int:
    """The step of the picture that the live panel shows; -1 before the first."""
    picture = page.locator(".picture")
    shown = picture.first.get_attribute("data-step") if picture.count() else None
    return int(shown) if shown else -1
