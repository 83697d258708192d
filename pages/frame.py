"""The frame around every page: its title, the way between pages, and errors as sentences."""

from pathlib import Path

import streamlit as st

from pages.ui.trouble import explained

MARK = str(Path(__file__).parent / "ui" / "mark.svg")

st.set_page_config(page_title="Latent Explorer", page_icon=MARK, layout="wide")
st.logo(MARK, size="large")
pages = {
    "home": st.Page(
        "learn/home.py",
        title="Home",
        icon=":material/home:",
        default=True,
        help="What this is, and three trainings that start with one click.",
    ),
    "train": st.Page(
        "train/train.py",
        title="Train",
        icon=":material/play_circle:",
        url_path="train",
        help="Choose data, a model and its settings, and watch it learn.",
    ),
    "runs": st.Page(
        "train/runs.py",
        title="Runs",
        icon=":material/list:",
        url_path="runs",
        help="Everything that was trained: find, name, tag, compare, remove.",
    ),
    "compare": st.Page(
        "train/compare.py",
        title="Compare",
        icon=":material/compare:",
        url_path="compare",
        help="Several runs side by side: curves, pictures, and what differs in their settings.",
    ),
}
page = st.navigation(list(pages.values()), position="top")
# A click may lead to another page: its callback says where, and nothing of the old page is drawn first.
if go := st.session_state.pop("_go", None):
    st.switch_page(pages[go[0]], query_params=go[1])
with explained():
    page.run()
