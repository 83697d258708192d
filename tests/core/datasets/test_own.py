"""Somebody's own pictures: taken in, named by content, and found again."""

import zipfile

import numpy as np
import pytest

from core import datasets
from core.datasets import own
from core.errors import BadInput, DamagedFile, DataUnavailable
from tests.core.datasets.samples import back, dozen, picture, zipped


def test_a_zip_of_pictures_with_classes_in_folders(home):
    report = own.keep(zipped(dozen()), "pets.zip")
    assert (report.count, report.shape, report.kind) == (12, (1, 12, 12), "images")
    assert report.classes == ("cat", "dog")
    assert report.problems == ()
    assert (home / "data" / "own" / report.hash).is_dir()
    data = back(report)
    order = [20 * k for k in range(12) if k % 2] + [20 * k for k in range(12) if not k % 2]
    np.testing.assert_array_equal(data.x[:, 0, 0, 0], order)
    np.testing.assert_array_equal(data.y, [0] * 6 + [1] * 6)


def test_a_folder_gives_the_same_content_as_its_zip(tmp_path):
    for name, data in dozen().items():
        file = tmp_path / "pets" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (tmp_path / "pets" / ".DS_Store").write_bytes(b"hidden")
    (tmp_path / "pets" / "link.png").symlink_to("/etc/passwd")
    assert own.keep(tmp_path / "pets").hash == own.keep(zipped(dozen()), "pets.zip").hash
    (tmp_path / "pets.zip").write_bytes(zipped(dozen()))
    assert own.keep(tmp_path / "pets.zip").hash == own.keep(zipped(dozen()), "other.zip").hash


def test_one_folder_is_no_class():
    files = {f"all/{k}.png": picture(k) for k in range(12)}
    report = own.keep(zipped(files), "all.zip")
    assert report.classes == ()
    assert back(report).y is None


def test_broken_files_are_named_and_the_good_ones_used():
    files = dozen() | {
        "cat/broken.png": picture()[:40],
        "cat/cut.jpg": picture(size=(64, 64), kind="JPEG")[:300],
        "cat/notes.txt": b"not a picture",
        "dog/empty.png": b"",
    }
    report = own.keep(zipped(files), "pets.zip")
    assert report.count == 12
    assert [text.split()[0] for text in report.problems] == [
        "cat/broken.png",
        "cat/cut.jpg",
        "cat/notes.txt",
        "dog/empty.png",
    ]


def test_pictures_of_every_kind_come_out_alike():
    kinds = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "BMP": "bmp", "WEBP": "webp", "TIFF": "tif"}
    files = {f"{k}.{end}": picture(200, kind=kind) for k, (kind, end) in enumerate(kinds.items())}
    files |= {f"again-{name}": data for name, data in files.items()}
    x = back(own.keep(zipped(files), "kinds.zip")).x
    assert np.abs(x.astype(int) - 200).max() <= 3


def test_sixteen_bits_and_transparency_keep_their_meaning():
    files = {f"{k}.png": picture(100, mode="I;16") for k in range(6)}
    files |= {f"clear{k}.png": picture(0, mode="RGBA") for k in range(6)}
    x = back(own.keep(zipped(files), "odd.zip")).x
    assert set(np.unique(x)) == {100, 255}


@pytest.mark.parametrize(
    ("choices", "shape"),
    [
        ({}, (1, 28, 28)),
        ({"size": 64}, (1, 64, 64)),
        ({"size": 16, "colour": True}, (3, 16, 16)),
        ({"fit": "pad", "size": 20}, (1, 20, 20)),
        ({"fit": "stretch", "size": 20}, (1, 20, 20)),
    ],
)
def test_large_pictures_are_resized_as_chosen(choices, shape):
    files = {f"{k}.png": picture(200, (100, 50), "RGB") for k in range(12)}
    x = back(own.keep(zipped(files), "large.zip", **choices)).x
    assert x.shape == (12, *shape)
    red = 200 if choices.get("colour") else 60
    assert x[0, 0, shape[1] // 2, shape[2] // 2] == pytest.approx(red, abs=1)
    assert (x[0, 0, 0, 0] == 0) == (choices.get("fit") == "pad")


@pytest.mark.parametrize(
    "choices", [{"size": 65}, {"size": 2}, {"fit": "fold"}, {"colour": "blue"}, {"no": 1}]
)
def test_wrong_choices_are_named(choices):
    with pytest.raises(BadInput) as caught:
        own.keep(zipped(dozen()), "pets.zip", **choices)
    assert set(caught.value.fields) == set(choices)


def test_the_same_rows_have_the_same_name_and_other_choices_another():
    first = own.keep(zipped(dozen()), "a.zip")
    assert own.keep(zipped(dozen(), zipfile.ZIP_STORED), "b.zip").hash == first.hash
    assert own.keep(zipped(dozen()), "a.zip", size=20).hash != first.hash
    assert len(own.kept()) == 2
    assert {report.hash for report in own.kept()} >= {first.hash}


def test_content_that_is_gone_or_damaged_is_said(home):
    with pytest.raises(BadInput, match="bring your own"):
        datasets.load("own")
    with pytest.raises(DataUnavailable, match="take the same files in again"):
        datasets.load("own", {"content": "0123456789abcdef"})
    for name in ("../../../../etc", "xyz", "0123456789ABCDEF"):
        with pytest.raises(BadInput) as caught:
            datasets.load("own", {"content": name})
        assert set(caught.value.fields) == {"content"}
    report = own.keep(zipped(dozen()), "pets.zip")
    file = home / "data" / "own" / report.hash / own.FILE
    whole = file.read_bytes()
    for damaged in (whole[:-9], b"rubbish", whole[:-1] + bytes([whole[-1] ^ 1])):
        file.write_bytes(damaged)
        with pytest.raises(DamagedFile):
            back(report)
    own.keep(zipped(dozen()), "pets.zip")
    assert len(back(report).x) == 12


def test_progress_is_heard_of():
    heard = []
    own.keep(zipped(dozen()), "pets.zip", progress=lambda share, text: heard.append(share))
    assert heard == sorted(heard)
    assert heard[-1] == 1
