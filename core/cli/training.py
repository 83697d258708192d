"""train, resume: a run like any other, trained by this process, seen and steered from the pages meanwhile."""

import sys
from typing import Annotated, Any

import typer
from tqdm import tqdm

from core.cli import common
from core.errors import BadInput, NotAllowed
from core.runs import LOCAL, Run, Store
from core.runs.history import stages_told

FAILED, INTERRUPTED = 1, 130


def train(
    model: common.Model,
    dataset: common.Dataset = None,
    settings: common.Sets = None,
    preset: common.Preset = None,
    steps: Annotated[int | None, typer.Option(help="How many steps to train.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes through the data, instead.")] = None,
    seed: common.Seed = 0,
    data_dir: common.DataDir = None,
    title: Annotated[str, typer.Option(help="What to call the run.")] = "",
    as_json: common.AsJson = False,
) -> int:
    """Train a model; Ctrl-C saves, `resume` goes on."""
    from core import datasets
    from core.training.specs import check_fit, resolve

    chosen = common.settings_of(settings) | _length(steps, epochs)
    spec = resolve(
        model, dataset, chosen, preset=preset, seed=seed, data_dir=common.directory(data_dir)
    )
    with common.Bar() as loading:
        data = datasets.load(spec.dataset, spec.data, data_dir=spec.data_dir, progress=loading)
    check_fit(spec, data)
    store = Store()
    # Running from its first moment: a server's workers must not take it from the queue.
    run = store.create(spec, LOCAL, title=title, state="running")
    return _work(store, run, as_json)


def resume(run: common.RunId, as_json: common.AsJson = False) -> int:
    """Go on with a run that was paused, stopped or interrupted."""
    store = Store()
    found = store.find(run)
    if found.state in ("done", "failed"):
        raise NotAllowed(f"Run {found.id} is {found.state} and cannot go on; train a new one.")
    if stages_told(store.commands(found.id)).get("on"):
        # In a terminal nobody would see for what it waits.
        store.command(found.id, "stages", {"on": False})
    return _work(store, found, as_json)


COMMANDS = (train, resume)


def _length(steps: int | None, epochs: int | None) -> dict[str, Any]:
    """Steps set aside the epochs that a preset may ask for."""
    if steps is not None and epochs is not None:
        raise BadInput("Give --steps or --epochs, not both.")
    if steps is not None:
        return {"steps": steps, "epochs": None}
    return {} if epochs is None else {"epochs": epochs}


def _work(store: Store, run: Run, as_json: bool) -> int:
    """Train to the end, evaluate, report. Returns the exit code."""
    from core.training.worker import work

    print(f"run {run.id}", file=sys.stderr)
    with Progress(run.steps) as progress:
        done = work([run.id], store=store, progress=progress)[0]
    if done.state in ("done", "stopped"):
        done = _evaluated(store, done)
    if as_json:
        common.print_json(_result(done, progress.examples), indent=None)
    else:
        common.print_table(sorted(done.metrics.items()), ("figure", "last value"))
        print(f"{done.state} after {done.steps:,} steps in {done.seconds:.1f} s")
    if done.message:
        print(" ".join(done.message.split()), file=sys.stderr)
    if done.state in ("interrupted", "paused", "stopped"):
        print(f"to go on: python -m core resume {done.id}", file=sys.stderr)
    return {"failed": FAILED, "interrupted": INTERRUPTED, "paused": INTERRUPTED}.get(done.state, 0)


def _evaluated(store: Store, run: Run) -> Run:
    """The figures on the test split stand beside the last scalars from now on."""
    from core import inference
    from core.analysis.evaluation import numbers

    figures = numbers(inference.evaluate(run.id))
    store.update(run.id, metrics=run.metrics | figures)
    return store.get(run.id)


def _result(run: Run, examples: float) -> dict[str, Any]:
    """The last line of a training; ``examples`` are all that it has seen."""
    return {
        "run": run.id,
        "state": run.state,
        "steps": run.steps,
        "seconds": run.seconds,
        "examples_per_second": examples / run.seconds if run.seconds else 0.0,
        "metrics": run.metrics,
        "message": run.message,
    }


class Progress:
    """The bar of a training: steps, examples per second, the loss of late."""

    def __init__(self, begun: int = 0):
        self.begun, self.examples = begun, 0.0
        # Into a file, a line every few seconds is enough.
        often = 0.1 if sys.stderr.isatty() else 5.0
        self.bar = tqdm(unit="step", file=sys.stderr, dynamic_ncols=True, mininterval=often)

    def __call__(self, session: Any) -> None:
        trainer = session.trainer
        self.examples = trainer.epoch * len(trainer.feed.rows)
        if self.bar.total != trainer.total_steps:
            # A resumed run begins where it stood; the bar's own rate counts from here.
            self.bar.total = trainer.total_steps
            self.bar.initial = self.bar.n = self.begun
        state = {"paused": "yes"} if session.idle else {}
        losses = {
            name.rpartition("train/")[2]: f"{value:.4g}"
            for name, value in session.metrics.items()
            if name.startswith("train/") and name.endswith("loss")
        }
        self.bar.set_postfix(losses | state, refresh=False)
        self.bar.update(trainer.step - self.bar.n)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()
