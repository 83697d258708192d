"""The manifold: PCA's flat subspace and the curved one, as layers, with both errors."""

import numpy as np
import pytest

from core import arrays
from pages.ui.space import Layer, packed
from tests.pages.conftest import texts
from tests.pages.training import trained

PAGE = "explore/manifold.py"
NAMES = {"data", "PCA", "Autoencoder", "reconstructions", "ways to them", "PCA's reconstructions"}


@pytest.fixture
def drawn(monkeypatch) -> list[list[Layer]]:
    """What is handed to the view into space."""
    from pages.ui import space

    seen, pack = [], space.packed

    def noted(layers, **rest):
        seen.append(list(layers))
        return pack(layers, **rest)

    monkeypatch.setattr(space, "packed", noted)
    return seen


@pytest.mark.parametrize(
    ("dataset", "code", "form", "shape"),
    [("plane3d", 2, "surface", (31, 31, 3)), ("points", 1, "curve", (31, 2))],
)
def test_a_narrow_code_is_a_sheet_or_a_curve(visit, jobs, drawn, dataset, code, form, shape):
    run = trained(jobs, "autoencoder", dataset, encoder_sizes=[16], latent_dim=code)
    app = visit(PAGE, run=run)
    assert not app.exception
    layers = {layer.name: layer for layer in drawn[-1]}
    assert set(layers) == NAMES
    assert layers["Autoencoder"].kind == layers["PCA"].kind == form
    assert layers["Autoencoder"].values.shape == shape
    assert not layers["ways to them"].shown
    assert [metric.label for metric in app.metric] == ["Autoencoder", "PCA, exact"]
    assert "per coordinate" in texts(app)


def test_a_wide_code_has_no_surface_but_its_reconstructions(visit, jobs, drawn):
    run = trained(jobs, "autoencoder", "points", encoder_sizes=[16])
    app = visit(PAGE, run=run)
    assert not app.exception
    layers = {layer.name: layer for layer in drawn[-1]}
    assert "Autoencoder" not in layers
    assert layers["reconstructions"].shown
    assert "no surface to draw" in texts(app)


def test_the_closed_form_is_no_worse_than_the_trained_linear_one(visit, jobs):
    app = visit(PAGE, run=trained(jobs, "pca", "plane3d", latent_dim=2))
    assert not app.exception
    ours, exact = (float(metric.value) for metric in app.metric)
    assert 0 < exact < ours


@pytest.mark.parametrize("key", ["manifold-plane", "manifold-moons", "manifold-linear"])
def test_every_offer_can_be_trained(visit, jobs, key):
    app = visit(PAGE)
    app.button(key=f"start-{key}").click().run()
    assert not app.exception
    (run,) = jobs.store.runs(shipped=False)
    assert run.state == "queued"
    assert "as soon as the first weights are kept" in texts(app)


def test_the_browser_gets_every_layer_as_it_is_to_be_drawn():
    layers = [
        Layer("data", "points", np.ones((5, 3)), "#000000", groups=np.array([0, 1, 2, 0, 1])),
        Layer("ways", "links", np.zeros((5, 2, 3)), "#ffffff", shown=False),
    ]
    found, meta = arrays.unpack(packed(layers, alt="Five points.", axes=["a", "b", "c"], view="v"))
    assert found["data"].shape == (5, 3)
    assert found["data"].dtype == found["ways"].dtype == np.float32
    assert found["data/groups"].tolist() == [0, 1, 2, 0, 1]
    assert [(one["kind"], one["shown"]) for one in meta["layers"]] == [
        ("points", True),
        ("links", False),
    ]
    assert meta["alt"] == "Five points."


@pytest.mark.parametrize(
    ("ours", "pca", "said"),
    [
        (0.09, 0.1, "-10 % against PCA"),
        (0.12, 0.1, "+20 % against PCA"),
        (0.1001, 0.1, None),
        (0.25, 0.0, None),
        (0.25, 1e-17, None),
    ],
)
def test_the_share_that_a_bend_saves_is_told_only_where_it_means_something(ours, pca, said):
    from pages.explore.manifold import against

    assert against({"mse": ours, "pca_mse": pca}) == said
