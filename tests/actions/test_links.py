"""Where a clip belongs, by people: the right ones, with a reason to take a link away, each refusal in the log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.caller import Caller
from ingestd.actions.links import LinkActions
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import CaseStated
from ingestd.index.link_queries import Link
from tests.link_desk.test_desk import Office, person


def caller(name: str, *roles: str) -> Caller:
    return Caller(uid=os.getuid(), person=name, roles=frozenset(roles))


CLERK = caller("clerk", "case-officer")


class People(Office):
    """An office with a clip of 104233, an act of 104233 and 5, another of 6."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.actions = LinkActions(self.station, Refusals(self.station.books, self.clock))
        self.film = self.clip()
        self.say(
            self.assigned(),
            self.opened(),
            self.film,
            CaseStated(case="case-a1"),
            self.act("a1", officers=("104233", "5")),
            self.act("a2", begin=300, officers=("6",)),
        )

    def set(self, who: Caller, **told: Any) -> dict[str, Any]:
        return self.actions.set(who, {"clip": self.film.acquisition} | told)

    def stands(self) -> Link | None:
        return self.link(self.film)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path / "h")
    try:
        yield made
    finally:
        made.station.close()


def test_a_person_links_and_what_was_linked_needs_a_reason(people: People) -> None:
    """First by hand without a reason; to another act, or to none, only with one; the same again is no event."""
    assert people.set(CLERK, act="a1") == {
        "clip": people.film.acquisition,
        "act": "a1",
        "case": "case-a1",
        "seq": people.station.log.size - 1,
        "changed": True,
    }
    assert not people.set(CLERK, act="a1")["changed"]
    with pytest.raises(UsageError):
        people.set(CLERK, act="a2")
    people.set(CLERK, act="a2", reason="时间登记有误")
    link = people.stands()
    assert link is not None
    assert (link.act, link.by, link.said_by) == ("a2", "person", "person:clerk")
    remove = {"clip": people.film.acquisition, "reason": "设备测试"}
    assert people.actions.remove(CLERK, remove)["changed"]
    assert not people.actions.remove(CLERK, remove)["changed"]
    link = people.stands()
    assert link is not None
    assert (link.act, link.case, link.by) == (None, None, "person")
    people.set(CLERK, case="case-a1")
    link = people.stands()
    assert link is not None
    assert (link.act, link.case) == (None, "case-a1")
    assert "测试" not in str(people.told())


def test_never_the_wearer_nor_one_on_the_act_nor_without_the_role(people: People) -> None:
    """Who had the recorder, who is on the act it goes to or comes from, and who has not the role: refused, logged."""
    for who, act in (
        (caller("104233", "supervisor"), "a2"),
        (caller("5", "supervisor"), "a1"),
        (caller("6", "case-officer"), "a2"),
        (caller("keeper", "dock-keeper", "administrator"), "a1"),
    ):
        with pytest.raises(RefusedError):
            people.set(who, act=act)
    people.say(person(people.film, "a1"))
    for who in (caller("5", "supervisor"), caller("104233", "supervisor")):
        with pytest.raises(RefusedError):
            people.set(who, act="a2", reason="x")
        with pytest.raises(RefusedError):
            people.actions.remove(who, {"clip": people.film.acquisition, "reason": "x"})
    refused = people.told("action.refused")
    assert {one["data"]["verb"] for one in refused} == {"link.set", "link.remove"}
    assert people.act_of(people.film) == "a1"


def test_what_is_not_there_is_said(people: People) -> None:
    """An unknown act, case or clip."""
    for told in ({"act": "nowhere"}, {"case": "nowhere"}, {"act": "a1", "clip": "f" * 64}):
        with pytest.raises(NotFoundError):
            people.set(CLERK, **told)
