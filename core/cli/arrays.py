"""encode, decode, reconstruct, sample: arrays out of a trained run."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from core.cli import common
from core.errors import BadInput
from core.runs import Store


def encode(
    run: common.RunId,
    split: common.Split = "test",
    step: common.Step = None,
    out: common.Out = None,
    as_json: common.AsJson = False,
) -> None:
    """Codes of a split: arrays z, y, index.

    `index` is the row in the source file, `y` the class (-1 without one).
    """
    from core import inference

    id = Store().find(run).id
    common.deliver(inference.encode(id, split, step), out, as_json, id)


def decode(
    run: common.RunId,
    z: Annotated[str, typer.Argument(help="A .npz with z, a .npy, or JSON such as '[[0, 0]]'.")],
    y: common.Class = None,
    step: common.Step = None,
    out: common.Out = None,
    as_json: common.AsJson = False,
) -> None:
    """What codes decode to: array x, images in [0, 1]."""
    from core import inference

    id = Store().find(run).id
    common.deliver(inference.decode(id, codes_of(z), step, y), out, as_json, id)


def reconstruct(
    run: common.RunId,
    split: common.Split = "test",
    step: common.Step = None,
    out: common.Out = None,
    as_json: common.AsJson = False,
) -> None:
    """A split and its reconstructions: x, x_hat, index."""
    from core import inference

    id = Store().find(run).id
    common.deliver(inference.reconstruct(id, split, step), out, as_json, id)


def sample(
    run: common.RunId,
    n: Annotated[int, typer.Option("-n", "--n", help="How many.")] = 64,
    seed: common.Seed = 0,
    y: common.Class = None,
    step: common.Step = None,
    out: common.Out = None,
    as_json: common.AsJson = False,
) -> None:
    """New samples: array x, images in [0, 1]."""
    from core import inference

    id = Store().find(run).id
    common.deliver(inference.sample(id, n, seed, step, y), out, as_json, id)


COMMANDS = (encode, decode, reconstruct, sample)


def codes_of(text: str) -> np.ndarray:
    """Codes from a file or from JSON; nothing is unpickled."""
    path = Path(text)
    try:
        if path.suffix in (".npz", ".npy"):
            loaded = np.load(path, allow_pickle=False)
            codes = loaded["z"] if path.suffix == ".npz" else loaded
        else:
            codes = np.asarray(json.loads(text))
        return codes.astype(np.float32)
    except KeyError:
        raise BadInput(f"{text} holds no array named z.") from None
    except OSError as error:
        raise BadInput(f"{text} cannot be read ({error.strerror or error}).") from error
    except (ValueError, TypeError) as error:
        raise BadInput(
            f"The codes must be a .npz with z, a .npy, or a JSON list of lists of numbers, not {text!r}."
        ) from error
