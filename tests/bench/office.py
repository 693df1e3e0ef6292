"""What stands around the clips of `cast`: registers, links, findings with people's answers, audits, looks, papers.

In the proportions of an agency of 400 after two years. What is late stays late: such findings are never ended by
facts, most were waived or explained. The log of it is `office_log`'s.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ingestd.index.account_tables import accounts, standings
from ingestd.index.audit_tables import audit_clips, audits, judgements
from ingestd.index.law_tables import (
    analyses,
    case_files,
    determinations,
    finding_steps,
    link_queue,
    links,
)
from ingestd.index.look_tables import looks
from ingestd.index.paper_tables import documents, labels
from ingestd.index.register_tables import (
    act_officers,
    acts,
    case_parties,
    cases,
    decisions,
    officers,
    parties,
    reviews,
    text_records,
    units,
)
from ingestd.index.tables import (
    assignments,
    card_files,
    findings,
    path_digest,
    recorders,
    sessions,
    slots,
    subjects,
    verifications,
)
from tests.bench.agency import (
    FIRST_SEQ,
    OFFICERS,
    UNITS,
    act_id,
    act_of,
    acts_of,
    add,
    begun,
    case_of,
    cases_of,
    officer_of,
    party_of,
    recorder_of,
    two_on,
    unit_of,
)
from tests.bench.index import T0

SLOTS = 20
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MONTHS = 23
DECIDED_MS, CONCLUDED_MS = 30 * DAY_MS, 45 * DAY_MS
LAYER = "tongling-jiaoqu"
ANSWERS = ("waived",) * 12 + ("explained",) * 6 + ("acknowledged", "open")
"""What people did about a finding that facts do not end."""
_KINDS = ("inspection", "penalty", "penalty", "coercion", "permit")
_ACTS = ("现场检查", "扣押财产", "询问", "现场检查", "强制拆除")
REASON: dict[str, Any] = {
    "what": "time",
    "weight": 3979,
    "zh": "以时钟偏差 0 分钟计, 录制在执法行为所述开始前 1 分钟开始; 未说明结束时间",
    "en": "with a clock error of 0 min, it begins 1 min before the act's stated start; no end is stated",
}
_REASONS = json.dumps([REASON, REASON | {"what": "officer", "weight": 2660}])


def session_of(recorder: int, at: int) -> str:
    """A docking a day."""
    return f"s-{recorder}-{at // DAY_MS}"


# --- registers ------------------------------------------------------------------------------------------


def registers(raw: sqlite3.Connection, count: int) -> None:
    """Units, people, recorders with their dockings, cases with all that belongs to them, audits, looks."""
    raw.execute("BEGIN IMMEDIATE")
    _people(raw, count)
    for tables, of in ((_OF_A_CASE, cases_of(count)), (_OF_AN_ACT, acts_of(count))):
        for kind, made in tables.items():
            add(raw, _TABLES[kind], (row for n in range(of) for row in made(n)))
    for kind in ("act", "proposal"):
        _answered(raw, (row for n in range(acts_of(count)) for row in _act_finding(kind, n)))
    _audits(raw, count)
    shown = range(0, count, 5)
    add(raw, looks, (_look(n, number, count) for n, number in enumerate(shown)))
    raw.execute("COMMIT")


def _people(raw: sqlite3.Connection, count: int) -> None:
    names = ({"unit": f"u{n}", "parent": "u0" if n else None, "name": f"第{n}中队"} for n in range(UNITS))
    add(raw, units, names)
    people = range(OFFICERS)
    add(raw, officers, ({"officer": officer_of(n), "unit": unit_of(n), "role": "officer", "active": True}
                        for n in people))  # fmt: skip
    told = [
        {"account": officer_of(n), "roles": '["officer"]', "active": True, "seq": n, "at": 0} for n in people
    ]
    add(raw, accounts, told)
    add(raw, standings, told)
    add(raw, recorders, ({"recorder": recorder_of(n), "state": "in-field", "since_at": T0 - HOUR_MS,
                          "docked_at": T0 - 9 * HOUR_MS, "out_since_at": T0 - HOUR_MS, "outcome": "clear",
                          "issued_to": officer_of(n), "enrolled_at": 0} for n in people))  # fmt: skip
    add(raw, assignments, ({"seq": n, "recorder": recorder_of(n), "officer": officer_of(n), "mode": "permanent",
                            "said_by": "person:900001", "said_at": 0, "since_at": 0} for n in people))  # fmt: skip
    add(raw, slots, ({"slot": str(n), "state": "may-be-taken", "since_at": T0, "session": session_of(n, T0),
                      "driver": "simulated", "recorder": recorder_of(n)} for n in range(SLOTS)))  # fmt: skip
    days = range((T0 - count * 60_000) // DAY_MS, T0 // DAY_MS + 1)
    add(raw, sessions, (_session(n, day) for n in people for day in days))
    add(raw, verifications, ({"seq": FIRST_SEQ + n, "at": T0, "after": f"{n % 256:02x}", "up_to": f"{n % 256:02x}g"}
                             for n in range(5000)))  # fmt: skip
    paths = [f"DCIM/{n:04}.MP4" for n in range(200)]
    add(raw, card_files, ({"recorder": recorder_of(n), "path_digest": path_digest(path.encode()), "card": "",
                           "session": session_of(n, T0), "listed_at": T0, "first_seen_at": T0, "path": path,
                           "size": 1, "kind": "video", "recording": True, "told_end": T0 - n * 60_000}
                          for n, path in enumerate(paths)))  # fmt: skip


def _session(recorder: int, day: int) -> dict[str, Any]:
    at = day * DAY_MS
    told = {
        "session": session_of(recorder, at),
        "seq": day,
        "slot": str(recorder % SLOTS),
        "driver": "simulated",
    }
    told |= {"location": "1", "recorder": recorder_of(recorder), "outcome": "clear", "opened_at": at}
    return told | {"docked_at": at, "closed_at": at + 600_000, "complete": True, "listed": 4, "secured": 4}


def _passed(case: int, after_ms: int) -> int | None:
    at = begun(2 * case) + after_ms
    return at if at < T0 else None


def case_row(n: int) -> dict[str, Any]:
    told = {
        "case": case_of(n),
        "unit": unit_of(two_on(2 * n)[0]),
        "kind": _KINDS[n % 5],
        "major": n % 50 == 0,
    }
    told |= {"opened_at": begun(2 * n) - HOUR_MS, "subjects": json.dumps([party_of(n)])}
    told |= {"decided_at": _passed(n, DECIDED_MS), "concluded_at": _passed(n, CONCLUDED_MS)}
    return told | {"random_inspection": n % 10 == 0}


def act_row(n: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "act": act_id(n),
        "case": case_of(n // 2),
        "kind": _ACTS[n % 5],
        "stage": "investigation",
    }
    told |= {"started_at": begun(n), "ended_at": begun(n) + 900_000, "result": "done"}
    return told | {"officers": json.dumps([officer_of(one) for one in two_on(n)])}


def record_row(n: int, place: int) -> dict[str, Any]:
    told = {"record": f"WS-{n}-{place}", "case": case_of(n), "kind": "现场检查笔录", "signed": "yes"}
    return told | {"act": None if place == 2 else act_id(2 * n + place), "made_at": begun(2 * n)}


def review_rows(n: int) -> Iterator[dict[str, Any]]:
    """Each major case has one; those of the last weeks wait, one of five is to be corrected."""
    if n % 50 == 0 and n % 250 != 50:
        given = _passed(n, 14 * DAY_MS)
        told = {"review": f"SH-{n}", "case": case_of(n), "round": 1, "submitted_at": begun(2 * n)}
        opinion = None if given is None else "correct" if n % 250 == 100 else "agree"
        yield told | {"reviewer": "900004", "opinion": opinion, "opinion_at": given}


def _decided(n: int) -> Iterator[dict[str, Any]]:
    if (at := _passed(n, DECIDED_MS)) is not None:
        yield {"decision": f"JD-{n}", "case": case_of(n), "at": at, "kind": "罚款", "public_at": at + DAY_MS}


def _document(n: int) -> dict[str, Any]:
    told = {
        "document": f"D-{n}",
        "seq": FIRST_SEQ + n,
        "record": f"WS-{n}-0",
        "case": case_of(n),
        "size": 90_000,
    }
    return told | {
        "sha256": f"{n:064x}",
        "media": "pdf",
        "name_value": f"{n:064x}",
        "said_by": "person:900001",
    }


_TABLES = {
    "party": parties, "case": cases, "of": case_parties, "act": acts, "on": act_officers, "record": text_records,
    "review": reviews, "decision": decisions, "document": documents, "file": case_files, "word": determinations,
}  # fmt: skip
_Made = Callable[[int], Iterator[dict[str, Any]] | list[dict[str, Any]]]
_OF_A_CASE: Mapping[str, _Made] = {
    "party": lambda n: [{"party": f"p{n}", "kind": "person"}],
    "case": lambda n: [case_row(n)],
    "of": lambda n: [{"case": case_of(n), "place": 0, "party": party_of(n)}],
    "record": lambda n: [record_row(n, place) for place in range(3)],
    "review": review_rows,
    "decision": _decided,
    "document": lambda n: [_document(n)],
    "file": lambda n: [
        {"case": case_of(n), "formed_at": at, "said_by": "x", "at": at}
        for at in (_passed(n, CONCLUDED_MS),)
        if at is not None and n % 20
    ],
}
_OF_AN_ACT: Mapping[str, _Made] = {
    "act": lambda n: [act_row(n)],
    "on": lambda n: [
        {"act": act_id(n), "place": place, "officer": officer_of(one)} for place, one in enumerate(two_on(n))
    ],
    "word": lambda n: [{"act": act_id(n), "needed": True, "said_by": "x", "at": T0}] if n % 40 == 1 else [],
}


# --- findings -------------------------------------------------------------------------------------------


def _finding(id_: str, about: str, seq: int, at: int, people: Sequence[int]) -> dict[str, Any]:
    told = {
        "finding": id_,
        "about": about,
        "opened_at": at,
        "opened_seq": seq,
        "layer": LAYER,
        "state": "open",
    }
    told |= {"since_earliest": at, "since_latest": at, "since_basis": "told", "section": "一(二)3、清单16"}
    return told | {"concerns": json.dumps([officer_of(one) for one in people])}


def _act_finding(kind: str, n: int) -> Iterator[dict[str, Any]]:
    """Gaps in acts that had to be filmed whole stay; a proposal ends by a person's word."""
    facts = json.dumps([["act_kind", _ACTS[n % 5]], ["case", case_of(n // 2)], ["why", "listed"]])
    row = _finding(f"{kind}{n}", f"act:{act_id(n)}", FIRST_SEQ + n, begun(n) + DAY_MS, two_on(n))
    row |= {"rule": "REC-4", "facts": facts}
    if kind == "act" and n % 25 == 4:
        yield row | {"kind": "act-gaps", "level": "violation", "state": ANSWERS[n // 25 % len(ANSWERS)]}
    if kind == "proposal" and n % 40 == 1:
        yield row | {"kind": "filming-proposed", "level": "proposal", "closed_at": None if n < 2000 else T0}


def _clip_findings(rows: Sequence[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """One of fifty came late; of those that belong to nothing one of seven waits for somebody."""
    for row in rows:
        number = row["seq"] - FIRST_SEQ
        people = two_on(act_of(number, count))[:1]
        about = f"clip:{row['acquisition']}"
        told = _finding(f"clip{number}", about, row["seq"], row["stored_at"], people)
        told |= {"facts": json.dumps([["path", row["path"]], ["stored_at", "2026-11-21T09:53:08.448Z"]])}
        if number % 50 == 43:
            state = ANSWERS[number // 50 % len(ANSWERS)]
            yield told | {"kind": "clip-late", "rule": "REC-1", "level": "violation", "state": state}
        elif number % 10 == 9:
            closed = None if number % 70 == 9 else T0
            told |= {"kind": "clip-unmatched", "rule": "OWN-13", "layer": "baseline", "level": "notice"}
            yield told | {
                "closed_at": closed,
                "state": "open" if closed else ANSWERS[number // 70 % len(ANSWERS)],
            }


def _answered(raw: sqlite3.Connection, rows: Iterator[dict[str, Any]]) -> None:
    """Findings with the steps that people took."""
    made = list(rows)
    add(raw, findings, made)
    (last,) = raw.execute("SELECT coalesce(max(seq), 0) FROM finding_steps").fetchone()
    said = [row for row in made if row["state"] != "open"]
    add(raw, finding_steps, ({"seq": last + 1 + n, "finding": row["finding"], "step": row["state"],
                              "said_by": "person:900001", "at": T0} for n, row in enumerate(said)))  # fmt: skip


# --- around clips ---------------------------------------------------------------------------------------


def around_clips(raw: sqlite3.Connection, rows: Sequence[dict[str, Any]], count: int) -> None:
    """Links, what waits for one, findings, analyses, labels, chains of some clips."""
    linked = [row for row in rows if row["seq"] % 10 < 8]  # four of five
    add(raw, links, (_link(row, count) for row in linked))
    add(raw, link_queue, (_waiting(row, count) for row in rows if row["seq"] % 1000 == 9))
    _answered(raw, _clip_findings(rows, count))
    add(raw, analyses, (_analysis(row) for row in rows))
    add(raw, labels, ({"acquisition": row["acquisition"], "labels": '["privacy"]', "said_by": "x", "at": T0}
                      for row in rows if row["seq"] % 20 == 1))  # fmt: skip
    add(raw, subjects, ({"subject": f"clip:{row['acquisition']}", "seq": row["seq"]} for row in rows))


def _link(row: dict[str, Any], count: int) -> dict[str, Any]:
    act = act_of(row["seq"] - FIRST_SEQ, count)
    told = {"acquisition": row["acquisition"], "act": act_id(act), "case": case_of(act // 2), "by": "machine"}
    return told | {"score": 1, "margin": 1, "reasons": _REASONS, "said_by": "daemon", "at": row["stored_at"]}


def _waiting(row: dict[str, Any], count: int) -> dict[str, Any]:
    near = act_of(row["seq"] - FIRST_SEQ, count)
    told = [
        {"act": act_id(act), "case": case_of(act // 2), "score": 1651, "reasons": [REASON] * 5}
        for act in range(near, min(near + 3, acts_of(count)))
    ]
    said = {"zh": "证据不足以排除不属于任何行为", "en": "it may be of no act at all: a person confirms"}
    return said | {"acquisition": row["acquisition"], "candidates": json.dumps(told), "at": T0}


def _analysis(row: dict[str, Any]) -> dict[str, Any]:
    told = {"sha256": row["sha256"], "acquisition": row["acquisition"], "tool": "PyAV", "version": "18.1.0"}
    told |= {
        "settings": "analysis/1",
        "stretches": "[]",
        "lead_ms": 30_000,
        "codes": "[]",
        "duration_ms": 300_000,
    }
    return told | {"speech_from_ms": 900, "picture": "there", "sound": "there", "at": T0}


# --- audits, looks --------------------------------------------------------------------------------------


def _audits(raw: sqlite3.Connection, count: int) -> None:
    """A draw a month of one clip of a hundred; the newest is half judged."""
    month = count // (MONTHS + 1) or 1
    for n in range(MONTHS):
        drawn = range(n * month, (n + 1) * month, 100)
        begin, id_ = T0 - (count - n * month) * 60_000, audit_id(n)
        end = begin + month * 60_000
        told = {"audit": id_, "commitment": f"{n:064x}", "since_at": begin, "until_at": end, "percent": 1}
        told |= {"committed_by": "person:900001", "committed_at": end, "committed_seq": n, "seeded_at": end}
        told |= {"seeded_seq": n, "size": count, "nonce": "00", "revealed_at": end, "drawn_at": end}
        told |= {
            "drawn_seq": n,
            "population": month,
            "drawn": len(drawn),
            "rule": "OWN-7",
            "layer": "baseline",
        }
        add(raw, audits, [told | {"reveal_by_at": end + DAY_MS, "policy_sha256": f"{0:064x}"}])
        ids = [acquisition_of(number) for number in drawn]
        add(
            raw,
            audit_clips,
            ({"audit": id_, "acquisition": one, "place": place} for place, one in enumerate(ids)),
        )
        judged = ids if n < MONTHS - 1 else ids[: len(ids) // 2]
        words = dict.fromkeys(("narrated", "whole", "certificate", "informed", "proper"), "yes")
        add(raw, judgements, ({"seq": (n << 20) + place, "audit": id_, "acquisition": one, "verdict": "good",
                               "judged_by": "person:900001", "at": end, **words}
                              for place, one in enumerate(judged)))  # fmt: skip


def audit_id(number: int) -> str:
    """A draw's id, the newest is of `MONTHS` - 1."""
    return f"{number:016x}"


def acquisition_of(number: int) -> str:
    return f"{number >> 16:08x}-{number & 0xFFFF:04x}-7000-8000-000000000000"


def _look(n: int, number: int, count: int) -> dict[str, Any]:
    told = {"seq": n, "look": f"look-{n}", "about": f"clip:{acquisition_of(number)}", "what": "player"}
    told |= {"person": ("900001", "900003", officer_of(n % OFFICERS))[n % 3], "login": f"l{n // 50}"}
    told |= {"case": case_of(act_of(number, count) // 2), "opened_at": T0, "closed_at": T0, "why": "closed"}
    return told | {"seen": "[[0,60000]]", "watched_ms": 60_000, "served": "[[0,20000000]]"}
