"""Documents are damaged on the disk: `verify` names each, re-verification finds it and says it and its end once."""

from __future__ import annotations

import base64
import shutil
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.caller import Caller
from ingestd.actions.checks import CheckActions
from ingestd.actions.damage import DamageActions
from ingestd.actions.documents import DocumentActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.uploads import Uploads
from ingestd.clock import StationClock
from ingestd.errors import NotFoundError, RefusedError
from ingestd.events import VaultVerified
from ingestd.index import papers
from ingestd.index.database import reading
from ingestd.jobs import StationJobs
from ingestd.station import Station
from ingestd.testing.recorder import CardBuilder
from tests.faults.test_damage import Stop, rot
from tests.rig import Rig, noise

CASE = "案〔2026〕1"
WHO = Caller(uid=41000, person="104233", roles=frozenset({"case-officer", "supervisor"}))
PARTS = ("sha256", "manifest_sha256", "signature_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A document as it was stored."""

    document: str
    record: str
    sha256: str
    manifest_sha256: str
    signature_sha256: str


@contextmanager
def opened(rig: Rig) -> Iterator[Station]:
    station = Station.open(rig.root, StationClock())
    try:
        yield station
        station.say_stopped("test")
    finally:
        station.close()


def attach(rig: Rig, *texts: str, record: str | None = None) -> list[Attached]:
    """A PDF a text, each of a text record of its own, else all of one; by the actions that a page asks for."""
    with opened(rig) as station:
        refusals = Refusals(station.books, station.clock)
        stated = RegisterActions(station, refusals)
        stated.add(WHO, {"register": "case", "said": {"case": CASE}})
        if record is not None:
            stated.add(WHO, {"register": "record", "said": {"record": record, "case": CASE, "kind": "笔录"}})
        uploads = Uploads(station.clock, most=lambda: 1 << 20, at_once=2)
        actions = DocumentActions(station, refusals, stated, uploads)
        for text in texts:
            part = base64.b64encode(b"%PDF-1.7\n" + text.encode()).decode()
            actions.part(WHO, {"case": CASE, "offset": 0, "part": part})
            said = {"kind": "笔录"} if record is None else {"record": record}
            actions.store(WHO, {"case": CASE, "name": "a.pdf", **said})
    names = Attached.__dataclass_fields__
    stored = [one["data"] for one in rig.events("document.stored")][-len(texts) :]
    return [Attached(**{name: one[name] for name in names}) for one in stored]


def blob(rig: Rig, digest: str) -> Path:
    return rig.root / "vault/blobs/sha256" / digest[:2] / digest[2:4] / digest


def verified(rig: Rig, times: int = 1) -> None:
    """The job, so often; each run reads at least one content."""
    with opened(rig) as station:
        for _ in range(times):
            StationJobs(station, None, lambda: False).verification(Stop())  # type: ignore[arg-type]


def told(rig: Rig, *names: str) -> list[Any]:
    return [(one["type"], one["data"]["document"]) for one in rig.events(*names)]


NEWS = ("document.damaged", "document.repaired")


def torn(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"")
    path.chmod(0o444)


HURTS: dict[str, Callable[[Path], None]] = {
    "rotten": lambda path: rot(path, 3),
    "gone": Path.unlink,
    "empty": torn,
}
WANTED: dict[str, dict[str, set[str]]] = {
    "sha256": {"rotten": {"bytes"}, "gone": {"absent"}, "empty": {"size", "bytes"}},
    "manifest_sha256": {"rotten": {"manifest"}, "gone": {"absent"}, "empty": {"manifest"}},
    "signature_sha256": {"rotten": {"signature"}, "gone": {"absent"}, "empty": {"signature"}},
}


@pytest.fixture
def pair(rig: Rig) -> list[Attached]:
    """Two documents of two text records, checked as often as a month would."""
    rig.configure(verify_cycle_days=1, verify_bytes_per_s=1_000_000_000)
    return attach(rig, "one", "two")


def test_sound_documents_raise_nothing(rig: Rig, pair: list[Attached], tmp_path: Path) -> None:
    """`verify` counts clips and documents; the job reads both by turns and says how many; no event, no finding."""
    card = CardBuilder(tmp_path / "card", "ini")
    card.identity()
    card.file("DCIM/100MEDIA/IMG_0001.MP4", noise(1000, 1))
    rig.intake(card.root)
    done = rig.run("verify", "--all", "--json")
    assert (done.code, done.json["checked"], done.json["faulty"]) == (0, 4, 0)
    assert [one["path"] for one in done.json["clips"]] == ["DCIM/100MEDIA/IMG_0001.MP4", "PARAM.INI"]
    assert {one["document"] for one in done.json["documents"]} == {one.document for one in pair}
    plain = rig.run("verify", "--all").out.splitlines()
    assert plain[-1].startswith("4 checked, 0 faulty")
    assert sum("file of text record" in line for line in plain) == 2
    before = len(rig.events())
    verified(rig, 6)
    runs = [one["data"] for one in rig.events("vault.verified")]
    assert sum(one["clips"] for one in runs) >= 2
    assert sum(one.get("documents", 0) for one in runs) >= 2
    assert all(one.get("documents") != 0 for one in runs)
    assert {one["faults"] for one in runs} == {0}
    assert told(rig, *NEWS) == []
    assert {one["type"] for one in rig.events()[before:]} <= {
        "daemon.started",
        "daemon.stopped",
        "vault.verified",
    }
    assert "document-damaged" not in rig.findings()
    rig.is_whole()


@pytest.mark.parametrize("hurt", HURTS)
@pytest.mark.parametrize("part", PARTS)
def test_each_damage_is_named_found_once_and_ended(
    rig: Rig, pair: list[Attached], tmp_path: Path, part: str, hurt: str
) -> None:
    """One event and one finding, however often it is read; with the good copy back, one event and the end."""
    bad, good = pair
    path = blob(rig, getattr(bad, part))
    shutil.copy2(path, tmp_path / "backup")
    HURTS[hurt](path)
    done = rig.run("verify", "--all", "--json")
    assert (done.code, done.json["checked"], done.json["faulty"]) == (10, 2, 1)
    (faulty,) = [one for one in done.json["documents"] if not one["ok"]]
    assert (faulty["document"], faulty["record"], faulty["case"]) == (bad.document, bad.record, CASE)
    assert {fault["kind"] for fault in faulty["faults"]} == WANTED[part][hurt]
    said = rig.run("verify", bad.document)
    assert (said.code, said.out.splitlines()[0]) == (10, f"▲ {bad.document} file of text record {bad.record}")
    assert rig.run("verify", good.document).code == 0

    verified(rig, 5)
    assert told(rig, *NEWS) == [("document.damaged", bad.document)]
    (event,) = rig.events("document.damaged")
    assert (event["subject"], event["data"]["found_by"]) == (f"text-record:{bad.record}", "verification")
    assert event["data"]["detail"]
    opened_ = [
        one["data"] for one in rig.events("finding.opened") if one["data"]["kind"] == "document-damaged"
    ]
    assert [one["about"] for one in opened_] == [f"text-record:{bad.record}"]
    assert rig.run("status", "--json").json["counts"]["damaged"] == 1

    path.unlink(missing_ok=True)
    shutil.copy2(tmp_path / "backup", path)
    assert rig.run("verify", "--all").code == 0
    verified(rig, 5)
    assert told(rig, *NEWS) == [("document.damaged", bad.document), ("document.repaired", bad.document)]
    assert "document-damaged" not in rig.findings()
    assert rig.run("status", "--json").json["counts"]["damaged"] == 0
    HURTS[hurt](path)
    verified(rig, 5)
    assert [name for name, _ in told(rig, *NEWS)] == [
        "document.damaged",
        "document.repaired",
        "document.damaged",
    ]
    assert rig.findings().count("document-damaged") == 1
    assert rig.run("rebuild").code == 0
    assert rig.run("status", "--json").json["counts"]["damaged"] == 1


def test_two_documents_of_one_record(rig: Rig) -> None:
    """Two events, one finding of the record; it ends with the last of them."""
    rig.configure(verify_cycle_days=1, verify_bytes_per_s=1_000_000_000)
    one, two = attach(rig, "one", "two", record="WS-1")
    assert (one.record, two.record) == ("WS-1", "WS-1")
    kept = {each.sha256: blob(rig, each.sha256).read_bytes() for each in (one, two)}
    for each in (one, two):
        rot(blob(rig, each.sha256), 3)
    verified(rig, 4)
    assert sorted(told(rig, *NEWS)) == sorted(("document.damaged", each.document) for each in (one, two))
    assert rig.findings().count("document-damaged") == 1
    for each, is_open in ((one, True), (two, False)):
        path = blob(rig, each.sha256)
        path.unlink()
        path.write_bytes(kept[each.sha256])
        path.chmod(0o444)
        verified(rig, 4)
        assert ("document-damaged" in rig.findings()) == is_open
    assert rig.run("verify", "WS-1").code == 0


def test_every_key_finds_it(rig: Rig, pair: list[Attached]) -> None:
    """By its id, its text record's, its digest or the first eight digits of that; nothing is said of nothing."""
    one, _ = pair
    for key in (one.document, one.document.upper(), one.record, one.sha256, one.sha256[:8]):
        done = rig.run("verify", key, "--json")
        assert (done.code, done.json["checked"], done.json["clips"]) == (0, 1, []), key
        assert [found["document"] for found in done.json["documents"]] == [one.document]
    done = rig.run("verify", "WS-none")
    assert done.code == 7
    assert "text record" in done.err


def test_equal_bytes_of_a_clip_and_a_document_are_told_apart(rig: Rig, tmp_path: Path) -> None:
    """A photo that was docked and attached too: the clip stays whole where the document's copy rots."""
    rig.configure(verify_cycle_days=1, verify_bytes_per_s=1_000_000_000)
    (document,) = attach(rig, "same")
    card = CardBuilder(tmp_path / "card", "ini")
    card.identity()
    card.file("DCIM/100MEDIA/IMG_0001.JPG", b"%PDF-1.7\nsame")
    clip = rig.intake(card.root).files["DCIM/100MEDIA/IMG_0001.JPG"]
    assert clip["sha256"] == document.sha256
    assert rig.run("verify", document.sha256, "--json").json["checked"] == 2
    rot(blob(rig, document.sha256), 3)
    verified(rig, 4)
    assert told(rig, *NEWS) == [("document.damaged", document.document)]
    assert rig.events("clip.damaged") == []
    assert rig.run("show", clip["acquisition"], "--json").json["clip"]["damaged"] is False
    done = rig.run("verify", document.sha256, "--json").json
    assert ([one["ok"] for one in done["clips"]], [one["ok"] for one in done["documents"]]) == (
        [True],
        [False],
    )


def test_an_index_that_names_another_entry_is_told(rig: Rig, pair: list[Attached]) -> None:
    """The log's entry says what was stored, not the index."""
    with opened(rig) as station, station.engine.begin() as connection:
        changed = papers.documents.update().where(papers.documents.c.document == pair[0].document)
        connection.execute(changed.values(seq=0))
    done = rig.run("verify", pair[0].document, "--json")
    assert done.code == 10
    assert [fault["kind"] for fault in done.json["documents"][0]["faults"]] == ["inclusion"]


def test_re_verification_goes_round(rig: Rig) -> None:
    """Where the last stretch ended at the last content, or nothing follows any more, it begins anew."""
    rig.configure(verify_cycle_days=1, verify_bytes_per_s=1_000_000_000)
    attach(rig, *(str(number) for number in range(3)))
    verified(rig, 9)
    runs = [one["data"] for one in rig.events("vault.verified")]
    assert sum(one.get("documents", 0) for one in runs) >= 6
    assert [one["cursor"] for one in runs].count("") >= 2
    with opened(rig) as station:
        station.books.append([VaultVerified(clips=1, bytes=1, faults=0, cursor="f" * 64)])
    verified(rig, 2)
    found = [one["data"] for one in rig.events("vault.verified")][-2:]
    assert [(one["clips"], one.get("documents")) for one in found] == [(0, None), (0, 1)]
    assert found[0]["cursor"] == ""


def test_contents_are_walked_once_whoever_shares_them(rig: Rig, tmp_path: Path) -> None:
    """Clips that share their bytes, documents among them, several pages of both: each content, in order."""
    card = CardBuilder(tmp_path / "card", "dcim")
    for number in range(140):
        card.file(f"DCIM/100MEDIA/{number:04d}.JPG", f"{number // 2}".encode())
    rig.intake(card.root)
    stored = {one["data"]["sha256"] for one in rig.events("clip.secured")}
    assert len(stored) == 70
    stored |= {one.sha256 for one in attach(rig, "one", "two")}
    with opened(rig) as station:
        walk = StationJobs(station, None, lambda: False)._contents  # type: ignore[arg-type]
        assert [one.sha256 for one in walk("")] == sorted(stored)
        after = sorted(stored)[30]
        assert [one.sha256 for one in walk(after)] == sorted(stored)[31:]


def test_memory_does_not_grow_with_documents(rig: Rig) -> None:
    """A hundred times the pages, the same memory: by `verify --all`'s walk and by the job's."""
    with opened(rig) as station:

        def more(first: int, beyond: int) -> None:
            rows = [
                {
                    **dict.fromkeys(("record", "media", "name_value", "said_by"), "x"),
                    **dict.fromkeys(("seq", "size", "at"), 1),
                    "case": None,
                    "document": f"{number:036d}",
                    **dict.fromkeys(PARTS, f"{number:064x}"),
                }
                for number in range(first, beyond)
            ]
            with station.engine.begin() as connection:
                connection.execute(papers.documents.insert(), rows)

        def peak() -> int:
            tracemalloc.start()
            with reading(station.engine) as connection:
                count = sum(1 for _ in papers.all_documents(connection))
            count += sum(1 for _ in StationJobs(station, None, lambda: False)._contents(""))  # type: ignore[arg-type]
            assert count in (2 * 2_000, 2 * 20_000)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

        more(0, 2_000)
        peak()
        few = peak()
        more(2_000, 20_000)
        assert peak() < few * 1.5 + (1 << 20)


# --- told by whoever looks at it, or checks it ------------------------------------------------------


def caller(person: str, *, unit: str | None = None, roles: tuple[str, ...] = ("supervisor",)) -> Caller:
    return Caller(uid=41001, person=person, roles=frozenset(roles), unit=unit)


def suspect(station: Station, document: str, who: Caller = WHO) -> dict[str, Any]:
    """As the pages tell of a document that is not what the log names."""
    damage = DamageActions(station, Refusals(station.books, station.clock))
    return damage.verbs()["document.suspect"](who, {"document": document})


def suspected(rig: Rig, document: str) -> dict[str, Any]:
    with opened(rig) as station:
        return suspect(station, document)


@pytest.mark.parametrize("part", PARTS)
def test_what_a_look_doubts_is_read_and_told_once(rig: Rig, pair: list[Attached], part: str) -> None:
    """The event and the finding of re-verification, which has no more to say; what is good is no event."""
    bad, good = pair
    assert suspected(rig, bad.document) == {"damaged": False, "seq": None}
    assert told(rig, *NEWS) == []
    rot(blob(rig, getattr(bad, part)), 3)
    first = suspected(rig, bad.document)
    assert first["damaged"]
    assert suspected(rig, bad.document) == {"damaged": True, "seq": None}
    assert not suspected(rig, good.document)["damaged"]
    verified(rig, 4)
    (event,) = rig.events("document.damaged")
    assert (event["subject"], event["data"]["document"]) == (f"text-record:{bad.record}", bad.document)
    assert event["data"]["found_by"] == "look"
    assert event["data"]["detail"]
    assert rig.findings().count("document-damaged") == 1
    assert first["seq"] == next(
        one["seq"] for one in rig.events("finding.opened") if one["data"]["kind"] == "document-damaged"
    )


@pytest.mark.parametrize(
    "who",
    [
        caller("104999", unit="34070000"),
        caller("104999", roles=("officer",)),
        caller("104999", roles=("administrator",)),
    ],
    ids=["other-unit", "not-on-it", "administrator"],
)
def test_who_may_not_see_it_has_nothing_read(rig: Rig, pair: list[Attached], who: Caller) -> None:
    """Refused and logged; the rotten document stays for whoever may look."""
    rot(blob(rig, pair[0].sha256), 3)
    with opened(rig) as station:
        with pytest.raises(RefusedError):
            suspect(station, pair[0].document, who)
        with pytest.raises(NotFoundError):
            suspect(station, "0" * 36, who)
    (refused,) = rig.events("action.refused")
    assert refused["data"]["about"] == f"text-record:{pair[0].record}"
    assert told(rig, *NEWS) == []


def checked(
    station: Station, document: str, who: Caller = WHO, *, whole: bool = True
) -> tuple[dict[str, Any], list[Any]]:
    """The answer of "check now", and its progress."""
    heard: list[Any] = []
    checks = CheckActions(station, Refusals(station.books, station.clock))
    told = checks.verbs()["document.check"](who, {"document": document, "whole": whole}, heard.append)
    return told, heard


@pytest.mark.parametrize("part", PARTS)
def test_checked_now(rig: Rig, pair: list[Attached], tmp_path: Path, part: str) -> None:
    """Part by part; damage is the event and finding of whoever asked, and so is its end."""
    document, _ = pair
    path = blob(rig, getattr(document, part))
    shutil.copy2(path, tmp_path / "backup")
    with opened(rig) as station:
        told_, heard = checked(station, document.document)
        assert (told_["ok"], told_["parts"]) == (True, {"manifest": [], "log": [], "bytes": []})
        assert told_["digest"] == document.sha256
        assert {name: told_[name] for name in ("document", "record")} == {
            "document": document.document,
            "record": document.record,
        }
        assert heard[-1] == {"done": told_["size"], "size": told_["size"], "digest": document.sha256}
        rot(path, 3)
        bad, _ = checked(station, document.document)
        assert not bad["ok"]
        of = "bytes" if part == "sha256" else "manifest"
        assert [name for name, faults in bad["parts"].items() if faults] == [of]
        path.unlink()
        shutil.copy2(tmp_path / "backup", path)
        assert checked(station, document.document, whole=False)[0]["ok"]
        assert checked(station, document.document)[0]["seq"] is not None
    damaged, repaired = rig.events(*NEWS)
    assert (damaged["seq"] + 1, damaged["data"]["found_by"]) == (bad["seq"], "person")
    assert (damaged["type"], repaired["type"]) == NEWS
    assert damaged["actor"] == repaired["actor"] == "person:104233"
    assert "document-damaged" not in rig.findings()


def test_who_may_not_check_it(rig: Rig, pair: list[Attached]) -> None:
    """Of another unit, or the administrator; refused and logged, nothing is read."""
    rot(blob(rig, pair[0].sha256), 3)
    with opened(rig) as station:
        for who in (caller("104999", unit="34070000"), caller("104998", roles=("administrator",))):
            for whole in (True, False):
                with pytest.raises(RefusedError):
                    checked(station, pair[0].document, who, whole=whole)
    about = f"text-record:{pair[0].record}"
    refused = {
        (one["actor"], one["data"]["verb"], one["data"]["about"]) for one in rig.events("action.refused")
    }
    assert refused == {(f"person:{one}", "document.check", about) for one in ("104999", "104998")}
    assert told(rig, *NEWS) == []
