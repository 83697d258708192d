"""The README's model, dropped into the folder, stands on the Train page with its form."""

from tests.browser import steps
from tests.browser.harness import until
from tests.trees import copy_tree, readme_model


def test_a_new_model_file_stands_on_the_train_page(visit, own_server, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    own_server.root = tree
    own_server.environment["PYTHONPATH"] = str(tree)
    visitor = visit(own_server.start())
    visitor.open("/train")
    visitor.key("start").wait_for()
    (tree / "core/models/mirror.py").write_text(readme_model(), encoding="utf-8")

    steps.start_run(visitor, model="mirror", latent_dim=8, steps=400)
    steps.await_state(visitor.page, "done")
    assert visitor.key("live-gain").count() == 1
    until(lambda: min(steps.points(visitor.page), default=0) > 1, 10, "curves")
