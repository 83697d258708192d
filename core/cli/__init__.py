"""The command line. Each command is a thin layer over what the pages use too; see ``python -m core --help``.

Exit codes: 0 done; 1 the run failed; 2 bad arguments, with the reason in one line on stderr; 130 after Ctrl-C.
Nothing here imports torch before a command needs it, so ``--help`` and ``runs`` answer at once.
"""

import os
import sys

import typer

from core import incidents
from core.cli import arrays, bench, catalogue, checkpoints, maps, runs, training
from core.errors import ExplorerError, StorageFull
from core.settings import settings

__all__ = ["main"]

FAILED, BAD_ARGUMENTS = 1, 2


def _app() -> typer.Typer:
    """All commands, in the order in which one meets them."""
    app = typer.Typer(
        help="Train and question small autoencoders and generative models.",
        no_args_is_help=False,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for module in (catalogue, training, runs, arrays, maps):
        for command in module.COMMANDS:
            app.command(command.__name__.strip("_"))(command)
    app.add_typer(bench.app, name="bench", help="Measure how fast it is.")
    app.add_typer(checkpoints.app, name="checkpoints", help="The runs that ship with the program.")
    return app


def main(argv: list[str] | None = None) -> int:
    """Run one command line (``sys.argv`` by default) and return its exit code."""
    command = typer.main.get_command(_app())
    try:
        return command.main(argv, prog_name="python -m core", standalone_mode=False) or 0
    except typer.TyperException as error:
        return _complain(f"{error.format_message()} (see --help)", BAD_ARGUMENTS)
    except StorageFull as error:
        return _complain(str(error), FAILED)
    except ExplorerError as error:
        return _complain(str(error), BAD_ARGUMENTS)
    except BrokenPipeError:
        # The reader of a pipe went away (``… | head``): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, a person gets a sentence
        return _complain(incidents.note(error, settings().home, "command-line"), FAILED)


def _complain(reason: str, code: int) -> int:
    """One line on stderr, whatever the reason was made of."""
    print("error:", " ".join(reason.split()), file=sys.stderr)
    return code
