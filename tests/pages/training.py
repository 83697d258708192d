"""Small runs that are really trained, for pages that look into their weights."""

from core.runs import LOCAL
from core.training.jobs import Service


def trained(jobs: Service, model: str, dataset: str, **settings) -> str:
    """The id of a run that has done a few steps on a few points (or on the digits)."""
    from core.training.specs import resolve
    from core.training.worker import work

    small = {"steps": 30, "batch_size": 64} | ({} if dataset == "digits" else {"n": 400})
    spec = resolve(model, dataset, small | settings)
    run = jobs.store.create(spec, LOCAL, state="running")
    assert work([run.id], store=jobs.store)[0].state == "done"
    return run.id


def presets_of_points(jobs) -> dict[str, dict]:
    """The presets of the GAN on points, as the playground offers them."""
    from pages.explore.playground_presets import presets_of

    return presets_of(jobs.compute.call("schemas"))
