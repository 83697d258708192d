"""Runs: everything that was trained. Find, name, tag, compare, remove."""

from typing import Any

import streamlit as st

from core import schemas as kept
from core.runs import Run
from pages.train import listing
from pages.train.inside import particulars
from pages.ui.backend import jobs, store, visible_runs
from pages.ui.control_bar import attempt, show_message
from pages.ui.picture import live_picture
from pages.ui.visitor import may_command, owners
from pages.ui.words import class_names, run_title, size


def actions(chosen: list[Run]) -> None:
    """What can be done with the ticked runs."""
    mine = [run for run in chosen if may_command(run)]
    ids = ",".join(run.id for run in chosen)
    with st.container(horizontal=True, gap="small", key="runs-actions"):
        st.button(
            "Open",
            icon=":material/visibility:",
            key="runs-open",
            type="primary",
            disabled=len(chosen) != 1,
            on_click=_go,
            args=("train", {"run": ids}),
        )
        st.button(
            "Compare",
            icon=":material/compare:",
            key="runs-compare",
            disabled=not 2 <= len(chosen) <= 8,
            on_click=_go,
            args=("compare", {"runs": ids}),
            help="Two to eight runs; several seeds become a mean.",
        )
        st.button(
            f"Delete {len(mine)}" if len(mine) > 1 else "Delete",
            icon=":material/delete:",
            key="runs-delete",
            disabled=not mine,
            on_click=_delete,
            args=([run.id for run in mine],),
            help="Can be undone.",
        )
        if not chosen:
            st.caption("Tick runs on the left of the table to open, compare, name or remove them.")


def _go(page: str, values: dict[str, str]) -> None:
    st.session_state["_go"] = (page, values)


def _each(ids: list[str], act) -> None:
    for run_id in ids:
        attempt(lambda run_id=run_id: act(run_id, store().get(run_id).owner))


def _delete(ids: list[str]) -> None:
    _each(ids, jobs().delete)
    st.session_state["_deleted"] = ids


def _undelete(ids: list[str]) -> None:
    _each(ids, jobs().undelete)
    st.session_state.pop("_deleted", None)


def undo_bar() -> None:
    """Right after a deletion: the way back."""
    if ids := st.session_state.get("_deleted"):
        with st.container(horizontal=True, vertical_alignment="center", key="runs-undo-bar"):
            count = len(ids)
            st.markdown(f"{count} run{'s' if count > 1 else ''} deleted.")
            st.button(
                "Undo", icon=":material/undo:", key="runs-undo", on_click=_undelete, args=(ids,)
            )


def details(run: Run) -> None:
    """One run: what it made, what it is, its title and tags."""
    left, right = st.columns([5, 6], gap="large")
    with left:
        live_picture(run, class_names(run), key=f"runs-picture-{run.id}", fork=False)
    with right:
        if may_command(run):
            _names(run)
        particulars(run)


def _names(run: Run) -> None:
    columns = st.columns(2, gap="medium")
    columns[0].text_input(
        "Title",
        run.title,
        key=f"title-{run.id}",
        placeholder=run_title(run, kept.read()),
        max_chars=200,
        on_change=lambda: attempt(
            lambda: jobs().rename(run.id, run.owner, st.session_state[f"title-{run.id}"])
        ),
    )
    columns[1].multiselect(
        "Tags",
        sorted({tag for other in visible_runs() for tag in other.tags}),
        run.tags,
        key=f"tags-{run.id}",
        accept_new_options=True,
        placeholder="type to add",
        on_change=lambda: attempt(
            lambda: jobs().tag(run.id, run.owner, st.session_state[f"tags-{run.id}"])
        ),
    )


def clean_up(runs: list[Run]) -> None:
    """What lies on the disk, and how to make room."""
    mine = [run for run in runs if may_command(run)]
    deleted = [run for run in visible_runs(deleted=True) if may_command(run)]
    used: dict[str, Any] = {run.id: store().disk_use(run.id) for run in [*mine, *deleted]}
    bin_size = sum(used[run.id] for run in deleted)
    with st.expander(
        f"Disk use: {size(sum(used.values()))}", icon=":material/hard_drive:", key="runs-disk"
    ):
        st.markdown(
            f"{len(mine)} runs take {size(sum(used[run.id] for run in mine))}; "
            f"{len(deleted)} deleted ones still take {size(bin_size)}."
        )
        ended = [
            run.id for run in mine if run.state in ("done", "stopped", "failed", "interrupted")
        ]
        with st.container(horizontal=True, gap="small"):
            st.button(
                f"Remove deleted runs for good ({len(deleted)})",
                key="runs-purge",
                disabled=not deleted,
                on_click=_purge,
                help="They cannot be brought back after this.",
            )
            st.button(
                "Keep only the last weights of ended runs",
                key="runs-thin",
                disabled=not ended,
                on_click=_each,
                args=(ended, jobs().thin),
                help="Pictures and curves stay; weights of earlier steps then come by training again.",
            )
            if deleted:
                st.button(
                    f"Bring back deleted runs ({len(deleted)})",
                    key="runs-restore",
                    on_click=_undelete,
                    args=([run.id for run in deleted],),
                )


def _purge() -> None:
    for name in owners():
        attempt(lambda name=name: jobs().clean_up(name))
    st.session_state.pop("_deleted", None)


def page() -> None:
    """The whole page."""
    st.subheader("Runs", anchor=False)
    show_message()
    runs = visible_runs()
    undo_bar()
    if not runs:
        st.info("No run yet: train one in ten seconds from Home.", icon=":material/rocket_launch:")
        st.page_link("learn/home.py", label="Home", icon=":material/home:")
        return
    shown = listing.filtered(runs)
    if not shown:
        st.info("No run fits these filters.", icon=":material/filter_alt_off:")
    else:
        chosen = listing.table(shown)
        actions(chosen)
        if len(chosen) == 1:
            details(chosen[0])
    clean_up(runs)


page()
