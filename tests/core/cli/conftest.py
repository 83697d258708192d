"""The command line called in this process, as a shell would call it."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from core.cli import main


@dataclass
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Everything on stdout, which must be one JSON document."""
        return json.loads(self.out)

    @property
    def line(self) -> dict[str, Any]:
        """The last line on stdout."""
        return json.loads(self.out.splitlines()[-1])


@pytest.fixture
def core(capsys: pytest.CaptureFixture):
    """``core("runs", "--json")`` runs ``python -m core runs --json``."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return run


@pytest.fixture
def trained(core) -> str:
    """The id of a small VAE on the digits."""
    settings = ("--set", "encoder_sizes=[16]", "--set", "batch_size=64")
    return core("train", "vae", *settings, "--steps", 30, "--json").line["run"]
