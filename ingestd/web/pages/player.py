"""The player: `/clips/<acquisition>`, beside another one where that is asked, and notes from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from ingestd.actions.client import RemoteError
from ingestd.index.facts import Clip
from ingestd.index.items import the_clip
from ingestd.law.labels import may_open
from ingestd.media.held import media_of
from ingestd.people.separation import LABEL_RULE, Deed
from ingestd.telling.finding_about import level_sign
from ingestd.web import case_line, lanes, player, truth
from ingestd.web.asking import AtDesk, Fields
from ingestd.web.case_line import CaseLine
from ingestd.web.desk import Desk
from ingestd.web.lanes import Shot
from ingestd.web.player import Screen
from ingestd.words import Text

router = APIRouter()

Previews = Annotated[Sequence[str], Query(max_length=2)]

SPEEDS = (0.25, 0.5, 1, 1.5, 2, 4, 8)
BESIDE = 8
"""Clips that are offered for showing side by side."""
_PURPOSE_DUE = "purpose-due"
_FORBIDDEN, _NOTHING_TO_SAY = 403, 204

KEYS: tuple[tuple[tuple[str, ...], Text], ...] = (
    (("␣", "K"), Text("播放、暂停", "play, pause")),
    (("J",), Text("减速；已是常速则后退 5 秒", "slower; at plain speed back 5 s")),
    (("L",), Text("播放；再按加速", "play; again: faster")),
    ((",", "."), Text("前一帧、后一帧", "a frame back, a frame on")),
    (("←", "→"), Text("后退、前进 5 秒", "5 s back, 5 s on")),
    (("1", "…", "9"), Text("同一时刻的第几台记录仪", "that recorder at the same instant")),
    (("S",), Text("截图，算出摘要并记入日志", "snapshot, hashed and logged")),
    (("M",), Text("在此处标记（仅在本页）", "mark this place (on this page only)")),
    (("F",), Text("全屏", "full screen")),
    (("?",), Text("本说明", "this help")),
)
WORDS: dict[str, Text] = {
    "none-then": Text("该时刻这台记录仪没有录像", "this recorder has nothing of that instant"),
    "not-then": Text("此刻没有录像", "nothing of this instant"),
    "damaged": Text(
        "播放停止：数据块与签名的摘要不符，或无法读取。损坏的内容不会播放；已通知采集服务复核。",
        "stopped: a block does not match its signed digest, or cannot be read. Nothing damaged is played; the "
        "daemon was told.",
    ),
    "closed": Text(
        "播放停止：不再由您打开（例如刚加了密级标识）；刷新本页可见原因。",
        "stopped: it is closed to you now, as by a label; load the page again to see why.",
    ),
    "loading": Text("正在读取…", "loading…"),
    "unreadable": Text("浏览器不能播放原件，改用预览件", "this browser cannot play it: the preview is shown"),
    "making": Text("正在制作预览件", "a preview is being made"),
    "waiting": Text("预览件排队中", "the preview waits for its turn"),
    "failed": Text("无法制作预览件", "no preview can be made"),
    "of-preview": Text("预览件（不是证据）", "of the preview (not evidence)"),
    "awaited": Text(
        "该处画面还在读取，读到后再截图…", "the picture there is being read: taken once it is there…"
    ),
    "not-taken": Text("该处画面读不到，没有截图", "the picture there did not come: no snapshot was taken"),
    "logged": Text("已记入日志第 {n} 条", "log entry {n}"),
    "same": Text("与本机计算一致", "the same as computed here"),
    "refused": Text("未能记录：", "not logged: "),
    "wrong-code": Text("验证码不符，请再试", "the code does not fit: try again"),
    "gone": Text("与采集站的连接中断", "the station does not answer"),
}
"""What the script says."""


@router.get("/clips/{acquisition}")
def show(desk: AtDesk, acquisition: str, beside: str | None = None, preview: Previews = ()) -> Response:
    """The player. Opening it is a look, which is in the log before the first byte is shown.

    ``preview`` names clips of which a browser has not taken the original.
    """
    return _page(desk, acquisition, beside, None, preview)


@router.post("/clips/{acquisition}")
def show_for(desk: AtDesk, acquisition: str, fields: Fields) -> Response:
    """The same with what the look is for, where the policy asks (OWN-22)."""
    return _page(desk, acquisition, fields.get("beside") or None, fields.get("purpose") or None)


@router.post("/clips/{acquisition}/code")
def code(desk: AtDesk, acquisition: str, fields: Fields) -> Response:
    """A code of the second factor before a picture is taken from a labelled clip (OWN-24). Raises RemoteError."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"clip:{acquisition}", Deed.OPEN)
    desk.ask("session.second", code=fields.get("code", ""))
    desk.watch.visitors.forget(desk.visitor)
    return Response(status_code=_NOTHING_TO_SAY)


@router.post("/clips/{acquisition}/note")
def note(desk: AtDesk, acquisition: str, fields: Fields) -> Response:
    """The short text note (REC-8)."""
    back = f"/clips/{acquisition}"
    return desk.do(fields, "clip.note", back, clip=acquisition, text=fields.get("text", ""))


# --- the page ------------------------------------------------------------------------------------


def _page(
    desk: Desk, acquisition: str, beside: str | None, purpose: str | None, previews: Sequence[str] = ()
) -> Response:
    wanted = [acquisition, *([beside] if beside not in (None, acquisition) else [])]
    with desk.reading() as connection:
        clips = [_clip(desk, connection, one) for one in wanted]
    try:
        _require_open(desk, clips)
        looks = [_look(desk, clip, purpose, previews) for clip in clips]
    except RemoteError as error:
        if error.remote_facts.get("rule") == LABEL_RULE:
            return _closed(desk, clips)
        if error.remote_code != _PURPOSE_DUE:
            raise
        return desk.draw("purpose.html", 200, fault=error.text, acquisition=acquisition, beside=beside)
    with desk.reading() as connection:
        screens = [
            player.screen(desk, connection, clip, look, as_preview=clip.acquisition in previews)
            for clip, look in zip(clips, looks, strict=True)
        ]
        line = case_line.read(desk, connection, clips[0], wanted)
        facts = player.facts(desk, connection, screens[0], line.link)
    return desk.draw(
        "clip.html",
        screens=screens,
        line=line,
        facts=facts,
        beside=() if len(screens) > 1 else _besides(line, screens[0]),
        apart=_apart(screens),
        speeds=SPEEDS,
        keys_help=KEYS,
        words=WORDS,
        level_sign=level_sign,
        bad=truth.BAD,
        fallen=truth.FALLEN,
        offset_minutes=desk.watch.config.utc_offset_minutes,
    )


def _closed(desk: Desk, clips: Sequence[Clip]) -> Response:
    """Says which of these clips a label closes to the person, and who may open them; the daemon logged it."""
    with desk.reading() as connection:
        barred = [clip for clip in clips if desk.against(connection, Deed.OPEN, f"clip:{clip.acquisition}")]
        closed = player.closed(desk, connection, barred or clips)
    return desk.draw("clip_closed.html", _FORBIDDEN, closed=closed, may_open=may_open)


def _clip(desk: Desk, connection: Connection, acquisition: str) -> Clip:
    """The clip, where there is one and the person may see it. Raises RemoteError, NotFoundError."""
    desk.require_sight(connection, f"clip:{acquisition}")
    return the_clip(connection, acquisition)


def _require_open(desk: Desk, clips: Sequence[Clip]) -> None:
    """Before any of them is looked at, whether all may be opened. Raises RemoteError."""
    with desk.reading() as connection:
        for clip in clips:
            desk.require_sight(connection, f"clip:{clip.acquisition}", Deed.OPEN)


def _look(desk: Desk, clip: Clip, purpose: str | None, previews: Sequence[str]) -> str:
    told: dict[str, Any] = {} if purpose is None else {"purpose": purpose}
    media = media_of(desk.watch.home, clip.manifest)
    how = player.way(media, clip.path, as_preview=clip.acquisition in previews)
    what = "preview" if how.way == "preview" else "player"
    opened = desk.ask("look.open", about=f"clip:{clip.acquisition}", what=what, **told)
    return str(opened["look"])


def _besides(line: CaseLine, shown: Screen) -> Sequence[Shot]:
    """Clips of other recorders that may have run at the same time, for showing side by side."""
    own = next((one for one in line.shots if one.acquisition == shown.clip.acquisition), None)
    frame = None if own is None else own.frame()
    if frame is None or not shown.length_ms:
        return ()
    return [
        one
        for one in line.shots
        if one.recorder != shown.clip.recorder
        and one.length_ms
        and (other := one.frame()) is not None
        and other[0] < frame[1]
        and frame[0] < other[1]
    ][:BESIDE]


def _apart(shown: Sequence[Screen]) -> Text | None:
    """How well two clips are in step."""
    if len(shown) == 1:
        return None
    one, other = (screen.doubt_ms for screen in shown)
    told = lanes.doubt_text(None if one is None or other is None else one + other)
    return Text(
        f"按改正后的时间同步；两台之间可能相差 {told.zh}",
        f"in step on corrected time; they may be apart by {told.en}",
    )
