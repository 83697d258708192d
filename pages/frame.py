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
explore = {
    "time": st.Page(
        "explore/time.py",
        title="Time",
        icon=":material/history:",
        url_path="time",
        help="The whole training on one slider: codes drifting apart, samples sharpening; two runs at once.",
    ),
    "kl-term": st.Page(
        "explore/kl_term.py",
        title="Why the KL term",
        icon=":material/balance:",
        url_path="kl-term",
        help="The same training with and without the KL term, side by side, live.",
    ),
    "reconstructions": st.Page(
        "explore/reconstructions.py",
        title="Reconstructions",
        icon=":material/compare_arrows:",
        url_path="reconstructions",
        help="Originals against reconstructions: errors, best and worst, nearest neighbours.",
    ),
    "code-size": st.Page(
        "explore/code_size.py",
        title="Code size",
        icon=":material/compress:",
        url_path="code-size",
        help="Several models on the same images, and the error against the size of the code.",
    ),
    "denoising": st.Page(
        "explore/denoising.py",
        title="Denoising",
        icon=":material/blur_on:",
        url_path="denoising",
        help="Damage, restore, and damage again; the field that pulls points back to the data.",
    ),
    "weights": st.Page(
        "explore/weights.py",
        title="Weights",
        icon=":material/grid_on:",
        url_path="weights",
        help="What each hidden unit looks for and draws, as it develops.",
    ),
    "layers": st.Page(
        "explore/layers.py",
        title="Layers",
        icon=":material/layers:",
        url_path="layers",
        help="How one image moves through the network.",
    ),
    "codes": st.Page(
        "explore/codes.py",
        title="Codes",
        icon=":material/bar_chart:",
        url_path="codes",
        help="The code itself: activity, histograms, correlation, dead units.",
    ),
    "manifold": st.Page(
        "explore/manifold.py",
        title="Manifold",
        icon=":material/view_in_ar:",
        url_path="manifold",
        help="PCA's plane against the autoencoder's curved surface, in 2-D and 3-D.",
    ),
}
page = st.navigation({"": list(pages.values()), "Explore": list(explore.values())}, position="top")
# A click may lead to another page: its callback says where, and nothing of the old page is drawn first.
if go := st.session_state.pop("_go", None):
    st.switch_page({**pages, **explore}[go[0]], query_params=go[1])
with explained():
    page.run()
