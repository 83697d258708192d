"""What a person sees when something fails: one sentence. The rest goes to the log."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core import incidents
from core.errors import ExplorerError
from core.settings import settings

ICON = ":material/error:"


@contextmanager
def explained() -> Iterator[None]:
    """Errors meant for a person are shown as their sentence, and the page goes on after the block."""
    try:
        yield
    except ExplorerError as error:
        st.error(str(error), icon=ICON)


def on_script_error(error: Exception) -> bool:
    """Streamlit's last resort: no traceback reaches a page. Returns True: nothing else is to be shown."""
    if isinstance(error, ExplorerError):
        st.error(str(error), icon=ICON)
    else:
        st.error(incidents.note(error, settings().home, "pages"), icon=ICON)
    return True
