"""What every data set promises, asked of each one in the folder."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core import datasets
from core.datasets.base import SPLITS, Data, DataOptions, ImageOptions
from core.errors import BadInput

# Fewer rows where a set lets one choose: the promises are the same, and the suite stays quick.
FEWER = {
    "points": {"n": 500},
    "plane3d": {"n": 500},
    "shapes": {"n": 300},
    "glyphs": {"n": 300},
}

IMAGES = [name for name in datasets.names() if datasets.get(name).KIND == "images"]


@pytest.fixture(params=datasets.names())
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def load(name: str, small_files: Path, own_content: str):
    """Load the data set with options, anew each time."""

    def load(**values) -> Data:
        chosen = FEWER.get(name, {}) | ({"content": own_content} if name == "own" else {}) | values
        options = datasets.options(name, chosen)
        return datasets.get(name).load(options, data_dir=small_files)

    return load


def same(a: Data, b: Data) -> bool:
    arrays = [(a.x, b.x), (a.index, b.index), *((a.splits[s], b.splits[s]) for s in SPLITS)]
    arrays += [(a.factors[key], b.factors[key]) for key in a.factors]
    return all(np.array_equal(left, right) for left, right in arrays)


def test_says_what_it_is(name):
    module = datasets.get(name)
    assert module.__doc__
    assert module.TITLE
    assert module.KIND in ("images", "points")
    assert issubclass(module.Options, ImageOptions if module.KIND == "images" else DataOptions)


def test_every_option_has_a_default_and_a_sentence_of_help(name):
    for field, info in datasets.get(name).Options.model_fields.items():
        assert not info.is_required(), field
        assert info.description.endswith("."), field
        if info.annotation in (int, float):
            assert len(info.metadata) >= 2, f"{field} has no range"


def test_the_same_options_give_the_same_rows(load):
    assert same(load(), load())


def test_shapes_and_types(load, name):
    data = load()
    assert data.name == name
    assert data.kind == datasets.get(name).KIND
    assert data.shape == data.x.shape[1:]
    assert len(data.shape) == (3 if data.kind == "images" else 1)
    assert data.x.dtype == (np.uint8 if data.kind == "images" else np.float32)
    assert np.isfinite(data.x).all()
    assert data.index.dtype == np.int64
    assert data.index.shape == data.x.shape[:1]


def test_splits_are_disjoint_and_together_everything(load):
    data = load()
    rows = np.concatenate([data.splits[split] for split in SPLITS])
    assert rows.dtype == np.int64
    np.testing.assert_array_equal(np.sort(rows), np.arange(len(data.x)))
    assert all(len(data.splits[split]) for split in SPLITS)


def test_an_index_names_one_row_of_its_file(load):
    data = load()
    assert data.index.min() >= 0
    trained = np.concatenate([data.splits["train"], data.splits["validation"]])
    for rows in (trained, data.splits["test"]):
        assert len(np.unique(data.index[rows])) == len(rows)


def test_the_seed_moves_the_split_and_nothing_else_does(load):
    first, other = load(), load(data_seed=1)
    assert any(not np.array_equal(first.splits[s], other.splits[s]) for s in SPLITS)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_validation_share(load, share):
    splits = load(validation=share).splits
    rest = len(splits["train"]) + len(splits["validation"])
    assert len(splits["validation"]) == round(share * rest)
    np.testing.assert_array_equal(splits["test"], load().splits["test"])


def test_labels_count_through_the_classes(load):
    data = load()
    if data.y is None:
        assert data.classes == ()
    else:
        assert data.y.dtype == np.int64
        assert set(np.unique(data.y)) == set(range(len(data.classes)))
        assert all(isinstance(title, str) and title for title in data.classes)


def test_factors_lie_in_their_ranges(load):
    data = load()
    assert list(data.factors) == list(data.factor_info)
    for key, values in data.factors.items():
        factor = data.factor_info[key]
        assert factor.title
        assert (factor.values is None) != (factor.range is None)
        low, high = factor.range or (0, len(factor.values) - 1)
        assert values.min() >= low, key
        assert values.max() <= high, key
        assert values.dtype == (np.int64 if factor.values else np.float32)


@pytest.mark.parametrize("name", IMAGES, indirect=True)
def test_fixed_binarising_draws_each_pixel_once(load):
    grey, drawn = load(), load(binarise="fixed")
    assert (drawn.binary, drawn.dynamic) == (True, False)
    assert set(np.unique(drawn.x)) <= {0, 255}
    assert abs(drawn.x.mean() - grey.x.mean()) < 2
    assert same(drawn, load(binarise="fixed"))
    assert (drawn.x[grey.x == 0] == 0).all()
    assert (drawn.x[grey.x == 255] == 255).all()


@pytest.mark.parametrize("name", IMAGES, indirect=True)
def test_dynamic_binarising_leaves_the_training_rows_grey(load):
    grey, fixed, dynamic = load(), load(binarise="fixed"), load(binarise="dynamic")
    assert (dynamic.binary, dynamic.dynamic) == (True, True)
    for split, expected in (("train", grey), ("validation", fixed), ("test", fixed)):
        rows = grey.splits[split]
        np.testing.assert_array_equal(dynamic.x[rows], expected.x[rows])


@pytest.mark.parametrize(
    "values", [{"validation": 0.7}, {"data_seed": -1}, {"no_such": 1}, {"validation": float("nan")}]
)
def test_wrong_options_are_named(name, values):
    with pytest.raises(BadInput) as caught:
        datasets.load(name, values)
    assert set(caught.value.fields) == set(values)


def test_an_unknown_data_set_names_the_choices():
    with pytest.raises(BadInput, match="digits"):
        datasets.load("no_such_set")


def test_nothing_heavy_is_imported():
    code = (
        "import sys\n"
        "from core import datasets\n"
        "for name in datasets.names(): datasets.get(name)\n"
        "datasets.load('digits'); datasets.load('points')\n"
        "print([m for m in ('torch', 'torchvision', 'sklearn', 'scipy', 'PIL') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
