"""Progress of a docking on a terminal, and its end in sentences."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ingestd.cli.render import counted, shown, size_text
from ingestd.model import UNIDENTIFIED
from ingestd.telling import terms
from ingestd.telling.plain import recorder_name
from ingestd.words import Lang, Text

EVERY_S = 0.5

_PHASES = {
    "looking": Text("识别中", "looking"),
    "receiving": Text("接收中", "receiving"),
    "releasing": Text("清除中", "releasing"),
    "waiting": Text("等待磁盘空间", "waiting for room"),
    "clear": Text("可取走", "may be taken"),
    "kept": Text("已入库，未清除", "secured, not freed"),
    "problem": Text("异常", "problem"),
}


class ProgressLine:
    """One line on standard error that is written over; silent where that is no terminal."""

    def __init__(self, lang: Lang, *, quiet: bool = False) -> None:
        self._lang = lang
        self._on = sys.stderr.isatty() and not quiet
        self._shown = False

    def show(self, facts: Mapping[str, Any]) -> None:
        """Show where a docking stands (the fields of `LiveState`)."""
        if not self._on:
            return
        phase = _PHASES.get(facts["phase"], Text(facts["phase"], facts["phase"])).say(self._lang)
        line = f"{phase}  {facts['files_done']}/{facts['files_total']}  {size_text(facts['bytes_done'])}"
        if facts["bytes_per_s"]:
            line += f"  {size_text(facts['bytes_per_s'])}/s"
        if facts["seconds_left"] is not None:
            minutes, seconds = divmod(facts["seconds_left"], 60)
            left = Text("剩余 {m} 分 {s} 秒", "{m} min {s} s left").format(m=minutes, s=seconds)
            line += "  " + left.say(self._lang)
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        self._shown = True

    @contextmanager
    def watching(self, facts: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
        """Show the facts every half second while the block runs."""
        done = threading.Event()

        def loop() -> None:
            while not done.wait(EVERY_S):
                self.show(facts())

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


_OUTCOMES = {
    "clear": Text(
        "✔ 可取走：全部入库，记录仪已清除。",
        "✔ may be taken: everything is secured and the recorder is free.",
    ),
    "kept": Text(
        "● 全部入库；按要求未从记录仪删除。",
        "● everything is secured; nothing was deleted from the recorder.",
    ),
    "problem": Text("▲ 异常：请勿取走，见下。", "▲ problem: do not take it, see below."),
    "pulled": Text("▲ 记录仪被提前取走。", "▲ the recorder was taken early."),
    "interrupted": Text("■ 已中断，可重新接入继续。", "■ interrupted; it goes on when docked again."),
}


def docking_sentences(result: Mapping[str, Any]) -> list[Text]:
    """The result of a docking (`docking.session_json`) in sentences, worst last."""
    files = result["files"]
    count = {
        action: sum(f["action"] == action for f in files)
        for action in ("secured", "quarantined", "held", "failed", "left")
    }
    total = sum(f["size"] for f in files if f["action"] in ("secured", "quarantined"))
    new = count["secured"] + count["quarantined"]
    lines = [
        _OUTCOMES.get(result["outcome"], Text(result["outcome"], result["outcome"])),
        Text(
            "  记录仪 {r}，槽位 {s}：新入库 {n} 个文件，{b}",
            "  recorder {r}, slot {s}: {f} secured, {b}",
        ).format(
            r=recorder_name(result["recorder"] or UNIDENTIFIED),
            s=result["slot"],
            n=new,
            f=counted(new, "file"),
            b=size_text(total),
        ),
    ]
    if count["held"]:
        lines.append(
            Text("  {n} 个文件此前已入库，已重新核对", "  {f} held already, proved again").format(
                n=count["held"], f=counted(count["held"], "file")
            )
        )
    released = sum(f["released"] for f in files)
    if released:
        lines.append(
            Text("  已从记录仪清除 {n} 个文件", "  {f} deleted from the recorder").format(
                n=released, f=counted(released, "file")
            )
        )
    for file in files:
        if file["action"] in ("quarantined", "failed"):
            lines.append(
                Text("  ▲ {p}：{f}；{w}", "  ▲ {p}: {f}; {w}").format(
                    p=shown(file["path"]),
                    f=terms.word(terms.FAULTS, file["fault"]),
                    w=_WHAT_NOW[file["action"]],
                )
            )
        elif file["action"] == "left":
            lines.append(
                Text("  · 未采集 {p}：{w}", "  · not taken in: {p} ({w})").format(
                    p=shown(file["path"]), w=terms.left(file["why"])
                )
            )
    return lines


_WHAT_NOW = {
    "quarantined": Text(
        "可读部分已保存，原件仍在记录仪上", "what was readable is stored, the original stays on the recorder"
    ),
    "failed": Text("未入库，仍在记录仪上", "not secured, still on the recorder"),
}
