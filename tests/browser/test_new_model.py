"""The README's model, dropped into the folder, stands on the Train page with its form."""

from tests.browser import steps
from tests.browser.harness import Server
from tests.trees import copy_tree, readme_model


def test_a_new_model_file_stands_on_the_train_page(browser, visit, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    server = Server(tmp_path / "home", root=tree, PYTHONPATH=str(tree)).start()
    try:
        visitor = visit(server)
        visitor.open("/train")
        visitor.key("start").wait_for()
        (tree / "core/models/mirror.py").write_text(readme_model(), encoding="utf-8")

        run = steps.start_run(visitor, model="mirror", latent_dim=8, steps=400)
        assert run
        steps.await_state(visitor.page, "done")
        assert visitor.key("live-gain").count() == 1
        assert min(steps.points(visitor.page)) > 1
        visitor.close()
    finally:
        server.stop()
