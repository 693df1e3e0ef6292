"""Who may do what to which item: by real registers and clips of an open home; each refusal names its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller, Pass
from ingestd.actions.labels import LabelActions
from ingestd.actions.recorders import RecorderActions
from ingestd.actions.registers import RegisterActions
from ingestd.actions.reviews import ReviewActions
from ingestd.errors import NotFoundError, RefusedError, SecondFactorError
from ingestd.events import (
    ActStated,
    CaseStated,
    ClipLabelled,
    Event,
    OfficerStated,
    RecorderAssigned,
    RecorderEnrolled,
    TextRecordStated,
    UnitStated,
)
from ingestd.index.database import reading
from ingestd.index.reach import reach
from ingestd.index.tie_lists import Items
from ingestd.model import Interval, Millis, RecorderId
from ingestd.people.separation import EVIDENCE, FRESH, FRESH_RULE, OPENED, SCOPE_RULE, Deed
from ingestd.policy import catalog
from tests.actions.accounts_desk import CHEAP, Desk
from tests.event_samples import T0, secured
from tests.rig import Rig

RECORD = "text-record:笔录/1"
CLIP, ORPHAN = "clip:0199a000-0000-7000-8000-000000000000", "clip:0199a000-0000-7000-8000-000000000001"
HOUR = 3_600_000
ALL_ROLES = frozenset(("supervisor", "legal-reviewer", "archivist", "case-officer", "dock-keeper"))


def _events() -> list[Event]:
    nobodys = Interval(earliest=T0, latest=T0, basis="name")
    return [
        UnitStated(unit="u1"),
        UnitStated(unit="u1-3", parent="u1"),
        UnitStated(unit="u2"),
        OfficerStated(officer="104233", unit="u1-3"),
        OfficerStated(officer="104198", unit="u1-3"),
        CaseStated(case="c1", unit="u1-3"),
        ActStated(
            act="a1", case="c1", started_at=T0, ended_at=Millis(T0 + HOUR), officers=("104233", "104198")
        ),
        RecorderEnrolled(recorder=RecorderId("R1"), family=None, driver=None, claims=()),
        RecorderAssigned(
            recorder=RecorderId("R1"),
            officer="104233",
            mode="permanent",
            since_at=Millis(T0 - HOUR),
            until_at=None,
        ),
        TextRecordStated(record="笔录/1", case="c1", act="a1"),
        secured(0, recorder=RecorderId("R1"), officer="104233"),
        secured(1, recorder=RecorderId("R1"), officer=None, started=nobodys, ended=nobodys),
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(Rig(tmp_path_factory.mktemp("authority") / "h", **CHEAP))
    made.station.books.append(_events())
    try:
        yield made
    finally:
        made.close()


def person(id_: str, *roles: str, unit: str | None = None, fresh: int | None = None) -> Caller:
    """Somebody logged in by the pages."""
    by = Pass(id="l1", stage="full", second_at=None if fresh is None else Millis(fresh), has_totp=True)
    return Caller(uid=990, person=id_, roles=frozenset(roles) or ALL_ROLES, unit=unit, by=by)


def refused(desk: Desk, who: Caller, deed: Deed, about: str) -> str | None:
    """The rule that forbids it."""
    try:
        Authority(desk.station, desk.refusals).check(who, deed, about)
    except RefusedError as error:
        return error.rule
    return None


BARRED = (Deed.EXTRACT, Deed.UNLINK, Deed.WAIVE, Deed.DETERMINE, Deed.JUDGE, Deed.OPINION, Deed.DISPOSE)


@pytest.mark.parametrize("about", [CLIP, "act:a1", "case:c1"])
@pytest.mark.parametrize("who", ["104233", "104198"])
def test_who_recorded_or_was_on_the_act(desk: Desk, who: str, about: str) -> None:
    """Wearer and companion, whatever roles they have, however fresh; for the clip, the act and the case."""
    tied = person(who, fresh=desk.clock.at)
    for deed in BARRED:
        assert refused(desk, tied, deed, about) not in (None, FRESH_RULE, SCOPE_RULE)
    assert refused(desk, tied, Deed.LOOK, about) is None
    other = person("104301", fresh=desk.clock.at)
    assert [refused(desk, other, deed, about) for deed in Deed] == [None] * len(Deed)


def test_a_clip_that_names_nobody_is_his_who_had_the_recorder(desk: Desk) -> None:
    """Nobody who may be the wearer is let off because the card did not say."""
    assert refused(desk, person("104233", fresh=desk.clock.at), Deed.EXTRACT, ORPHAN) == "REC-3"
    tied = Authority(desk.station, desk.refusals).item(ORPHAN).tied
    assert {(one.person, one.tie.value, one.through) for one in tied} == {
        ("104233", "wearer", ORPHAN),
        ("104233", "on-act", "act:a1"),
        ("104198", "on-act", "act:a1"),
    }


def test_the_administrator_sees_no_evidence(desk: Desk) -> None:
    """Not even where a configuration gave both roles; hand-out is no evidence."""
    boss = person("b1", "administrator", "supervisor", fresh=desk.clock.at)
    assert {refused(desk, boss, deed, CLIP) for deed in EVIDENCE} == {"SEP-6"}
    assert refused(desk, boss, Deed.HAND_OUT, "recorder:R1") is None


def test_scope_is_a_subtree(desk: Desk) -> None:
    """The unit and those below; what belongs to no known unit only to who sees the whole agency."""
    for unit, expected in (("u1", None), ("u1-3", None), ("u2", SCOPE_RULE), ("gone", SCOPE_RULE)):
        for about in (CLIP, "act:a1", "case:c1"):
            assert refused(desk, person("104301", unit=unit), Deed.LOOK, about) == expected
    assert refused(desk, person("104301", unit="u1"), Deed.LOOK, "clip:none") == SCOPE_RULE
    assert refused(desk, person("104301"), Deed.LOOK, "clip:none") is None


def test_an_officer_sees_what_is_his_own(desk: Desk) -> None:
    """His clips and acts; nobody else's; a dock keeper none."""
    assert refused(desk, person("104198", "officer", unit="u1-3"), Deed.LOOK, CLIP) is None
    assert refused(desk, person("104777", "officer", unit="u1-3"), Deed.LOOK, CLIP) == SCOPE_RULE
    assert refused(desk, person("104301", "dock-keeper"), Deed.LOOK, CLIP) == SCOPE_RULE


def test_deeds_that_take_a_fresh_second_factor(desk: Desk) -> None:
    """Confirm where there is one, set one up where there is none; who acts by the machine's user was let in by it."""
    late = desk.clock.at - 300_001
    for deed in Deed:
        assert refused(desk, person("104301", fresh=late), deed, CLIP) == (
            FRESH_RULE if deed in FRESH else None
        )
    authority = Authority(desk.station, desk.refusals)
    without = Caller(
        uid=990,
        person="104301",
        roles=ALL_ROLES,
        by=Pass(id="l1", stage="full", second_at=None, has_totp=False),
    )
    for who, need in ((person("104301"), "confirm"), (without, "enrol")):
        with pytest.raises(SecondFactorError) as error:
            authority.check(who, Deed.DISPOSE, CLIP)
        assert error.value.facts == {"rule": FRESH_RULE, "need": need}
    authority.check(Caller(uid=0, person="104301", roles=ALL_ROLES), Deed.DISPOSE, CLIP)


def test_each_refusal_is_an_event_that_names_the_rule(desk: Desk) -> None:
    """With who, what, about which item."""
    authority = Authority(desk.station, desk.refusals)
    with pytest.raises(RefusedError):
        authority.require(person("104198", fresh=desk.clock.at), Deed.DISPOSE, CLIP)
    event = desk.events("action.refused")[-1]
    assert (event["actor"], event["subject"]) == ("person:104198", CLIP)
    assert (event["data"]["verb"], event["data"]["rule"]) == ("dispose", "SEP-4")


# --- where it is asked --------------------------------------------------------------------------


def test_an_opinion_is_not_given_by_who_was_on_the_act_nor_without_a_fresh_factor(desk: Desk) -> None:
    """Whoever was on an act of the case gives none; a reviewer of the register shows a second factor first."""
    stated = RegisterActions(desk.station, desk.refusals)
    reviews = ReviewActions(desk.station, desk.refusals, stated)
    for officer in ("r1", "104198"):
        said = {"officer": officer, "unit": "u1", "reviewer": "yes"}
        stated.add(person("a1", "administrator"), {"register": "officer", "said": said})
    reviews.open(person("k1", "case-officer"), {"case": "c1"})
    opinion = {"case": "c1", "opinion": "agree", "reason": "材料齐全"}
    with pytest.raises(RefusedError):
        reviews.opinion(person("104198", "legal-reviewer", fresh=desk.clock.at), opinion)
    with pytest.raises(SecondFactorError):
        reviews.opinion(person("r1", "legal-reviewer"), opinion)
    assert reviews.opinion(person("r1", "legal-reviewer", fresh=desk.clock.at), opinion)["changed"]


def test_scope_holds_for_registers_and_recorders(desk: Desk) -> None:
    """Another unit's case is not stated, nor moved into it; its recorder not given out; no file for all."""
    registers, recorders = (
        RegisterActions(desk.station, desk.refusals),
        RecorderActions(desk.station, desk.refusals),
    )
    keeper = person("k1", "case-officer", "dock-keeper", unit="u2")
    for said in ({"case": "c1", "kind": "penalty"}, {"case": "c9", "unit": "u1"}):
        with pytest.raises(RefusedError) as error:
            registers.add(keeper, {"register": "case", "said": said})
        assert error.value.rule == SCOPE_RULE
    for given in ({"recorder": "R1", "officer": None}, {"recorder": "R1", "officer": "104198"}):
        with pytest.raises(RefusedError):
            recorders.assign(keeper, given)
    with pytest.raises(RefusedError):
        registers.take(keeper, {"name": "x.csv", "among": ["case"]}, b"", lambda _: None)
    assert registers.add(keeper, {"register": "case", "said": {"case": "c8", "unit": "u2"}})["changed"]


@pytest.fixture
def labelled(desk: Desk) -> Iterator[Callable[..., None]]:
    """States the labels of the clip; it has none at the end."""

    def state(*labels: str) -> None:
        desk.station.books.append(
            [ClipLabelled(acquisition=CLIP.partition(":")[2], labels=labels, reason_value=None)]
        )

    yield state
    state()


def test_a_secret_is_opened_by_few(desk: Desk, labelled: Callable[..., None]) -> None:
    """OWN-24: by the roles that the label names, an officer by his own; everybody of the unit still has its row."""
    labelled("state", "privacy")
    for role in ("supervisor", "legal-reviewer", "archivist"):
        assert refused(desk, person("104301", role, unit="u1"), Deed.OPEN, CLIP) is None
    for role in ("case-officer", "outside-supervisor"):
        who = person("104301", role, unit="u1", fresh=desk.clock.at)
        assert refused(desk, who, Deed.LOOK, CLIP) is None
        assert {refused(desk, who, deed, CLIP) for deed in OPENED} == {"OWN-24"}
    assert refused(desk, person("104233", "officer", unit="u1-3"), Deed.OPEN, CLIP) is None
    assert refused(desk, person("104233", "case-officer", unit="u1-3"), Deed.OPEN, CLIP) == "OWN-24"
    assert refused(desk, person("104301", "supervisor", unit="u2"), Deed.OPEN, CLIP) == SCOPE_RULE
    assert refused(desk, person("104777", "officer", unit="u1-3"), Deed.OPEN, CLIP) == SCOPE_RULE
    assert refused(desk, person("104301", "case-officer", unit="u1"), Deed.OPEN, "act:a1") is None


def test_private_life_is_opened_but_not_leafed_through(desk: Desk, labelled: Callable[..., None]) -> None:
    """Every reader opens it, lists have no frames of it, taking it away takes a fresh second factor."""
    labelled("privacy")
    late, now = person("104301", fresh=desk.clock.at - 300_001), person("104301", fresh=desk.clock.at)
    assert refused(desk, person("104301", "case-officer", unit="u1"), Deed.OPEN, CLIP) is None
    assert refused(desk, now, Deed.PICTURE, CLIP) == "OWN-24"
    assert (refused(desk, late, Deed.EXTRACT, CLIP), refused(desk, now, Deed.EXTRACT, CLIP)) == (
        "OWN-24",
        None,
    )
    assert refused(desk, person("104233", fresh=desk.clock.at), Deed.EXTRACT, CLIP) == "REC-3"
    labelled()
    assert refused(desk, late, Deed.EXTRACT, CLIP) is None
    assert refused(desk, late, Deed.PICTURE, CLIP) is None


def test_an_agency_says_otherwise_of_a_label(
    desk: Desk, labelled: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own file decides: fewer open it, lists show it, taking it away is as of other clips; the layer is told."""
    own = (
        '[[label]]\nkey = "privacy"\nlook = ["supervisor"]\npreview = true\nexport = "as-usual"\n'
        'by = "法制科"\nreason = "试行"\n'
    )
    changed = catalog.load(desk.station.policy.key, own.encode())
    monkeypatch.setattr(desk.station.in_force, "policy", changed)
    labelled("privacy")
    assert {refused(desk, person("1", "supervisor"), deed, CLIP) for deed in OPENED} == {None}
    with pytest.raises(RefusedError) as error:
        Authority(desk.station, desk.refusals).check(person("1", "archivist"), Deed.OPEN, CLIP)
    assert error.value.cited == {"rule": "OWN-24", "layer": "agency", "policy_sha256": changed.sha256}
    assert "个人隐私" in error.value.text.zh
    assert "监督人员" in error.value.text.zh


def test_whom_a_label_keeps_out_takes_it_not_off(desk: Desk, labelled: Callable[..., None]) -> None:
    """They may label it, and with more; to take it away is for who opens it."""
    verb = LabelActions(desk.station, desk.refusals).label_clip
    asked = {"clip": CLIP.partition(":")[2]}
    keeps, opens = person("104301", "case-officer", unit="u1"), person("104302", "archivist", unit="u1")
    assert verb(keeps, asked | {"labels": ["state"]})["changed"]
    assert verb(keeps, asked | {"labels": ["state", "trade"]})["labels"] == ["state", "trade"]
    with pytest.raises(RefusedError) as error:
        verb(keeps, asked | {"labels": ["trade"], "reason": "误标"})
    assert error.value.rule == "OWN-24"
    assert verb(opens, asked | {"labels": ["trade"], "reason": "误标"})["labels"] == ["trade"]
    assert verb(keeps, asked | {"labels": [], "reason": "误标"})["changed"]


def test_a_text_record_bears_labels_of_its_own(desk: Desk) -> None:
    """REC-17: they close it as they do a clip, and say nothing of the clips of its act."""
    verb, authority = (
        LabelActions(desk.station, desk.refusals).label_record,
        Authority(desk.station, desk.refusals),
    )
    keeps, opens = person("104301", "case-officer", unit="u1"), person("104302", "archivist", unit="u1")
    with pytest.raises(NotFoundError):
        verb(keeps, {"record": "笔录/2", "labels": []})
    with pytest.raises(RefusedError):
        verb(person("104233", "officer", unit="u1-3"), {"record": "笔录/1", "labels": ["state"]})
    assert verb(keeps, {"record": "笔录/1", "labels": ["state"]})["changed"]
    try:
        assert refused(desk, keeps, Deed.LOOK, RECORD) is None
        assert refused(desk, keeps, Deed.OPEN, RECORD) == "OWN-24"
        assert refused(desk, opens, Deed.OPEN, RECORD) is None
        assert refused(desk, person("104233", "officer", unit="u1-3"), Deed.OPEN, RECORD) is None
        assert refused(desk, keeps, Deed.OPEN, CLIP) is None
        with pytest.raises(SecondFactorError) as error:
            authority.require_guard(opens, RECORD)
        assert error.value.cited["rule"] == "OWN-24"
        authority.require_guard(person("104302", "archivist", unit="u1", fresh=desk.clock.at), RECORD)
        with reading(desk.station.engine) as connection:
            assert Items(connection).labels(RECORD) == ("state",)
        with pytest.raises(RefusedError):
            verb(keeps, {"record": "笔录/1", "labels": [], "reason": "误标"})
    finally:
        assert verb(opens, {"record": "笔录/1", "labels": [], "reason": "误标"})["labels"] == []
    assert refused(desk, keeps, Deed.OPEN, RECORD) is None
    authority.require_guard(opens, RECORD)


def test_who_could_ever_have_touched_an_item(desk: Desk) -> None:
    """Each standing with its time: roles that were taken away too, not other units, not the administrator."""
    for account, roles, unit in (
        ("w1", ["supervisor"], "u1"),
        ("w2", ["supervisor"], "u2"),
        ("w3", ["administrator", "dock-keeper"], None),
        ("104198", ["officer", "archivist"], "u2"),
        ("w4", ["officer"], "u1"),
    ):
        desk.ask("account.state", account=account, roles=roles, unit=unit)
    before = desk.clock.at
    desk.clock.at += HOUR
    desk.ask("account.state", account="w1", roles=["dock-keeper"])
    with reading(desk.station.engine) as connection:
        found = reach(connection, CLIP, desk.station.policy)
        assert reach(connection, "clip:none", desk.station.policy) == ()
    told = {one.standing.account: (one.standing.since_at, one.standing.until_at) for one in found}
    assert told == {"104198": (before, None), "w1": (before, before + HOUR)}
    (tied,) = (one for one in found if one.standing.account == "104198")
    assert dict(tied.barred)[Deed.DISPOSE] == "SEP-4"
    assert Deed.OPEN not in dict(tied.barred)


def test_who_could_have_opened_what_is_labelled(desk: Desk, labelled: Callable[..., None]) -> None:
    """The rule stands beside those whom a label keeps out, not beside the rest."""
    for account, role in (("w7", "case-officer"), ("w8", "supervisor")):
        desk.ask("account.state", account=account, roles=[role], unit="u1")
    labelled("state")
    with reading(desk.station.engine) as connection:
        found = {
            one.standing.account: dict(one.barred) for one in reach(connection, CLIP, desk.station.policy)
        }
    assert (found["w7"].get(Deed.OPEN), found["w8"].get(Deed.OPEN)) == ("OWN-24", None)
