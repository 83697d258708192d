"""What is refused: rubbish, pickles, bombs and giants, with one clear sentence each."""

import gzip
import pickle
import struct
import warnings
import zipfile
import zlib

import numpy as np
import pytest

from core.datasets import own, pictures, unpacking
from core.errors import BadInput
from tests.core.datasets.samples import dozen, npy, picture, refused, saved, zipped


def a_pickle(protocol: int) -> bytes:
    return pickle.dumps({"x": [1, 2, 3]}, protocol)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (a_pickle(4), "data.pkl"),
        (a_pickle(5), "harmless.csv"),
        (a_pickle(2), "data.npy"),
        (a_pickle(0), "data.pickle"),
        (zipped({"model/data.pkl": a_pickle(2), "model/version": b"3"}), "model.zip"),
        (zipped({"model/data.pkl": a_pickle(2)}), "model.pt"),
    ],
)
def test_pickles_are_refused(source, name):
    assert "pickle" in refused(source, name)


class Trap:
    """Shows whether anything was unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was opened",))


def test_arrays_that_need_pickle_are_refused_unopened():
    array = np.array([Trap()] * 12, dtype=object)
    assert "needs pickle" in refused(npy(array), "objects.npy")
    assert "needs pickle" in refused(saved(x=array), "objects.npz")


def npy_header(shape: str, descr: str = "'<f8'", data: bytes = b"") -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


@pytest.mark.parametrize(
    ("source", "name", "word"),
    [
        (b"", "nothing.csv", "empty"),
        (b"", "nothing.zip", "damaged"),
        (b"rubbish" * 50, "rubbish.bin", "nothing that can be read"),
        (b"\x00\x01\x02rubbish\xff" * 50, "rubbish.csv", "nothing that can be read"),
        (b"rubbish" * 50, "rubbish.npy", "damaged"),
        (b"PK\x03\x04rubbish", "rubbish.zip", "damaged"),
        (b"PK\x03\x04rubbish", "rubbish.npz", "damaged"),
        (zipped({}), "empty.zip", "empty"),
        (zipped({"a.txt": b"text"}), "text.zip", "no picture"),
        (zipped({"a.txt": b"text"}), "text.npz", "no arrays"),
        (zipped({"x.npy": b"text"}), "text.npz", "damaged"),
        (zipped({f"{k}.png": picture() for k in range(3)}), "few.zip", "10 are needed"),
        (npy(np.ones((3, 8, 8))), "few.npy", "10 are needed"),
        (npy(np.ones(100)), "flat.npy", "shape"),
        (npy(np.ones((12, 2, 2, 2, 2))), "deep.npy", "shape"),
        (npy(np.ones((12, 5, 5, 7))), "bands.npy", "shape"),
        (npy(np.array(["a"] * 12)), "words.npy", "no plain numbers"),
        (npy(np.ones((12, 2000)) * 2.5), "wide.npy", "columns"),
        (npy(np.full((12, 3), np.nan)), "gaps.npy", "0 usable rows"),
        (npy(np.ones((12, 8, 8)))[:-7], "cut.npy", "damaged"),
        (npy_header("(10000000000000, 8)"), "huge.npy", "damaged"),
        (npy_header("(-1, 8)"), "negative.npy", "damaged"),
        (npy_header("((12, 8)"), "open.npy", "damaged"),
        (npy(np.full((12, 3), 1e300)), "large.npy", "0 usable rows"),
        (b"1e300,2\n" * 12, "large.csv", "0 usable rows"),
        (npy_header("(12, 2)", "'O'"), "objects.npy", "needs pickle"),
        (npy_header("__import__('os').system('false')"), "code.npy", "damaged"),
        (b"\x93NUMPY\x09\x09", "version.npy", "damaged"),
        (saved(x=np.ones(12)), "flat.npz", "dimensions"),
        (b"\0\0\x08\x01\0\0\0\x03abc", "labels-idx1-ubyte", "bring the images"),
        (b"\0\0\x08\x03\xff\xff\xff\xff", "huge-idx3-ubyte", "header"),
        (gzip.compress(b"rubbish", mtime=0), "rubbish.gz", "no IDX"),
        (b"a,b\n", "titles.csv", "no rows"),
        (b"a,b\nc,d\ne,f\n", "words.csv", "no rows of numbers"),
        (b'1,2\n"' + b"x" * 200_000, "quote.csv", "cannot be read"),
        (picture(), "single.png", "nothing that can be read"),
    ],
)
def test_rubbish_gets_one_clear_sentence(source, name, word):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = refused(source, name)
    assert word in text
    assert name in text


def test_a_zip_bomb_is_not_opened(monkeypatch):
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *anything: pytest.fail("it was opened"))
    zeros = bytes(10 << 20)
    bomb = zipped({f"{k}.png": zeros for k in range(7)})
    assert len(bomb) < 1 << 20
    for name in ("bomb.zip", "bomb.npz"):
        assert "would unpack to" in refused(bomb, name)


def test_a_zip_bomb_that_lies_about_its_size_stops_there():
    bomb = bytearray(zipped({"a.png": bytes(30 << 20)}))
    true = struct.pack("<I", 30 << 20)
    for at in (bomb.find(true), bomb.rfind(true)):
        bomb[at : at + 4] = struct.pack("<I", 1000)
    (file,) = unpacking.of_zip(bytes(bomb), "bomb.zip")
    assert file.size == 1000
    with pytest.raises(unpacking.UNREADABLE):
        assert len(file.read()) <= 1000
    assert "Nothing in" in refused(bytes(bomb), "bomb.zip")


def test_a_zip_of_very_many_files_is_not_opened():
    entries = b"PK\x01\x02" * (unpacking.FILES + 1)
    assert "more than" in refused(b"PK\x03\x04" + entries, "many.zip")


def test_a_gzip_bomb_is_not_unpacked_whole():
    head = b"\0\0\x08\x03" + struct.pack(">3I", 1 << 20, 1 << 10, 1)
    packed = gzip.compress(head + bytes(32 << 20))
    assert "header" in refused(packed, "bomb-idx3-ubyte.gz")


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is large and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20_000, 20_000), (12_000, 12_000), (20_000, 10), (9000, 9000)])
def test_a_huge_picture_is_named_and_never_decoded(size, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = own.keep(zipped(dozen() | {"cat/huge.png": png_header(*size)}), "pets.zip")
        assert report.count == 12
        assert "cat/huge.png is too large" in report.problems[0]
        monkeypatch.setattr(pictures, "_decoded", lambda *anything: pytest.fail("decoded"))
        assert "too large" in refused_again(zipped({"huge.png": png_header(*size)}))


def refused_again(source: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        own.keep(source, "huge.zip")
    return str(caught.value)


def test_a_name_that_is_empty_is_passed_over():
    data = zipped(dozen()).replace(b"cat/01.png", b"\0at/01.png")
    assert own.keep(data, "pets.zip").count == 11


def test_an_encrypted_zip_names_its_files():
    data = bytearray(zipped({f"{k}.png": picture() for k in range(12)}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 1)
    assert "0.png is no picture" in refused(bytes(data), "secret.zip")


def test_an_upload_over_the_limit_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_UPLOAD_MB", "0.001")
    assert "the most" in refused(bytes(2000), "large.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        own.keep(tmp_path / "nowhere.zip")


def test_names_in_a_zip_point_nowhere(home, tmp_path):
    files = {f"../../../evil/{k}.png": picture(k) for k in range(12)}
    assert own.keep(zipped(files), "../../escape.zip").count == 12
    assert not list(tmp_path.rglob("evil"))
