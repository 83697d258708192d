"""MNIST and its kin: the files as torchvision reads them, and every way in which they may be missing."""

import gzip
import hashlib
import http.server
import threading
from pathlib import Path

import numpy as np
import pytest

from core import datasets
from core.datasets import idx, mnist_files
from core.errors import DamagedFile, DataUnavailable, StorageFull


@pytest.mark.mnist
@pytest.mark.parametrize("train", [True, False])
def test_rows_are_torchvisions(mnist_dir, train):
    from torchvision.datasets import MNIST

    theirs = MNIST(mnist_dir, train=train)
    ours = datasets.load("mnist", data_dir=mnist_dir)
    splits = ["train", "validation"] if train else ["test"]
    rows = np.concatenate([ours.splits[name] for name in splits])
    assert len(rows) == len(theirs)
    np.testing.assert_array_equal(ours.x[rows, 0], theirs.data.numpy()[ours.index[rows]])
    np.testing.assert_array_equal(ours.y[rows], theirs.targets.numpy()[ours.index[rows]])


@pytest.mark.mnist
def test_the_usual_split(mnist_dir):
    data = datasets.load("mnist", data_dir=mnist_dir)
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 54_000,
        "validation": 6_000,
        "test": 10_000,
    }
    assert data.shape == (1, 28, 28)


@pytest.mark.mnist
def test_three_classes_of_a_lecture(mnist_dir):
    data = datasets.load("mnist", {"keep": [1, 5, 6]}, data_dir=mnist_dir)
    assert data.classes == ("1", "5", "6")
    assert np.bincount(data.y[data.splits["test"]]).tolist() == [1135, 892, 958]
    everything = datasets.load("mnist", data_dir=mnist_dir)
    rows = data.splits["validation"]
    np.testing.assert_array_equal(data.x[rows], everything.x[data.index[rows]])
    np.testing.assert_array_equal(np.array([1, 5, 6])[data.y[rows]], everything.y[data.index[rows]])


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "kmnist"])
def test_our_tables_agree_with_torchvision(name):
    source = datasets.get(name).SOURCE
    mirrors, resources = mnist_files._where(source)
    assert mirrors
    assert {Path(file).stem for file, _ in resources} == {*mnist_files.TRAIN, *mnist_files.TEST}
    if name != "mnist":  # torchvision calls those "0 - zero"
        from torchvision import datasets as theirs

        assert list(source.classes) == getattr(theirs, source.torchvision).classes


def test_the_directory_of_the_settings_is_searched(small_files, monkeypatch, tmp_path):
    expected = datasets.load("kmnist", data_dir=small_files).x
    monkeypatch.setenv("EXPLORER_DATA", str(small_files))
    found = datasets.load("kmnist", data_dir=tmp_path / "empty").x
    np.testing.assert_array_equal(found, expected)


def test_the_home_is_searched_last(small_files, home, monkeypatch, tmp_path):
    expected = datasets.load("kmnist", data_dir=small_files).x
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "nowhere"))
    home.mkdir()
    (home / "data").symlink_to(small_files)
    np.testing.assert_array_equal(datasets.load("kmnist").x, expected)


def test_gzipped_files_are_read_as_they_are(small_files):
    expected = datasets.load("mnist", data_dir=small_files).x
    for file in (small_files / "MNIST" / "raw").iterdir():
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    datasets._cache.clear()
    np.testing.assert_array_equal(datasets.load("mnist", data_dir=small_files).x, expected)


IMAGES, LABELS = "train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
DAMAGE = {
    "cut short": (IMAGES, lambda data: data[:-5]),
    "too long": (IMAGES, lambda data: data + b"more"),
    "empty": (IMAGES, lambda data: b""),
    "a page": (IMAGES, lambda data: b"<html>not found</html>"),
    "a huge header": (IMAGES, lambda data: b"\0\0\x08\x03" + b"\xff" * 12),
    "cut gzip": (IMAGES, lambda data: gzip.compress(data)[:-20]),
    "no gzip": (IMAGES, lambda data: b"\x1f\x8bnot gzip at all"),
    "no such class": (LABELS, lambda data: data[:8] + b"\xf0" * 50),
    "too few labels": (LABELS, lambda data: b"\0\0\x08\x01\0\0\0\x03abc"),
}


@pytest.mark.parametrize(("file", "change"), DAMAGE.values(), ids=DAMAGE)
def test_damaged_files_are_named(small_files, file, change):
    path = small_files / "MNIST" / "raw" / file
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DamagedFile, match=file) as caught:
        datasets.load("mnist", data_dir=small_files)
    assert str(caught.value).count(".") <= 2


@pytest.mark.parametrize("kind", ["u1", "i1", ">i2", ">i4", ">f4", ">f8"])
def test_every_type_of_number_is_read(tmp_path, kind):
    code = next(code for code, name in idx.TYPES.items() if name == kind)
    array = np.arange(24).reshape(2, 3, 4).astype(kind)
    head = bytes([0, 0, code, 3]) + np.array(array.shape, ">u4").tobytes()
    (tmp_path / "a").write_bytes(head + array.tobytes())
    found = idx.read(tmp_path / "a")
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves what ``server.files`` holds; ``server.fault`` says how it goes wrong."""

    def do_GET(self):
        self.server.asked.append(self.path)
        data = self.server.files.get(self.path.rsplit("/", 1)[-1])
        if data is None or self.server.fault == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.server.fault == "wrong":
            data = bytes(len(data))
        self.wfile.write(data[: len(data) // 2] if self.server.fault == "broken" else data)

    def log_message(self, *anything):
        pass


@pytest.fixture
def mirror(small_files, monkeypatch):
    """A mirror on this machine with the small files gzipped, in place of torchvision's."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    raw = small_files / "FashionMNIST" / "raw"
    server.files = {f"{f.name}.gz": gzip.compress(f.read_bytes()) for f in sorted(raw.iterdir())}
    server.fault, server.asked = "", []
    table = [(n, hashlib.md5(data).hexdigest()) for n, data in server.files.items()]
    server.url = f"http://127.0.0.1:{server.server_port}/"
    server.mirrors = [server.url]
    monkeypatch.setattr(mnist_files, "_where", lambda source: (server.mirrors, table))
    monkeypatch.delenv("EXPLORER_DATA", raising=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def folder_of(home: Path) -> Path:
    return home / "data" / "FashionMNIST" / "raw"


def test_missing_files_are_downloaded_once(mirror, home, small_files):
    heard = []
    data = datasets.load("fashion_mnist", progress=lambda share, text: heard.append((share, text)))
    np.testing.assert_array_equal(data.x, datasets.load("fashion_mnist", data_dir=small_files).x)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {text for _, text in heard} == {"Downloading Fashion-MNIST"}
    assert len(mirror.asked) == 4
    datasets._cache.clear()
    datasets.load("fashion_mnist")
    assert len(mirror.asked) == 4
    names = {file.name for file in folder_of(home).iterdir()}
    assert names == {*mnist_files.TRAIN, *mnist_files.TEST}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("wrong", "not the right file"), ("broken", "connection broke"), ("missing", "answered 404")],
)
def test_a_bad_download_is_one_sentence_and_leaves_nothing(mirror, home, fault, reason):
    mirror.fault = fault
    with pytest.raises(DataUnavailable, match=reason) as caught:
        datasets.load("fashion_mnist")
    for name in datasets.EMBEDDED:
        assert name in str(caught.value)
    assert not list(folder_of(home).iterdir())


def test_what_came_is_kept_and_the_rest_is_fetched_the_next_time(mirror, home):
    held_back = mirror.files.pop("train-labels-idx1-ubyte.gz")
    with pytest.raises(DataUnavailable):
        datasets.load("fashion_mnist")
    assert len(list(folder_of(home).iterdir())) == 3
    mirror.files["train-labels-idx1-ubyte.gz"] = held_back
    mirror.asked.clear()
    datasets.load("fashion_mnist")
    assert mirror.asked == ["/train-labels-idx1-ubyte.gz"]


def test_the_next_mirror_is_tried(mirror):
    mirror.mirrors = ["http://127.0.0.1:9/", f"{mirror.url}nowhere/", mirror.url]
    assert len(datasets.load("fashion_mnist").x) == 250


def test_offline_is_one_sentence_with_the_embedded_choices(mirror, home):
    mirror.mirrors = ["http://127.0.0.1:9/"]
    with pytest.raises(DataUnavailable, match="no connection") as caught:
        datasets.load("fashion_mnist")
    assert "digits" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_home_that_cannot_be_written_is_said(mirror, home):
    home.write_text("a file where the folder should be")
    with pytest.raises(StorageFull):
        datasets.load("fashion_mnist")


def test_embedded_sets_need_no_files():
    assert set(datasets.EMBEDDED) <= set(datasets.names())
