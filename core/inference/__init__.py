"""What a trained run can be asked, and what could be trained: plain arguments in, JSON and arrays out.

The command line calls these functions directly, the pages through the compute worker. Each says in its docstring
what it returns; all raise only ``ExplorerError`` for bad input, with a sentence to show.
"""

from core.inference.answers import decode, encode, evaluate, reconstruct, sample
from core.inference.catalogue import describe, import_own, prepare, preview, schemas
from core.inference.factors import disentanglement
from core.inference.pad import (
    pad_decode,
    pad_decoder,
    pad_example,
    pad_place,
    pad_plane,
    pad_sprite,
)
from core.inference.restoring import chain, corruptions
from core.inference.sizes import code_sizes
from core.inference.views import activations, code_statistics, neighbours, reconstructions
from core.inference.views_of_points import manifold, vector_field

__all__ = [
    "activations",
    "chain",
    "code_sizes",
    "code_statistics",
    "corruptions",
    "decode",
    "describe",
    "disentanglement",
    "encode",
    "evaluate",
    "import_own",
    "manifold",
    "neighbours",
    "pad_decode",
    "pad_decoder",
    "pad_example",
    "pad_place",
    "pad_plane",
    "pad_sprite",
    "prepare",
    "preview",
    "reconstruct",
    "reconstructions",
    "sample",
    "schemas",
    "vector_field",
]

# Tasks that mostly wait for a network: the compute worker answers others meanwhile.
BACKGROUND = ("prepare",)
