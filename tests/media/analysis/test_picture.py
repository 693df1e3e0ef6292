"""Stuck pictures: what is told apart from a still scene."""

from __future__ import annotations

import numpy as np

from ingestd.media.analysis.picture import is_stuck, middle

SCENE = np.random.default_rng(4).integers(16, 235, (240, 320), dtype=np.uint8)


def test_a_stuck_picture_is_told_though_its_overlay_goes_on() -> None:
    """Only the edges may move."""
    later = SCENE.copy()
    later[:20] = 235
    assert is_stuck(middle(SCENE), middle(later))


def test_a_still_scene_has_noise_and_is_not_stuck() -> None:
    """One level of noise suffices; another size is another picture."""
    noise = np.random.default_rng(5).integers(0, 2, SCENE.shape, dtype=np.uint8)
    assert not is_stuck(middle(SCENE), middle(SCENE + noise))
    assert not is_stuck(middle(SCENE), middle(SCENE[:200]))
