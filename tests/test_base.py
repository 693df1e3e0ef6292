"""Words, errors, clock: small promises that everything else rests on."""

from __future__ import annotations

import errno
import os
import re
import string
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingestd import errors
from ingestd.clock import STEP_TOLERANCE_MS, ClockState, StationClock, StepWatch
from ingestd.errors import IngestdError
from ingestd.model import Millis
from ingestd.words import Text


def _tree(cls: type[IngestdError]) -> list[type[IngestdError]]:
    return [cls, *(below for child in cls.__subclasses__() for below in _tree(child))]


def test_every_error_class_has_a_code_of_its_own_and_a_status() -> None:
    """Scripts tell errors apart by code; exit statuses never collide with 0, 1 and 3."""
    classes = [cls for cls in _tree(IngestdError) if cls.__module__ == errors.__name__]
    codes = [cls.code for cls in classes]
    assert len(set(codes)) == len(codes)
    for cls in classes[1:]:
        assert cls.exit_status not in (errors.EXIT_OK, errors.EXIT_BUG, errors.EXIT_INCOMPLETE), cls


def test_the_tree_drawn_at_the_top_is_the_tree() -> None:
    """The drawing names every class; a new one must be drawn in."""
    drawn = errors.__doc__ or ""
    for cls in _tree(IngestdError):
        if cls.__module__ == errors.__name__:
            assert cls.__name__ in drawn


def test_an_error_says_its_text() -> None:
    """`str` is the English message, `say` either."""
    error = errors.NoSpaceError(Text("磁盘已满", "the disk is full"))
    assert str(error) == "the disk is full"
    assert error.say("zh") == "磁盘已满"


def test_text_fills_both_languages() -> None:
    """A field that is itself a Text is shown in each language."""
    text = Text("{n} 个{what}", "{n} {what}").format(n=3, what=Text("文件", "files"))
    assert (text.zh, text.en) == ("3 个文件", "3 files")
    assert text.both() == "3 个文件 / 3 files"


def test_both_languages_of_a_message_have_as_many_places() -> None:
    """Every Text written in the code tells as many facts in Chinese as in English (which may need a plural)."""
    import ast
    from pathlib import Path

    import ingestd

    for path in Path(ingestd.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                parts = [a.value for a in node.args if isinstance(a, ast.Constant)]
                if len(parts) == 2:
                    zh, en = ({f for _, f, _, _ in string.Formatter().parse(p) if f} for p in parts)
                    assert len(zh) == len(en), f"{path}: {parts}"


class _Clock:
    def __init__(self) -> None:
        self.wall, self.since = 1_000_000, 0

    def now(self) -> Millis:
        return Millis(self.wall)

    def monotonic(self) -> float:
        return self.since / 1000

    def state(self) -> ClockState:
        return ClockState(synchronised=True, uncertainty_ms=1, monotonic_ms=self.since)

    def run(self, wall: int, since: int) -> None:
        self.wall += wall
        self.since += since


def test_what_the_system_says_is_told_in_chinese_too(tmp_path: Path) -> None:
    """Its own words stand behind, and alone where nobody wrote a translation; English has them as they are."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(OSError, match=r"No such|directory") as caught:
            path.read_bytes()
        told = errors.system_text(caught.value)
        assert told.en == caught.value.strerror
        assert told.zh.endswith(f"（{told.en}）")
        assert re.search(r"[\u4e00-\u9fff]", told.zh)
    rare = OSError(errno.EDOM, os.strerror(errno.EDOM))
    assert errors.system_text(rare) == Text(f"系统报错 {rare.strerror}", str(rare.strerror))
    assert errors.system_text(OSError("no number")).en == "no number"


def test_a_step_is_told_from_the_passing_of_time() -> None:
    """Running is no step, slewing is no step, a jump either way is one, told once."""
    clock = _Clock()
    watch = StepWatch(clock)
    clock.run(60_000, 60_000)
    assert watch.step_ms() == 0
    clock.run(10_000 + STEP_TOLERANCE_MS - 1, 10_000)
    assert watch.step_ms() == 0
    clock.run(-3_600_000, 5_000)
    assert watch.step_ms() == -3_605_000
    assert watch.step_ms() == 0
    clock.run(86_400_000, 1_000)
    assert watch.step_ms() == 86_399_000


def test_a_clock_that_may_not_be_asked_is_free() -> None:
    """A sandbox that forbids the call (systemd's ProtectClock) must not read as a perfect clock."""
    clock = StationClock()
    clock._libc = SimpleNamespace(adjtimex=lambda _timex: -1)
    assert (clock.state().synchronised, clock.state().uncertainty_ms) == (False, 16_000)


def test_the_kernel_is_asked_for_the_state_of_the_clock() -> None:
    """Adjtimex answers: an uncertainty that is not negative, a monotonic reading that grows."""
    clock = StationClock()
    first, second = clock.state(), clock.state()
    assert first.uncertainty_ms >= 0
    assert second.monotonic_ms >= first.monotonic_ms
    assert abs(clock.now() - int(__import__("time").time() * 1000)) < 5_000
