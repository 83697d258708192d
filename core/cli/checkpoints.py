"""bench: how fast it is, each command printing a ratio and both figures."""

import typer

app = typer.Typer()
