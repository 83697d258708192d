"""Errors that nobody foresaw: the whole story goes to a file, the person gets one sentence and a number to quote."""

import secrets
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def note(error: BaseException, home: Path, where: str) -> str:
    """Append the traceback to ``home/logs/<where>.log``; the sentence to show."""
    number = secrets.token_hex(4)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    story = "".join(traceback.format_exception(error))
    with suppress(OSError):  # where nothing can be written the sentence still helps
        (home / "logs").mkdir(parents=True, exist_ok=True)
        with (home / "logs" / f"{where}.log").open("a", encoding="utf-8") as file:
            file.write(f"{when} reference {number}\n{story}\n")
    return (
        f"Something unexpected went wrong ({type(error).__name__}, reference {number}); "
        f"what was saved is kept, and the details are in logs/{where}.log."
    )
