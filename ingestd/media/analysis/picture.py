"""What single sampled pictures show: nothing, or the same as before. PURE.

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
BLOCKS = 24
"""Means over a grid of so many blocks a side: a sensor's noise is gone from them, a scene is not."""
BLACK_MEAN = 48
"""A covered lens lets less through than this of 255, with gain at its highest; video's own black is 16, or 0."""
BLACK_SPREAD = 4.0
"""Levels between the darkest and the brightest block. Measured at 720p, H.264 at 0.8 Mbit/s: a covered lens with
noise of 0-20 levels has 0.0-3.3; real scenes darkened to a thirtieth, where hardly anything is seen, have 5 and
more (an even street without a car 1.5: nothing is seen there either)."""


def middle(luma: npt.NDArray[Any]) -> Luma:
    """The lines without those where overlays stand."""
    edge = luma.shape[0] // EDGE_PARTS
    return np.ascontiguousarray(luma[edge : luma.shape[0] - edge], dtype=np.uint8)


def is_stuck(before: Luma, after: Luma) -> bool:
    """Whether two middles, of key frames, are the same picture; never where sizes differ."""
    if before.shape != after.shape or before.size == 0:
        return False
    return int(np.count_nonzero(before == after)) >= STUCK_SHARE * before.size


def is_black(picture: Luma) -> bool:
    """Whether a middle is dark and shows no scene, as behind a covered lens; a dark night shows one."""
    if picture.size == 0 or picture[::8, ::8].mean() > BLACK_MEAN:
        return False
    high, wide = (max(1, side // BLOCKS) for side in picture.shape)
    even = picture[: picture.shape[0] // high * high, : picture.shape[1] // wide * wide]
    means = even.reshape(even.shape[0] // high, high, -1, wide).mean(axis=(1, 3), dtype=np.float32)
    return bool(np.ptp(means) <= BLACK_SPREAD)
