"""The footage of a case: which clips belong to which act and why, how much of each act they cover, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection

from ingestd.facts import Act
from ingestd.index import law_facts, link_queries
from ingestd.index.facts import Clip
from ingestd.index.link_queries import PERSON, Link
from ingestd.law import spans
from ingestd.law.coverage import Coverage, Gap
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import filming
from ingestd.model import Millis
from ingestd.telling.plain import interval_text, shown, span_text, stamp_text
from ingestd.words import Lang, Text

LINE = 60
"""Characters of an act's time line."""
_COVERED, _DOUBTFUL, _MISSING = "█", "▒", "·"
REASONS = 4
"""Of a link's reasons the heaviest are told; `--json` has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A clip with why it belongs where it does."""

    clip: Clip
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What was recorded of one act, or of the case alone."""

    act: str | None
    """None: linked to the case, to none of its acts."""
    shots: tuple[Shot, ...]
    coverage: Coverage | None
    """None: nobody told when the act began and ended."""


def read(
    connection: Connection, case: str, acts: Sequence[Act], book: Rulebook, now: Millis
) -> tuple[Footage, ...]:
    """The footage of a case, by act."""
    linked = link_queries.linked_to(connection, case, [act.act for act in acts])
    shots: dict[str | None, list[Shot]] = {act.act: [] for act in acts}
    for clip, link in linked:
        shots.setdefault(link.act, []).append(Shot(clip=clip, link=link))
    facts = law_facts.clips_of(connection, [clip.acquisition for clip, _ in linked])
    by_id = {act.act: act for act in acts}
    found = []
    for key, theirs in shots.items():
        coverage, act = None, by_id.get(key or "")
        if act is not None and act.started_at is not None and act.ended_at is not None:
            clips = [known for one in theirs if (known := facts[one.clip.acquisition]) is not None]
            more = now < act.ended_at + (book.store_ms or 0) + 1
            coverage = filming.covered(act, clips, book, more_may_come=more)
        found.append(Footage(act=key, shots=tuple(theirs), coverage=coverage))
    return tuple(found)


class Teller:
    """Sentences of footage in one language."""

    def __init__(self, lang: Lang, zone: tzinfo) -> None:
        self._lang, self._zone = lang, zone

    def _say(self, zh: str, en: str) -> str:
        return Text(zh, en).say(self._lang)

    def lines(self, footage: Footage, act: Act | None) -> Iterator[str]:
        """An act's coverage, its time line, its clips."""
        name = shown(footage.act) if footage.act else self._say("仅归入案件", "of the case alone")
        if footage.act is None and not footage.shots:
            return
        number = len(footage.shots)
        count = self._say(f"{number} 段录像", f"{number} clip{'' if number == 1 else 's'}")
        yield f"{name} · {count}" + self._covered(footage.coverage)
        if act is not None and footage.coverage is not None:
            yield from () if footage.coverage.is_moment else self._gaps(footage.coverage)
            yield time_line(act, footage.coverage)
        for shot in footage.shots:
            yield f"— {self._shot(shot)}"

    def _covered(self, told: Coverage | None) -> str:
        if told is None:
            return self._say(
                "；起止时间未说明，无法计算覆盖", "; no begin or end is stated: nothing can be measured"
            )
        if told.is_moment:
            return self._moment(told)
        surely, whole = (span_text(ms, self._lang) for ms in (spans.length(told.covered), told.length))
        text = self._say(f"；全长 {whole}，确已录到 {surely}", f"; {whole} long, {surely} surely on film")
        for ms, zh, en in (
            (spans.length(told.doubtful), "不能确定", "doubtful"),
            (told.missing_at_least, "至少缺", "missing at least"),
            (spans.length(told.overlaps), "两台以上同时录到", "on more than one recorder"),
        ):
            if ms:
                length = span_text(ms, self._lang)
                text += self._say(f"，{zh} {length}", f", {en} {length}")
        return text

    def _moment(self, told: Coverage) -> str:
        if told.covered:
            on_film = Text("当时确已录到", "surely on film")
        elif told.doubtful:
            on_film = Text("当时是否录到不能确定", "whether it is on film cannot be told")
        else:
            on_film = Text("当时没有录到", "not on film")
        return self._say(f"；起止为同一时刻，{on_film.zh}", f"; begins and ends at one moment, {on_film.en}")

    def _gaps(self, told: Coverage) -> Iterator[str]:
        for gap in told.gaps:
            length = span_text(gap.length, self._lang)
            yield self._say(f"缺口：{self._begin(gap)} 起 {length}", f"gap: {length} from {self._begin(gap)}")

    def _begin(self, gap: Gap) -> str:
        earliest, latest = (stamp_text(at, self._zone) for at in (gap.begin_earliest, gap.begin_latest))
        return earliest if earliest == latest else f"{earliest} – {latest}"

    def _shot(self, shot: Shot) -> str:
        clip, link = shot.clip, shot.link
        told = [
            shown(clip.path),
            interval_text(clip.started, zone=self._zone, lang=self._lang),
            self._say(f"记录仪 {clip.recorder}", f"recorder {clip.recorder}"),
        ]
        if clip.officer is not None:
            told.append(self._say(f"人员 {clip.officer}", f"officer {clip.officer}"))
        told.append(self.why(link))
        return self._say("，", ", ").join(told)

    def why(self, link: Link) -> str:
        """By whom it was linked, and what it rests on."""
        if link.by == PERSON:
            return self._say(f"由 {link.said_by} 归入", f"linked by {link.said_by}")
        reasons = (shown(one.text.say(self._lang)) for one in link.reasons[:REASONS])
        joined = self._say("；", "; ").join(reasons)
        return self._say(f"自动归入：{joined}", f"linked by itself: {joined}")


def time_line(act: Act, told: Coverage) -> str:
    """An act from begin to end: what is surely on film, what may be, what is not."""
    assert act.started_at is not None
    step = told.length / LINE
    cells = []
    for number in range(LINE):
        at = act.started_at + (number + 0.5) * step
        is_in = [any(low <= at < high for low, high in some) for some in (told.covered, told.doubtful)]
        cells.append(_COVERED if is_in[0] else _DOUBTFUL if is_in[1] else _MISSING)
    return "".join(cells)
