"""The playground's cures: the same points, seed and networks with one thing changed each, as one group."""

import json

from tests.pages.conftest import texts
from tests.pages.training import presets_of_points

PAGE = "explore/playground.py"
DRAWING = [[0.5, 0.5], [0.6, 0.5], [-0.5, -0.4]]


def test_cures_differ_from_the_uncured_in_the_cure_alone(visit, jobs):
    app = visit(PAGE)
    names = ["cure: packing", "cure: minibatch deviation"]
    app.multiselect(key="cures-chosen").set_value(names).run()
    app.button(key="cures-start").click().run()
    assert not app.exception
    runs = [jobs.store.get(one) for one in app.query_params["runs"].split(",")]
    known = presets_of_points(jobs)
    titles = [known[name]["title"].removeprefix("Cured? ") for name in names]
    assert [run.title for run in runs] == ["Uncured", *titles]
    assert len({run.group for run in runs}) == 1
    sick = runs[0].spec
    assert known["collapse"]["config"].items() <= sick.config.items()
    for run, name in zip(runs[1:], names, strict=True):
        assert (run.spec.data, run.spec.seed) == (sick.data, sick.seed)
        assert run.spec.training == sick.training
        changed = {n: v for n, v in run.spec.config.items() if v != sick.config[n]}
        assert changed
        assert changed.items() <= known[name]["config"].items()
        assert not {"generator_sizes", "discriminator_sizes", "latent_dim"} & set(changed)


def test_a_vae_can_stand_beside_the_gan_on_the_same_points(visit, jobs, make_run):
    run = make_run("done", model="gan", seed=3, generator_sizes=[32, 16], distribution="grid")
    app = visit(PAGE, run=run)
    app.multiselect(key="cures-for-chosen").set_value(["vae", "cure: packing"]).run()
    assert "**A VAE instead**: No judge" in texts(app)
    app.button(key="cures-for-start").click().run()
    assert not app.exception
    gan, vae, cured = (jobs.store.get(one) for one in app.query_params["runs"].split(","))
    assert (vae.model, vae.title, cured.model) == ("vae", "A VAE instead", "gan")
    assert (vae.spec.data, vae.spec.seed, vae.group) == (gan.spec.data, 3, gan.group)
    assert vae.spec.training.steps == gan.spec.training.steps
    assert vae.spec.config["encoder_sizes"] == [16, 32]
    assert vae.spec.config["latent_dim"] == gan.spec.config["latent_dim"]


def test_a_run_can_be_cured_from_where_it_is_looked_at(visit, jobs, make_run):
    run = make_run("done", model="gan", seed=7, generator_sizes=[32])
    app = visit(PAGE, run=run)
    app.multiselect(key="cures-for-chosen").set_value(["cure: packing"]).run()
    app.button(key="cures-for-start").click().run()
    assert not app.exception
    fresh = [one for one in jobs.store.runs(shipped=False) if one.id != run]
    assert {one.spec.seed for one in fresh} == {7}
    assert all(one.spec.config["generator_sizes"] == [32] for one in fresh)
    assert sorted(one.spec.config["packing"] for one in fresh) == [1, 2]


def test_cures_that_do_not_fit_the_data_are_refused_in_a_sentence(visit, jobs):
    app = visit(PAGE, data="drawn", drawing=json.dumps(DRAWING))
    app.multiselect(key="cures-chosen").set_value(["cure: conditional"]).run()
    app.button(key="cures-start").click().run()
    assert not app.exception
    assert "no classes" in texts(app)
    assert not jobs.store.runs(shipped=False)


def test_a_group_says_how_long_it_has_still_to_train(visit, make_run):
    runs = [make_run("running", model="gan", seed=seed) for seed in (0, 1)]
    app = visit(PAGE, runs=",".join(runs))
    (bar,) = app.get("progress")
    # 2.5 s for 120 of 3,000 steps are 60 s for the rest, of each of two.
    assert bar.proto.text == "**120 of 3,000 steps** each · about 2 min 00 s left"


def test_small_pictures_share_one_slider_and_one_table(visit, make_run, playgrounds):
    runs = [make_run("done", model="gan", seed=seed) for seed in range(3)]
    app = visit(PAGE, runs=",".join([*runs, "nobody"]))
    assert not app.exception
    assert "Not every run" in texts(app)
    *pictures, table = playgrounds
    assert [one["run"] for one in pictures] == runs
    assert {one["size"] for one in pictures} == {"small"}
    assert {one["together"] for one in playgrounds} == {table["together"]}
    assert [line["run"] for line in table["lines"]] == runs
    assert f"playground?runs={','.join(runs)}" in app.code[0].value
    assert app.get("download_button")


def test_who_lags_behind_the_others_is_named(visit, jobs, make_run):
    runs = [make_run("running", model="gan", seed=seed) for seed in range(3)]
    for run, title, steps in zip(runs, "abc", (5000, 4990, 4100), strict=True):
        jobs.store.update(run, title=title, steps=steps)
    app = visit(PAGE, runs=",".join(runs))
    assert not app.exception
    (bar,) = app.get("progress")
    assert "steps** on average · c is 900 behind" in bar.proto.text
    jobs.store.update(runs[2], steps=4950)
    (bar,) = visit(PAGE, runs=",".join(runs)).get("progress")
    assert bar.proto.text.endswith("steps** each")


def test_ended_cures_wait_for_what_true_data_reach(visit, make_run, playgrounds, monkeypatch):
    from pages.explore import playground_cures
    from pages.ui.backend import Pending, ask

    late = [Pending()]

    def slow(task, **arguments):
        if late:
            raise late.pop()
        return ask(task, **arguments)

    monkeypatch.setattr(playground_cures, "ask", slow)
    runs = [make_run("done", model="gan", seed=seed) for seed in range(2)]
    app = visit(PAGE, runs=",".join(runs))
    assert not app.exception
    assert len(playgrounds[-1]["centres"]) == 8


def test_who_follows_a_link_to_cures_is_told_whose_they_are(visit, make_run):
    theirs = [make_run("running", model="gan", seed=seed, owner="x") for seed in range(2)]
    assert "Somebody else's runs" in texts(visit(PAGE, runs=",".join(theirs)))
    mine = make_run("running", model="gan")
    assert "Somebody else's runs" not in texts(visit(PAGE, runs=f"{theirs[0]},{mine}"))
