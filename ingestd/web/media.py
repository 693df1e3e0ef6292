"""What can be shown of a clip, and its bytes as answers: the original, its preview, its strip of frames."""

from __future__ import annotations

from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from sqlalchemy import Connection
from starlette.responses import Response

from ingestd.errors import NotFoundError
from ingestd.index import previews
from ingestd.index.facts import Clip
from ingestd.index.items import the_clip
from ingestd.media.derived import growing, strip_path
from ingestd.media.held import media_of
from ingestd.media.playable import Showing, showing
from ingestd.web import ranges, streams
from ingestd.web.desk import Desk
from ingestd.web.suspecting import suspect
from ingestd.web.verified import DamagedError
from ingestd.words import Text

SEEN_AS_ORIGINAL = ("player", "original")
SEEN_AS_PREVIEW = ("preview",)
"""Who plays a preview has not seen the original, and the log says so."""
_MP4 = "video/mp4"
_NOT_MADE = Text("预览件尚未生成。", "there is no preview yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page has to know before it shows a clip."""

    clip: Clip
    showing: Showing
    """How: the original itself, its preview, or not at all."""
    duration_ms: int | None
    """As its container says; None: not known."""
    has_preview: bool
    failure: str | None
    """Why no preview can be made."""


def shown(desk: Desk, connection: Connection, acquisition: str) -> Shown:
    """What can be shown of a clip. Raises NotFoundError."""
    clip = the_clip(connection, acquisition)
    media = media_of(desk.watch.home, clip.manifest)
    made = previews.preview(connection, clip.sha256)
    return Shown(
        clip=clip,
        showing=showing(media, clip.path),
        duration_ms=None if media is None else media.duration_ms,
        has_preview=made is not None and made.preview is not None,
        failure=None if made is None else made.failure,
    )


def original(desk: Desk, found: Shown, look: str) -> Response:
    """The bytes themselves, checked chunk by chunk. Raises RemoteError, RefusedError, DamagedError."""
    clip, watch = found.clip, desk.watch
    what = watch.looks.require(desk.visitor, look, f"clip:{clip.acquisition}", SEEN_AS_ORIGINAL)

    def doubt() -> None:
        suspect(desk, "clip.suspect", clip=clip.acquisition)

    try:
        checked = watch.lists.checked(clip)
        etag = f'"{clip.sha256}"'
        span = ranges.span(desk.request.headers, clip.size, etag)
        status, headers = streams.head(
            span, size=clip.size, etag=etag, content_type=found.showing.content_type
        )
        if what == "original":
            headers["content-disposition"] = f'attachment; filename="{_name(clip)}"'
        return streams.Original(
            checked,
            span,
            (status, headers),
            sent=lambda begin, end: watch.looks.sent(look, begin, end),
            damaged=lambda _: doubt(),
        )
    except DamagedError:
        doubt()
        raise


def _name(clip: Clip) -> str:
    """Of a copy that is taken away: the acquisition's id, with the ending that the card's file had."""
    ending = clip.path.rpartition(".")[2]
    is_plain = ending.isascii() and ending.isalnum() and len(ending) < 8  # noqa: PLR2004 - such are endings
    return f"{clip.acquisition}.{ending.lower()}" if is_plain else clip.acquisition


def preview(desk: Desk, connection: Connection, clip: Clip, look: str) -> Response:
    """The preview, or as much of it as there is while it is made. Raises NotFoundError, as `original` too."""
    watch = desk.watch
    watch.looks.require(desk.visitor, look, f"clip:{clip.acquisition}", SEEN_AS_PREVIEW)

    def sent(begin: int, end: int) -> None:
        watch.looks.sent(look, begin, end)

    made = previews.preview(connection, clip.sha256)
    if made is not None and made.preview is not None and made.preview_sha256 is not None:
        path, etag = watch.home.derived / made.preview, f'"{made.preview_sha256}"'
        size = watch.derived.require(path, made.preview_sha256)
        span = ranges.span(desk.request.headers, size, etag)
        head = streams.head(span, size=size, etag=etag, content_type=_MP4)
        return streams.Derived(path, span, head, sent=sent)
    try:
        file = FileIO(growing(watch.home.derived, clip.sha256), "r")
    except OSError as error:
        raise NotFoundError(_NOT_MADE) from error
    return streams.Growing(file, _MP4, sent=sent)


def strip(desk: Desk, clip: Clip) -> Path | None:
    """The picture of five frames, logged as a look at lists; None where there is none (yet)."""
    path = strip_path(desk.watch.home.derived, clip.sha256)
    if not path.is_file():
        return None
    desk.watch.looks.strip(desk.visitor, clip.acquisition, desk.now)
    return path
