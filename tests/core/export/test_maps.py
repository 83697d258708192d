"""A map taken along: read back by others' readers it is what it was."""

import csv
import io
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from core.analysis.column import Column
from core.errors import BadInput
from core.export import maps
from core.export.maps import FORMATS, MapTable
from core.figures.palette import CLASSES, MARK

SVG = "{http://www.w3.org/2000/svg}"
N = 200


def table(dims: int = 2, title: str = "Codes & <pixels>") -> MapTable:
    random = np.random.default_rng(0)
    y = np.arange(N) % 3 - 1
    kl = random.gamma(3, size=N).astype(np.float32)
    kl[7] = np.nan
    cluster = (np.arange(N) % 5 - 1).astype(np.float32)
    return MapTable(
        random.normal(size=(N, dims)).astype(np.float32),
        np.arange(N) * 2,
        np.arange(N) + 5000,
        y,
        ('cat, "black"', "dog <3"),
        ("t-SNE 1", "t-SNE 2", "t-SNE 3")[:dims],
        title,
        {
            "kl": Column("KL", kl, "number", "summed over the units", unit="nats per example"),
            "hdbscan:9": Column(
                "HDBSCAN cluster",
                cluster,
                "category",
                "dense",
                ("one", "two", "three"),
                none="noise",
            ),
        },
    )


@pytest.mark.parametrize("dims", [2, 3])
def test_csv_reads_back(dims):
    made = table(dims)
    head, *rows = csv.reader(io.StringIO(maps.csv(made).decode(), newline=""))
    axes = ["t-SNE 1", "t-SNE 2", "t-SNE 3"][:dims]
    assert head == ["position", "index", "class", *axes, "kl (nats per example)", "hdbscan:9"]
    columns = dict(zip(head, zip(*rows, strict=True), strict=True))
    assert [int(one) for one in columns["position"]] == made.position.tolist()
    assert [int(one) for one in columns["index"]] == made.index.tolist()
    assert columns["class"][:3] == ("", 'cat, "black"', "dog <3")
    for k, axis in enumerate(axes):
        assert np.array_equal(np.array(columns[axis], np.float32), made.at[:, k])
    assert columns["kl (nats per example)"][7] == ""
    kl = np.array([one or "nan" for one in columns["kl (nats per example)"]], np.float32)
    assert np.array_equal(kl, made.columns["kl"].values, equal_nan=True)
    assert columns["hdbscan:9"][:5] == ("", "one", "two", "three", "3")


def test_parquet_reads_back_with_units():
    made = table()
    found = parquet.read_table(io.BytesIO(maps.parquet(made)))
    assert found.column_names == [
        "position", "index", "class", "t-SNE 1", "t-SNE 2", "kl", "hdbscan:9",
    ]  # fmt: skip
    assert np.array_equal(found["position"].to_numpy(), made.position)
    assert found["t-SNE 2"].type == pa.float32()
    assert np.array_equal(found["t-SNE 2"].to_numpy(), made.at[:, 1])
    assert found["class"].to_pylist()[:3] == [None, 'cat, "black"', "dog <3"]
    assert found["hdbscan:9"].to_pylist()[:3] == [None, "one", "two"]
    kl = found["kl"].to_numpy()
    assert np.array_equal(kl, made.columns["kl"].values, equal_nan=True)
    assert found.schema.metadata[b"title"].decode() == made.title
    about = found.schema.field("kl").metadata
    assert (about[b"unit"], about[b"protocol"]) == (b"nats per example", b"summed over the units")


def circles(group: ET.Element) -> np.ndarray:
    return np.array([[float(c.get("cx")), float(c.get("cy"))] for c in group.iter(f"{SVG}circle")])


def test_svg_groups_the_points_by_class_and_says_what_they_are():
    made = table()
    root = ET.fromstring(maps.svg(made))
    found = {group.get("id"): group for group in root.iter(f"{SVG}g")}
    assert list(found) == ["no class", 'cat, "black"', "dog <3"]
    assert [g.get("fill") for g in found.values()] == [MARK, *CLASSES[:2]]
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"Codes & <pixels>", "t-SNE 1", "t-SNE 2", "Class", "no class (67)"} <= set(texts)
    # One scale for both axes, up is up: distances are those of the map.
    at = np.concatenate([circles(group) for group in found.values()])
    own = np.concatenate([made.at[made.y == k] for k in (-1, 0, 1)])
    step, own_step = np.diff(at, axis=0), np.diff(own, axis=0) * [1, -1]
    by = np.linalg.norm(step, axis=1).sum() / np.linalg.norm(own_step, axis=1).sum()
    assert step == pytest.approx(by * own_step, abs=0.2)
    assert "Map of 200 points" in root.find(f"{SVG}desc").text


def test_svg_of_a_number_has_a_scale_with_its_unit():
    root = ET.fromstring(maps.svg(table(), "kl"))
    groups = list(root.iter(f"{SVG}g"))
    assert sum(len(circles(group)) for group in groups) == N
    assert groups[0].get("id") == "no value"
    assert len(circles(groups[0])) == 1
    assert len(list(root.iter(f"{SVG}stop"))) > 5
    texts = " ".join(text.text for text in root.iter(f"{SVG}text"))
    assert "KL in nats per example" in texts
    assert "≤ " in texts


def test_svg_of_three_dimensions_names_all_axes_and_holds_all_points():
    made = table(3)
    root = ET.fromstring(maps.svg(made))
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {"x: t-SNE 1", "y: t-SNE 2", "z: t-SNE 3", "x", "y", "z"} <= texts
    at = np.concatenate([circles(group) for group in root.iter(f"{SVG}g")])
    assert len(at) == N
    frame = root.findall(f"{SVG}rect")[1]
    low = np.array([float(frame.get("x")), float(frame.get("y"))])
    high = low + [float(frame.get("width")), float(frame.get("height"))]
    assert (low < at).all()
    assert (at < high).all()


def test_png_is_the_same_picture_twice_as_fine():
    made = table()
    image = Image.open(io.BytesIO(maps.png(made)))
    assert (image.size, image.mode) == ((1920, 1440), "RGB")
    pixels = np.asarray(image)
    root = ET.fromstring(maps.svg(made))
    last = {"no class": 198, 'cat, "black"': 199, "dog <3": 197}
    for group in root.iter(f"{SVG}g"):
        rgb = [int(group.get("fill")[i : i + 2], 16) for i in (1, 3, 5)]
        rows = np.flatnonzero(made.y == list(last).index(group.get("id")) - 1)
        assert rows[-1] == last[group.get("id")]
        x, y = circles(group)[-1]
        assert pixels[round(2 * y), round(2 * x)].tolist() == rgb


class Tags(HTMLParser):
    """Every address that a page names, and what it lets itself ask for."""

    def __init__(self):
        super().__init__()
        self.addresses, self.policy, self.title, self.labels = [], "", False, []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.addresses += [v for k, v in attrs if k in ("src", "href", "srcset", "action", "data")]
        self.labels += [v for k, v in attrs if k == "aria-label"]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]


@pytest.mark.parametrize(("dims", "colour"), [(2, "class"), (3, "kl")])
def test_html_holds_everything_it_needs_and_may_ask_for_nothing(dims, colour):
    page = maps.html(table(dims), colour).decode()
    tags = Tags()
    tags.feed(page)
    assert tags.addresses == []
    assert tags.policy.startswith("default-src 'none'")
    assert "http" not in tags.policy
    assert tags.labels[0].startswith("Map of 200 points over t-SNE 1 and t-SNE 2")
    assert "<title>Codes &amp; &lt;pixels&gt;</title>" in page
    assert "Plotly.newPlot" in page
    assert len(page) > 1_000_000


def test_a_map_without_classes_and_long_names_can_be_taken_along():
    bare = MapTable(
        np.zeros((4, 2), np.float32), np.arange(4), np.arange(4), np.full(4, -1), (), ("a" * 300, "b"),
        "t" * 300,
        {"f": Column("Outlier score " * 9, np.full(4, np.nan, np.float32), "number", "")},
    )  # fmt: skip
    for kind, write in FORMATS.items():
        assert write(bare), kind
    for kind in ("svg", "png", "html"):
        assert FORMATS[kind](bare, "f"), kind
    texts = [t.text for t in ET.fromstring(maps.svg(bare, "f")).iter(f"{SVG}text")]
    assert max(map(len, texts)) <= 95


def test_what_is_not_there_is_a_sentence():
    for kind in ("svg", "png", "html"):
        with pytest.raises(BadInput, match="no column 'error'"):
            FORMATS[kind](table(), "error")
