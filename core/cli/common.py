"""What the commands share: their options, and how answers are printed."""

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from tqdm import tqdm

from core.errors import BadInput, StorageFull

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or its unique beginning.")]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="See `python -m core models`.")]
Dataset = Annotated[str | None, typer.Option(help="See `python -m core datasets`.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting, its value in JSON; repeatable."),
]
Preset = Annotated[str | None, typer.Option(help="One of the model's presets.")]
Seed = Annotated[int, typer.Option(help="Same seed, same numbers.")]
DataDir = Annotated[
    Path | None, typer.Option(help="Data sets in torchvision's layout (default: EXPLORER_DATA).")
]
Out = Annotated[Path | None, typer.Option(help="Write the arrays to this .npz file.")]
Split = Annotated[str, typer.Option(help="train, validation or test.")]
Corruption = Annotated[
    str, typer.Option(help="Damage to restore: gaussian, dropout, masking, salt_and_pepper.")
]
Level = Annotated[float, typer.Option(help="How much damage: a share, or gaussian's deviation.")]
Class = Annotated[
    int | None,
    typer.Option("--class", help="The class to draw, by number, of a conditional model."),
]
Step = Annotated[int | None, typer.Option(help="The training step (default: the last).")]


class Bar:
    """The bar of something that may take a while, from its first word on: ``bar(share, text)``, a share from 0 to 1."""

    def __enter__(self) -> "Bar":
        self.bar: tqdm | None = None
        return self

    def __call__(self, share: float, text: str) -> None:
        if self.bar is None:
            # Into a file, a line every few seconds is enough.
            often = 0.1 if sys.stderr.isatty() else 5.0
            self.bar = tqdm(
                total=100, unit="%", file=sys.stderr, dynamic_ncols=True, mininterval=often
            )
        self.bar.set_description(text, refresh=False)
        self.bar.update(max(round(100 * share) - self.bar.n, 0))

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()


def settings_of(pairs: list[str] | None) -> dict[str, Any]:
    """The dictionary of ``name=value`` pairs; a value that is no JSON is taken as it stands."""
    settings = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"--set needs NAME=VALUE, not {pair!r}.")
        settings[name.strip()] = _value(value)
    return settings


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def directory(path: Path | None) -> str | None:
    """A data directory as a run records it: valid from any working directory."""
    if path is not None and not path.is_dir():
        raise BadInput(f"--data-dir: there is no directory {str(path)!r}.")
    return str(path.resolve()) if path else None


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """Print ``value`` as valid JSON."""
    print(in_json(value, indent=indent), flush=True)


def in_json(value: Any, *, indent: int | None = None) -> str:
    """``value`` as valid JSON: what is not a finite number becomes null."""
    return json.dumps(_plain(value), indent=indent, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def print_table(rows: Iterable[Iterable[Any]], heads: tuple[str, ...]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    right = [bool(cells) and all(_numeric(row[i]) for row in cells) for i in range(len(heads))]
    for row in [list(heads), *cells]:
        aligned = [
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(row, widths, right, strict=True)
        ]
        print("  ".join(aligned).rstrip())


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.6g}"
    if isinstance(cell, list):
        return " ".join(f"{number:.3g}" for number in cell)
    return "" if cell is None else str(cell)


def _numeric(text: str) -> bool:
    try:
        float(text.replace(",", "") or 0)
    except ValueError:
        return False
    return True


def deliver(arrays: dict[str, np.ndarray], out: Path | None, as_json: bool, run: str) -> None:
    """Write arrays to ``out``; without it print them (JSON) or what they are (text)."""
    if out is not None:
        out = save(arrays, out)
    if as_json:
        about = {name: {"shape": a.shape, "dtype": str(a.dtype)} for name, a in arrays.items()}
        print_json(
            {"run": run, "out": out, "arrays": about} if out else {"run": run, **arrays},
            indent=None,
        )
        return
    for name, array in arrays.items():
        print(f"{name}  {'×'.join(map(str, array.shape))}  {array.dtype}")
    print(
        f"written to {out}" if out else "nothing written: name a file with --out, or ask for --json"
    )


def save(arrays: dict[str, np.ndarray], out: Path) -> Path:
    """Write an .npz file (the suffix is added where it is missing) and return its path."""
    path = out if out.suffix == ".npz" else out.with_name(out.name + ".npz")
    try:
        np.savez(path, **arrays)
    except OSError as error:
        raise StorageFull(f"{path} could not be written ({error.strerror}).") from error
    return path
