"""What ``ingestd recorder list`` shows: whose recorder is where, in which state, since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from rich.console import RenderableType
from rich.text import Text as Styled

from ingestd.cli.render import cell, moment_text, styled, table
from ingestd.index.facts import Recorder
from ingestd.model import Millis
from ingestd.telling import signs, terms
from ingestd.telling.plain import recorder_name
from ingestd.words import Lang, Text


def render(recorders: Iterable[Recorder], *, now: Millis, lang: Lang, zone: tzinfo) -> RenderableType:
    """The list for a terminal."""
    made = table(
        lang,
        Text("执法记录仪", "recorders"),
        Text("记录仪", "recorder"),
        Text("人员", "officer"),
        Text("状态", "state"),
        Text("自", "since"),
        Text("槽位", "slot"),
        Text("上次接入", "last docked"),
        Text("型式", "family"),
        Text("说明", "remark"),
    )
    for one in recorders:
        docked = "—" if one.docked_at is None else moment_text(one.docked_at, now=now, zone=zone, lang=lang)
        made.add_row(
            cell(recorder_name(one.recorder).say(lang)),
            cell(one.officer or "—"),
            styled(signs.sign(terms.RECORDERS, one.state), lang),
            moment_text(one.since_at, now=now, zone=zone, lang=lang),
            cell(one.slot or "—"),
            docked,
            cell(one.family or "—"),
            Styled(_remark(one).say(lang)),
        )
    return made


def _remark(recorder: Recorder) -> Text:
    if recorder.problem is not None:
        return terms.word(signs.PROBLEMS, recorder.problem)
    if recorder.state == "pulled-early" and recorder.unsecured is not None:
        return Text(f"{recorder.unsecured} 个文件未入库", f"{recorder.unsecured} files not secured")
    return Text("", "")
