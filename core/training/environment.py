"""What a run's numbers and speed depend on beside its spec."""

import platform
from typing import Any

import numpy as np
import torch


def environment(device: str) -> dict[str, Any]:
    """Device, threads and versions, as plain values."""
    found = {
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
