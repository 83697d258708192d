"""The runs that ship with the program: what each is, how it was made, and whether it still is what it was.

``checkpoints/<name>/`` holds a run as plain files (``core.runs.shipped``), its last state without the optimiser's
memory: a fork at its end starts with none. ``checkpoints/manifest.json`` holds, for each, the command that trains it,
the SHA-256 of every file, and its figures on the test split. ``build`` trains one anew and replaces it; ``verify``
recomputes the hashes, which must agree exactly, and the figures, which must agree within a tolerance: another
processor rounds differently.
"""

import hashlib
import json
import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import arrays
from core.errors import BadInput, DamagedFile, DataUnavailable, ExplorerError
from core.settings import ROOT

if TYPE_CHECKING:
    from core.runs import Store

__all__ = ["RECIPES", "Recipe", "build", "folder", "manifest", "verify"]

# Figures recomputed elsewhere may differ by this share of their value.
TOLERANCE = 0.01
ESTIMATED = "test_nll"


@dataclass(frozen=True)
class Recipe:
    """How one shipped run is made: the arguments of ``python -m core train``, and what to call it."""

    title: str
    model: str
    dataset: str
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    snapshots_mb: float = 6.0  # megabytes of pictures that are shipped

    @property
    def command(self) -> str:
        """The command line that trains the same run (a data set that needs files adds ``--data-dir``)."""
        words = ["python", "-m", "core", "train", self.model, "--dataset", self.dataset]
        for name, value in self.settings.items():
            words += ["--set", f"{name}={json.dumps(value, separators=(',', ':'))}"]
        return shlex.join([*words, "--seed", str(self.seed), "--title", self.title])


# The benchmark of the literature: a fixed binarisation, all 60,000 training images, 784-400-40-400-784.
BINARISED = {
    "latent_dim": 40,
    "encoder_sizes": [400],
    "binarise": "fixed",
    "validation": 0,
    "precision": "bf16",
    "schedule": "cosine",
}

RECIPES: dict[str, Recipe] = {
    "vae-digits": Recipe(
        "VAE: the digits on a map of two numbers",
        "vae",
        "digits",
        {"latent_dim": 2, "encoder_sizes": [256, 64], "schedule": "cosine", "steps": 6000},
    ),
    "autoencoder-digits": Recipe(
        "Autoencoder: the digits through a code of two numbers",
        "autoencoder",
        "digits",
        {"latent_dim": 2, "encoder_sizes": [256, 64], "schedule": "cosine", "steps": 6000},
    ),
    "vae-mnist": Recipe(
        "VAE: MNIST on a map of two numbers",
        "vae",
        "mnist",
        {"latent_dim": 2, "encoder_sizes": [256, 64], "schedule": "cosine", "steps": 20_000},
    ),
    "stacked-mnist": Recipe(
        "Stacked autoencoder: MNIST in thirty numbers",
        "autoencoder",
        "mnist",
        {
            "encoder_sizes": [350, 100, 30],
            "activation": "selu",
            "validation": 0,
            "batch_size": 64,
            "learning_rate": 4e-3,
            "beta2": 0.99,
            "schedule": "cosine",
            "warmup_steps": 200,
            "epochs": 10,
        },
    ),
    "vae-binarised": Recipe(
        "VAE: binarised MNIST in forty numbers",
        "vae",
        "mnist",
        {
            **BINARISED,
            "beta_schedule": "warm_up",
            "beta_steps": 8000,
            "optimizer": "adamw",
            "weight_decay": 0.015,
            "learning_rate": 3e-3,
            "batch_size": 256,
            "epochs": 250,
        },
        snapshots_mb=2.0,
    ),
    "iwae-binarised": Recipe(
        "IWAE: the same network, fifty draws weighed",
        "vae",
        "mnist",
        {
            **BINARISED,
            "importance_samples": 50,
            "plain_steps": 9380,
            "optimizer": "adamw",
            "weight_decay": 0.01,
            "learning_rate": 2e-3,
            "epochs": 100,
        },
        snapshots_mb=2.0,
    ),
}


def folder() -> Path:
    """Where the shipped runs lie."""
    return ROOT / "checkpoints"


def manifest(place: Path | None = None) -> dict[str, dict[str, Any]]:
    """``{name: {title, model, dataset, seed, command, files, figures}}``, empty before the first build."""
    path = (place or folder()) / "manifest.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DamagedFile(f"{path.name} cannot be read ({error}).") from error


def build(
    name: str,
    data_dir: str | None = None,
    progress: Callable[[Any], None] | None = None,
    place: Path | None = None,
) -> dict[str, Any]:
    """Train the shipped run ``name`` anew, replace its folder and its entry in the manifest; the entry.

    ``progress`` is called with the session now and then. Raises ``BadInput`` for an unknown name, and
    ``ExplorerError`` where the training fails.
    """
    from core.runs import LOCAL, Store
    from core.training.specs import resolve
    from core.training.worker import work

    recipe, place = _recipe(name), place or folder()
    spec = resolve(
        recipe.model, recipe.dataset, recipe.settings, seed=recipe.seed, data_dir=data_dir
    )
    with tempfile.TemporaryDirectory() as home:
        store = Store(home)
        run = store.create(spec, LOCAL, title=recipe.title, state="running")
        done = work([run.id], store=store, progress=progress)[0]
        if done.state != "done":
            raise ExplorerError(f"{name} was not built: {done.message or done.state}")
        found = figures(store, run.id, data_dir)
        store.update(run.id, metrics=done.metrics | found)
        store.export(run.id, place / name)
        store.database.close()
    _lighten(place / name, recipe.snapshots_mb)
    _forget_place(place / name)
    entry = {
        "title": recipe.title,
        "model": recipe.model,
        "dataset": recipe.dataset,
        "seed": recipe.seed,
        "command": recipe.command,
        "files": hashes(place / name),
        "figures": found,
    }
    known = manifest(place) | {name: entry}
    text = json.dumps(dict(sorted(known.items())), indent=2) + "\n"
    arrays.write_bytes(place / "manifest.json", text.encode())
    return entry


def verify(
    name: str, data_dir: str | None = None, place: Path | None = None, quick: bool = False
) -> tuple[list[str], list[str]]:
    """What is wrong with a shipped run, and what could not be checked here, a sentence each.

    Files must be the very bytes that were shipped; figures must be within one per cent of those in the manifest. Where
    it must be ``quick`` the likelihood is left out, which takes half a minute to estimate.
    """
    from core.runs import Store

    place = place or folder()
    entry = manifest(place).get(name)
    if entry is None:
        return [f"{name} is not in the manifest."], []
    wrong = _changed_files(entry["files"], hashes(place / name))
    if wrong:
        return wrong, []
    try:
        found = figures(Store(shipped=place), name, data_dir, quick)
    except DataUnavailable as error:
        return [], [f"The figures of {name} were not checked: {error}"]
    except ExplorerError as error:
        return [str(error)], []
    shipped = {n: v for n, v in entry["figures"].items() if not (quick and n == ESTIMATED)}
    return _moved_figures(shipped, found), []


def figures(
    store: "Store", id: str, data_dir: str | None = None, quick: bool = False
) -> dict[str, float]:
    """The figures of one run of ``store`` on its test split, computed from its last weights.

    Unless it must be ``quick`` with ``test_nll``, from 200 importance samples for every example of the split.
    """
    from core import datasets
    from core.analysis.evaluation import SAMPLES, evaluate, numbers
    from core.inference.weights import load

    loaded = load(id, store=store)
    spec = loaded.run.spec
    data = datasets.load(spec.dataset, spec.data, data_dir=data_dir)
    samples = 0 if quick else SAMPLES
    return numbers(evaluate(loaded.model, data, samples=samples, examples=len(data.x)))


def hashes(run: Path) -> dict[str, str]:
    """The SHA-256 of every file of a shipped run, by its path within the folder."""
    return {
        path.relative_to(run).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


def _recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise BadInput(f"There is no shipped run {name!r}; choose one of {', '.join(RECIPES)}.")
    return RECIPES[name]


def _lighten(run: Path, megabytes: float) -> None:
    """Leave out what only a resume needs, and of more snapshots than so many megabytes those that are missed least."""
    from core.runs.files import RunFiles
    from core.training.plans import least_missed

    files = RunFiles(run)
    for step in files.steps("states"):
        values, meta = files.read_state(files.path("states", step))
        kept = {n: v for n, v in values.items() if not n.startswith("optimizer/")}
        files.write_state(step, kept, meta)
    sizes = {s: files.path("snapshots", s).stat().st_size for s in files.steps("snapshots")}
    while sum(sizes.values()) > megabytes * 2**20 and len(sizes) > 2:
        victim = least_missed(sorted(sizes))
        files.path("snapshots", victim).unlink()
        del sizes[victim]


def _forget_place(run: Path) -> None:
    """A shipped spec names no folder of the machine that trained it."""
    path = run / "run.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    spec = json.loads(document["run"]["spec_json"]) | {"data_dir": None}
    document["run"]["spec_json"] = json.dumps(spec)
    arrays.write_bytes(path, (json.dumps(document, indent=1) + "\n").encode())


def _changed_files(shipped: dict[str, str], found: dict[str, str]) -> list[str]:
    return [
        *(f"{path} is missing." for path in shipped if path not in found),
        *(f"{path} is not one of the shipped files." for path in found if path not in shipped),
        *(
            f"{path} is not the file that was shipped (its SHA-256 differs)."
            for path, digest in shipped.items()
            if found.get(path, digest) != digest
        ),
    ]


def _moved_figures(shipped: dict[str, float], found: dict[str, float]) -> list[str]:
    if shipped.keys() != found.keys():
        return [f"The figures are {', '.join(found)}, and were {', '.join(shipped)}."]
    return [
        f"{name} is {found[name]:.6g}, and was {value:.6g}."
        for name, value in shipped.items()
        if not abs(found[name] - value) <= TOLERANCE * max(abs(value), 1e-9)
    ]
