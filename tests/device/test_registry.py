"""Finding and loading drivers."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import ingestd_drivers.folder
from ingestd.device.loading import load
from ingestd.device.registry import GROUP, find, installed
from ingestd.errors import ConfigError, NotFoundError

ROOT = Path(__file__).resolve().parents[2]


def point(name, value):
    return EntryPoint(name=name, value=value, group=GROUP)


def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [point(name, value) for name, value in project["entry-points"][GROUP].items()]


def test_installed_is_what_is_declared():
    """Entry points are frozen at install: a driver added since then is missing until it is reinstalled."""
    assert {p.name for p in declared()} == {d.record.name for d in installed()}


def test_each_driver_is_what_the_log_says():
    """Name, target, and the digest of the module file that will run; the class bears the same name."""
    for driver in installed(declared()):
        assert load(driver.target).name == driver.record.name
    folder = find("folder", installed(declared()))
    assert (
        folder.record.sha256 == hashlib.sha256(Path(ingestd_drivers.folder.__file__).read_bytes()).hexdigest()
    )


def test_doubles_are_refused():
    """Two packages that bring one name: none is used."""
    with pytest.raises(ConfigError, match="folder"):
        installed([*declared(), point("folder", "other.module:Folder")])


def test_a_missing_module_is_told():
    """An entry point without its module names both."""
    for value in ("no_such_package:X", "ingestd_drivers.no_such:X"):
        with pytest.raises(ConfigError, match=value.partition(":")[0]):
            installed([point("lost", value)])


def test_an_unknown_driver_is_told_with_the_known_ones():
    """A mistyped name is answered with what there is."""
    with pytest.raises(NotFoundError, match=r"folder, simulated"):
        find("floder", installed(declared()))


def test_a_worker_loads_little():
    """Loading, listing and reading a card imports no metadata, no watchdog, no database, no crypto."""
    heavy = ("importlib.metadata", "watchdog", "sqlalchemy", "cryptography", "asyncio", "multiprocessing")
    program = (
        "import sys, tempfile\n"
        "from ingestd.device.loading import load\n"
        "load('ingestd_drivers.simulated:Simulated')\n"
        "volume = load('ingestd_drivers.folder:Folder').connect(tempfile.mkdtemp())\n"
        "volume.identity(), list(volume.items())\n"
        f"print([m for m in {heavy} if m in sys.modules])\n"
        "print(open('/proc/self/smaps_rollup').read().split('Pss:')[1].split()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded, pss_kb = done.stdout.splitlines()
    assert loaded == "[]"
    assert int(pss_kb) < 24_000
