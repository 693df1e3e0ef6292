"""The job that has recordings analysed: newest first, one after the other, while no recorder is read.

Promised: the same bytes are analysed once, whatever comes of it; a clip that can't be analysed is told so and
not tried again, except where the station is to blame (no analyser, no file): that is tried again later. Not
promised: when. What waits stands in `status`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ingestd.errors import IngestdError, VaultError
from ingestd.events import MediaAnalysed, StretchRecord
from ingestd.index import analyses
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.media.analysis.beside import SUFFIXES
from ingestd.media.analysis.model import Analysis, Track
from ingestd.media.analysis.run import PHOTO_SETTINGS, SETTINGS, TOOL, Analyser
from ingestd.media.held import media_of
from ingestd.media.probe import ProbeFailure
from ingestd.model import Kind, Sha256
from ingestd.station import Station
from ingestd.vault.values import Values, new_salt
from ingestd.words import Text

log = logging.getLogger(__name__)

ANALYSE_S = 30
"""How often it is looked for what waits."""
ALLOWED_S = 120.0
"""A child's start on a station that is short of everything; while it works the job looks at its event."""
UNREAD_MAX = 1_000
"""So many clips that can't be opened are passed over; beyond that something else is wrong."""


class AnalysisJob:
    """Analyses of one station's recordings."""

    def __init__(self, station: Station, busy: Callable[[], bool]) -> None:
        """``busy`` says whether intake is running: the analyser stands still meanwhile."""
        self._station = station
        self._busy = busy
        self._unread: set[Sha256] = set()
        """What could not be opened since the daemon's start; re-verification tells of it."""

    @property
    def _lead_ms(self) -> int:
        return self._station.config.pre_record_s * 1000

    def run(self, stop: threading.Event) -> None:
        """Until nothing waits, or intake begins, or it is told to stop. Raises IngestdError."""
        with Analyser(busy=self._busy, stop=stop) as analyser:
            while not stop.is_set() and not self._busy() and (clip := self._next()) is not None:
                try:
                    event = self._analysed(clip, analyser)
                except OSError as error:
                    log.warning("clip not analysed, it cannot be opened: %s", error.strerror)
                    self._unread.add(clip.sha256)
                    continue
                if event is not None:
                    self._station.books.append([event])

    def _next(self) -> Clip | None:
        if len(self._unread) > UNREAD_MAX:
            raise VaultError(
                Text(
                    "{n} 件记录无法打开，分析停止；请运行 ingestd verify --all",
                    "{n} clips can't be opened, the analysis stops: run ingestd verify --all",
                ).format(n=len(self._unread))
            )
        with reading(self._station.engine) as connection:
            waiting = analyses.without_analysis(connection, len(self._unread) + 1)
        return next((clip for clip in waiting if clip.sha256 not in self._unread), None)

    def _analysed(self, clip: Clip, analyser: Analyser) -> MediaAnalysed | None:
        """What is to be told of a clip; None where it was stopped. Raises OSError, IngestdError."""
        home = self._station.home
        if clip.kind is Kind.PHOTO:
            found = analyser.analyse(home.clips(clip.sha256), length_ms=0, is_photo=True)
        else:
            media = media_of(home, clip.manifest)
            with reading(self._station.engine) as connection:
                beside = analyses.beside(connection, clip, SUFFIXES)
            found = analyser.analyse(
                home.clips(clip.sha256),
                length_ms=media.duration_ms if media else None,
                beside=None if beside is None else home.clips(beside),
                lead_ms=self._lead_ms,
            )
        if found.failure is ProbeFailure.NO_ANALYSER:
            raise IngestdError(found.failure.text)
        if found.analysis is None and found.failure is None:
            return None
        return self._event(clip, analyser.version, found.analysis, found.failure)

    def _event(
        self, clip: Clip, version: str, found: Analysis | None, failure: ProbeFailure | None
    ) -> MediaAnalysed:
        stretches = () if found is None else found.stretches
        is_photo = clip.kind is Kind.PHOTO
        return MediaAnalysed(
            acquisition=clip.acquisition,
            sha256=clip.sha256,
            tool=TOOL,
            version=version,
            settings=PHOTO_SETTINGS if is_photo else SETTINGS,
            stretches=tuple(StretchRecord(kind=s.kind, begin=s.begin, end=s.end) for s in stretches),
            speech_from_ms=None if found is None else found.speech_from_ms,
            lead_ms=0 if is_photo else self._lead_ms,
            codes=() if found is None else found.codes,
            failure=None if failure is None else failure.value,
            duration_ms=None if found is None else found.duration_ms,
            picture=None if found is None else found.picture.value,
            sound=None if found is None else found.sound.value,
            track_value=None if found is None or found.track is None else self._kept(found.track),
        )

    def _kept(self, track: Track) -> str:
        """Places are personal: a value file, durable before the event that names it."""
        points = [[point.at, point.lat, point.lon, point.accuracy_dm] for point in track.points]
        fields = {"timed_by": track.timed_by, "points": points}
        (digest,) = Values(self._station.home).put([(new_salt(), fields)])
        return digest
