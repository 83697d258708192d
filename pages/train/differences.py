"""What differs between the settings of several runs."""

from collections import Counter
from typing import Any

from core.runs import Run
from core.training.config import RunSpec


def flat(spec: RunSpec) -> dict[str, Any]:
    """Every setting of a spec under its flat name."""
    return {
        "model": spec.model,
        "dataset": spec.dataset,
        **spec.config,
        **spec.data,
        **spec.training.model_dump(mode="json"),
        "seed": spec.seed,
    }


def differences(runs: list[Run]) -> dict[str, list[Any]]:
    """The settings that are not the same in all runs, with each run's value (None where it has none)."""
    settings = [flat(run.spec) for run in runs]
    names = dict.fromkeys(name for one in settings for name in one)
    rows = {name: [one.get(name) for one in settings] for name in names}
    return {name: values for name, values in rows.items() if any(v != values[0] for v in values)}


def repeats(runs: list[Run]) -> list[list[Run]]:
    """Runs that differ in nothing but their seed, together; in the order in which they come."""
    groups: dict[tuple[str, int], list[Run]] = {}
    seen: Counter[tuple[str, int]] = Counter()
    for run in runs:
        alike = run.spec.model_copy(update={"seed": 0}).model_dump_json()
        # The same seed once more says nothing of the spread: it goes into a group of its own.
        groups.setdefault((alike, seen[alike, run.spec.seed]), []).append(run)
        seen[alike, run.spec.seed] += 1
    return list(groups.values())


def read(value: Any) -> str:
    """A setting as it is read: 1.0 as 1, nothing as a dash."""
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def short_names(runs: list[Run], titles: list[str]) -> list[str]:
    """A name for each run that tells it from the others: its own title, what it is, or what differs in its settings.

    ``titles`` are their full titles, which serve where the runs are of different kinds.
    """
    rows = differences(runs)
    if "model" in rows or "dataset" in rows:
        names = list(titles)
    else:
        shown = list(rows.items())[:3]
        parts = [
            [f"{name.replace('_', ' ')} {read(values[k])}" for name, values in shown]
            for k in range(len(runs))
        ]
        names = [run.title or ", ".join(own) for run, own in zip(runs, parts, strict=True)]
    repeated = {name for name in names if names.count(name) > 1 or not name}
    return [
        f"{name or 'run'} ({k + 1})" if name in repeated else name for k, name in enumerate(names)
    ]
