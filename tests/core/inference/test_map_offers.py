"""What a map offers is what can be done with it, and data have one name wherever they are the same."""

import pytest

from core import inference
from core.errors import BadInput
from core.inference import pad_plane
from core.inference.map_offers import offers
from core.inference.mapped import wanted
from core.training.specs import resolve

PLACE = [[0.0, 0.0]]


def test_what_is_offered_works_and_what_is_not_is_refused(trained, store):
    id = trained()
    for request in (
        {"method": "pca"},
        {"method": "pca", "of": "pixels"},
        {"method": "tsne", "n": 60, "settings": {"perplexity": 5, "iterations": 20}},
    ):
        found = inference.project({"run": id, **request})
        offered = store.maps.read(id, found["key"])[1]
        if offered["can_decode"]:
            assert inference.map_decode(id, found["key"], PLACE)["x"].shape[0] == 1
        else:
            with pytest.raises(BadInput):
                inference.map_decode(id, found["key"], PLACE)
        if offered["can_sample"]:
            assert inference.map_place(id, found["key"], samples=3)["at"].shape == (3, 2)
        for column in offered["columns"]:
            name = (
                f"{column['name']}{column['default']}"
                if column["name"][-1] == ":"
                else column["name"]
            )
            values = inference.map_column(id, found["key"], name)["values"]
            assert len(values) == found["count"]
    assert offered["can_decode"] is False
    assert offers(wanted({"run": id, "method": "pca"}))["can_decode"] is True


def test_the_same_data_have_the_same_name_on_maps_and_on_the_latent_square(trained):
    id = trained()
    name = offers(wanted({"run": id, "method": "pca"}))["data"]
    assert pad_plane(id)["data"] == name
    assert resolve("vae", "digits", {"latent_dim": 3}).data_identity == name
    assert resolve("vae", "digits", {"validation": 0.2}).data_identity != name
