"""What docs/audits.md tells an outsider to do with a copy of the log comes to the same, without a line of ours."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingestd.audits import population
from ingestd.audits.population import Scope
from ingestd.events import AuditRevealed, AuditSeeded
from ingestd.law.draw import Size
from ingestd.ledger.files import LogFiles
from ingestd.ledger.folded import proved
from ingestd.model import BadRange, Kind
from ingestd.station import log_home
from ingestd.vault.blobs import Blobs
from tests.audits.office import Office, log_alone
from tests.event_samples import quarantined, secured

PAGE = (Path(__file__).resolve().parents[2] / "docs/audits.md").read_text("utf-8")
NONCE = b"m" * 32


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """With what a log may hold: several bundles, data in a blob, superseded reads, what is no recording."""
    made = Office(tmp_path / "home", clips=300)
    holes = tuple(BadRange(offset=n * 4096, length=512) for n in range(2000))
    made.clock.later_ms = 0
    made.say(
        quarantined(400, bad_ranges=holes),
        quarantined(401, officer=None),
        secured(402, supersedes=(quarantined(401).acquisition,)),
        secured(403, kind=Kind.LOG),
    )
    made.clock.later_ms = 1000
    try:
        yield made
    finally:
        made.close()


def by_hand(office: Office, audit: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The page's recipe in a folder with a copy of what it asks for."""
    copy = folder / "COPY"
    for part in ("log", "vault/blobs"):
        shutil.copytree(office.rig.root / part, copy / part)
    shutil.copy(office.rig.root / "keys/log.vkey", folder / "log.vkey")
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (folder / "redo.py").write_text(program, "utf-8")
    shell = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[-1]
    shell = shell.replace("python3 redo.py COPY ID", f"{sys.executable} -I redo.py COPY {audit}")
    return subprocess.run(["sh", "-ec", shell], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unit", [None, "支队", "二中队"])
def test_the_recipe_comes_to_the_same(office: Office, tmp_path: Path, unit: str | None) -> None:
    """Commitment, checkpoint, tree, population, draw; then the signature by openssl."""
    told = office.draw(unit=unit)
    done = by_hand(office, told["audit"], tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert lines[0].startswith(f"{len(told['drawn'])} of {told['population']} recordings")
    assert lines[1 : 1 + len(told["drawn"])] == told["drawn"]
    assert "Verified Successfully" in done.stdout
    assert told["population"] == {None: 302, "支队": 302, "二中队": 75}[unit]


def test_the_recipe_refuses_a_steered_draw(office: Office, tmp_path: Path) -> None:
    """A station that leaves out the recording that would have been drawn first."""
    office.draw()
    with log_alone(office) as log:
        bound = office.commitment(NONCE)
        log.append([bound])
        signed = log.publish()
        scope = Scope(since_at=bound.since_at, until_at=bound.until_at, unit=None)
        files = LogFiles(log_home(office.station.home))
        items = population.of_entries(proved(files, signed), scope, Blobs(office.station.home))
        size = Size(percent=bound.percent, at_least=bound.at_least, strata=bound.strata)
        honest = population.drawn(bound.audit, items, size, root=signed.root, nonce=NONCE)
        others = tuple(one for one in items if one.acquisition != honest.acquisitions[0])
        steered = population.drawn(bound.audit, others, size, root=signed.root, nonce=NONCE)
        log.append(
            [
                AuditSeeded(audit=bound.audit, size=signed.size, checkpoint=signed.text),
                AuditRevealed(audit=bound.audit, nonce=NONCE.hex()),
                replace(steered, population=len(items)),
            ]
        )
        log.publish()
    done = by_hand(office, bound.audit, tmp_path)
    assert done.returncode != 0
    assert "another draw" in done.stderr
