"""The policy in force: taken when good, kept when the file is bad, told in the log, restored by a start."""

from __future__ import annotations

import signal

import pytest

from ingestd.clock import StationClock
from ingestd.errors import PolicyError
from ingestd.events import PolicyChanged
from ingestd.index import queries
from ingestd.index.database import reading
from ingestd.index.judge import Judge
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Millis
from ingestd.policy import catalog
from ingestd.station import Station, create
from tests.event_samples import HOUR, T0, secured
from tests.rig import Rig, daemon, entries, wait_for

SHORTER = '[[override]]\nrule = "REC-1"\nnumbers = { hours = 12 }\nby = "法制科"\nreason = "路程短"\n'
BAD = '[[off]]\nrule = "REC-99"\nby = "x"\nreason = "y"\n[[off]]\nrule = "OWN-10"\n'


@pytest.fixture
def home(tmp_path):
    root = tmp_path / "home"
    create(root, agency="a", station="s", policy="wujin-yingji", csr=False, clock=StationClock())
    return root


class Opened:
    """A station that is open, as after a start."""

    def __init__(self, root):
        self.station = Station.open(root, StationClock())
        self.station.recover()

    def __enter__(self):
        return self.station

    def __exit__(self, *_):
        self.station.say_stopped("test")
        self.station.close()


def changes(root):
    return [entry["data"] for entry in entries(root) if entry["type"] == "policy.changed"]


def open_findings(station):
    with reading(station.engine) as connection:
        return {one.kind: dict(one.facts) for one in queries.open_findings(connection)}


def test_the_first_entry_carries_the_digest(home):
    """A new home needs no further event; the digest is over the files of its policy."""
    with Opened(home) as station:
        assert station.policy.sha256 == catalog.load("wujin-yingji").sha256
    assert entries(home)[0]["data"]["policy_sha256"] == catalog.load("wujin-yingji").sha256
    assert changes(home) == []


def test_a_good_file_is_logged_and_taken(home):
    """The event first, with the digest of the text, which can be read again; then it is in force."""
    with Opened(home) as station:
        (home / "policy.toml").write_text(SHORTER, "utf-8")
        assert station.in_force.store_hours == 24
        station.policies.look()
        assert station.in_force.store_hours == 12
        assert station.in_force.rules().store_within_ms == 12 * HOUR
        policy = station.policy
        station.policies.look()
        assert station.policy is policy
    (change,) = changes(home)
    assert change == {
        "policy": "wujin-yingji",
        "policy_sha256": policy.sha256,
        "agency_sha256": policy.agency_sha256,
    }
    blob = home / "vault" / "blobs" / "sha256" / change["agency_sha256"][:2] / change["agency_sha256"][2:4]
    assert (blob / change["agency_sha256"]).read_text("utf-8") == SHORTER


def test_a_bad_file_never_replaces_the_policy_in_force(home, caplog):
    """Said once in the journal, a finding with the place, a problem of the station; corrected, it ends."""
    with Opened(home) as station:
        (home / "policy.toml").write_text(SHORTER, "utf-8")
        station.policies.look()
        before = station.policy
        (home / "policy.toml").write_text(BAD, "utf-8")
        station.policies.look()
        station.policies.look()
        assert station.policy is before
        assert station.in_force.refused is not None
        assert open_findings(station)["policy-refused"] == {
            "file": "policy.toml",
            "line": 2,
            "key": "off[1].rule",
            "faults": 3,
        }
        assert [record.message for record in caplog.records].count(caplog.records[-1].message) == 1
        assert "policy.toml:2: off[1].rule" in caplog.text
        (home / "policy.toml").write_text(SHORTER, "utf-8")
        station.policies.look()
        assert station.in_force.refused is None
        assert "policy-refused" not in open_findings(station)
    assert len(changes(home)) == 1


def test_a_start_with_a_bad_file_keeps_what_was_taken_last(home):
    """Over a restart too: the text of before is in the vault, and the log names it."""
    with Opened(home) as station:
        (home / "policy.toml").write_text(SHORTER, "utf-8")
        station.policies.look()
    (home / "policy.toml").write_text(BAD, "utf-8")
    with Opened(home) as station:
        assert station.in_force.store_hours == 12
        assert "policy-refused" in open_findings(station)
    (home / "policy.toml").unlink()
    with Opened(home) as station:
        assert station.in_force.store_hours == 24
        assert "policy-refused" not in open_findings(station)
    assert [change["agency_sha256"] is None for change in changes(home)] == [False, True]


def test_a_folder_in_its_place_is_refused(home):
    """What cannot be read is a fault, never silence."""
    (home / "policy.toml").mkdir()
    with Opened(home) as station:
        assert "policy-refused" in open_findings(station)
        with pytest.raises(PolicyError):
            station.policies.candidate("wujin-yingji")


def test_a_finding_names_rule_layer_and_digest():
    """What judged it can be told later, whatever is in force then."""
    late = secured(
        1, ended=Interval(earliest=Millis(T0), latest=Millis(T0), basis="name"), stored_at=T0 + 13 * HOUR
    )
    policies = [catalog.load("wujin-yingji", SHORTER.encode()), catalog.load("wujin-yingji")]
    judge = Judge(book=lambda: Rulebook(policies[0], commissioned_at=Millis(0)))
    (finding,) = judge(late)
    assert (finding.rule, finding.layer, finding.policy_sha256) == ("REC-1", "baseline", policies[0].sha256)
    policies[0] = policies[1]
    assert judge(late) == []
    off = '[[off]]\nrule = "REC-1"\nby = "法制科"\nreason = "另有系统计时"\n'
    policies[0] = catalog.load("wujin-yingji", off.encode())
    assert judge(secured(1, stored_at=T0 + 999 * HOUR)) == []


def test_without_rec_1_there_is_no_deadline(home):
    """The agency switched its own rule off: nothing is overdue, and nothing breaks."""
    (home / "policy.toml").write_text(
        '[[off]]\nrule = "REC-1"\nby = "法制科"\nreason = "另有系统计时"\n', "utf-8"
    )
    with Opened(home) as station:
        assert station.in_force.store_hours is None
        assert station.in_force.rules().store_within_ms is None


def test_the_daemon_takes_it_by_signal_and_by_itself(tmp_path):
    """SIGHUP, or the look that the job takes; `status` and the problems name a refused file."""
    rig = Rig(tmp_path / "home")
    own = rig.root / "policy.toml"
    with daemon(rig) as running:
        own.write_text(SHORTER, "utf-8")
        running.signal(signal.SIGHUP)
        wait_for(lambda: len(changes(rig.root)) == 1)
        own.write_text(BAD, "utf-8")
        running.job("policy")
        wait_for(lambda: "policy-refused" in rig.findings())
        assert "policy not taken" in running.said()
        assert any("policy.toml" in problem["en"] for problem in running.ask("live")["problems"])
        assert "policy-refused" in rig.run("status", "--json").out
        explained = rig.run("policy", "explain", "REC-1", "--json").json
        assert dict(explained["numbers"]) == {"hours": 12}
        own.write_text(SHORTER, "utf-8")
        running.job("policy")
        wait_for(lambda: "policy-refused" not in rig.findings())
    assert len(changes(rig.root)) == 1
    rig.is_whole()


def test_the_event_is_of_the_station():
    """It stands in the station's chain."""
    assert PolicyChanged(policy="p", policy_sha256="a" * 64, agency_sha256=None).subject == "station"
