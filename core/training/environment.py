"""What a run's numbers and speed depend on beside its spec, and what one must know of its data to use its weights."""

import platform
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from core.datasets.base import Data
from core.models.base import DataSpec


def environment(device: str, data: Data) -> dict[str, Any]:
    """Device, threads and versions, the names of the classes and the ``DataSpec``, as plain values.

    With these a shipped run can be shown, decoded and sampled where its data set is not.
    """
    found = {
        "classes": list(data.classes),
        "data_spec": asdict(DataSpec.of(data)),
        "device": device,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }
    if device.startswith("cuda"):
        found["gpu"] = torch.cuda.get_device_name(device)
    return found
