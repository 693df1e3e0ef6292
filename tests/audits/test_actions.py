"""The auditor's steps: who may take them, in which order, and what a crash between them leaves."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ingestd.actions.audits import ITEMS, VERDICTS
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import RecorderAssigned
from ingestd.index import audits
from ingestd.index.database import reading
from ingestd.model import Millis
from ingestd.policy import catalog
from ingestd.telling import audit_sentences
from tests.audits.office import AUDITOR, HOUR, Office, person
from tests.event_samples import T0, secured

ANSWERS = dict.fromkeys(ITEMS, "yes") | {"verdict": "good", "note": None}


def judged(office: Office, audit: str, clip: str, who: Any = AUDITOR, **said: Any) -> dict[str, Any]:
    return office.actions.judge(who, {"audit": audit, "clip": clip} | ANSWERS | said)


def test_the_steps_of_a_draw(office: Office) -> None:
    """Bound before the checkpoint, revealed after it, drawn in the same transaction; all by the policy's numbers."""
    bound = office.commit()
    assert (bound["state"], bound["changed"]) == ("seeded", True)
    told = office.reveal(bound["audit"])
    assert told["state"] == "drawn"
    one, two, three, four = office.told("audit.committed", "audit.seeded", "audit.revealed", "audit.drawn")
    assert one["seq"] < two["data"]["size"] <= two["seq"] < three["seq"] == four["seq"] - 1
    assert (one["actor"], two["actor"], three["actor"]) == ("person:jd01", "daemon", "person:jd01")
    assert two["data"]["checkpoint"] == (office.rig.root / f"checkpoints/{two['data']['size']}").read_text()
    rule = catalog.load("baseline").rule("OWN-7")
    assert one["data"]["percent"] == rule.number("percent")
    assert one["data"]["strata"] == ["officer", "act", "unit"]
    assert four["data"]["acquisitions"] == told["drawn"]


def test_a_step_said_again_is_no_second_step(office: Office) -> None:
    """A command that was cut off asks again and is told."""
    first, again = office.commit(), office.commit()
    assert again == first | {"changed": False}
    drawn = office.reveal(first["audit"])
    assert office.reveal(first["audit"]) == drawn | {"changed": False}
    assert office.commit()["state"] == "drawn"
    assert len(office.told("audit.committed", "audit.seeded", "audit.revealed", "audit.drawn")) == 4


def test_who_may_draw(office: Office) -> None:
    """A supervisor of the agency or from outside; everybody else is refused, and that is in the log."""
    asked = {"commitment": "ab" * 32, "since": office.since, "until": office.until, "unit": None}
    for roles in ((), ("officer",), ("administrator",), ("dock-keeper", "archivist")):
        with pytest.raises(RefusedError):
            office.actions.commit(person("104300", *roles), asked)
    assert {one["data"]["verb"] for one in office.told("action.refused")} == {"audit.commit"}
    assert office.actions.commit(person("sf01", "outside-supervisor"), asked)["state"] == "seeded"


def test_one_draw_waits_at_a_time(office: Office) -> None:
    """Nobody binds several nonces and reveals the one that suits."""
    bound = office.commit()
    with pytest.raises(RefusedError, match=bound["audit"]):
        office.commit(b"m" * 32)
    office.reveal(bound["audit"])
    assert office.commit(b"m" * 32)["state"] == "seeded"


def test_another_nonce_is_refused(office: Office) -> None:
    """And the attempt is in the log."""
    bound = office.commit()
    with pytest.raises(RefusedError, match="not the nonce that was bound"):
        office.reveal(bound["audit"], b"m" * 32)
    assert [one["data"]["verb"] for one in office.told("action.refused")] == ["audit.reveal"]
    for wrong in ("", "ab", "AB" * 32, None):
        with pytest.raises(UsageError):
            office.actions.reveal(AUDITOR, {"audit": bound["audit"], "nonce": wrong})


def test_a_nonce_is_revealed_within_a_day(office: Office) -> None:
    """Afterwards another draw has to be made."""
    bound = office.commit()
    office.clock.later_ms += 24 * HOUR + 1000
    with pytest.raises(RefusedError, match="another draw has to be made"):
        office.reveal(bound["audit"])
    assert office.commit()["state"] == "expired"
    assert office.draw(b"m" * 32)["state"] == "drawn"


def test_a_draw_is_given_up_before_it_is_drawn(office: Office) -> None:
    """With a reason, which is personal text; what is drawn stands."""
    bound = office.commit()
    asked = {"audit": bound["audit"], "reason": "电脑损坏"}
    assert office.actions.void(AUDITOR, asked)["state"] == "voided"
    assert office.actions.void(AUDITOR, asked)["changed"] is False
    with pytest.raises(RefusedError):
        office.reveal(bound["audit"])
    assert "电脑" not in str(office.told("audit.voided"))
    drawn = office.draw(b"m" * 32)
    with pytest.raises(RefusedError, match="can't be given up"):
        office.actions.void(AUDITOR, {"audit": drawn["audit"], "reason": "x"})


@pytest.mark.parametrize(
    "scope",
    [
        {"since": 5, "until": 5},
        {"since": -1},
        {"until": 10**15},
        {"since": "0"},
        {"since": None},
    ],
)
def test_a_period_that_is_none(office: Office, scope: dict[str, Any]) -> None:
    """It is over, and begins before it ends."""
    with pytest.raises(UsageError):
        office.commit(**scope)
    assert office.told("audit.committed") == []


def test_a_unit_with_those_below_it(office: Office) -> None:
    """By the officers' unit as the log knows it at the checkpoint."""
    assert office.draw(unit="二中队")["population"] == 10
    assert office.draw(b"m" * 32, unit="支队")["population"] == 40
    with pytest.raises(NotFoundError):
        office.commit(b"o" * 32, unit="三中队")


def test_every_stratum_is_drawn(office: Office) -> None:
    """Each officer, unit and kind of act with recordings has one at least."""
    drawn = set(office.draw()["drawn"])
    clips = {secured(n).acquisition: n for n in range(40)}
    numbers = {clips[one] for one in drawn}
    assert any(n % 4 == 3 for n in numbers)
    assert any(n % 4 != 3 for n in numbers)
    assert any(n % 10 == 0 for n in numbers)


def test_nobody_judges_his_own(office: Office) -> None:
    """Neither who may have recorded it, by any word, nor who was on its act; whoever else is a supervisor may."""
    told = office.draw()
    holder = {"officer": "104400", "mode": "permanent", "since_at": Millis(T0 - HOUR)}
    office.say(RecorderAssigned(recorder=secured(0).recorder, **holder))
    linked = {secured(n).acquisition for n in range(0, 40, 10)}
    clip = next(one for one in told["drawn"] if one in linked)
    officer = "104198" if int(clip[-2:], 16) % 4 == 3 else "104233"
    for concerned in (officer, "104300", "104400"):
        with pytest.raises(RefusedError, match="SEP-2"):
            judged(office, told["audit"], clip, person(concerned, "supervisor"))
    with pytest.raises(RefusedError):
        judged(office, told["audit"], clip, person("jd01", "officer"))
    judged(office, told["audit"], clip)
    refused = office.told("action.refused")
    assert {one["subject"] for one in refused} == {f"clip:{clip}"}


def test_judging(office: Office) -> None:
    """Clips that were drawn, with words of the form; what is wrong is said; the last word counts, all are kept."""
    told = office.draw()
    clip = told["drawn"][0]
    for wrong in ({"whole": "perhaps"}, {"verdict": "x"}, {"verdict": "flawed"}, {"note": "x" * 2001}):
        with pytest.raises(UsageError):
            judged(office, told["audit"], clip, **wrong)
    other = next(one for one in (secured(n).acquisition for n in range(40)) if one not in told["drawn"])
    with pytest.raises(NotFoundError):
        judged(office, told["audit"], other)
    judged(office, told["audit"], clip, whole="no", verdict="flawed", note="开头缺两分钟")
    judged(office, told["audit"], clip)
    with reading(office.station.engine) as connection:
        draw = audits.draw(connection, told["audit"])
        said = {one.acquisition: one.judgement for one in audits.drawn_clips(connection, told["audit"])}
        part = audits.drawn_clips(connection, told["audit"], 1, 2)
    assert draw is not None
    assert (draw.judged, draw.drawn) == (1, len(told["drawn"]))
    assert [(one.place, one.acquisition) for one in part] == [(1, told["drawn"][1]), (2, told["drawn"][2])]
    last = said[clip]
    assert last is not None
    assert (last.whole, last.verdict, last.judged_by) == ("yes", "good", "person:jd01")
    assert len(office.told("audit.judged")) == 2


def test_the_form_has_words() -> None:
    """What can be said can be read."""
    assert tuple(audit_sentences.ITEMS) == ITEMS
    assert tuple(audit_sentences.VERDICTS) == VERDICTS


def test_without_the_rule_there_is_no_draw(office: Office) -> None:
    """An agency that switched OWN-7 off has nothing that says how much to draw."""
    office.station.in_force.policy = catalog.load(
        "baseline", b'[[off]]\nrule = "OWN-7"\nreason = "x"\nby = "x"\n'
    )
    with pytest.raises(UsageError, match="OWN-7"):
        office.commit()


def test_a_draw_is_fair(office: Office) -> None:
    """Over 120 draws every clip is drawn about as often as its strata say: no officer's first clip, no newest."""
    counts: Counter[str] = Counter()
    for number in range(120):
        counts.update(office.draw(number.to_bytes(32, "big"))["drawn"])
    plain = [counts[secured(n).acquisition] for n in range(40) if n % 4 != 3 and n % 10]
    expected = sum(plain) / len(plain)
    assert min(plain) > 0
    # chi-square with 26 degrees of freedom: above 62 one time in ten thousand, and the nonces are fixed
    assert sum((count - expected) ** 2 / expected for count in plain) < 62
