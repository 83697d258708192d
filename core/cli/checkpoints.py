"""checkpoints: list, build and verify the runs that ship with the program."""

from typing import Annotated

import typer

from core import checkpoints
from core.cli import common
from core.errors import BadInput

FAILED = 1

app = typer.Typer(rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME", help="See `checkpoints list`.")]


@app.command("list")
def list_(as_json: common.AsJson = False) -> None:
    """The shipped runs and the command that made each."""
    known = checkpoints.manifest()
    if as_json:
        common.print_json([{"run": name, **entry} for name, entry in known.items()])
        return
    for name, recipe in checkpoints.RECIPES.items():
        print(f"{name}  {recipe.title}{'' if name in known else '  (not built)'}")
        print(f"    {recipe.command}")
        for figure, value in known.get(name, {}).get("figures", {}).items():
            print(f"    {figure} {value:.6g}")


@app.command()
def build(name: Name, data_dir: common.DataDir = None, as_json: common.AsJson = False) -> None:
    """Train one anew and replace it."""
    from core.cli.training import Progress

    with Progress() as progress:
        entry = checkpoints.build(name, common.directory(data_dir), progress)
    if as_json:
        common.print_json({"run": name, **entry}, indent=None)
        return
    common.print_table(entry["figures"].items(), ("figure", "value"))


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="One of them (default: all).")] = None,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> int:
    """Compare hashes exactly, figures within a tolerance."""
    known = checkpoints.manifest()
    if name is not None and name not in known:
        raise BadInput(f"There is no shipped run {name!r}; choose one of {', '.join(known)}.")
    place = common.directory(data_dir)
    results = []
    for one in [name] if name else known:
        wrong, unchecked = checkpoints.verify(one, place)
        results.append({"run": one, "good": not wrong, "wrong": wrong, "unchecked": unchecked})
    if as_json:
        common.print_json(results)
    for result in [] if as_json else results:
        print(f"{result['run']}: {'as shipped' if result['good'] else 'CHANGED'}")
        for sentence in result["wrong"] + result["unchecked"]:
            print(f"    {sentence}")
    return 0 if all(result["good"] for result in results) else FAILED
