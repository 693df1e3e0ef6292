"""`case explain`: everything known of a case on a terminal, with every correction that was made."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text as Styled

from ingestd.cli import findings
from ingestd.cli.render import Folded, moment_text, shown
from ingestd.model import Millis
from ingestd.telling.as_json import to_json
from ingestd.telling.case_story import Story, parts
from ingestd.telling.finding_about import by_urgency
from ingestd.telling.register_views import Reader, said_json
from ingestd.words import Text


def as_json(story: Story, reader: Reader) -> dict[str, Any]:
    """The story as facts for scripts, the sentences among them."""
    told = to_json(story)
    del told["history"], told["opinions"]
    told["damaged"] = {about: findings.clips_json(clips) for about, clips in story.damaged.items()}
    told["officers"] = {key: to_json(officer) for key, officer in story.officers.items()}
    sentences = {heading.en: lines for heading, lines in parts(story, reader)}
    return {**told, "sentences": sentences, "statements": said_json(reader, story.history)}


def render(story: Story, reader: Reader, now: Millis) -> RenderableType:
    """The story for a terminal."""
    shown_parts: list[RenderableType] = []
    for heading, lines in (*parts(story, reader), _corrections(story, reader, now)):
        if lines:
            shown_parts += ["", Styled(heading.say(reader.lang), style="bold")]
            shown_parts += [Folded(shown(line), indent=2, hanging=2) for line in lines]
    shown_parts += ["", Styled(Text("未结异常", "Findings that stand").say(reader.lang), style="bold")]
    told = by_urgency([findings.of_told(one) for one in story.findings])
    shown_parts.append(findings.render(told, story.damaged, now=now, lang=reader.lang, zone=reader.zone))
    return Group(*shown_parts[1:])


def _corrections(story: Story, reader: Reader, now: Millis) -> tuple[Text, list[str]]:
    lines = []
    for one in story.history:
        if one.before is not None:
            at = moment_text(one.at, now=now, zone=reader.zone, lang=reader.lang)
            changes = Text("；", "; ").say(reader.lang).join(reader.change(one))
            lines.append(f"{at} {one.actor} · {one.event.subject} · {changes}{reader.source(one.event)}")
    return Text("更正", "Corrections"), lines
