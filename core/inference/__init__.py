"""What a trained run can be asked, and what could be trained: plain arguments in, JSON and arrays out.

The command line calls these functions directly, the pages through the compute worker. Each says in its docstring
what it returns; all raise only ``ExplorerError`` for bad input, with a sentence to show.
"""

from core.inference.answers import decode, encode, evaluate, reconstruct, sample
from core.inference.catalogue import describe, import_own, prepare, preview, schemas

__all__ = [
    "decode",
    "describe",
    "encode",
    "evaluate",
    "import_own",
    "prepare",
    "preview",
    "reconstruct",
    "sample",
    "schemas",
]

# Tasks that mostly wait for a network: the compute worker answers others meanwhile.
BACKGROUND = ("prepare",)
