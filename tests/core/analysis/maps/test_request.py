import pytest

from core.analysis.maps.request import MapRequest, requested
from core.errors import BadInput

BASE = {"run": "abc", "step": 100, "method": "tsne"}


def test_the_same_request_has_the_same_key_and_defaults_may_be_written_out():
    one = requested(BASE)
    key = one.key("weights")
    assert len(key) == 20
    assert int(key, 16) >= 0
    assert requested(BASE).key("weights") == key
    written = {**one.model_dump(), "settings": {"perplexity": 30, "seed": 0, "metric": "euclidean"}}
    assert requested(written).key("weights") == key
    assert requested({**BASE, "settings": {"perplexity": 30.0}}).key("weights") == key
    assert one.settings["iterations"] == 250
    assert one.chosen().perplexity == 30
    assert requested(one.model_dump(mode="json")) == one


@pytest.mark.parametrize(
    "change",
    [
        {"run": "abd"},
        {"step": 101},
        {"of": "pixels"},
        {"of": "layer:encoder.0"},
        {"split": "train"},
        {"n": 9_999},
        {"sample_seed": 1},
        {"method": "umap"},
        {"settings": {"perplexity": 31}},
        {"settings": {"seed": 1}},
        {"dims": 3},
        {"over": "training"},
    ],
)
def test_any_change_is_another_map(change):
    assert requested({**BASE, **change}).key("w") != requested(BASE).key("w")


def test_other_weights_are_another_map():
    assert requested(BASE).key("one") != requested(BASE).key("two")


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"settings": {"perplexity": 1}}, "perplexity", "greater than or equal to 2"),
        ({"settings": {"perplexity": float("nan")}}, "perplexity", "finite"),
        ({"settings": {"neighbours": 3}}, "neighbours", "no such setting"),
        ({"of": "layers"}, "of", "codes, pixels or layer"),
        ({"n": 50_001}, "n", "less than or equal to 50000"),
        ({"n": 2}, "n", "greater than or equal to 3"),
        ({"dims": 4}, "dims", "2 or 3"),
        ({"split": "all"}, "split", "train"),
        ({"colour": "red"}, "colour", "no such setting"),
    ],
)
def test_a_wrong_field_is_named(change, field, sentence):
    with pytest.raises(BadInput) as wrong:
        requested({**BASE, **change})
    assert list(wrong.value.fields) == [field]
    assert sentence in wrong.value.fields[field]


def test_an_unknown_method_gets_the_choices():
    with pytest.raises(BadInput, match="choose one of own, pca, tsne, umap"):
        requested({**BASE, "method": "isomap"})


def test_a_request_is_for_good():
    with pytest.raises(ValueError, match="frozen"):
        MapRequest(run="a", step=0).n = 5
