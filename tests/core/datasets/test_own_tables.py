"""Arrays and tables of somebody's own."""

import gzip

import numpy as np
import pytest

from core.datasets import intake, own
from core.errors import BadInput
from tests.core.datasets.samples import TABLE, back, npy, random_images, saved, zipped


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (random_images(12, 9, 7), (1, 9, 7)),
        (random_images(12, 9, 7, 1), (1, 9, 7)),
        (random_images(12, 9, 7, 3), (1, 9, 7)),
        (random_images(12, 3, 9, 7), (1, 9, 7)),
        (random_images(12, 64), (1, 8, 8)),
        (random_images(12, 80, 70), (1, 28, 28)),
    ],
)
def test_arrays_of_pictures_in_every_layout(array, expected):
    report = own.keep(npy(array), "a.npy")
    assert (report.kind, report.shape) == ("images", expected)


def test_plain_arrays_are_kept_to_the_byte():
    array = random_images(12, 9, 7)
    np.testing.assert_array_equal(back(own.keep(npy(array), "a.npy")).x[:, 0], array)
    colours = random_images(12, 9, 7, 3)
    kept = back(own.keep(npy(colours), "a.npy", colour=True)).x
    np.testing.assert_array_equal(kept, colours.transpose(0, 3, 1, 2))


def test_pixels_of_other_scales_are_brought_to_bytes():
    grey = random_images(12, 8, 8)
    grey[0, 0, :2] = 0, 255
    for array in (grey / 255, grey.astype(np.float16), grey.astype(np.int64)):
        report = own.keep(npy(array), "a.npy")
        assert report.problems == ()
        np.testing.assert_array_equal(back(report).x[:, 0], grey)
    stretched = own.keep(npy(grey / 127.5 - 1), "a.npy")
    assert "stretched" in stretched.problems[0]
    np.testing.assert_array_equal(back(stretched).x[:, 0], grey)


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("arr_0", "arr_1")])
def test_an_npz_with_labels(names):
    x, y = random_images(12, 8, 8), np.arange(12) % 3 + 5
    report = own.keep(saved(**dict(zip(names, (x, y), strict=True))), "a.npz")
    assert report.classes == ("5", "6", "7")
    np.testing.assert_array_equal(back(report).y, y - 5)


def test_an_npz_with_train_and_test():
    x, y = random_images(15, 8, 8), np.arange(15) % 3
    report = own.keep(saved(x_train=x[:10], y_train=y[:10], x_test=x[10:], y_test=y[10:]), "a.npz")
    np.testing.assert_array_equal(back(report).x[:, 0], x)
    np.testing.assert_array_equal(back(report).y, y)


def test_labels_that_do_not_fit_are_left_out():
    report = own.keep(saved(x=random_images(12, 8, 8), y=np.arange(5)), "a.npz")
    assert report.classes == ()
    assert "left out" in report.problems[0]
    many = own.keep(saved(x=random_images(300, 8, 8), y=np.arange(300)), "a.npz")
    assert "300 different" in many.problems[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_files_alone_and_with_labels(idx_bytes, pack):
    x, y = random_images(12, 28, 28), (np.arange(12) % 4).astype(np.uint8)
    alone = own.keep(pack(idx_bytes(x)), "train-images-idx3-ubyte.gz")
    np.testing.assert_array_equal(back(alone).x[:, 0], x)
    files = {"a-images-idx3-ubyte": pack(idx_bytes(x)), "a-labels-idx1-ubyte": pack(idx_bytes(y))}
    both = own.keep(zipped(files), "mine.zip")
    np.testing.assert_array_equal(back(both).y, y)
    damaged = own.keep(zipped(files | {"b-images-idx3-ubyte": idx_bytes(x)[:99]}), "mine.zip")
    assert damaged.problems[0].startswith("b-images-idx3-ubyte")
    assert damaged.hash == both.hash


def test_a_table_is_points_with_labels_in_words():
    report = own.keep(TABLE.encode(), "flowers.csv")
    assert (report.kind, report.shape, report.count) == ("points", (2,), 20)
    assert report.classes == ("iris", "rose")
    data = back(report)
    train = data.x[data.splits["train"]]
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-6)
    plain = back(report, standardise=False)
    np.testing.assert_allclose(plain.x[:, 0], np.arange(20) / 10, atol=1e-6)


@pytest.mark.parametrize("choice", ["height", "2"])
def test_the_label_column_is_chosen_by_title_or_number(choice):
    numbers = "\n".join(line.rsplit(",", 1)[0] for line in TABLE.splitlines())
    report = own.keep(numbers.encode(), "flowers.csv", label_column=choice)
    assert report.classes == ("0", "1", "2")
    assert report.shape == (1,)


@pytest.mark.parametrize("choice", ["colour", "0", "9"])
def test_a_label_column_that_is_not_there_is_named(choice):
    with pytest.raises(BadInput) as caught:
        own.keep(TABLE.encode(), "flowers.csv", label_column=choice)
    assert set(caught.value.fields) == {"label_column"}
    with pytest.raises(BadInput) as caught:
        own.keep(npy(np.ones((12, 5))), "a.npy", label_column=choice)
    assert set(caught.value.fields) == {"label_column"}


def test_a_table_of_pixels_is_pictures():
    x = random_images(12, 64)
    x[0, 0] = 255
    lines = ["label," + ",".join(f"p{k}" for k in range(64))]
    lines += [f"{k % 3}," + ",".join(map(str, row)) for k, row in enumerate(x)]
    report = own.keep("\r\n".join(lines).encode("utf-8-sig"), "digits.csv")
    assert (report.kind, report.shape, report.classes) == ("images", (1, 8, 8), ("0", "1", "2"))
    np.testing.assert_array_equal(back(report).x.reshape(12, 64), x)
    points = own.keep(npy(x), "digits.npy", table="points")
    assert (points.kind, points.shape) == ("points", (64,))
    assert "table" in refused_fields(npy(x[:, :50]), table="pictures")


def refused_fields(source: bytes, **choices) -> set[str]:
    with pytest.raises(BadInput) as caught:
        own.keep(source, "a.npy", **choices)
    return set(caught.value.fields)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_without_titles(delimiter):
    rows = "\n".join(delimiter.join([f"{k}.5", str(k * k)]) for k in range(12))
    report = own.keep(rows.encode(), "plain.csv")
    assert (report.count, report.shape, report.classes) == (12, (2,), ())


def test_bad_lines_of_a_table_are_named():
    report = own.keep((TABLE + "1,2\n3,tall,rose\nnan,1,rose\n").encode(), "flowers.csv")
    assert report.count == 20
    assert [text.split(":")[0] for text in report.problems] == [
        "flowers.csv, line 22",
        "flowers.csv, line 23",
        "flowers.csv, row 21 of numbers",
    ]
    assert "'tall'" in report.problems[1]


def test_a_long_list_of_problems_is_cut():
    report = own.keep((TABLE + "1\n" * 500).encode(), "flowers.csv")
    assert len(report.problems) == intake.NAMED + 1
    assert "450 more" in report.problems[-1]


def test_points_cannot_be_binarised():
    report = own.keep(TABLE.encode(), "flowers.csv")
    with pytest.raises(BadInput) as caught:
        back(report, binarise="fixed")
    assert set(caught.value.fields) == {"binarise"}
