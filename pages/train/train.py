"""Train: choose, start, and watch."""

from pages.train import live, setup
from pages.ui.address import run_of_address
from pages.ui.warming import when_ready

run = run_of_address()
when_ready(setup.show if run is None else lambda schemas: live.show(run, schemas))
