"""What a trained run can be asked, and what could be trained: plain arguments in, JSON and arrays out.

The command line calls these functions directly, the pages through the compute worker. Each says in its docstring
what it returns; all raise only ``ExplorerError`` for bad input, with a sentence to show.
"""

from core.inference.answers import decode, encode, evaluate, reconstruct, sample
from core.inference.averages import arithmetic, attribute, class_means, code_cloud
from core.inference.catalogue import describe, import_own, prepare, preview, schemas
from core.inference.drawing_codes import density_samples, typed_code
from core.inference.factors import disentanglement
from core.inference.latent import latent_grid, square_walk, traversals, walk, walk_examples
from core.inference.map_lessons import known_shapes
from core.inference.map_points import (
    map_choices,
    map_clusters,
    map_column,
    map_decode,
    map_images,
    map_near,
    map_place,
)
from core.inference.map_sheets import map_sheet
from core.inference.maps import map_stability, project, project_estimate
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
from core.inference.truth import true_points
from core.inference.views import activations, code_statistics, neighbours, reconstructions
from core.inference.views_of_points import manifold, vector_field
from core.inference.warming import pieces

__all__ = [
    "activations",
    "arithmetic",
    "attribute",
    "chain",
    "class_means",
    "code_cloud",
    "code_sizes",
    "code_statistics",
    "corruptions",
    "decode",
    "density_samples",
    "describe",
    "disentanglement",
    "encode",
    "evaluate",
    "import_own",
    "known_shapes",
    "latent_grid",
    "manifold",
    "map_choices",
    "map_clusters",
    "map_column",
    "map_decode",
    "map_images",
    "map_near",
    "map_place",
    "map_sheet",
    "map_stability",
    "neighbours",
    "pad_decode",
    "pad_decoder",
    "pad_example",
    "pad_place",
    "pad_plane",
    "pad_sprite",
    "prepare",
    "preview",
    "project",
    "project_estimate",
    "reconstruct",
    "reconstructions",
    "sample",
    "schemas",
    "square_walk",
    "traversals",
    "true_points",
    "typed_code",
    "vector_field",
    "walk",
    "walk_examples",
]

# Tasks that mostly wait for a network: the compute worker answers others meanwhile.
BACKGROUND = ("prepare",)

# What a worker for long questions gets ready, piece by piece, while nobody asks.
WARM_UP = pieces
