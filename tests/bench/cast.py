"""A pages' copy with a million clips around which everything stands: officers, cases, acts, notes. All is invented.

The rows are those that the projection would write, put in directly; the texts go in by the product's own way. The
copy is kept below the folder for temporary files, named by what shaped it.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ingestd.index import clip_rows
from ingestd.index.law_tables import notes
from ingestd.index.tables import clips, metadata
from ingestd.model import Interval, Millis, RecorderId, SessionId, SlotName
from ingestd.vault.layout import Home
from ingestd.web import copy, texts
from ingestd.web.texts import Doc, put
from tests.bench import homes, office, office_log
from tests.bench.agency import (
    FIRST_SEQ,
    OFFICERS,
    SPACING_MS,
    At,
    act_id,
    act_of,
    acts_of,
    add,
    begun,
    case_of,
    cases_of,
    officer_of,
    recorder_of,
    two_on,
)
from tests.bench.index import T0, clip_event

FORM = 2
"""Raise it when what is made changes."""
POLICY = "tongling-jiaoqu"
A_STEP = 20_000
_NAMES = ("长江", "淮河", "义安", "石城", "北京", "翠湖", "狮子山", "杨家山", "铜都", "沿江")
_STREETS = [f"{name}{kind}" for name in _NAMES for kind in ("路", "大道", "新村", "巷")]
_WHAT = (
    "占道经营",
    "违规停车",
    "餐饮油烟",
    "渣土运输",
    "户外广告",
    "违法建设",
    "噪音扰民",
    "垃圾堆放",
    "养犬",
    "无照经营",
)
_HOW = (
    "现场检查，当事人配合",
    "口头告诫，责令改正",
    "检查后未发现问题",
    "当事人情绪激动，已劝导",
    "送达文书，当事人签收",
)
_RARE = ((100, "涉嫌酒驾，移交公安"), (5_000, "发现管制刀具"), (100_000, "龙灯巡游安全保障"))
"""In one note of so many."""


def copy_of(count: int) -> tuple[Home, Path]:
    """The kept home and copy with so many clips, made where there is none."""
    dialect = sqlite.dialect()
    shape = [str(CreateTable(one).compile(dialect=dialect)) for one in metadata.sorted_tables]
    shape += [
        str(CreateIndex(i).compile(dialect=dialect)) for one in metadata.sorted_tables for i in one.indexes
    ]
    mark = hashlib.sha256("".join([*sorted(shape), str(texts.FORM), str(FORM)]).encode()).hexdigest()[:12]
    root = Path(tempfile.gettempdir()) / f"ingestd-bench-search-{count}-{mark}"
    if not root.exists():
        making = root.with_name(f"{root.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        home = homes.make_home(making / "home", policy=f'"{POLICY}"')
        engine, follower = copy.opened(home, making / "state")
        follower.step()
        engine.dispose()
        (making / "state" / "lock").unlink()  # this process holds it; who opens the copy makes a new one
        fill(making / "state" / "index.db", count)
        making.rename(root)
    return Home(root / "home"), root / "state"


def fill(path: Path, count: int) -> None:
    """Put everything in. As it is made on the spot and never trusted, nothing of it must survive a crash."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA cache_size=-200000")
    office.registers(raw, count)
    _texts(raw, count)
    chance = random.Random(count)
    for first in range(0, count, A_STEP):
        raw.execute("BEGIN IMMEDIATE")
        _clips(raw, range(first, min(count, first + A_STEP)), count, chance)
        raw.execute("COMMIT")
    office_log.write(raw, count, clip_of)
    raw.close()


def note_of(number: int, chance: random.Random) -> str:
    """What a clip's officer says of it."""
    told = f"{chance.choice(_STREETS)}{chance.randrange(1, 300)}号，{chance.choice(_WHAT)}，{chance.choice(_HOW)}"
    return "；".join([told, *(rare for one_in, rare in _RARE if number % one_in == one_in - 1)])


# --- rows -----------------------------------------------------------------------------------------------


def _texts(raw: sqlite3.Connection, count: int) -> None:
    many = cases_of(count)
    chance = random.Random(1)
    raw.execute("BEGIN IMMEDIATE")
    for n in range(OFFICERS):
        _text(raw, texts.OFFICER, officer_of(n), n, f"张{chr(0x4E00 + n * 7)}{chr(0x5E00 + n)}")
    for n in range(many):
        key = texts.key_of(begun(2 * n), n)
        _text(raw, texts.NUMBER, case_of(n), key, case_of(n))
        _text(raw, texts.TITLE, case_of(n), key, f"{chance.choice(_WHAT)}案")
        _text(raw, texts.SUBJECT, f"p{n}", n, f"某{chr(0x4E00 + n % 3000)}商行")
    for n in range(acts_of(count)):
        _text(raw, texts.PLACE, act_id(n), texts.key_of(begun(n), n), f"{chance.choice(_STREETS)}{n % 300}号")
    raw.execute("COMMIT")


def _clips(raw: sqlite3.Connection, numbers: range, count: int, chance: random.Random) -> None:
    rows = [_clip(number, count) for number in numbers]
    add(raw, clips, rows)
    noted = [row for row in rows if row["seq"] % 40 != 9]  # one of forty lacks its note
    add(raw, notes, ({"acquisition": row["acquisition"], "note_value": row["sha256"], "said_by": "x", "at": T0}
                     for row in noted))  # fmt: skip
    for row in noted:
        key = texts.key_of(row["start_key"], row["seq"])
        doc = Doc(kind=texts.NOTE, item=row["acquisition"], key=key, digest=row["sha256"], text=None)
        put(raw, doc, note_of(row["seq"], chance))
    office.around_clips(raw, rows, count)


def clip_of(number: int, count: int) -> Any:
    """The event of a clip: one of the two at its act made it, with his recorder, docked the same day."""
    start = Millis(T0 - (count - number) * SPACING_MS)
    end = Millis(start + 300_000)
    who = two_on(act_of(number, count))[number % 2]
    return replace(
        clip_event(number, count),
        officer=officer_of(who),
        recorder=RecorderId(recorder_of(who)),
        session=SessionId(office.session_of(who, start)),
        slot=SlotName(str(who % office.SLOTS)),
        started=Interval(earliest=start, latest=start, basis="name"),
        ended=Interval(earliest=end, latest=end, basis="name+container"),
        stored_at=Millis(start + 3_600_000),
    )


def _clip(number: int, count: int) -> dict[str, Any]:
    event = clip_of(number, count)
    row = clip_rows.row_of(At(FIRST_SEQ + number, event.stored_at), event)
    state = "released" if number < count * 9 // 10 else "secured"
    return row | {"state": state, "preview_due": False, "analysis_due": False}


def _text(raw: sqlite3.Connection, kind: str, item: str, key: int, text: str) -> None:
    put(raw, Doc(kind=kind, item=item, key=key, digest=None, text=text), text)
