"""A setting as a widget: types, ranges, lists, and what is said where a value cannot work."""

import pytest

from core.training.config import TrainConfig
from pages.ui.fields import fields_of, setting_of, widget_value

FIELDS = fields_of(TrainConfig.model_json_schema())


def test_every_training_setting_is_a_field_with_help():
    assert set(FIELDS) == set(TrainConfig.model_fields)
    assert all(field.help for field in FIELDS.values())
    assert {name for name, field in FIELDS.items() if field.live} == {
        "learning_rate",
        "clip_norm",
        "layer_stats",
    }


def test_defaults_are_in_range():
    assert not [name for name, field in FIELDS.items() if field.wrong(field.default)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("batch_size", 0, "at least 1"),
        ("batch_size", None, "needs a value"),
        ("learning_rate", 0.0, "above 0"),
        ("learning_rate", 11.0, "at most 10"),
        ("beta1", 1.0, "below 1"),
        ("optimizer", "sdg", "one of adam"),
        ("steps", "many", "must be a number"),
    ],
)
def test_a_wrong_value_is_a_sentence(name, value, said):
    assert said in FIELDS[name].wrong(value)


def test_an_optional_setting_may_be_empty():
    assert FIELDS["epochs"].optional
    assert FIELDS["epochs"].wrong(None) is None


def test_lists_are_typed_as_text():
    field = fields_of(
        {
            "properties": {
                "sizes": {"type": "array", "items": {"type": "integer"}, "default": [100, 30]}
            }
        }
    )["sizes"]
    assert widget_value(field, [100, 30]) == "100, 30"
    assert setting_of(field, "64, 32") == [64, 32]
    assert setting_of(field, "[64]") == [64]
    assert setting_of(field, "") == []
    assert setting_of(field, widget_value(field, [[0.5, 1.0]])) == [[0.5, 1.0]]
    with pytest.raises(ValueError, match="a list of numbers such as 100, 30"):
        setting_of(field, "wide")


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("steps", 5, True),
        ("steps", True, False),
        ("steps", 5.5, False),
        ("steps", "5", False),
        ("nesterov", 1, False),
        ("schedule", "cosine", True),
        ("schedule", ["cosine"], False),
        ("epochs", None, True),
    ],
)
def test_only_values_of_the_right_type_come_in_from_outside(name, value, accepted):
    assert FIELDS[name].accepts(value) == accepted


def test_names_are_spelt_and_bounds_written_out():
    fields = fields_of(
        {
            "properties": {
                "kl_sparsity": {"type": "number"},
                "latent_dim": {"type": "integer", "minimum": 1, "maximum": 10_000_000},
            }
        }
    )
    assert [field.title for field in fields.values()] == ["KL sparsity", "Latent dim"]
    wrong = fields["latent_dim"].wrong(99_999_999)
    assert wrong == "Latent dim must be at least 1 and at most 10,000,000, not 99,999,999."
