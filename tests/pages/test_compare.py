"""Compare: several runs on one axis, side by side, and what differs between them."""

import numpy as np

from core.runs import Store
from pages.train.differences import differences, repeats, short_names
from pages.ui import figure as figures
from tests.pages.conftest import texts

COMPARE = "train/compare.py"


def test_without_runs_the_page_says_how(visit):
    app = visit(COMPARE)
    assert not app.exception
    assert "Choose two runs" in texts(app)


def test_garbage_in_the_address_gets_one_sentence(visit, make_run):
    app = visit(COMPARE, runs="x,,%%,../..,<b>")
    assert not app.exception
    assert "4 runs of this address cannot be found" in texts(app)
    app = visit(COMPARE, runs=f"{make_run()},nothing")
    assert not app.exception
    assert "One run of this address cannot be found" in texts(app)


def test_more_runs_than_fit_are_told(visit, make_run):
    ids = [make_run() for _ in range(9)]
    assert "The first 8 runs of this address are shown." in texts(
        visit(COMPARE, runs=",".join(ids))
    )
    assert "The first 8 runs" not in texts(visit(COMPARE, runs=",".join(ids[:8])))


def test_what_differs_is_marked(visit, make_run):
    ids = [make_run(model="vae", beta=beta) for beta in (0.0, 4.0)]
    app = visit(COMPARE, runs=",".join(ids))
    assert not app.exception
    assert "**:orange[4]**" in texts(app)
    assert "beta 4" in texts(app) or "| beta |" in texts(app)


def test_repeated_seeds_become_a_mean_with_its_band(visit, make_run):
    app = visit(COMPARE, runs=",".join(make_run(seed=seed) for seed in range(3)))
    assert not app.exception
    assert app.toggle(key="compare-mean").value
    app.toggle(key="compare-mean").set_value(False).run()
    app.segmented_control(key="compare-part").set_value("train").run()
    assert not app.exception


def test_how_samples_fare_belongs_to_no_part_of_the_data(visit, make_run, jobs, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(figures, "figure", lambda picture, *, key, alt: said.append(alt))
    ids = [make_run(model="gan", packing=packing) for packing in (1, 2)]
    for modes, run in enumerate(ids, 6):
        jobs.store.add_scalars(run, [(100, "samples/modes", float(modes))])
    app = visit(COMPARE, runs=",".join(ids))
    app.selectbox(key="compare-term").set_value("samples/modes").run()
    assert not app.exception
    assert "modes covered" in said[-1]
    assert "validation" not in said[-1]
    assert all(f"packing {packing}" in said[-1] for packing in (1, 2))


def test_losses_of_two_kinds_on_one_axis_say_in_what_they_are_counted(
    visit, make_run, jobs, monkeypatch
):
    jobs.compute.call("schemas")
    said: list[str] = []
    monkeypatch.setattr(figures, "figure", lambda picture, *, key, alt: said.append(alt))
    squares, nats = make_run(model="autoencoder"), make_run(model="vae")
    assert not visit(COMPARE, runs=f"{squares},{nats}").exception
    assert "(squared error per number)" in said[-1]
    assert "(nats per example)" in said[-1]
    assert not visit(COMPARE, runs=squares).exception
    assert "loss (validation, squared error per number)" in said[-1]


def test_runs_of_every_state_and_kind_side_by_side(visit, make_run):
    ids = [make_run("running"), make_run("failed", model="gan"), make_run("queued", model="vae")]
    app = visit(COMPARE, runs=",".join(ids))
    assert not app.exception
    assert not app.button(key="compare-pause").disabled


def test_pause_all_commands_what_runs(visit, make_run, jobs):
    ids = [make_run("running"), make_run("done")]
    visit(COMPARE, runs=",".join(ids)).button(key="compare-pause").click().run()
    assert [c.name for c in jobs.store.commands(ids[0])] == ["pause"]
    assert not jobs.store.commands(ids[1])


def test_the_choice_is_written_into_the_address(visit, make_run):
    first, second = make_run(), make_run(seed=1)
    app = visit(COMPARE, runs=first)
    app.multiselect(key="compare-runs").set_value([first, second]).run()
    assert app.query_params == {"runs": f"{first},{second}"}


def runs_of(make_run, *settings: dict):
    store = Store()
    return [store.get(make_run(**one)) for one in settings]


def test_differences_name_only_what_differs(make_run):
    runs = runs_of(
        make_run, {"model": "vae", "beta": 0.0}, {"model": "vae", "beta": 1.0, "seed": 4}
    )
    assert differences(runs) == {"beta": [0.0, 1.0], "seed": [0, 4]}
    assert short_names(runs, ["a", "b"]) == ["beta 0, seed 0", "beta 1, seed 4"]


def test_runs_of_different_models_are_told_apart_by_their_titles(make_run):
    runs = runs_of(make_run, {"model": "vae"}, {"model": "pca"}, {"model": "pca"})
    assert short_names(runs, ["VAE", "PCA", "PCA"]) == ["VAE", "PCA (2)", "PCA (3)"]


def test_repeats_are_those_that_differ_in_the_seed_alone(make_run):
    runs = runs_of(make_run, {"seed": 0}, {"seed": 1}, {"seed": 0, "steps": 50})
    assert [len(group) for group in repeats(runs)] == [2, 1]


def test_the_history_reads_only_what_is_new(visit, make_run, jobs):
    from pages.ui.history import _joined

    old = {"a": (np.array([1, 5, 9]), np.array([1.0, 2.0, 3.0]))}
    new = {"a": (np.array([9, 12]), np.array([4.0, 5.0])), "b": (np.array([10]), np.array([0.5]))}
    joined = _joined(old, new, 8)
    assert joined["a"][0].tolist() == [1, 5, 9, 12]
    assert joined["a"][1].tolist() == [1.0, 2.0, 4.0, 5.0]
    assert joined["b"][0].tolist() == [10]
