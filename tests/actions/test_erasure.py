"""Erasing personal values: two people without ties, an event first; what is only missing is a finding."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.caller import Caller
from ingestd.actions.erasure import ErasureActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.second_person import SecondPerson
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import ClipNoted, PartyStated
from ingestd.index import erasures
from ingestd.index.database import reading
from ingestd.jobs import StationJobs
from ingestd.vault.values import ERASED, MISSING, Values
from tests.link_desk.test_desk import Office


def caller(name: str, *roles: str) -> Caller:
    return Caller(uid=os.getuid(), person=name, roles=frozenset(roles))


ARCHIVE, BOSS = caller("archive-1", "archivist"), caller("boss-1", "supervisor")


class People(Office):
    """An office with a noted clip of 104233, and a party of a case."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        refusals = Refusals(self.station.books, self.clock)
        self.erasing = ErasureActions(self.station, refusals)
        self.second = SecondPerson(self.station, refusals, (self.erasing.erasing,))
        self.jobs = StationJobs(self.station, refusals, lambda: False)
        self.values = Values(self.station.home)
        film, put = self.clip(), self.station.services.put_value
        self.note, self.name = put({"note": "店主李某出示执照"}), put({"name": "李某"})
        party = PartyStated(party="p1", kind="person", party_value=self.name, source=None)
        self.say(self.assigned(), self.opened(), film, party)
        self.say(ClipNoted(acquisition=film.acquisition, note_value=self.note))

    def propose(self, who: Caller = ARCHIVE, **told: Any) -> dict[str, Any]:
        return self.erasing.erase(who, {"digest": self.name, "reason": "当事人申请，经批准"} | told)

    def confirm(self, who: Caller, action: str) -> dict[str, Any]:
        return self.second.confirm(who, {"action": action})

    def shown(self, digest: str) -> Any:
        """What a person reads in the place of a value that is not here."""
        with reading(self.station.engine) as connection:
            return Values(self.station.home, lambda d: erasures.erasure(connection, d) is not None).absent(
                digest
            )

    def missed(self) -> set[str]:
        return {one for one in self.findings() if one.startswith("value-missing ")}

    def verify(self) -> None:
        self.jobs.verification(threading.Event())


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path / "h")
    try:
        yield made
    finally:
        made.station.close()


def test_two_people_erase_a_value(people: People) -> None:
    """The first changes nothing; the second erases; the log keeps the digest and who it was; the rest stands."""
    done = people.propose()
    assert done["needs"] == "confirm"
    assert people.values.get(people.name) == {"name": "李某"}
    with pytest.raises(RefusedError, match="second person"):
        people.confirm(ARCHIVE, done["action"])
    with pytest.raises(RefusedError, match="archivist, supervisor"):
        people.confirm(caller("dock-1", "dock-keeper"), done["action"])
    assert people.confirm(BOSS, done["action"])["changed"]
    assert people.values.get(people.name) is None
    assert people.values.holds(people.note)
    (event,) = people.told("value.erased")
    assert (event["subject"], event["actor"]) == (f"value:{people.name}", "person:boss-1")
    assert event["data"]["proposed_by"] == "person:archive-1"
    assert "李某" not in str(people.told())
    assert (people.shown(people.name), people.shown("0" * 64)) == (ERASED, MISSING)
    with pytest.raises(NotFoundError):
        people.confirm(BOSS, done["action"])
    assert people.propose() == {"digest": people.name, "seq": event["seq"], "changed": False}


def test_who_is_tied_to_it_takes_no_part(people: People) -> None:
    """Who recorded the clip neither proposes nor confirms that its note goes (SEP-4), and that is said."""
    wearer = caller("104233", "officer", "supervisor")
    with pytest.raises(RefusedError, match="SEP-4"):
        people.propose(wearer, digest=people.note)
    action = people.propose(digest=people.note)["action"]
    with pytest.raises(RefusedError, match="SEP-4"):
        people.confirm(wearer, action)
    assert {e["data"]["rule"] for e in people.told("action.refused")} == {"SEP-4"}
    assert people.values.holds(people.note)


def test_what_is_no_value_of_the_log(people: People) -> None:
    """No digest, or one that no event refers to."""
    with pytest.raises(UsageError):
        people.propose(digest="../../etc/passwd")
    with pytest.raises(NotFoundError):
        people.propose(digest="0" * 64)
    with pytest.raises(UsageError):
        people.propose(reason=" ")


def test_what_a_crash_or_a_backup_leaves_is_swept(people: People) -> None:
    """The file of an erased value stands again: it goes without being asked for."""
    path = people.station.home.value(people.name)
    kept = path.read_bytes()
    people.confirm(BOSS, people.propose()["action"])
    path.write_bytes(kept)
    people.jobs.leftovers(threading.Event())
    assert not path.exists()
    assert people.values.holds(people.note)


def test_a_missing_value_is_a_finding(people: People) -> None:
    """Gone, or not what the log names: found once by re-verification, ended when it is back; erased is not missed."""
    people.verify()
    assert people.missed() == set()
    path = people.station.home.value(people.note)
    kept = path.read_bytes()
    for change in (path.unlink, lambda: path.write_bytes(kept.replace("李".encode(), "张".encode()))):
        change()
        people.verify()
        people.verify()
        assert people.missed() == {f"value-missing value:{people.note}"}
        path.write_bytes(kept)
        people.verify()
        assert people.missed() == set()
    path.unlink()
    people.verify()
    people.confirm(BOSS, people.propose(digest=people.note)["action"])
    assert people.missed() == set()
    people.verify()
    assert people.missed() == set()
    assert next(e["data"]["values"] for e in people.told("vault.verified")) >= 2


def test_re_verification_goes_on_where_it_stopped(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value at a time, from the log's own cursor: each is read once before any is read again."""
    monkeypatch.setattr("ingestd.jobs.VALUES_AT_ONCE", 1)
    with reading(people.station.engine) as connection:
        every = erasures.next_values(connection, "", 99)
    for _ in every:
        people.verify()
    seen = [e["data"].get("value_cursor") for e in people.told("vault.verified")]
    assert seen == list(every)
    people.verify()
    people.verify()
    assert people.told("vault.verified")[-1]["data"]["value_cursor"] == every[0]
