"""runs, show, evaluate: what was trained, and how good it is."""

from datetime import datetime
from typing import Annotated, Any

import typer

from core.cli import common
from core.runs import Run, Store


def runs(as_json: common.AsJson = False) -> None:
    """All runs, the newest first, the shipped ones last."""
    found = Store().runs()
    if as_json:
        common.print_json([about(run) for run in found])
        return
    rows = [
        (
            run.id,
            run.state,
            run.model,
            run.dataset,
            f"{run.steps}/{run.total_steps or run.spec.training.steps}",
            "shipped" if run.shipped else _when(run.created),
            run.title,
        )
        for run in found
    ]
    common.print_table(rows, ("run", "state", "model", "dataset", "steps", "made", "title"))


def show(run: common.RunId, as_json: common.AsJson = False) -> None:
    """One run: settings, figures, live changes, what is kept."""
    store = Store()
    found = store.find(run)
    told = [
        {"step": c.step, "name": c.name, "payload": c.payload} for c in store.commands(found.id)
    ]
    kept = {
        "snapshots": store.snapshots(found.id),
        "states": store.states(found.id),
        "bytes": store.disk_use(found.id),
    }
    if as_json:
        spec = found.spec.model_dump(mode="json")
        common.print_json({**about(found), "spec": spec, "commands": told, **kept})
        return
    for name, value in about(found).items():
        if name != "metrics" and value not in (None, "", [], {}):
            print(f"{name:20} {_when(value) if name == 'created' else value}")
    for part in ("config", "data", "training"):
        values = found.spec.model_dump(mode="json")[part]
        print(f"{part:20} " + ", ".join(f"{k}={common.in_json(v)}" for k, v in values.items()))
    for command in told:
        print(
            f"{'at step ' + str(command['step']):20} {command['name']} {common.in_json(command['payload'])}"
        )
    print(
        f"{'kept':20} {len(kept['snapshots'])} snapshots, {len(kept['states'])} states, {kept['bytes']:,} bytes\n"
    )
    common.print_table(sorted(found.metrics.items()), ("figure", "last value"))


def evaluate(
    run: common.RunId,
    split: common.Split = "test",
    step: common.Step = None,
    seed: common.Seed = 0,
    corruption: common.Corruption = "none",
    level: common.Level = 0.0,
    samples: Annotated[
        int, typer.Option(help="Importance samples for the likelihood; 0 leaves it out.")
    ] = 200,
    examples: Annotated[
        int, typer.Option(help="Of how many examples, evenly spread over the split.")
    ] = 1000,
    as_json: common.AsJson = False,
) -> None:
    """Figures on the test split, with unit and protocol.

    A likelihood that has only a bound is estimated too: `--samples 200 --examples 10000` of all of MNIST's.
    With `--corruption masking --level 0.3` also how well damaged input is restored.
    """
    from core import inference

    id = Store().find(run).id
    found = inference.evaluate(id, split, step, seed, corruption, level, samples, examples)
    if as_json:
        values = {name: metric["value"] for name, metric in found.items()}
        common.print_json({"run": id, "metrics": values, "details": found}, indent=None)
        return
    rows = [(name, m["value"], m["unit"], m["kind"], m["protocol"]) for name, m in found.items()]
    common.print_table(rows, ("figure", "value", "unit", "kind", "protocol"))


COMMANDS = (runs, show, evaluate)


def about(run: Run) -> dict[str, Any]:
    """A run as JSON, under the names that every command uses."""
    return {
        "run": run.id,
        "state": run.state,
        "model": run.model,
        "dataset": run.dataset,
        "steps": run.steps,
        "total_steps": run.total_steps,
        "seed": run.spec.seed,
        "title": run.title,
        "tags": run.tags,
        "seconds": run.seconds,
        "examples_per_second": run.rate,
        "metrics": run.metrics,
        "message": run.message,
        "parent": run.parent,
        "parent_step": run.parent_step,
        "group": run.group,
        "created": run.created,
        "shipped": run.shipped,
    }


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
