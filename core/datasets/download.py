"""Fetch one gzipped file: from the first mirror that has it, checked by its MD5 sum, put in place
in one step.
"""

import contextlib
import gzip
import hashlib
import http.client
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from core.errors import StorageFull

CHUNK = 1 << 16
PATIENCE = 10  # seconds of silence before the next mirror is tried


class Failed(Exception):
    """No mirror delivered the file whole; the text says why, in a few words."""


def unpacked(
    urls: Sequence[str], target: Path, md5: str, report: Callable[[float], None] | None = None
) -> None:
    """Download a ``.gz`` from the first of ``urls`` that has it whole and unpack it to ``target``.

    ``report(share)`` hears of progress from 0 to 1. ``target`` appears complete or not at all.
    Raises ``Failed`` if no mirror has the file with this MD5 sum, ``StorageFull`` if it cannot be
    written.
    """
    reasons = []
    for url in urls:
        try:
            with _temporary(target) as packed, _temporary(target) as plain:
                _fetch(url, packed, md5, report or (lambda share: None))
                packed.seek(0)
                with gzip.open(packed) as source:
                    shutil.copyfileobj(source, plain, CHUNK)
                plain.flush()
                os.replace(plain.name, target)
            return
        except Failed as error:
            reasons.append(str(error))
    raise Failed("; ".join(dict.fromkeys(reasons)) or "no mirror is known")


@contextlib.contextmanager
def _temporary(target: Path):
    """An open file beside ``target`` that is gone afterwards, unless it was moved into place."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            try:
                yield file
            finally:
                Path(file.name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageFull(
            f"{target.name} could not be written ({error.strerror or error}); nothing was kept of it."
        ) from error


def _fetch(url: str, file: BinaryIO, md5: str, report: Callable[[float], None]) -> None:
    """Copy the answer of ``url`` into ``file`` and check its length and MD5 sum."""
    digest = hashlib.md5(usedforsecurity=False)
    for chunk, share in _chunks(url):
        file.write(chunk)
        digest.update(chunk)
        report(share)
    if digest.hexdigest() != md5:
        raise Failed("what arrived is not the right file")


def _chunks(url: str):
    """Yield each piece of the answer with the share that has come; every trouble of the network is
    ``Failed``.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "latent-explorer"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            length, received = answer.length or 0, 0
            while chunk := answer.read(CHUNK):
                received += len(chunk)
                yield chunk, min(received / length, 1.0) if length else 0.0
    except urllib.error.HTTPError as error:
        with error:
            raise Failed(f"the server answered {error.code}") from error
    except TimeoutError as error:
        raise Failed("the server did not answer") from error
    except urllib.error.URLError as error:
        raise Failed("no connection") from error
    except (OSError, http.client.HTTPException) as error:
        raise Failed("the connection broke") from error
    if received < length:
        raise Failed("the connection broke")
