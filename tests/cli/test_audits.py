"""`audit ...` as people run it: with a daemon and alone, cut off between the steps, and by somebody with a copy."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestd.audits.population import Scope
from ingestd.cli.moments import moment
from ingestd.cli.nonces import Nonces, folder
from ingestd.model import Millis
from ingestd.testing.recorder import SimulatedRecorder
from tests.audits.office import PLAYED_OFF
from tests.rig import STARTED, Daemon, Done, Rig, command, daemon, noise

SINCE = "2020-01-01T00:00Z"
FORM = ("--narrated", "yes", "--whole", "no", "--certificate", "none", "--informed", "yes", "--proper", "yes")


class Audited(Rig):
    """A home with eight recordings whose keeper is a supervisor too, and no administrator (who sees no evidence)."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.roles("supervisor")
        (root / "policy.toml").write_bytes(PLAYED_OFF)
        recorder = SimulatedRecorder(root.parent / "r").describe(serial="KD00001").dock()
        card = recorder.card("e12-new", serial="KD00001", officer="104233").identity()
        for number in range(1, 9):
            card.clip(noise(4096, number), started=STARTED + number * 60_000, sequence=number)
        assert self.dock(recorder).outcome == "clear"
        self.until = datetime.now(UTC).isoformat(timespec="milliseconds")

    def roles(self, last: str) -> None:
        lines = self.config.read_text("utf-8").splitlines()
        said = f'roles = ["dock-keeper", "{last}"]'
        text = "\n".join(said if line.startswith("roles = ") else line for line in lines)
        self.config.write_text(text + "\n", "utf-8")

    def draw(self, *more: str) -> Done:
        """From all that has come in."""
        return self.run("audit", "draw", "--since", SINCE, "--until", self.until, *more)

    @property
    def scope(self) -> Scope:
        since, until = (moment(text, zone=UTC, now=Millis(0)) for text in (SINCE, self.until))
        assert since is not None
        assert until is not None
        return Scope(since_at=since, until_at=until, unit=None)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audited:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Audited(tmp_path / "home")


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state").rglob("*.nonce"))


def test_a_whole_audit(rig: Audited, tmp_path: Path) -> None:
    """Drawn, listed, judged, done again: with the daemon, and listed and done again without it."""
    with daemon(rig):
        done = rig.draw()
        assert done.code == 0, done.err
        assert [line[:2] for line in done.out.splitlines()[:4]] == ["1.", "2.", "3.", "4."]
        (one,) = rig.run("audit", "list", "--json").json
        told = rig.run("audit", "list", one["audit"], "--json").json
        clip = told["clips"][0]["acquisition"]
        judged = rig.run("audit", "judge", one["audit"], clip, *FORM, "--verdict", "flawed", "--note", "缺口")
        assert judged.code == 0, judged.err
        assert rig.run("audit", "redo", one["audit"]).code == 0
    assert (one["state"], one["population"], one["drawn"]) == ("drawn", 8, len(told["clips"]))
    assert kept(tmp_path) == []
    shown = rig.run("audit", "list", one["audit"]).out
    assert "flawed; whole: no; 缺口 (person:keeper-1)" in shown
    assert "playback audits" in rig.run("audit", "list").out
    assert "judged: flawed" in rig.run("show", clip).out
    rig.is_whole()


def test_alone(rig: Audited) -> None:
    """Without a daemon the command takes the steps under the writer's lock."""
    told = rig.draw("--json").json
    assert (told["state"], told["population"]) == ("drawn", 8)
    assert rig.run("audit", "redo", told["audit"], "--json").json["drawn"] == told["drawn"]


def test_a_copy_of_the_log_is_enough(rig: Audited, tmp_path: Path) -> None:
    """Log and key; by another key, with a changed byte, of no audit: said in words, with an exit status."""
    audit = rig.draw("--json").json["audit"]
    copy = tmp_path / "copy"
    shutil.copytree(rig.root / "log", copy / "log")
    (copy / "keys").mkdir()
    shutil.copy(rig.root / "keys/log.vkey", copy / "keys")
    done = command("audit", "redo", "--home", copy, audit)
    assert done.code == 0, done.err
    assert done.out.count("✔") == 6
    assert sorted(path.name for path in copy.iterdir()) == ["keys", "log"]
    assert command("audit", "redo", "--home", copy, "0" * 16).code == 7
    assert command("audit", "redo", "--home", copy, audit, "--key", "a/s+1+x").code == 8
    bundle = max((copy / "log/tile/entries/000.p").iterdir(), key=lambda path: int(path.name))
    bundle.chmod(0o644)
    bundle.write_bytes(bundle.read_bytes().replace(b'"officer":"104233"', b'"officer":"104234"', 1))
    failed = command("audit", "redo", "--home", copy, audit)
    assert failed.code == 9
    assert "another root" in failed.err
    told = command("audit", "redo", "--home", copy, audit, "--json")
    assert (told.code, told.json["ok"], told.json["drawn"]) == (9, False, [])


def test_the_nonce_is_the_auditors(rig: Audited, tmp_path: Path) -> None:
    """Kept before it is bound, readable by nobody else; a draw that was refused goes on with it when it may."""
    rig.roles("officer")
    assert rig.draw().code == 6
    (path,) = kept(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    rig.roles("supervisor")
    told = rig.draw("--json").json
    assert told["audit"] == path.stem
    assert kept(tmp_path) == []
    assert "nonce" not in str(rig.events("audit.committed"))


def test_cut_off_between_the_steps(rig: Audited, tmp_path: Path) -> None:
    """The command gone after the commitment, the daemon killed: the same command goes on with the same nonce."""
    nonce = Nonces(folder(None)).make("a/s", rig.scope)
    with daemon(rig) as running:
        asked = {"since": nonce.since_at, "until": nonce.until_at, "unit": None}
        told = running.ask("audit.commit", commitment=nonce.commitment, **asked)
        assert told["state"] == "seeded"
        running.process.kill()
        running.process.wait()
    again = Daemon(rig).ready()
    try:
        done = rig.draw("--json").json
    finally:
        again.stop()
    assert (done["audit"], done["state"], done["size"]) == (told["audit"], "drawn", told["size"])
    assert len(rig.events("audit.committed", "audit.seeded")) == 2
    assert kept(tmp_path) == []


def test_a_lost_nonce(rig: Audited, tmp_path: Path) -> None:
    """Given up with a reason; the same command then makes another draw; a damaged file is named."""
    nonce = Nonces(folder(None)).make("a/s", rig.scope)
    with daemon(rig) as running:
        asked = {"since": nonce.since_at, "until": nonce.until_at, "unit": None}
        running.ask("audit.commit", commitment=nonce.commitment, **asked)
        (path,) = kept(tmp_path)
        whole = path.read_bytes()
        path.write_bytes(whole[:20])
        assert str(path) in rig.draw().err
        assert rig.run("audit", "void", path.stem, "--reason", "丢失").code == 0
        path.write_bytes(whole)
        done = rig.draw("--json").json
        assert done["audit"] != path.stem
        assert done["state"] == "drawn"
    assert kept(tmp_path) == []
    remark = rig.run("audit", "redo", done["audit"]).out
    assert path.stem in remark


def test_periods(rig: Audited) -> None:
    """Last month by default; a month by name; what is no period is said."""
    assert rig.run("audit", "draw", "--json").json["population"] == 0
    assert rig.run("audit", "draw", "--month", "2020-01", "--json").json["state"] == "drawn"
    for wrong in (("--month", "2020-13"), ("--since", SINCE), ("--month", "2999-01")):
        assert rig.run("audit", "draw", *wrong).code == 2
