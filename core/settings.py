"""The one place for directories, limits and the device: environment variables named ``EXPLORER_*``."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What may differ from one machine to the next; every field is read from ``EXPLORER_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="EXPLORER_")

    home: Path = Field(ROOT / ".explorer", description="Where runs, uploads and caches live.")
    data: Path | None = Field(None, description="A folder with data sets in torchvision's layout.")
    device: str = Field("cpu", description="The torch device that trains: cpu, cuda, mps.")
    slots: int = Field(os.cpu_count() or 1, ge=1, description="Trainings at once, a thread each.")
    states_mb: float = Field(400, gt=0, description="Megabytes of weights that one run may keep.")
    snapshots_mb: float = Field(20, gt=0, description="Megabytes of pictures one run may keep.")
    maps_mb: float = Field(500, gt=0, description="Megabytes of maps that all runs may keep.")
    upload_mb: float = Field(200, gt=0, description="The largest upload, in megabytes.")


def settings() -> Settings:
    """The settings as the environment has them now (cheap; built anew at each call)."""
    return Settings()
