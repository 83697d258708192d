"""bench: how fast it is; every command prints its ratio and both figures, best on an otherwise idle machine."""

from typing import Annotated, Any

import typer

from core.cli import common

app = typer.Typer(rich_markup_mode=None)

Rounds = Annotated[int, typer.Option(min=1, help="How often; medians are printed.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="Seconds of each measurement.")]
OneModel = Annotated[str, typer.Option(help="What is trained.")]
OneDataset = Annotated[str, typer.Option(help="On which data.")]


@app.command()
def train(
    models: Annotated[list[str] | None, typer.Argument(help="Which (default: all).")] = None,
    seconds: Seconds = 30.0,
    rounds: Rounds = 3,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """Our training against the loop a user would write."""
    from core.bench.train import bench_train

    def line(row: dict[str, Any]) -> None:
        if not as_json:
            print(
                f"{row['bench']}: {row['ours']:,.0f} examples/s; "
                f"{row['ratio']:.2f}× the user's loop ({row['user_loop']:,.0f}; goal {row['goal']}×), "
                f"{row['ratio_bare']:.2f}× a bare loop ({row['bare_loop']:,.0f}; goal {row['goal_bare']}×)",
                flush=True,
            )

    rows = bench_train(models, seconds, rounds, common.directory(data_dir), line)
    if as_json:
        common.print_json(rows)


@app.command()
def pair(
    model: OneModel = "vae",
    dataset: OneDataset = "digits",
    seconds: Seconds = 15.0,
    rounds: Rounds = 3,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """Two trainings at once against one alone."""
    from core.bench.pair import bench_pair

    found = bench_pair(model, dataset, seconds, rounds, common.directory(data_dir))
    if as_json:
        common.print_json(found)
        return
    both = " and ".join(f"{rate:,.0f}" for rate in found["together"])
    print(
        f"{found['ratio']:.2f}× of its single speed keeps the slower of two (goal {found['goal']}×): "
        f"{both} examples/s together, {found['alone']:,.0f} alone"
    )


@app.command()
def live(
    model: OneModel = "vae",
    dataset: OneDataset = "digits",
    seconds: Seconds = 15.0,
    rounds: Rounds = 5,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """A training watched in Chromium against one that is not."""
    from core.bench.live import bench_live

    found = bench_live(model, dataset, seconds, rounds, common.directory(data_dir))
    if as_json:
        common.print_json(found)
        return
    print(
        f"{found['ratio']:.2f}× of its speed keeps a training that is watched (goal {found['goal']}×): "
        f"{found['watched']:,.0f} examples/s watched, {found['alone']:,.0f} alone"
    )


@app.command()
def gan(seconds: Seconds = 15.0, rounds: Rounds = 3, as_json: common.AsJson = False) -> None:
    """The default GAN on points against a bare loop."""
    from core.bench.gan import bench_gan

    found = bench_gan(seconds, rounds)
    if as_json:
        common.print_json(found)
        return
    print(
        f"{found['ratio']:.2f}× a bare loop (goal {found['goal']}×): {found['ours']:,.0f} steps per second of "
        f"processor time, with snapshots, film and measures; the bare loop {found['bare_loop']:,.0f}\n"
        f"{found['ratio_watched']:.2f}× (goal {found['goal']}×): {found['watched']:,.0f} while it is watched, with "
        f"{found['frames']:.1f} live frames a second of every layer"
    )


@app.command()
def playground(seconds: Seconds = 15.0, rounds: Rounds = 3, as_json: common.AsJson = False) -> None:
    """The GAN playground with every layer on: training, frames of the screen, pictures."""
    from core.bench.playground import bench_playground

    found = bench_playground(seconds, rounds)
    if as_json:
        common.print_json(found)
        return
    print(
        f"{found['ratio']:.2f}× a bare loop (goal {found['goal']}×) trains a GAN that is watched: "
        f"{found['watched']:,.0f} steps/s, the bare loop {found['bare_loop']:,.0f}; "
        f"{found['frames_per_second']:.0f} frames/s in the page (goal {found['frames_goal']}), "
        f"{found['updates_per_second']:.1f} pictures/s (goal {found['updates_goal']})"
    )


@app.command()
def disentanglement(
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Trainings of each β.")] = 5,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each training.")] = 6_000,
    as_json: common.AsJson = False,
) -> None:
    """β = 1 and 4 on shapes: do the factors part?"""
    from core.bench.disentanglement import FIGURES, bench_disentanglement

    def line(row: dict[str, Any]) -> None:
        if not as_json:
            print(
                f"β = {row['beta']:g}, seed {row['seed']}: gap {row['mutual_information_gap']:.3f}, "
                f"FactorVAE score {row['factor_vae_score']:.3f}, reconstruction {row['reconstruction']:.1f} and "
                f"KL {row['kl']:.1f} nats per image, {row['active_units']} active units, {row['seconds']:.0f} s",
                flush=True,
            )

    found = bench_disentanglement(seeds, steps, report=line)
    if as_json:
        common.print_json(found)
        return
    for one in found["summary"]:
        gap, votes, bce, kl, active = (_mean(one[name]) for name in FIGURES)
        runs = one["runs"]
        what = f"mean of {runs} ± its standard error" if runs > 1 else "one run"
        print(
            f"β = {one['beta']:g}, {what}: mutual information gap {gap} "
            f"(published on dSprites: {one['published']:.2f}), FactorVAE score {votes}, "
            f"reconstruction {bce} and KL {kl} nats per test image, active units {active}"
        )


@app.command()
def modes(
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Trainings of each case.")] = 10,
    only: Annotated[list[str] | None, typer.Option(help="A case, by name; repeatable.")] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="No training begins after so many minutes.")
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Mode collapse and its cures; an interrupted bench goes on."""
    from core.bench.modes import bench_modes, table

    def line(row: dict[str, Any]) -> None:
        if not as_json:
            print(
                f"{row['case']}, seed {row['seed']}: {row['modes']:.0f} modes, "
                f"{row['high_quality']:.1%} of high quality, reverse KL {row['reverse_kl']:.4f} nats; "
                f"{row['steps']:,} steps in {row['seconds']:.0f} s of processor time"
                + (f" ({row['broken']})" if row["broken"] else ""),
                flush=True,
            )

    found = bench_modes(seeds, only, minutes, line)
    if as_json:
        common.print_json(found)
        return
    print(table(found["summary"]))


def _mean(figure: dict[str, float | None]) -> str:
    error = figure["error"]
    return f"{figure['mean']:.3g}" + ("" if error is None else f" ± {error:.2g}")


@app.command()
def start(rounds: Rounds = 5, as_json: common.AsJson = False) -> None:
    """The first page and the first loss point in Chromium."""
    from core.bench.start import bench_start

    found = bench_start(rounds)
    if as_json:
        common.print_json(found)
        return
    goals = found["goals"]
    print(
        f"first page of a cold server: {found['ratio']:.2f}× an empty app's (goal {goals['page']}×): "
        f"{found['page']:.2f} s against {found['empty_page']:.2f} s from the request, "
        f"{found['launch']:.2f} s against {found['empty_launch']:.2f} s from the launch"
    )
    print(
        f"click to first loss point: {found['warm_click']:.2f} s with a warm worker "
        f"(goal {goals['warm_click']} s), {found['cold_click']:.2f} s on a cold server (goal {goals['cold_click']} s)"
    )
    times = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in found["imports"].items())
    brought = ", ".join(found["forbidden_imports"]) or "none of the slow modules"
    print(f"imports: {times}; import core brings {brought}")


@app.command()
def latent(
    moves: Annotated[int, typer.Option(min=10, help="Pointer moves on each pad.")] = 400,
    rounds: Rounds = 5,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """The latent pad in Chromium: its lag, its opening, its sheet."""
    from core.bench.latent import bench_latent

    rows = bench_latent(moves, rounds, common.directory(data_dir))
    if as_json:
        common.print_json(rows)
        return
    for row in rows:
        _print_row(row)


@app.command()
def projections(
    n: Annotated[int, typer.Option(min=100, help="Codes of each contest.")] = 10_000,
    more: Annotated[int, typer.Option(min=100, help="Codes of the larger map.")] = 20_000,
    rounds: Rounds = 1,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """Maps of codes: t-SNE against scikit-learn's, UMAP against umap-learn's second call, maps in Chromium."""
    from core.bench.maps_in_browser import bench_maps_in_browser
    from core.bench.projections import bench_projections

    def line(row: dict[str, Any]) -> None:
        if not as_json:
            _print_row(row)

    drawn = bench_maps_in_browser(common.directory(data_dir))
    for row in drawn:
        line(row)
    rows = drawn + bench_projections(n, more, rounds, common.directory(data_dir), report=line)
    if as_json:
        common.print_json(rows)


def _print_row(row: dict[str, Any]) -> None:
    """``bench``, ``value``, ``unit``, ``goal``, ``protocol`` and ``parts`` of a figure on one line."""
    parts = ", ".join(f"{name} {value:.3g}" for name, value in row["parts"].items())
    goal = "" if row["goal"] is None else f"goal {row['goal']:g}; "
    also = f"; {parts}" if parts else ""
    text = f"{row['bench']}: {row['value']:.3g} {row['unit']} ({goal}{row['protocol']}{also})"
    print(text, flush=True)


@app.command()
def time(
    dataset: OneDataset = "mnist",
    rounds: Rounds = 3,
    data_dir: common.DataDir = None,
    as_json: common.AsJson = False,
) -> None:
    """The time slider in Chromium: new snapshots painted a second, played and dragged."""
    from core.bench.timeline import bench_timeline

    found = bench_timeline(dataset, rounds, common.directory(data_dir))
    if as_json:
        common.print_json(found)
        return
    print(
        f"time slider over {found['snapshots']} snapshots of {found['codes']:,} codes and a {found['square']} square "
        f"on {found['dataset']}: {found['played']:.0f} new snapshots painted a second while it plays at "
        f"{found['speed']}×, {found['dragged']:.0f} while it is dragged (goal {found['goal']}); "
        f"{found['frames_played']:.0f} and {found['frames_dragged']:.0f} frames/s in the page"
    )
