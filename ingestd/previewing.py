"""The job that makes previews and strips: what somebody waits for first, then what is due, newest first.

Promised: what is due is made while no recorder is read; what is wanted is begun within seconds, and the preview
that was being made for nobody stops for it and is made later. The same bytes get one preview or one reason.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.errors import BusyError
from ingestd.events import PreviewFailed, PreviewMade
from ingestd.index import previews, queries
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.index.items import the_clip
from ingestd.media.derived import progress, strip_path
from ingestd.media.held import media_of
from ingestd.media.model import Media
from ingestd.media.preview import PreviewResult, make_preview, reached_ms
from ingestd.media.strips import make_strip
from ingestd.model import Kind, Sha256
from ingestd.people.separation import Deed
from ingestd.station import Station
from ingestd.words import Text

PREVIEW_S = 15
"""How often it is looked for what waits."""
ALLOWED_S = 120.0
"""A child's start on a station that is short of everything."""
STRIPS = 64
"""So many of the newest clips get their strips before any preview: what has just come in is looked at first."""
WAITING = 100
_WITH_PICTURE = (Kind.VIDEO, Kind.PHOTO)


class _Either(threading.Event):
    """Set when the job is to end, or something that is wanted comes between."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    def is_set(self) -> bool:
        return self._stop.is_set() or super().is_set()


class PreviewJob:
    """Previews and strips of one station."""

    def __init__(
        self, station: Station, refusals: Refusals, *, busy: Callable[[], bool], wake: Callable[[], None]
    ) -> None:
        """``busy`` says whether intake is running; ``wake`` runs this job now."""
        self._station = station
        self._authority = Authority(station, refusals)
        self._busy = busy
        self._wake = wake
        self._lock = threading.Lock()
        self._wanted: dict[Sha256, Clip] = {}
        self._making: tuple[Sha256, int | None, bool] | None = None
        """What is made, how long its film is, and whether somebody waits for it."""
        self._cut: _Either | None = None
        self._stripless: set[Sha256] = set()
        """No strip can be made of these; forgotten at the next start."""

    # --- verbs --------------------------------------------------------------------------------

    def want(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`preview.want`: make the preview of a ``clip`` before all others; how it stands.

        Raises RefusedError, NotFoundError, BusyError where a hundred wait already.
        """
        clip = self._clip(who, arguments)
        with reading(self._station.engine) as connection:
            known = previews.preview(connection, clip.sha256)
        if known is None and clip.kind is Kind.VIDEO:
            with self._lock:
                is_made = self._making is not None and self._making[0] == clip.sha256
                if clip.sha256 not in self._wanted and len(self._wanted) >= WAITING:
                    raise BusyError(
                        Text("等待预览的太多，请稍后再试。", "too many previews are waited for; try later.")
                    )
                self._wanted[clip.sha256] = clip
                if self._cut is not None and self._making is not None and not (is_made or self._making[2]):
                    self._cut.set()
            self._wake()
        return self._state(clip)

    def state(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`preview.state`: how the preview of a ``clip`` stands. Raises RefusedError, NotFoundError."""
        return self._state(self._clip(who, arguments))

    def _clip(self, who: Caller, arguments: Mapping[str, Any]) -> Clip:
        id_ = str(arguments["clip"])
        self._authority.require(who, Deed.OPEN, f"clip:{id_}")
        with reading(self._station.engine) as connection:
            return the_clip(connection, id_)

    def _state(self, clip: Clip) -> dict[str, Any]:
        """made, failed (why), making (how far), waiting (behind how many), due, none (no film)."""
        with reading(self._station.engine) as connection:
            known = previews.preview(connection, clip.sha256)
        if known is not None:
            return {"state": "made"} if known.preview else {"state": "failed", "why": known.failure}
        with self._lock:
            making, waiting = self._making, [*self._wanted]
        if making is not None and making[0] == clip.sha256:
            reached = reached_ms(progress(self._station.home.derived, clip.sha256))
            return {"state": "making", "done_ms": reached, "length_ms": making[1]}
        if clip.sha256 in waiting:
            return {"state": "waiting", "before": waiting.index(clip.sha256)}
        return {"state": "due" if clip.kind is Kind.VIDEO else "none"}

    # --- the job ------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Until nothing is wanted, and nothing is due or a recorder is read."""
        while not stop.is_set():
            wanted = self._next_wanted()
            clip = wanted or self._next_due(stop)
            if clip is None:
                return
            self._make(clip, stop, is_wanted=wanted is not None)

    def _next_wanted(self) -> Clip | None:
        with self._lock:
            return next(iter(self._wanted.values()), None)

    def _next_due(self, stop: threading.Event) -> Clip | None:
        if not self._station.config.previews or self._busy():
            return None
        self._strips(stop)
        with reading(self._station.engine) as connection:
            return next(iter(queries.without_preview(connection, 1)), None)

    def _strips(self, stop: threading.Event) -> None:
        """Of the newest clips; whoever waits for a preview waits no longer for them."""
        with reading(self._station.engine) as connection:
            newest = queries.clips(connection, limit=STRIPS)
        for clip in newest:
            if stop.is_set() or self._busy() or self._next_wanted() is not None:
                return
            self._strip(clip, stop)

    def _strip(self, clip: Clip, stop: threading.Event, media: Media | None = None) -> None:
        home = self._station.home
        is_due = clip.kind in _WITH_PICTURE and clip.sha256 not in self._stripless
        if not is_due or strip_path(home.derived, clip.sha256).exists():
            return
        found = media or media_of(home, clip.manifest)
        made = make_strip(
            home.clips(clip.sha256), sha256=clip.sha256, media=found, derived=home.derived, stop=stop
        )
        if not made and not stop.is_set():
            self._stripless.add(clip.sha256)

    def _make(self, clip: Clip, stop: threading.Event, *, is_wanted: bool) -> None:
        home = self._station.home
        media = media_of(home, clip.manifest)
        cut = _Either(stop)
        with self._lock:
            self._making = clip.sha256, None if media is None else media.duration_ms, is_wanted
            self._cut = cut
        try:
            made = make_preview(
                home.clips(clip.sha256), sha256=clip.sha256, media=media, derived=home.derived, stop=cut
            )
            if cut.is_set() and made.path is None:
                return  # it is made later
            self._station.books.append([_event(clip, made, home.derived)])
        finally:
            with self._lock:
                self._making = self._cut = None
                if not cut.is_set():
                    self._wanted.pop(clip.sha256, None)
        self._strip(clip, stop, media)


def _event(clip: Clip, made: PreviewResult, derived: Path) -> PreviewMade | PreviewFailed:
    if made.path is None or made.sha256 is None:
        why = made.failure.en if made.failure else "unknown"
        return PreviewFailed(acquisition=clip.acquisition, sha256=clip.sha256, why=why)
    return PreviewMade(
        acquisition=clip.acquisition,
        sha256=clip.sha256,
        preview=str(made.path.relative_to(derived)),
        preview_sha256=made.sha256,
        tool=made.tool,
        settings=made.settings,
    )
