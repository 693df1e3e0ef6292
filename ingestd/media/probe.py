"""Probing clips: what a demultiplexer makes of them, asked of a child that may crash.

Promised: whatever the bytes, the caller gets a description or a reason, within the time limit, and one file
never fails the next. The child (`probe_child`) lives for thousands of files, so that a small file costs
about a millisecond; it is renewed after a crash, a time-out or `FILES_PER_CHILD`. Not promised: that a clip
plays. "It decoded" proves nothing, and no clip is refused for what is said here.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingestd.durable import StrPath
from ingestd.media.child import Kept, opened
from ingestd.media.model import Media, MediaError
from ingestd.model import Kind
from ingestd.words import Text

log = logging.getLogger(__name__)

FILES_PER_CHILD = 4_000
"""Leaks of a parser end with its child."""
GROUP = 16
"""Files a question: they share its cost, and the child stays warm (it may have 32 descriptors)."""
PROBED = frozenset({Kind.VIDEO, Kind.AUDIO, Kind.PHOTO})
CHILD = "ingestd.media.probe_child"


class ProbeFailure(StrEnum):
    """Why there is no description."""

    NOT_MEDIA_KIND = "not-media-kind"
    EMPTY = "empty"
    NO_MEDIA = "no-media"
    TOO_LARGE = "too-large"
    TIMED_OUT = "timed-out"
    CRASHED = "crashed"
    NO_ANALYSER = "no-analyser"

    @property
    def text(self) -> Text:
        """The reason for people."""
        return _TEXTS[self]


_TEXTS = {
    ProbeFailure.NOT_MEDIA_KIND: Text("不是音像文件, 未分析", "not a recording; not analysed"),
    ProbeFailure.EMPTY: Text("文件为空", "the file is empty"),
    ProbeFailure.NO_MEDIA: Text(
        "无法解析为音像: 未正常结束、损坏或并非音像; 原始字节照常保存",
        "cannot be read as media: unfinalised, damaged or none; its bytes are kept as they are",
    ),
    ProbeFailure.TOO_LARGE: Text("分析所需内存超限", "analysing it takes more memory than allowed"),
    ProbeFailure.TIMED_OUT: Text("分析超时", "analysing it took longer than allowed"),
    ProbeFailure.NO_ANALYSER: Text(
        "分析程序无法启动, 与文件无关; 请检查安装",
        "the analyser does not start, whatever the file; check the installation",
    ),
    ProbeFailure.CRASHED: Text(
        "分析程序崩溃, 文件可疑", "the analyser crashed on it; the file is suspicious"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """A description, or why there is none."""

    media: Media | None
    failure: ProbeFailure | None


class Prober:
    """Asks one long-lived child, one group of files at a time, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept = Kept(CHILD, FILES_PER_CHILD)
        self._told = False

    def starts(self) -> bool:
        """Whether an analyser comes up at all, for `ingestd doctor`."""
        with self._lock:
            return self._kept.ready() is not None

    def probe(self, path: Path, *, kind: Kind, timeout_s: float = 20.0) -> ProbeResult:
        """What the file is as media. Raises OSError where our own copy cannot be opened."""
        if kind not in PROBED:
            return ProbeResult(media=None, failure=ProbeFailure.NOT_MEDIA_KIND)
        return self.probe_all([(path, kind)], timeout_s=timeout_s)[0]

    def probe_all(
        self, files: Sequence[tuple[StrPath, Kind]], *, timeout_s: float = 20.0
    ) -> list[ProbeResult]:
        """What each of these recordings is as media; the limit is each one's. Raises OSError as `probe`."""
        found: list[ProbeResult] = []
        for start in range(0, len(files), GROUP):
            group = files[start : start + GROUP]
            with opened([path for path, _ in group]) as descriptors, self._lock:
                found += self._ask(descriptors, [kind is Kind.PHOTO for _, kind in group], timeout_s)
        return found

    def _ask(self, descriptors: Sequence[int], photos: Sequence[bool], timeout_s: float) -> list[ProbeResult]:
        """Ask for all at once; where that fails, one by one, so that no file suffers from another."""
        if len(descriptors) > 1 and (child := self._kept.ready()) is not None:
            try:
                child.ask({"photos": photos}, descriptors, timeout_s=timeout_s)
                return _parsed(child.answer(timeout_s), child.asked, len(photos))
            except (TimeoutError, MediaError):
                self._kept.end()
        return [
            self._ask_alone(one, photo, timeout_s) for one, photo in zip(descriptors, photos, strict=True)
        ]

    def _ask_alone(self, descriptor: int, photo: bool, timeout_s: float) -> ProbeResult:
        """Ask; a child that dies on it is replaced, and a fresh one decides whether the file is to blame."""
        for _ in range(2):
            child = self._kept.ready()
            if child is None:
                if not self._told:
                    log.error("the analyser does not start: clips are stored unanalysed, times are wider")
                self._told = True
                return ProbeResult(media=None, failure=ProbeFailure.NO_ANALYSER)
            fresh = child.asked == 0
            try:
                child.ask({"photos": [photo]}, [descriptor], timeout_s=timeout_s)
                answer = child.answer(timeout_s)
                if answer or fresh:
                    return _parsed(answer, child.asked, 1)[0]
            except TimeoutError:
                self._kept.end()
                return ProbeResult(media=None, failure=ProbeFailure.TIMED_OUT)
            except MediaError:
                self._kept.end()
                break
            self._kept.end()
        return ProbeResult(media=None, failure=ProbeFailure.CRASHED)

    def close(self) -> None:
        """End the child; a later `probe` starts a new one."""
        with self._lock:
            self._kept.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _parsed(answer: bytes, number: int, count: int) -> list[ProbeResult]:
    """The answer to a question as values. Raises MediaError for one that makes no sense: not to be trusted on."""
    try:
        said = json.loads(answer)
        if said["n"] != number or len(said["found"]) != count:
            raise MediaError("an answer to another question")
        return [_result(one) for one in said["found"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MediaError(str(error)) from error


def _result(said: dict[str, Any]) -> ProbeResult:
    if "failure" in said:
        return ProbeResult(media=None, failure=ProbeFailure(said["failure"]))
    return ProbeResult(media=Media.from_json(said["media"]), failure=None)
