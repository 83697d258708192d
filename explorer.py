"""The entry: ``streamlit run explorer.py`` serves the pages, the routes beside them and the workers behind them."""

from contextlib import asynccontextmanager

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from core.training.jobs import service
from pages.door import KnownPages, let_go_at_the_end
from pages.routes import ROUTES
from pages.ui.trouble import on_script_error
from pages.ui.visitor import OwnerCookie

HEAD_START = 2.0  # seconds in which the first page has the processor to itself, unless somebody needs a worker


@asynccontextmanager
async def lifespan(app):
    """Warm the workers before anyone clicks; at the end let every training save and stop."""
    let_go_at_the_end()
    jobs = service()
    await run_in_threadpool(jobs.start, HEAD_START)
    try:
        yield {}
    finally:
        await run_in_threadpool(jobs.stop)


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    routes=ROUTES,
    middleware=[Middleware(KnownPages), Middleware(OwnerCookie)],
    on_script_error=on_script_error,
)
