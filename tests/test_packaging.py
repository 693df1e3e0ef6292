"""The wheel has everything that runs, and what is installed is what is declared."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import ingestd
from ingestd.cli import commands
from ingestd.service.install import PLACES

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = {"ingestd": ROOT, "ingestd_drivers": ROOT / "drivers", "ingestd_policies": ROOT / "policies"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as hatchling makes it, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run(
        [sys.executable, "-c", f"import hatchling.build as b; print(b.build_wheel({str(folder)!r}))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return zipfile.ZipFile(folder / made.stdout.split()[-1])


def _sources(package: str) -> set[str]:
    root = PACKAGES[package]
    return {
        str(path.relative_to(root))
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_has_every_file(wheel: zipfile.ZipFile, package: str) -> None:
    """Modules and data: card families, policies, the manifest's schema, py.typed."""
    inside = set(wheel.namelist())
    assert _sources(package) - inside == set()


def test_the_wheel_has_what_it_runs_on(wheel: zipfile.ZipFile) -> None:
    """The data files that the program reads, by name."""
    inside = set(wheel.namelist())
    for name in (
        "ingestd/py.typed",
        "ingestd/vault/manifest.schema.json",
        "ingestd/demo/stage.py",
        "ingestd_drivers/families/e12-new.toml",
        "ingestd_policies/baseline.toml",
        "ingestd_policies/cn/anhui/tongling-jiaoqu.toml",
    ):
        assert name in inside
    info = f"ingestd-{ingestd.__version__}.dist-info"
    assert {f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= inside
    for name in PLACES:
        assert any(one.endswith(f"share/ingestd/systemd/{name}") for one in inside), name
    assert not [name for name in inside if name.startswith("tests") or "__pycache__" in name]


def test_the_wheel_declares_its_entry_points(wheel: zipfile.ZipFile) -> None:
    """The command and the drivers, as pyproject.toml says."""
    text = wheel.read(f"ingestd-{ingestd.__version__}.dist-info/entry_points.txt").decode()
    assert "ingestd = ingestd.cli:main" in text
    for name, target in PROJECT["project"]["entry-points"]["ingestd.drivers"].items():
        assert f"{name} = {target}" in text


def test_what_is_installed_is_what_is_declared() -> None:
    """Entry points of the environment that the tests run in; each can be loaded."""
    declared = PROJECT["project"]["entry-points"]["ingestd.drivers"]
    found = {one.name: one.value for one in metadata.entry_points(group="ingestd.drivers")}
    assert declared.items() <= found.items()
    for one in metadata.entry_points(group="ingestd.drivers"):
        assert one.load().name == one.name


def test_the_version_stands_in_one_place() -> None:
    """``ingestd.__version__`` is that of the distribution."""
    assert ingestd.__version__ == metadata.version("ingestd")


def test_lock_files_hold_every_dependency() -> None:
    """Each declared dependency is locked with a digest, and neither file names a host."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text.replace("https://", "", 0)
        for wanted in PROJECT["project"]["dependencies"]:
            bare = wanted.split(">")[0].split("=")[0].split("<")[0].strip().lower()
            assert f"\n{bare}==" in "\n" + text, bare
        for block in text.split("\n\n"):
            assert "--hash=sha256:" in block or "==" not in block


def test_every_command_has_a_name_of_its_own() -> None:
    """No verb twice."""
    names = [command.name for command in commands()]
    assert len(set(names)) == len(names)
