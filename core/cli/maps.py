"""project: a map of a run's codes, pixels or activations, kept for the pages too."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from core.cli import common
from core.errors import BadInput, StorageFull


def project(
    run: common.RunId,
    method: Annotated[str, typer.Option(help="pca, tsne, umap, or own: a 2-D code.")] = "pca",
    of: Annotated[str, typer.Option(help="codes, pixels or layer:NAME.")] = "codes",
    split: common.Split = "test",
    n: Annotated[int, typer.Option("-n", "--n", help="How many rows, fairly by class.")] = 10_000,
    dims: Annotated[int, typer.Option(help="2 or 3.")] = 2,
    over: Annotated[str, typer.Option(help="one snapshot, or the whole training.")] = "one",
    settings: common.Sets = None,
    seed: common.Seed = 0,
    sample_seed: Annotated[int, typer.Option(help="Decides which rows are drawn.")] = 0,
    step: common.Step = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write it: .npz, .csv, .parquet, .png, .svg or .html."),
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Map codes in 2-D or 3-D: PCA, t-SNE, UMAP.

    `--set` takes the method's own settings, such as perplexity=30. The same map is made once.
    """
    write = _writer(out)
    from core import inference

    request = {
        "run": run,
        "method": method,
        "of": of,
        "split": split,
        "n": n,
        "dims": dims,
        "over": over,
        "settings": _settings(method, settings, seed),
        "step": step,
        "sample_seed": sample_seed,
    }
    with common.Bar() as bar:
        answer = inference.project(request, bar)
    if write is not None:
        write(answer["run"], answer["key"])
        answer["out"] = out
    _print({"method": method, **answer}, as_json)


COMMANDS = (project,)


def _writer(out: Path | None) -> Callable[[str, str], None] | None:
    """What writes a map to ``out``, decided by its suffix before anything is computed."""
    if out is None:
        return None
    from core.export.maps import FORMATS

    kind = out.suffix.removeprefix(".").lower()
    known = {"npz": _npz, **FORMATS}
    if kind not in known:
        raise BadInput(f"--out: one of .{', .'.join(known)}, not {out.name!r}.")

    def write(run: str, key: str) -> None:
        from core.inference.mapped import kept

        found = kept(run, key)
        data = _npz(found) if kind == "npz" else FORMATS[kind](_table(found))
        try:
            out.write_bytes(data)
        except OSError as error:
            raise StorageFull(f"{out} could not be written ({error.strerror}).") from error

    return write


def _npz(found: Any) -> bytes:
    """The arrays of a map, without what only its method needs."""
    held = io.BytesIO()
    plain = {name: array for name, array in found.values.items() if not name.startswith("state/")}
    np.savez(held, **plain)
    return held.getvalue()


def _table(found: Any) -> Any:
    """A map as ``core.export`` writes it."""
    from core.export.maps import MapTable

    values, meta = found.values, found.meta
    rows = (values["at"], values["position"], values["index"], values["y"])
    return MapTable(*rows, tuple(meta["classes"]), tuple(meta["axes"]), meta["title"])


def _settings(method: str, pairs: list[str] | None, seed: int) -> dict[str, Any]:
    """The method's settings, the seed among them where it has one."""
    from core.analysis import maps

    own = {"seed": seed} if "seed" in maps.get(method).Settings.model_fields else {}
    return own | common.settings_of(pairs)


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        common.print_json(answer, indent=None)
        return
    rows = [(name, figure["value"], figure["error"]) for name, figure in answer["trust"].items()]
    common.print_table(rows, ("figure", "value", "± standard error"))
    for name, value in answer["facts"].items():
        print(f"{name.replace('_', ' ')}: {value}")
    where = f", written to {answer['out']}" if "out" in answer else ""
    how = "kept from before, made in" if answer["cached"] else "made in"
    print(
        f"{answer['title']}: {answer['count']:,} of {answer['total']:,} examples, "
        f"{how} {answer['seconds']:.1f} s{where}"
    )
