"""Whether two sampled pictures are one stuck picture. PURE.

Judged by the luma of the middle of the picture: a recorder's own time overlay stands at its upper or lower
edge and moves on over a stuck picture. Compared are key frames, a second or more apart: each is coded afresh,
so that a sensor's noise shows in them even where the pictures between are coded as unchanged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]

EDGE_PARTS = 8
"""An eighth of the lines above and below is left out: overlays stand there."""
STUCK_SHARE = 0.995
"""Share of pixels equal bit for bit. Measured at 1080p, H.264 at 0.2-150 Mbit/s: a stuck picture has 1.000 from
its second key frame on, a still scene with noise of 2-8 levels 0.07-0.65."""


def middle(luma: npt.NDArray[Any]) -> Luma:
    """The lines without those where overlays stand."""
    edge = luma.shape[0] // EDGE_PARTS
    return np.ascontiguousarray(luma[edge : luma.shape[0] - edge], dtype=np.uint8)


def is_stuck(before: Luma, after: Luma) -> bool:
    """Whether two middles, of key frames, are the same picture; never where sizes differ."""
    if before.shape != after.shape or before.size == 0:
        return False
    return int(np.count_nonzero(before == after)) >= STUCK_SHARE * before.size
