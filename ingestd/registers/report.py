"""What came of a file, as lines for people: on a terminal, and in the report beside a dropped file. PURE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingestd.registers.columns import REGISTERS
from ingestd.words import Lang, Text


def lines_of(result: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    """The lines of an answer to ``register.import``."""
    for one in result["tables"]:
        yield from (text.say(lang) for text in _table(one))


def _table(one: Mapping[str, Any]) -> Iterator[Text]:
    name = REGISTERS[one["register"]].words
    if one["known_since"] is not None:
        yield Text(
            f"{name.zh}：这份文件已经导入过（日志第 {one['known_since']} 条），未作更改。",
            f"{name.en}: this file was taken before (log entry {one['known_since']}); nothing was changed.",
        )
        return
    yield Text(
        f"{name.zh}：{one['rows']} 行；有新内容 {one['changed']}，已知 {one['same']}，未采用 {one['refused']}"
        f"（日志第 {one['seq']} 条）。",
        f"{name.en}: {one['rows']} rows; {one['changed']} with something new, {one['same']} known, "
        f"{one['refused']} refused (log entry {one['seq']}).",
    )
    if one["unknown_columns"]:
        told = ", ".join(one["unknown_columns"])
        yield Text(f"  未读取的列：{told}", f"  columns that were not read: {told}")
    for mark, found in (("✖", one["faults"]), ("·", one["notices"])):
        for fault in found:
            column = fault["column"] or ""
            zh = f"，“{column}”" if column else ""
            en = f", {column!r}" if column else ""
            yield Text(
                f"  {mark} 第 {fault['line']} 行{zh}：{fault['zh']}",
                f"  {mark} line {fault['line']}{en}: {fault['en']}",
            )
    if len(one["faults"]) < one["refused"]:
        yield Text("  其余未采用的行从略。", "  further refused rows are left out here.")
