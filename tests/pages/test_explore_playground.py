"""The playground: presets that start with a click, data of one's own, and a run that is commanded."""

import json

import pytest

from tests.pages.conftest import last, texts
from tests.pages.training import presets_of_points, trained

PAGE = "explore/playground.py"
DRAWING = [[0.5, 0.5], [0.6, 0.5], [-0.5, -0.4]]


def only_run(jobs):
    (run,) = jobs.store.runs(shipped=False)
    return run


def test_every_preset_on_points_that_is_no_cure_has_its_card(visit, jobs):
    app = visit(PAGE)
    assert not app.exception
    for name, preset in presets_of_points(jobs).items():
        cure = name.startswith("cure: ")
        assert (f"**{preset['title']}**" in texts(app)) != cure
        assert (preset["note"] in texts(app)) or cure


def test_a_cure_by_itself(visit, jobs):
    app = visit(PAGE)
    app.selectbox(key="cure-chosen").set_value("cure: packing").run()
    app.button(key="begin-cure").click().run()
    assert not app.exception
    run, preset = only_run(jobs), presets_of_points(jobs)["cure: packing"]
    assert (run.title, run.spec.config["packing"]) == (preset["title"], 2)
    assert preset["note"] in texts(app)


def test_one_click_trains_a_preset_and_shows_what_to_look_for(visit, jobs):
    app = visit(PAGE)
    app.button(key="begin-collapse").click().run()
    assert not app.exception
    run, preset = only_run(jobs), presets_of_points(jobs)["collapse"]
    assert dict(app.query_params) == {"run": run.id}
    assert run.title == preset["title"]
    assert preset["training"].items() <= run.spec.training.model_dump().items()
    assert preset["note"] in texts(app)


def test_chosen_data_take_the_place_of_the_presets(visit, jobs):
    app = visit(PAGE, data="moons")
    app.button(key="begin-collapse").click().run()
    run = only_run(jobs)
    assert run.spec.data["distribution"] == "moons"
    # Its line speaks of clumps, which these data do not have.
    assert presets_of_points(jobs)["collapse"]["note"] not in texts(app)


def test_what_is_drawn_is_trained_on(visit, jobs):
    app = visit(PAGE, data="drawn", drawing=json.dumps(DRAWING))
    assert not app.exception
    app.button(key="begin-good-day").click().run()
    data = only_run(jobs).spec.data
    assert data["distribution"] == "drawn"
    assert data["drawing"] == [list(point) for point in DRAWING]


def test_nothing_drawn_starts_nothing(visit):
    app = visit(PAGE, data="drawn")
    assert app.button(key="begin-collapse").disabled
    assert "Drag to draw" in texts(app)


def test_the_address_holds_settings_of_ones_own_and_says_what_it_does_not_know(visit, jobs):
    app = visit(PAGE, data="moons", preset="collapse", latent_dim="1", model="gan", layered="7")
    assert app.number_input(key="play-latent_dim").value == 1
    assert app.query_params["latent_dim"] == "1"
    app.button(key="play-start").click().run()
    spec = only_run(jobs).spec
    assert (spec.config["latent_dim"], spec.training.beta1) == (1, 0.9)
    assert spec.data["distribution"] == "moons"
    strange = visit(PAGE, data="stripes", preset="nobody's")
    assert not strange.exception
    assert "(data, preset)" in texts(strange)


def test_the_settings_of_the_data_are_those_of_the_chosen_points(visit, jobs):
    app = visit(PAGE, data="moons", jitter="0.1")
    shown = {str(box.key) for box in app.number_input}
    assert "play-jitter" in shown
    assert not {"play-radius", "play-modes"} & shown
    app.button(key="play-start").click().run()
    data = only_run(jobs).spec.data
    assert (data["distribution"], data["jitter"]) == ("moons", 0.1)


def test_a_vae_on_the_same_points(visit, jobs):
    app = visit(PAGE, data="moons", model="vae")
    assert not app.exception
    app.button(key="play-start").click().run()
    run = only_run(jobs)
    assert (run.model, run.spec.data["distribution"]) == ("vae", "moons")


def test_the_component_knows_networks_modes_and_what_true_data_reach(visit, jobs, playgrounds):
    settings = {"generator_sizes": [16, 8], "discriminator_sizes": [4], "packing": 2, "r1": 0.1}
    run = trained(jobs, "gan", "points", **settings, generator_rate=0.5)
    app = visit(PAGE, run=run)
    assert not app.exception
    (given,) = playgrounds
    assert given["networks"] == {
        "G": [2, 16, 8, 2],
        "D": [4, 4, 1],
        "classes": 0,
        "frozen": True,
        "says": {
            "G": ["non-saturating loss, rate 0.0005, 1 × a step", "gaussian z, leaky relu"],
            "D": ["logistic loss, rate 0.001, 1 × a step", "leaky relu, packs of 2, R1 0.1"],
        },
    }
    assert len(given["centres"]) == 8
    assert given["floors"]["reverse_kl"] == pytest.approx(0.0014)
    assert given["floors"]["high_quality"] == pytest.approx(0.9889, abs=1e-4)


def test_the_diagram_says_what_was_changed_live(visit, jobs, make_run, playgrounds):
    run = make_run("paused", model="gan")
    visit(PAGE, run=run)
    assert "logistic loss, rate 0.001, 1 × a step" in playgrounds[-1]["networks"]["says"]["D"]
    jobs.store.command(run, "set", {"name": "discriminator_updates", "value": 3})
    jobs.store.command(run, "set", {"name": "weight_clip", "value": 0.1})
    visit(PAGE, run=run)
    assert playgrounds[-1]["networks"]["says"]["D"] == [
        "logistic loss, rate 0.001, 3 × a step",
        "leaky relu, clipped at 0.1",
    ]


def test_a_conditional_network_takes_the_class_beside_its_input(visit, jobs, playgrounds):
    run = trained(jobs, "gan", "points", conditional=True, freeze_discriminator=False)
    visit(PAGE, run=run)
    assert playgrounds[0]["networks"]["frozen"] is False
    assert playgrounds[0]["networks"]["G"][0] == 2 + 8
    assert playgrounds[0]["networks"]["D"][0] == 2 + 8


def test_the_layers_stand_in_the_address(visit, make_run, playgrounds):
    run = make_run("done", model="gan")
    visit(PAGE, run=run, layers="real,push,paint")
    assert playgrounds[-1]["layers"] == ["real", "push"]
    visit(PAGE, run=run)
    assert playgrounds[-1]["layers"] == ["real", "generated", "surface", "push", "manifold"]


def test_slow_motion_and_single_turns_are_commands_of_the_run(visit, jobs, make_run):
    run = make_run("paused", model="gan")
    app = visit(PAGE, run=run)
    app.button(key="control-phase-D").click().run()
    app.toggle(key=f"slow-{run}").set_value(True).run()
    assert not app.exception
    assert [(c.name, c.payload) for c in jobs.store.commands(run)] == [
        ("phase", {"name": "D"}),
        ("stages", {"on": True, "seconds": 0.8}),
    ]


def test_the_slow_motion_switch_shows_what_the_run_was_last_told(visit, jobs, make_run):
    run = make_run("running", model="gan")
    jobs.store.command(run, "stages", {"on": True, "seconds": 0.8})
    jobs.store.command(run, "stages", {"on": False, "error": "seconds: …"})
    slow = visit(PAGE, run=run).toggle(key=f"slow-{run}")
    assert (slow.value, slow.disabled) == (True, False)
    jobs.store.transition(run, "stopped")
    slow = visit(PAGE, run=run).toggle(key=f"slow-{run}")
    assert (slow.value, slow.disabled) == (True, True)  # it goes on with a resume
    jobs.store.transition(run, "done")
    assert not visit(PAGE, run=run).toggle(key=f"slow-{run}").value


def test_what_has_ended_cannot_be_changed(visit, make_run):
    for state, still in (("running", False), ("stopped", True), ("failed", True)):
        app = visit(PAGE, run=make_run(state, model="gan"))
        assert app.number_input(key="live-discriminator_rate").disabled == still


def test_who_follows_somebodys_link_is_told_whose_run_it_is(visit, make_run):
    assert "Somebody else's run" in texts(visit(PAGE, run=make_run("done", model="gan", owner="x")))
    assert "Somebody else's run" not in texts(visit(PAGE, run=make_run("done", model="gan")))


def test_an_address_of_none_that_can_be_found_leads_to_the_beginning(visit):
    app = visit(PAGE, runs="nobody,none")
    assert "No run of this address can be found." in texts(app)
    assert app.button(key="begin-collapse")


def test_each_network_has_its_own_live_settings(visit, jobs, make_run):
    run = make_run("paused", model="gan")
    app = visit(PAGE, run=run)
    app.number_input(key="live-discriminator_rate").set_value(0.5).run()
    assert not app.exception
    assert jobs.store.commands(run)[0].payload == {"name": "discriminator_rate", "value": 0.5}
    keys = [str(box.key) for box in app.number_input]
    assert len(keys) == len(set(keys))


def test_a_link_to_the_playground_leads_back_to_it(visit, make_run):
    run = make_run("done", model="gan")
    app = visit(PAGE, run=run)
    assert f"playground?run={run}" in app.code[0].value


def test_what_is_not_in_the_plane_is_sent_to_train(visit, make_run):
    app = visit(PAGE, run=make_run("done"))
    assert not app.exception
    assert "not one of points in the plane" in texts(app)


def test_true_points_are_asked_for_once(visit, jobs, make_run, asked):
    run = make_run("done", model="gan", distribution="grid")
    visit(PAGE, run=run)
    assert last(asked, "true_points")["options"]["distribution"] == "grid"
    assert sum(task == "true_points" for task, _ in asked) == 1
