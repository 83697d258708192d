"""The frame around every page: its title, the way between pages, and errors as sentences."""

from pathlib import Path

import streamlit as st

from pages.ui.house import EXPLORE, MAIN, Page
from pages.ui.trouble import explained

MARK = str(Path(__file__).parent / "ui" / "mark.svg")

st.set_page_config(page_title="Latent Explorer", page_icon=MARK, layout="wide")
st.logo(MARK, size="large")


def registered(page: Page) -> st.Page:
    """The page as Streamlit knows it; Home has the address / alone."""
    home = page is MAIN[0]
    return st.Page(
        page.file,
        title=page.title,
        icon=f":material/{page.icon}:",
        url_path=None if home else page.address,
        default=home,
        help=page.help,
    )


sections = {"": MAIN, "Explore": EXPLORE}
known = {page.address: registered(page) for pages in sections.values() for page in pages}
page = st.navigation(
    {title: [known[one.address] for one in pages] for title, pages in sections.items()},
    position="top",
)
# A click may lead to another page: its callback says where, and nothing of the old page is drawn first.
if go := st.session_state.pop("_go", None):
    st.switch_page(known[go[0]], query_params=go[1])
with explained():
    page.run()
