"""Analysing clips in a child that may crash: black, frozen and silent stretches, speech, codes, tracks.

Promised: whatever the bytes, there is an analysis or a reason, within a time limit that goes by the clip's
length; one file never fails the next; while intake runs the child stands still, and at a stop it is gone at once.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingestd.media.analysis.model import Analysis, AnalysisError
from ingestd.media.child import Child, Kept, opened
from ingestd.media.probe import ProbeFailure

TOOL = "PyAV"
CHILD = "ingestd.media.analysis.child"
SETTINGS = (
    "key frames 1 s, black 48/5, frozen 0.995, silent -81 dBFS, speech 0.5 in 90 s and the lead; analysis/1"
)
"""What `media.analysed` says; changed with any threshold of this package."""
PHOTO_SETTINGS = "codes and place of a photo; analysis/1"
LIMIT_BASE_S = 60.0
LIMIT_PER_S = 1.0
"""Seconds for a second of clip: thirty times what 1080p takes, three times what 4K takes that has one key frame."""
UNKNOWN_LENGTH_S = 3600.0
CORES = 2
"""Threads of the decoder: so much processor time a second may be used."""
CLIPS_PER_CHILD = 500
"""Leaks of decoders end with their child."""
POLL_S = 0.2
ASK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """An analysis, or why there is none; neither where it was stopped."""

    analysis: Analysis | None = None
    failure: ProbeFailure | None = None


class Analyser:
    """Asks one child, one clip at a time; for one thread."""

    def __init__(self, *, busy: Callable[[], bool], stop: threading.Event) -> None:
        """``busy``: whether others need the machine more; ``stop``: whether to give up."""
        self._busy, self._stop = busy, stop
        self._kept = Kept(CHILD, CLIPS_PER_CHILD)
        self.version = ""
        """Of what decodes, as the last child said."""

    def analyse(
        self,
        clip: Path,
        *,
        length_ms: int | None,
        beside: Path | None = None,
        lead_ms: int = 0,
        is_photo: bool = False,
    ) -> AnalysisResult:
        """What is in a clip. A child that dies is replaced, and a fresh one decides whether the clip is to blame.

        ``beside`` and ``lead_ms`` as in `look.look`; a photo is looked at once. Raises OSError where our own copy
        cannot be opened.
        """
        question = {"lead_ms": lead_ms, "photo": is_photo}
        length_s = UNKNOWN_LENGTH_S if length_ms is None else length_ms / 1000
        limit_s = LIMIT_BASE_S + LIMIT_PER_S * length_s
        with opened([clip] if beside is None else [clip, beside]) as descriptors:
            for _ in range(2):
                child = self._kept.ready()
                if child is None:
                    return AnalysisResult(failure=ProbeFailure.NO_ANALYSER)
                self.version, fresh = child.version, child.asked == 0
                try:
                    answer = self._ask(child, descriptors, limit_s, question)
                    if answer is None:
                        self.close()
                        return AnalysisResult()
                    return _parsed(answer, child.asked)
                except TimeoutError:
                    self.close()
                    return AnalysisResult(failure=ProbeFailure.TIMED_OUT)
                except AnalysisError:
                    self.close()
                    if fresh:
                        break
        return AnalysisResult(failure=ProbeFailure.CRASHED)

    def _ask(
        self, child: Child, descriptors: list[int], limit_s: float, question: dict[str, Any]
    ) -> bytes | None:
        """Its answer, None where it was stopped. Raises TimeoutError; standing still costs it no time."""
        child.ask({"cpu_s": int(limit_s * CORES), **question}, descriptors, timeout_s=ASK_S)
        spent_s, is_halted = 0.0, False
        while not self._stop.is_set():
            if is_halted != self._busy():
                is_halted = not is_halted
                child.halt(is_halted)
            if is_halted:
                self._stop.wait(POLL_S)
                continue
            try:
                return child.answer(POLL_S)
            except TimeoutError:
                spent_s += POLL_S
                if spent_s >= limit_s:
                    raise
        return None

    def close(self) -> None:
        """End the child; a later question starts a new one."""
        self._kept.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _parsed(answer: bytes, number: int) -> AnalysisResult:
    """The answer to a question. Raises AnalysisError for one that makes no sense, as for none."""
    try:
        said: dict[str, Any] = json.loads(answer)
        if said["n"] != number:
            raise AnalysisError("an answer to another question")
        found = said["found"]
        if "failure" in found:
            return AnalysisResult(failure=ProbeFailure(found["failure"]))
        return AnalysisResult(analysis=Analysis.from_json(found["analysis"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AnalysisError(str(error)) from error
