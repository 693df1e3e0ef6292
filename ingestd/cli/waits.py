"""The order of work in words: which slot waits, why, and after whom; what people urge. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.console import RenderableType

from ingestd.cli.render import Folded, moment_text, shown
from ingestd.index.facts import Urge
from ingestd.intake.turns import Wait
from ingestd.model import Millis
from ingestd.words import Lang, Text

_WHY = {
    "urged": Text("槽位 {after} 已被催交", "slot {after} was urged"),
    "marked": Text("槽位 {after} 有重点文件", "slot {after} has clips that the officer marked"),
    "due": Text("槽位 {after} 到期更早（{due}）", "slot {after} is due earlier ({due})"),
    "longer": Text("槽位 {after} 等候更久", "slot {after} has waited longer"),
    "batch": Text(
        "下一个就是它，在槽位 {after} 的这一批之后", "it is next, after the present batch of slot {after}"
    ),
}


def wait_text(wait: Wait, *, now: Millis, lang: Lang, zone: tzinfo) -> str:
    """``slot 3 waits: slot 2 is due earlier (today 17:20:00)``."""
    due = "" if wait.due_at is None else moment_text(wait.due_at, now=now, zone=zone, lang=lang)
    why = _WHY[wait.why].format(after=wait.after, due=due)
    bus = Text("同一 USB 总线已满，", "its USB bus is full, ") if wait.on_bus else Text("", "")
    return Text(f"槽位 {wait.slot} 等候：{bus.zh}{why.zh}", f"slot {wait.slot} waits: {bus.en}{why.en}").say(
        lang
    )


def urge_text(urge: Urge, *, now: Millis, lang: Lang, zone: tzinfo) -> str:
    """``urged: recorder KD01234 (by person:boss-1, today 09:12:00)``."""
    when = moment_text(urge.urged_at, now=now, zone=zone, lang=lang)
    what = Text(f"记录仪 {urge.recorder}", f"recorder {urge.recorder}")
    if urge.path is not None:
        what = Text(f"{what.zh} 上的 {urge.path}", f"{urge.path} on {what.en}")
    return Text(
        f"催交：{what.zh}（{urge.urged_by}，{when}）", f"urged: {what.en} (by {urge.urged_by}, {when})"
    ).say(lang)


def order_lines(
    waits: Sequence[Wait], urges: Sequence[Urge], *, now: Millis, lang: Lang, zone: tzinfo
) -> list[RenderableType]:
    """What the status says of the order of work; nothing where nobody waits and nothing is urged."""
    told = [urge_text(urge, now=now, lang=lang, zone=zone) for urge in urges]
    told += [wait_text(wait, now=now, lang=lang, zone=zone) for wait in waits]
    return [Folded(shown(line), hanging=2) for line in told]
