import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.analysis import maps
from core.errors import BadInput

ROOT = Path(__file__).resolve().parents[4]


def test_there_are_four_methods_and_no_helper_is_one():
    assert maps.names() == ["own", "pca", "tsne", "umap"]
    with pytest.raises(BadInput, match="choose one of own, pca, tsne, umap"):
        maps.get("components")


def test_forms_are_told_every_setting_with_its_help_and_what_a_method_can_do():
    schemas = json.loads(json.dumps(maps.schemas()))
    assert schemas["pca"]["abilities"] == ["back", "place"] == schemas["own"]["abilities"]
    assert schemas["tsne"]["abilities"] == ["place"] == schemas["umap"]["abilities"]
    for method in schemas.values():
        assert method["title"]
        assert method["help"].endswith(".")
        for field in method["schema"]["properties"].values():
            assert field["description"].endswith(".")
            assert "default" in field
    defaults = {k: v["default"] for k, v in schemas["tsne"]["schema"]["properties"].items()}
    assert defaults == {
        "seed": 0,
        "perplexity": 30,
        "early_exaggeration": 12,
        "exaggeration_iterations": 100,
        "iterations": 250,
        "initialisation": "pca",
        "metric": "euclidean",
    }


def test_schemas_and_requests_load_no_heavy_library():
    code = """
import sys
from core.analysis import maps
from core.analysis.maps.request import requested
from core.analysis.maps import align, sound
maps.schemas()
requested({"run": "r", "step": 1, "method": "umap"}).key("w")
for name in maps.names():
    maps.get(name).seconds(maps.get(name).Settings(), 1000, 100, 2)
heavy = sorted({"torch", "sklearn", "scipy", "umap", "numba", "openTSNE"} & set(sys.modules))
sys.exit(", ".join(heavy) or 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["own", "pca", "tsne", "umap"])
def test_what_no_method_can_map_gets_a_sentence(name):
    method, settings = maps.get(name), maps.get(name).Settings()
    random = np.random.default_rng(0)
    vectors = random.normal(size=(100, 2)).astype(np.float32)
    with pytest.raises(BadInput, match="at least 3 points"):
        method.check(settings, 2, 2, 2)
    with pytest.raises(BadInput, match="2 or 3 dimensions"):
        method.check(settings, 100, 2, 4)
    for wrong in (np.nan, np.inf):
        broken = vectors.copy()
        broken[[3, 5], 1] = wrong
        with pytest.raises(BadInput, match=r"not numbers any more \(2 of 100"):
            method.fit(broken, settings, 2)
    with pytest.raises(BadInput, match="All 100 points are the same"):
        method.fit(np.ones((100, 2), np.float32), settings, 2)


@pytest.mark.parametrize("name", ["pca", "tsne", "umap"])
def test_estimates_grow_with_what_is_asked(name):
    method = maps.get(name)
    settings = method.Settings()
    times = [method.seconds(settings, n, 10, 2) for n in (1000, 10_000, 50_000)]
    assert 0 < times[0] < times[1] < times[2] < 120
    assert method.seconds(settings, 10_000, 784, 2) > times[1]
    assert method.seconds(settings, 10_000, 10, 2, started=True) <= times[1]
