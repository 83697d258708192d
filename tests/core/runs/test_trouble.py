"""The run store among many processes, on full disks and over damaged files."""

import multiprocessing
import sqlite3
import subprocess
import sys
import threading

import pytest

from core.errors import DamagedFile, ExplorerError, StorageFull
from core.runs import LOCAL, Store
from core.training.config import RunSpec

SPEC = RunSpec(model="vae", dataset="digits")


def test_threads_and_processes_write_at_once_and_lose_nothing(store):
    run = store.create(SPEC, LOCAL)
    code = (
        "import sys; from core.runs import Store; s = Store(sys.argv[1])\n"
        "for i in range(60): s.add_scalars(sys.argv[2], [(i, sys.argv[3], i)])"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", code, str(store.home), run.id, f"p{i}"])
        for i in range(3)
    ]

    def write(name: str) -> None:
        for i in range(60):
            store.add_scalars(run.id, [(i, name, i)])

    threads = [threading.Thread(target=write, args=(f"t{i}",)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    found = store.scalars(run.id)
    assert sorted(found) == ["p0", "p1", "p2", "t0", "t1", "t2"]
    assert all(steps.tolist() == list(range(60)) for steps, _ in found.values())


def test_many_processes_may_open_a_new_home_at_once(home):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert sorted(pool.map(_create_in, [str(home)] * 8)) == ["queued"] * 8
    assert len(Store(home).runs(shipped=False)) == 8


def _create_in(home: str) -> str:
    return Store(home).create(SPEC, LOCAL).state


def test_a_home_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "home", shipped=tmp_path / "none")
    with pytest.raises(StorageFull, match="EXPLORER_HOME"):
        store.runs()
    with pytest.raises(StorageFull):
        store.create(SPEC, LOCAL)
    assert store.shipped() == []


def test_a_full_disk_keeps_what_was_there(store):
    run = store.create(SPEC, LOCAL)
    store.add_scalars(run.id, [(1, "a", 1.0)])
    pages = store.database.read("PRAGMA page_count")[0][0]
    store.database.read(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StorageFull, match="kept"):
        store.add_scalars(run.id, [(s, "b", s) for s in range(20_000)])
    assert list(Store(store.home).scalars(run.id)) == ["a"]


def test_a_damaged_database_is_a_sentence(home):
    home.mkdir()
    (home / "explorer.db").write_bytes(b"This is no database. " * 500)
    with pytest.raises(DamagedFile, match=r"explorer\.db"):
        Store(home).runs()


def test_a_database_of_another_version_is_left_alone(store):
    store.create(SPEC, LOCAL)
    store.database.close()
    with sqlite3.connect(store.home / "explorer.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ExplorerError, match="another version"):
        Store(store.home).runs()


def test_a_connection_never_crosses_a_fork(store):
    store.create(SPEC, LOCAL)
    code = (
        "import os, sys; from core.runs import Store; s = Store(sys.argv[1]); s.runs()\n"
        "if os.fork() == 0:\n"
        "    try: s.runs()\n"
        "    except RuntimeError: os._exit(7)\n"
        "    os._exit(0)\n"
        "assert os.waitstatus_to_exitcode(os.wait()[1]) == 7; s.database.close()\n"
        "if os.fork() == 0: os._exit(len(s.runs(shipped=False)))\n"
        "assert os.waitstatus_to_exitcode(os.wait()[1]) == 1"
    )
    subprocess.run([sys.executable, "-c", code, str(store.home)], check=True)
