"""House rules that no linter knows: pure modules, lazy logging, sizes, and no machine's name in a file."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    [*ROOT.glob("ingestd/**/*.py"), *ROOT.glob("drivers/**/*.py"), *ROOT.glob("policies/**/*.py")]
)
PURE = [path for path in SOURCES if "PURE" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")]
FORBIDDEN = frozenset(
    {"os", "io", "socket", "subprocess", "time", "random", "secrets", "threading", "shutil", "tempfile", "select",
     "asyncio", "multiprocessing", "sqlite3", "fcntl", "signal", "urllib", "http"}
)  # fmt: skip
IO_CALLS = frozenset(
    {"open", "input", "print", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir"}
)
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})
LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
MODULE_LINES = 400
SHORT = {path: str(path.relative_to(ROOT)) for path in SOURCES}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", PURE, ids=SHORT.get)
def test_a_pure_module_does_no_io(path: Path) -> None:
    """What calls itself PURE imports no I/O, clock or randomness, and calls nothing that reads or writes."""
    tree = _tree(path)
    assert not {name.split(".")[0] for name in _imports(tree)} & FORBIDDEN
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert name not in IO_CALLS, f"{SHORT[path]}:{node.lineno} {name}"
            is_datetime = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") in (
                "datetime",
                "date",
            )
            assert not (is_datetime and name in CLOCK_CALLS), f"{SHORT[path]}:{node.lineno} asks the time"


def test_there_are_pure_modules() -> None:
    """The test above is no empty promise."""
    assert len(PURE) > 10


@pytest.mark.parametrize("path", SOURCES, ids=SHORT.get)
def test_logging_is_lazy(path: Path) -> None:
    """A log message is a literal without braces; its fields are arguments (never formatted before)."""
    for node in ast.walk(_tree(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in LEVELS and getattr(node.func.value, "id", "") in ("log", "logger", "logging"):
            assert node.args
            message = node.args[0]
            assert isinstance(message, ast.Constant), f"{SHORT[path]}:{node.lineno} is formatted too early"
            assert "{" not in message.value, f"{SHORT[path]}:{node.lineno} has braces"


@pytest.mark.parametrize("path", SOURCES, ids=SHORT.get)
def test_broad_excepts_stand_only_where_a_loop_goes_on(path: Path) -> None:
    """``except Exception`` stands only where a loop must go on, the command line ends, or to raise another error."""
    allowed = ("daemon.py", "jobs.py", "schedule.py", "slot.py", "publisher.py", "cli/__init__.py", "server.py",
               "probe_child.py", "copy.py", "watcher.py")  # fmt: skip
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{SHORT[path]}:{node.lineno}"
            again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            is_broad = isinstance(node.type, ast.Name) and node.type.id == "Exception" and not again
            assert not is_broad or SHORT[path].endswith(allowed), f"{SHORT[path]}:{node.lineno}"


def test_no_file_names_a_machine() -> None:
    """No host, no private address, no path of somebody's machine in what is committed."""
    named = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if named.returncode:
        pytest.skip("no git checkout")
    here = re.escape(str(ROOT)).encode()
    suspicious = re.compile(
        here + rb"|(?:/home/(?!h\b)[a-z]\w*/|\b10\.\d+\.\d+\.\d+\b|\b192\.168\.|localhost:\d|\.internal\b)"
    )
    for name in filter(None, named.stdout.split(b"\0")):
        path = ROOT / name.decode()
        if path == Path(__file__) or not path.is_file():
            continue
        found = suspicious.search(path.read_bytes())
        assert found is None, f"{path}: {found[0]!r}"
