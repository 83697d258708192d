"""The shape of the house: who may import whom, what may never happen, how big things may get."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "torchvision", "sklearn", "umap", "scipy", "numba")

# Imports run leftwards only: a module may import what stands in its own row or above it, nothing
# below. Training is two rows, because the loop knows nothing of the run store and a run keeps the
# spec that the loop follows, while the workers write what the loop does into the store.
LOOP = (
    "config",
    "specs",
    "schedules",
    "plans",
    "environment",
    "noise",
    "layers",
    "feed",
    "log",
    "grids",
    "coverage",
    "state",
    "turns",
    "alarms",
    "validation",
    "trainer",
)
ORDER = [
    ["core", "core.errors", "core.settings", "core.arrays", "core.registry", "core.fields"],
    ["core.incidents", "core.schemas"],
    ["core.datasets"],
    ["core.models"],
    [f"core.training.{name}" for name in LOOP],
    ["core.runs"],
    ["core.compute"],
    ["core.training"],
    ["core.analysis"],
    ["core.inference"],
    ["core.figures", "core.export"],
    ["core.checkpoints"],
    ["core.cli", "core.bench", "core.__main__"],
    ["pages"],
    ["explorer"],
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}


def files(*suffixes: str) -> list[Path]:
    """Every file of the project that git does not ignore and whose name ends in a ``suffix``."""
    ignored = {line.strip("/ ") for line in (ROOT / ".gitignore").read_text().splitlines()}
    ignored.add(".git")
    found = []
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in ignored]
        found += [Path(folder, name) for name in names if not suffixes or name.endswith(suffixes)]
    return sorted(found)


def module_of(path: Path) -> str:
    """``core/models/vae.py`` is ``core.models.vae``; an ``__init__.py`` has its package's name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> set[str]:
    """Every module that a file imports anywhere, also inside functions.

    ``from a import b`` is ``a.b`` where that is a module of ours, else ``a``.
    """
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports are not used"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in inner if is_module(name)}
            # `from core import arrays` says nothing of the package itself
            found |= modules or {node.module}
    return found


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def rank(module: str) -> int | None:
    """The row of a module: that of its longest prefix in ``ORDER``; None for what is not ours."""
    parts = module.split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((RANK[prefix] for prefix in prefixes if prefix in RANK), None)


def of(folder: str) -> list[Path]:
    return [path for path in files(".py") if path.is_relative_to(ROOT / folder)]


def sources() -> list[Path]:
    return [*of("core"), *of("pages"), ROOT / "explorer.py"]


def offending(paths: list[Path], forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imports(path)
        if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)
    ]


def test_imports_run_leftwards_only():
    wrong = []
    for path in sources():
        own = rank(module_of(path))
        for name in imports(path):
            theirs = rank(name)
            if theirs is not None and theirs > own:
                wrong.append(f"{module_of(path)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_core_never_imports_streamlit():
    assert not offending(of("core"), ("streamlit", "pages", "explorer"))


def test_pages_build_no_network_open_no_database_and_train_nothing():
    engine = ("core.models", "core.training.trainer", "core.training.session", "core.inference")
    paths = [*of("pages"), ROOT / "explorer.py"]
    assert not offending(paths, (*HEAVY, "sqlite3", "core.training.supervisor", *engine))


def test_figures_are_pure():
    assert not offending(of("core/figures"), ("torch", "sqlite3", "core.runs", "core.training"))


def light_modules() -> list[str]:
    """What the server process loads: the run store, the jobs, and whatever a page imports."""
    from_pages = set().union(*(imports(path) for path in [*of("pages"), ROOT / "explorer.py"]))
    ours = {name for name in from_pages if name.split(".")[0] == "core"}
    return sorted({"core", "core.runs", "core.compute", "core.training.jobs"} | ours)


def test_the_server_side_never_loads_the_heavy_libraries():
    code = f"""
import importlib, sys
for name in {light_modules()!r}:
    importlib.import_module(name)
    heavy = sorted(set({HEAVY!r}) & set(sys.modules))
    if heavy:
        sys.exit(f"importing {{name}} loads {{', '.join(heavy)}}")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stderr


def test_nothing_is_ever_unpickled():
    """Neither by pickle and its kin nor by what opens one quietly."""
    names = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal")
    assert not offending(sources(), names)
    wrong = []
    for path in sources():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                wrong += [f"{path.relative_to(ROOT)}:{node.lineno} {why}" for why in unsafe(node)]
    assert not wrong, "\n".join(wrong)


def unsafe(call: ast.Call) -> list[str]:
    """What is wrong with a call: it loads pickles, or it is numpy's and does not refuse them."""
    name = ast.unparse(call.func)
    arguments = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    found = []
    if name in ("torch.load", "np.lib.format.read_array", "pd.read_pickle", "eval", "exec"):
        found.append(name)
    if name in ("np.load", "numpy.load") and arguments.get("allow_pickle") != "False":
        found.append("np.load without allow_pickle=False")
    if arguments.get("allow_pickle", "False") != "False":
        found.append("allow_pickle")
    return found


def requirements() -> dict[str, str]:
    """Package name to its line."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return {
        line.split("==")[0].lower(): line for line in lines if line and not line.startswith("#")
    }


def test_requirements_are_exact_and_say_why():
    for line in requirements().values():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*  # \S.{8,}", line), line


def test_every_library_we_import_is_a_requirement():
    renamed = {"sklearn": "scikit-learn", "PIL": "pillow", "umap": "umap-learn"}
    tops = {name.split(".")[0] for path in files(".py") for name in imports(path)}
    foreign = tops - set(sys.stdlib_module_names) - {"core", "pages", "explorer", "tests"}
    needed = {renamed.get(name, name).replace("_", "-").lower() for name in foreign}
    missing = needed - set(requirements())
    assert not missing


def test_nothing_grows_past_reading():
    """No file of code over 300 lines, no function over 40 (its docstring not counted)."""
    long = [
        f"{path.relative_to(ROOT)}: {n} lines"
        for path in files(".py", ".js", ".css")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 300
    ]
    for path in files(".py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name, n = f"{path.relative_to(ROOT)}: {node.name}", lines_of(node)
                long += [f"{name} has {n} lines"] * (n > 40)
    assert not long, "\n".join(long)


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    docstring = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        docstring = first.end_lineno - first.lineno + 1
    return function.end_lineno - function.lineno + 1 - docstring


def test_nothing_weighs_too_much():
    sizes = {path: path.stat().st_size for path in files()}
    assert not [path for path, size in sizes.items() if size > 10e6]
    shipped = [n for path, n in sizes.items() if path.is_relative_to(ROOT / "checkpoints")]
    assert sum(shipped) <= 40e6


def test_the_top_level_holds_only_what_belongs_there():
    allowed = {"explorer.py", "pages", "core", "checkpoints", "tests", "requirements.txt"}
    allowed |= {"README.md", "pyproject.toml", "LICENSE"}
    tops = {path.relative_to(ROOT).parts[0] for path in files()}
    assert not {name for name in tops if not name.startswith(".")} - allowed


def test_no_file_speaks_of_one_machine():
    homes = re.compile("|".join(f"/{name}/" for name in ("home", "root", "Users", "work")))
    text = (".py", ".js", ".css", ".md", ".toml", ".txt", ".json", "start", "test", "setup", "run")
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files(*text)
        if (found := homes.findall(path.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("script", [".bin/start", ".bin/test", ".ci/run"])
def test_the_scripts_run(script):
    assert os.access(ROOT / script, os.X_OK)
    for name in (script, ".bin/setup"):
        subprocess.run(["sh", "-n", name], cwd=ROOT, check=True)
