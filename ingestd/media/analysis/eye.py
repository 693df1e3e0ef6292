"""What is seen in a clip's pictures as they are decoded: black, stuck, codes that are shown to the camera."""

from __future__ import annotations

from typing import Any

import numpy as np
import zxingcpp

from ingestd.media.analysis import picture
from ingestd.media.analysis.stretches import Span, joined, reaching

CODE_MS = 2_000
"""Somebody who shows a code to a camera holds it for longer."""
CODE_LINES = 800
"""Larger pictures are halved before codes are looked for: a code of 29 modules need be 6 % as wide as a 1080p
picture, and looking takes a tenth of the whole time instead of a quarter."""
CODE_CHARS = 200
TEXTS_MAX = 64
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_EIGHT_BITS = ("yuv4", "yuvj4", "nv12", "nv21", "gray")
"""Formats whose first plane is the luma; ``gray10`` and such are told by their bits."""


class Eye:
    """Takes pictures in order of time, each at its millisecond."""

    def __init__(self) -> None:
        self._black: list[Span] = []
        self._stuck: list[Span] = []
        self._last: picture.Luma | None = None
        self._last_black = False
        self._first_ms = self.last_ms = 0
        self._code_ms = -CODE_MS
        self.pictures = 0
        self.gap_ms = 0
        """The longest time without a picture, from the clip's begin on."""
        self.texts: dict[str, None] = {}
        """What codes said, each once."""

    def see(self, at_ms: int, frame: Any) -> None:
        """The next picture; one that does not come after the last is passed over."""
        if self._last is not None and at_ms <= self.last_ms:
            return
        luma = _luma(frame)
        now = picture.middle(luma)
        is_black = picture.is_black(now)
        if self._last is None:
            self._first_ms = at_ms
        elif is_black and self._last_black:
            self._black.append((self.last_ms, at_ms))
        elif picture.is_stuck(self._last, now):
            self._stuck.append((self.last_ms, at_ms))
        self.gap_ms = max(self.gap_ms, at_ms - self.last_ms)
        self._last, self._last_black, self.last_ms = now, is_black, at_ms
        self.pictures += 1
        if at_ms - self._code_ms >= CODE_MS and len(self.texts) < TEXTS_MAX:
            self._code_ms = at_ms
            self.texts |= dict.fromkeys(_read(luma))

    def black(self, end_ms: int) -> list[Span]:
        """Where nothing is seen, in a clip that ends so."""
        return self._whole(self._black, end_ms)

    def stuck(self, end_ms: int) -> list[Span]:
        """Where the picture stands still bit for bit."""
        return self._whole(self._stuck, end_ms)

    def _whole(self, spans: list[Span], end_ms: int) -> list[Span]:
        return reaching(joined(spans), first_ms=self._first_ms, last_ms=self.last_ms, end_ms=end_ms)


def _luma(frame: Any) -> Any:
    """The brightness of a picture, lines by columns."""
    form = frame.format
    if not form.name.startswith(_EIGHT_BITS) or form.components[0].bits != 8:  # noqa: PLR2004 - a byte a pixel
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return lines[: frame.height, : frame.width]


def _read(luma: Any) -> list[str]:
    """What QR codes in a picture say."""
    step = 2 if luma.shape[0] > CODE_LINES else 1
    found = zxingcpp.read_barcodes(np.ascontiguousarray(luma[::step, ::step]), formats=QR)
    return [code.text for code in found if len(code.text) <= CODE_CHARS]
