"""The views of the terminal, from events to printed lines."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, RenderableType
from sqlalchemy import Connection

from ingestd.cli import findings, qr, recorders, show, status
from ingestd.cli.status import LiveSlot, NewestCheckpoint
from ingestd.events import (
    ActionProposed,
    CardListed,
    Event,
    FindingOpened,
    ListedFile,
    LogCreated,
    RecorderAssigned,
    RecorderDocked,
    RecorderPulledEarly,
    RecorderUrged,
    SessionOpened,
)
from ingestd.index import queries
from ingestd.index.database import open_database
from ingestd.index.projection import create, project
from ingestd.intake.turns import Wait
from ingestd.law.deadlines import Verdict
from ingestd.model import Kind, Millis
from ingestd.words import Lang
from tests.event_samples import T0, Entry, quarantined, secured

CHINA = timezone(timedelta(hours=8))
R = "[red]7-104233"
NOW = Millis(T0 + 60_000)
DAY: tuple[Event, ...] = (
    LogCreated(agency="chengguan", station="north", policy="baseline", verifier_key="v"),
    RecorderAssigned(recorder=R, officer="104233", mode="permanent"),
    SessionOpened(session="s1", slot="1", driver="folder", location="/card"),
    RecorderDocked(
        session="s1",
        recorder=R,
        slot="1",
        driver="folder",
        family="novatek",
        evidence=(),
        claims=(),
        battery=96,
        clock_wall=None,
        clock_zone=None,
    ),
    CardListed(
        session="s1",
        recorder=R,
        files=(
            ListedFile(
                path="DCIM/\x1b[2J.MP4",
                path_b64=None,
                size=9,
                mtime_us=(T0 - 23 * 3_600_000) * 1000,
                kind=Kind.VIDEO,
                sequence=None,
                plan="acquire",
                why=None,
            ),
        ),
        complete=True,
    ),
    secured(0, recorder=R),
    quarantined(1, recorder=R, fault="read-error"),
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_database(tmp_path / "index.db")
    create(engine)
    with engine.begin() as connection:
        put(connection, *DAY)
        yield connection
    engine.dispose()


def put(connection: Connection, *events: Event, first: int = 0) -> None:
    for seq, event in enumerate(events, first):
        project(connection, [(Entry(seq=seq, at=Millis(T0 + seq * 1000), actor="li"), event)])


def printed(view: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    console.print(view)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def read(connection: Connection, **changes: Any) -> status.Status:
    live = LiveSlot(
        slot="1",
        files_done=7,
        files_total=11,
        bytes_done=64,
        bytes_total=100,
        bytes_per_second=38_000_000,
        seconds_left=220,
        battery=96,
    )
    checkpoint = NewestCheckpoint(size=7, root="r", text="chengguan/north\n7\nroot\n\n— sig\n")
    plain = {"at": NOW, "hours": 24, "soon_ms": 7_200_000, "checkpoint": checkpoint, "live": [live]}
    return status.read_status(connection, **{**plain, **changes})


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh",
            (
                "没有异常",
                "接收中",
                "64%  7/11  38 MB/s  剩余 3 分钟 40 秒",
                "即将到期",
                "已入库",
                "日志检查点（7 条",
            ),
        ),
        (
            "en",
            ("no findings", "receiving", "3 min 40 s left", "due soon", "checkpoint (7 "),
        ),
    ],
)
def test_status(connection: Connection, lang: Lang, words: tuple[str, ...]) -> None:
    """What is wrong, what to do, how it is known to be true; a card's names stay names."""
    text = printed(status.render(read(connection), lang=lang, zone=CHINA))
    for word in (*words, R, "104233", "DCIM/\\x1b[2J.MP4", "— sig"):
        assert word in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("width", "is_there"), [(80, True), (20, False)])
def test_status_shows_the_checkpoint_as_a_code(connection: Connection, width: int, is_there: bool) -> None:
    """The whole signed note, unfolded, below its text; nothing of it where the terminal is too narrow."""
    found = read(connection)
    assert found.checkpoint is not None
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(status.render(found, lang="zh", zone=CHINA))
    written = console.file
    assert isinstance(written, io.StringIO)
    code = qr.lines(found.checkpoint.text)
    shown = written.getvalue().splitlines()[-len(code) :]
    assert ([line.rstrip() for line in shown] == [line.rstrip() for line in code]) == is_there
    assert is_there or not set("█▀▄") & set(written.getvalue())


def test_status_says_what_is_wrong_first(connection: Connection) -> None:
    """Findings, waiting actions and a dead daemon stand above the tables."""
    about = f"recorder:{R}"
    put(
        connection,
        FindingOpened(
            finding="f", kind="clip-late", about="clip:x", rule="REC-1", layer="baseline", facts=(("h", 3),)
        ),
        ActionProposed(action="p1", verb="hand-out", about=about, reason_value=None),
        first=len(DAY),
    )
    text = printed(status.render(read(connection, live=None), lang="en", zone=CHINA))
    slots = text.index("slots")
    for word in (
        "the daemon is not running",
        "stored after its time limit",
        "ingestd findings",
        "ingestd confirm p1",
    ):
        assert -1 < text.index(word) < slots


def test_status_of_an_empty_home(tmp_path: Path) -> None:
    """A station that was just made has a status too."""
    engine = open_database(tmp_path / "empty.db")
    create(engine)
    with engine.begin() as connection:
        found = read(connection, live=None)
    engine.dispose()
    assert "the daemon is not running" in printed(status.render(found, lang="en", zone=CHINA))


def test_status_as_json(connection: Connection) -> None:
    """The same facts for scripts, with times as text."""
    found = json.loads(json.dumps(status.as_json(read(connection))))
    assert found["at"] == "2026-11-21T14:07:40.000Z"
    assert found["counts"]["clips"]["secured"] == {"clips": 1, "bytes": 1000}
    assert found["deadlines"][0]["standing"] == "due soon"
    assert found["deadlines"][0]["due_at"] == "2026-11-21T15:06:40.000Z"
    assert found["slots"][0]["state"] == "receiving"
    assert found["live"][0]["bytes_per_second"] == 38_000_000


@pytest.fixture
def view(connection: Connection) -> show.ShownClip:
    (clip,) = queries.clip(connection, quarantined(1).acquisition)
    positions = queries.history(connection, f"clip:{clip.acquisition}")
    return show.ShownClip(
        clip=clip,
        verdict=Verdict.CANNOT_TELL,
        analysis=None,
        chain=tuple(
            show.ChainLink(seq=seq, at=Millis(T0 + seq * 1000), actor="daemon", event=DAY[seq])
            for seq in positions
        ),
        files=(show.ShownFile(role="clip", path=Path("/vault/clips/00")),),
    )


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh",
            (
                "隔离（未能完整读取）",
                "不能确定",
                "今天 22:06:42",
                "第 2 条",
                "接入槽位 1",
                "原件",
                "读取错误",
            ),
        ),
        (
            "en",
            (
                "quarantined",
                "cannot tell",
                "today 22:06:42",
                "entry 2",
                "was put into slot 1",
                "clip",
                "read error",
            ),
        ),
    ],
)
def test_show(view: show.ShownClip, lang: Lang, words: tuple[str, ...]) -> None:
    """Facts, chain in sentences with time and log position, and where the files lie."""
    text = printed(show.render(view, now=NOW, lang=lang, zone=CHINA))
    for word in (*words, view.clip.acquisition, view.clip.sha256, R, "/vault/clips/00"):
        assert word in text


def test_show_as_json(view: show.ShownClip) -> None:
    """The chain keeps the events' own data."""
    found = json.loads(json.dumps(show.as_json(view)))
    assert found["clip"]["state"] == "quarantined"
    assert found["deadline"] == "cannot tell"
    assert found["files"] == {"clip": "/vault/clips/00"}
    assert [link["type"] for link in found["chain"]][-1] == "clip.quarantined"
    assert found["chain"][0]["at"] == "2026-11-21T14:06:42.000Z"


def test_shared_keys_are_listed_to_choose_from(connection: Connection) -> None:
    """A key that names several clips decides for nobody."""
    both = queries.clip(connection, "00000000")
    text = printed(show.render_matches(both, now=NOW, lang="en", zone=CHINA))
    assert all(clip.acquisition in text for clip in both)
    assert len(both) == 2


def test_recorder_list(connection: Connection) -> None:
    """Whose, where, in which state, with what remark."""
    put(connection, RecorderPulledEarly(recorder=R, session="s1", unsecured=3), first=len(DAY))
    text = printed(recorders.render(queries.recorders(connection), now=NOW, lang="en", zone=CHINA))
    for word in (R, "104233", "taken too early", "3 files not secured", "today 22:06:47", "novatek"):
        assert word in text


def test_no_findings_is_said(connection: Connection) -> None:
    """Silence is not an answer."""
    none = findings.render(queries.open_findings(connection), {}, now=NOW, lang="zh", zone=CHINA)
    assert printed(none) == "✔ 没有异常\n"


def test_status_explains_the_order(connection: Connection) -> None:
    """A line for each slot that waits, why and after whom; what people urge; the same for scripts."""
    put(connection, RecorderUrged(recorder=R, path=None, path_b64=None), first=len(DAY))
    waits = (
        Wait(slot="3", why="due", after="2", due_at=T0 + 3_600_000, on_bus=False, seconds=9),
        Wait(slot="4", why="urged", after="3", due_at=None, on_bus=True, seconds=5),
        Wait(slot="5", why="batch", after="1", due_at=None, on_bus=False, seconds=1),
    )
    found = read(connection, waits=waits)
    text = printed(status.render(found, lang="en", zone=CHINA))
    for line in (
        "slot 3 waits: slot 2 is due earlier (today 23:06:40)",
        "slot 4 waits: its USB bus is full, slot 3 was urged",
        "slot 5 waits: it is next, after the present batch of slot 1",
        f"urged: recorder {R} (by li, today 22:06:47)",
    ):
        assert line in text
    chinese = printed(status.render(found, lang="zh", zone=CHINA))
    assert "槽位 3 等候：槽位 2 到期更早（今天 23:06:40）" in chinese
    facts = json.loads(json.dumps(status.as_json(found)))
    assert facts["waits"][0] == {
        "slot": "3", "why": "due", "after": "2", "due_at": "2026-11-21T15:06:40.000Z", "on_bus": False,
        "seconds": 9,
    }  # fmt: skip
    assert facts["urges"][0]["recorder"] == R


def test_whose_it_is_now(connection: Connection) -> None:
    """The officer of status and list is who has the recorder at that moment: a shift ends by itself."""
    until = Millis(NOW + 1000)
    shift = RecorderAssigned(recorder=R, officer="104198", mode="shift", since_at=T0, until_at=until)
    put(connection, shift, first=len(DAY))
    assert [one.officer for one in queries.recorders(connection, NOW)] == ["104198"]
    assert [one.officer for one in queries.slots(connection, NOW)] == ["104198"]
    assert [(one.officer, one.mode) for one in queries.recorders(connection, until)] == [
        ("104233", "permanent")
    ]
    assert queries.recorders(connection)[0].officer == "104233"
