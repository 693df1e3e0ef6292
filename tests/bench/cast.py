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
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Integer, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ingestd.index import clip_rows, projection
from ingestd.index.database import open_database
from ingestd.index.law_tables import link_queue, links, notes
from ingestd.index.register_tables import (
    act_officers,
    acts,
    case_parties,
    cases,
    officers,
    parties,
    units,
)
from ingestd.index.tables import clips, findings, metadata, recorders
from ingestd.model import Millis
from ingestd.vault.layout import Home
from ingestd.web import texts
from ingestd.web.texts import Doc, put
from tests.bench import homes
from tests.bench.index import T0, clip_event

FORM = 1
"""Raise it when this module makes other copies."""
UNITS, OFFICERS = 20, 400
SPACING_MS = 60_000
"""Between two clips of the agency: a million are almost two years."""
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
        homes.make_home(making / "home")
        (making / "state").mkdir()
        engine = open_database(making / "state" / "index.db")
        projection.create(engine)
        texts.create(engine)
        engine.dispose()
        fill(making / "state" / "index.db", count)
        making.rename(root)
    return Home(root / "home"), root / "state"


def fill(path: Path, count: int) -> None:
    """Put everything in. As it is made on the spot and never trusted, nothing of it must survive a crash."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA cache_size=-200000")
    _registers(raw, count)
    chance = random.Random(count)
    for first in range(0, count, A_STEP):
        raw.execute("BEGIN IMMEDIATE")
        _clips(raw, range(first, min(count, first + A_STEP)), count, chance)
        raw.execute("COMMIT")
    raw.close()


def officer_of(number: int) -> str:
    """The wearer of a clip."""
    return f"10{number * 7919 % OFFICERS:04}"


def case_of(number: int) -> str:
    """The number of a case."""
    return f"铜执罚〔2026〕{number:05}号"


def note_of(number: int, chance: random.Random) -> str:
    """What a clip's officer says of it."""
    told = f"{chance.choice(_STREETS)}{chance.randrange(1, 300)}号，{chance.choice(_WHAT)}，{chance.choice(_HOW)}"
    return "；".join([told, *(rare for one_in, rare in _RARE if number % one_in == one_in - 1)])


# --- rows -----------------------------------------------------------------------------------------------


class _Entry:
    """Where a clip's event stands."""

    actor = "daemon"

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.at = Millis(T0 + seq)


def _registers(raw: sqlite3.Connection, count: int) -> None:
    many = max(1, count // 20)
    raw.execute("BEGIN IMMEDIATE")
    _add(
        raw,
        units,
        ({"unit": f"u{n}", "parent": "u0" if n else None, "name": f"第{n}中队"} for n in range(UNITS)),
    )
    _add(raw, officers, ({"officer": f"10{n:04}", "unit": f"u{n % UNITS}"} for n in range(OFFICERS)))
    _add(raw, recorders, ({"recorder": f"7-{n:06}", "state": "in-field"} for n in range(OFFICERS)))
    _add(raw, parties, ({"party": f"p{n}", "kind": "person"} for n in range(many)))
    _add(
        raw,
        cases,
        ({"case": case_of(n), "unit": f"u{n % UNITS}", "opened_at": T0 - n * 600_000} for n in range(many)),
    )
    _add(raw, case_parties, ({"case": case_of(n), "place": 0, "party": f"p{n}"} for n in range(many)))
    _add(raw, acts, (_act(n) for n in range(2 * many)))
    _add(
        raw, act_officers, ({"act": f"XW-{n}", "place": 0, "officer": officer_of(n)} for n in range(2 * many))
    )
    chance = random.Random(1)
    for n in range(OFFICERS):
        _text(raw, texts.OFFICER, f"10{n:04}", n, f"张{chr(0x4E00 + n * 7)}{chr(0x5E00 + n)}")
    for n in range(many):
        key = texts.key_of(T0 - n * 600_000, n)
        _text(raw, texts.NUMBER, case_of(n), key, case_of(n))
        _text(raw, texts.TITLE, case_of(n), key, f"{chance.choice(_WHAT)}案")
        _text(raw, texts.SUBJECT, f"p{n}", n, f"某{chr(0x4E00 + n % 3000)}商行")
    for n in range(2 * many):
        _text(
            raw,
            texts.PLACE,
            f"XW-{n}",
            texts.key_of(T0 - n * 300_000, n),
            f"{chance.choice(_STREETS)}{n % 300}号",
        )
    raw.execute("COMMIT")


def _act(number: int) -> dict[str, Any]:
    start = T0 - number * 300_000
    told = {"act": f"XW-{number}", "case": case_of(number // 2), "kind": "现场检查"}
    return told | {"started_at": start, "ended_at": start + 900_000, "officers": f'["{officer_of(number)}"]'}


def _clips(raw: sqlite3.Connection, numbers: range, count: int, chance: random.Random) -> None:
    rows = [_clip(number, count) for number in numbers]
    _add(raw, clips, rows)
    linked = [row for row in rows if row["seq"] % 10 < 8]  # four of five
    _add(raw, links, (_link(row, count) for row in linked))
    _add(raw, link_queue, ({"acquisition": row["acquisition"], "zh": "", "en": "", "candidates": "[]", "at": T0}
                           for row in rows if row["seq"] % 1000 == 9))  # fmt: skip
    _add(raw, findings, (_finding(row) for row in rows if row["seq"] % 500 == 3))
    _add(raw, notes, ({"acquisition": row["acquisition"], "note_value": row["sha256"], "said_by": "x", "at": T0}
                      for row in rows))  # fmt: skip
    for row in rows:
        key = texts.key_of(row["start_key"], row["seq"])
        doc = Doc(kind=texts.NOTE, item=row["acquisition"], key=key, digest=row["sha256"], text=None)
        put(raw, doc, note_of(row["seq"], chance))


def _clip(number: int, count: int) -> dict[str, Any]:
    row = clip_rows.row_of(_Entry(number), clip_event(number))
    start = T0 - (count - number) * SPACING_MS
    return row | {
        "seq": number + 1000,
        "officer": officer_of(number),
        "recorder": f"7-{number * 7919 % OFFICERS:06}",
        "state": "released" if number < count * 9 // 10 else "secured",
        "start_key": start,
        "started_earliest": start,
        "started_latest": start,
        "ended_earliest": start + 300_000,
        "ended_latest": start + 300_000,
        "stored_at": start + 3_600_000,
        "preview_due": False,
        "analysis_due": False,
    }


def _link(row: dict[str, Any], count: int) -> dict[str, Any]:
    act = (count + 1000 - row["seq"]) // 10
    told = {"acquisition": row["acquisition"], "act": f"XW-{act}", "case": case_of(act // 2), "by": "machine"}
    return told | {"score": 1, "margin": 1, "reasons": "[]", "said_by": "daemon", "at": T0}


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    told = {
        "finding": f"f{row['seq']}",
        "kind": "clip-late",
        "about": f"clip:{row['acquisition']}",
        "rule": "REC-1",
    }
    closed = None if row["seq"] % 10_000 == 3 else T0  # one of twenty is open
    return told | {
        "facts": "[]",
        "opened_at": T0,
        "opened_seq": row["seq"],
        "closed_at": closed,
        "state": "open",
    }


def _text(raw: sqlite3.Connection, kind: str, item: str, key: int, text: str) -> None:
    put(raw, Doc(kind=kind, item=item, key=key, digest=None, text=text), text)


def _add(raw: sqlite3.Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    names = [column.name for column in table.columns]
    marks = ", ".join("?" * len(names))
    quoted = ", ".join(f'"{name}"' for name in names)
    filling = {column.name: _filling(column) for column in table.columns}
    raw.executemany(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})', _tuples(rows, filling))


def _tuples(rows: Iterable[dict[str, Any]], filling: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(row.get(name, empty) for name, empty in filling.items())


def _filling(column: Any) -> Any:
    """What stands in a column of which a row says nothing."""
    if column.nullable:
        return None
    return 0 if isinstance(column.type, Integer | Boolean) else "[]"
