"""Actions by real other users over the daemon's socket: who may, who may not, and that it is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import RUN, Rig, daemon, is_root, noise, wait_for

KEEPER, SECOND, OFFICER, NOBODY = 41001, 41002, 41003, 41004
ASK = """
import json, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
f = s.makefile("rwb")
for line in sys.argv[2:]:
    f.write(line.encode() + b"\\n"); f.flush(); sys.stdout.write(f.readline().decode())
"""


@pytest.fixture
def home():
    """A home whose run/ others reach; on a path short enough for a plain Unix socket."""
    if not is_root() or shutil.which("setpriv") is None:
        pytest.skip("other users can only be had as root with setpriv")
    folder = Path(tempfile.mkdtemp(prefix="ing-"))
    folder.chmod(0o755)
    try:
        rig = Rig(folder / "h")
        rig.person(KEEPER, "keeper-2", "dock-keeper")
        rig.person(SECOND, "boss-1", "supervisor")
        rig.person(OFFICER, "104233", "officer", "supervisor")
        yield rig
    finally:
        shutil.rmtree(folder)


def reachable(rig):
    """As an installation does by group: others come as far as the socket."""
    rig.root.chmod(0o755)
    (rig.root / "run").chmod(0o755)


def ask(rig, uid, verb, **given):
    """One action by another user, by nothing of ours but the socket's format."""
    return ask_all(rig, uid, {"verb": verb, **given})[0]


def ask_all(rig, uid, *requests):
    python = Path("/usr/bin/python3")
    done = subprocess.run(
        [
            *("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"),
            *(python if python.exists() else sys.executable, "-c", ASK, rig.socket),
            *map(json.dumps, requests),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_nobody_is_refused_and_that_is_an_event(home):
    """A user that [people] does not name may nothing; each verb's refusal stands in the log with the uid."""
    with daemon(home):
        reachable(home)
        answers = {
            "recorder.enroll": ask(home, NOBODY, "recorder.enroll", recorder="KD00001"),
            "recorder.assign": ask(home, NOBODY, "recorder.assign", recorder="KD00001", officer="1"),
            "intake": ask(home, NOBODY, "intake", path="/tmp", slot="x", release=None),
            "run-job": ask(home, NOBODY, "run-job", job="disk"),
        }
        assert {a["error"]["code"] for a in answers.values()} == {"refused"}
        assert {a["error"]["exit"] for a in answers.values()} == {6}
        wait_for(lambda: len(home.events("action.refused")) == 4)
    refused = home.events("action.refused")
    assert {e["actor"] for e in refused} == {f"uid:{NOBODY}"}
    assert {e["data"]["verb"] for e in refused} == set(answers)
    assert home.events("recorder.enrolled") == []


def test_repeated_refusals_are_counted(home):
    """The first is an event at once; the rest of the minute is one more with its count."""
    again = {"verb": "recorder.enroll", "recorder": "KD00001"}
    with daemon(home):
        reachable(home)
        ask_all(home, NOBODY, *[again] * 25)
        wait_for(lambda: home.events("action.refused") != [])
    # The end of the daemon ends the minute: no count is lost.
    assert [e["data"]["count"] for e in home.events("action.refused")] == [1, 24]


def test_a_key_makes_an_action_idempotent(home):
    """The same key gives the same answer and does nothing twice; of another person or verb it is another key."""
    request = {"verb": "recorder.enroll", "recorder": "KD00001", "key": "k1"}
    with daemon(home):
        reachable(home)
        one, two = ask_all(home, KEEPER, request, request)
        assert one == two
        assert one["ok"]["changed"]
        assert (
            "recorder" not in ask(home, KEEPER, "page.check", page="/", roles=["dock-keeper"], key="k1")["ok"]
        )
        other = ask(home, KEEPER, "recorder.enroll", recorder="KD00001")
        assert not other["ok"]["changed"]
        assert ask(home, NOBODY, **request)["error"]["code"] == "refused"
        wait_for(lambda: home.events("recorder.enrolled") != [])
    (event,) = home.events("recorder.enrolled")
    assert (event["actor"], event["seq"]) == ("person:keeper-2", one["ok"]["seq"])


def test_two_people_hand_out_a_blocked_recorder(home, tmp_path):
    """Not by one, not by the officer concerned; by two it is free, with both names and the reason as a value."""
    place = home.root.parent / "r"
    made = SimulatedRecorder(place).describe(serial="KD00001").dock()
    path = "DCIM/100MEDIA/A.MP4"
    made.card("dcim").file(path, noise(100_000))
    made.describe(bad=[{"path": path, "start": 0, "end": 1}])
    home.slot("1", "simulated", place)
    with daemon(home) as running:
        reachable(home)
        running.until("1", "problem")
        assert ask(home, KEEPER, "recorder.assign", recorder="KD00001", officer="104233")["ok"]["changed"]
        why = {"recorder": "KD00001", "reason": "读卡器送修"}
        assert ask(home, OFFICER, "recorder.hand-out", **why)["error"]["code"] == "refused"
        assert ask(home, KEEPER, "recorder.hand-out", recorder="KD00001", reason=" ")["error"]["exit"] == 2
        proposed = ask(home, KEEPER, "recorder.hand-out", **why)["ok"]
        action = proposed["action"]
        assert ask(home, KEEPER, "confirm", action=action)["error"]["code"] == "refused"
        assert ask(home, OFFICER, "confirm", action=action)["error"]["code"] == "refused"
        assert ask(home, NOBODY, "confirm", action=action)["error"]["code"] == "refused"
        assert home.recorder("KD00001")["state"] == "problem"
        assert ask(home, SECOND, "confirm", action=action)["ok"]["changed"]
        assert ask(home, SECOND, "confirm", action=action)["error"]["code"] == "not-found"
        assert home.recorder("KD00001")["state"] == "in-field"
        wait_for(lambda: home.events("recorder.handed-out") != [])
    (event,) = home.events("recorder.handed-out")
    assert (event["data"]["proposed_by"], event["data"]["confirmed_by"]) == (
        "person:keeper-2",
        "person:boss-1",
    )
    digest = event["data"]["reason_value"]
    value = json.loads((home.root / "vault/values" / digest[:2] / f"{digest}.json").read_bytes())
    assert value["fields"] == {"reason": "读卡器送修"}
    assert "读卡器送修" not in json.dumps(home.events(), ensure_ascii=False)
    assert sum(e["data"]["count"] for e in home.events("action.refused")) == 4
    home.is_whole()


def test_who_may_urge_lose_and_assign(home):
    """Urging is a supervisor's or a keeper's, losing and assigning not an officer's; refusals are events."""
    with daemon(home):
        reachable(home)
        assert ask(home, KEEPER, "recorder.enroll", recorder="KD00001")["ok"]["changed"]
        for uid in (KEEPER, SECOND):
            assert ask(home, uid, "urge", what="KD00001")["ok"]["changed"]
        given = {"recorder": "KD00001", "officer": "104233"}
        until = 1_900_000_000_000
        assert ask(home, KEEPER, "recorder.assign", **given, until=until)["ok"]["changed"]
        for wrong in ({"mode": "shift"}, {"until": 5}, {"mode": "ad-hoc", "officer": None}, {"since": "x"}):
            assert ask(home, KEEPER, "recorder.assign", **given | wrong)["error"]["exit"] == 2, wrong
        for verb, more in (
            ("urge", {"what": "KD00001"}),
            ("recorder.lost", {"recorder": "KD00001", "reason": "x"}),
        ):
            assert ask(home, NOBODY, verb, **more)["error"]["code"] == "refused"
        assert ask(home, SECOND, "recorder.assign", **given)["error"]["code"] == "refused"
        assert ask(home, SECOND, "recorder.lost", recorder="KD00001", reason="x")["ok"]["changed"]
        wait_for(lambda: home.events("recorder.lost") != [])
    assert {e["data"]["verb"] for e in home.events("action.refused")} == {
        "urge", "recorder.lost", "recorder.assign",
    }  # fmt: skip
    (shift,) = home.events("recorder.assigned")
    assert (shift["data"]["mode"], shift["data"]["until_at"]) == ("shift", until)


def test_other_users_read_no_evidence_and_no_key(home):
    """Even where they reach the home's folder: not the partials, not the keys, not the clips."""
    card = home.root.parent / "card"
    (card / "DCIM").mkdir(parents=True)
    (card / "DCIM/a.mp4").write_bytes(noise(1000))
    done = home.intake(card)
    home.root.chmod(0o755)
    clip = home.path_of(done.files["DCIM/a.mp4"]["sha256"])
    for path in (clip, home.root / "keys/private/station.key", home.config, home.root / "index.db"):
        read = subprocess.run(
            [*("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"), "cat", path],
            capture_output=True,
            check=False,
        )
        assert read.returncode != 0, path
        assert b"ermission denied" in read.stderr


def test_a_flood_of_nonsense_does_no_harm(home):
    """Lines that are no request, half requests and open connections: answered or dropped; others are served."""
    import socket

    with daemon(home) as running:
        reachable(home)
        held = []
        for line in (b"\n", b"{}\n", b"[]\n", b"\xff\xfe\n", b'{"verb": 1}\n', b'{"verb": "live"', b"null\n"):
            one = socket.socket(socket.AF_UNIX)
            one.connect(str(home.socket))
            one.sendall(line)
            held.append(one)
        for one in held[:5]:
            one.settimeout(5)
            answer = json.loads(one.makefile().readline())
            assert answer["error"]["exit"] == 2, answer
        assert running.ask("live")["pid"] == running.process.pid
        for one in held:
            one.close()


def test_run_as_text(home):
    """The commands for people do the same through the daemon: exit 6 with words for who may not."""
    with daemon(home):
        reachable(home)
        done = subprocess.run(
            [sys.executable, "-c", RUN, "recorder", "enroll", "--home", home.root, "KD00009", "--lang", "en"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "enrolled" in done.stdout
