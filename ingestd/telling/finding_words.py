"""What to do about each finding, and its facts in words with units. PURE.

The sentence of a kind is intake's own (`intake.findings.KINDS`); docs/operations.md prints both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from ingestd import canon
from ingestd.law.kinds import KINDS
from ingestd.model import Interval, Millis
from ingestd.telling import law_words, terms
from ingestd.telling.plain import interval_brief, size_text, span_text, stamp_text
from ingestd.words import Lang, Text

Fact = str | int | None

ADVICE: dict[str, Text] = {
    "claims-disagree": Text(
        "核实这台记录仪（这段录像）属于谁，再登记使用人（命令 recorder assign）；存储卡上的自述不改。",
        "find out whose recorder (or clip) it is and enter that (recorder assign); what the card claims is left.",
    ),
    "recorder-unassigned": Text(
        "登记使用人（命令 recorder assign）；此前采集的录像照样有效。",
        "enter its officer (recorder assign); what was taken in before is as good.",
    ),
    "recorder-unidentified": Text(
        "查明是谁的卡；确认后可用 intake --release 清除。",
        "find out whose card it is; once that is known, intake --release frees it.",
    ),
    "quarantined": Text(
        "换读卡器或槽位再接入一次：读得更全的一份会自动取代它。仍读不出，须两人同意才能放行"
        "（命令 recorder hand-out）。",
        "dock it again in another slot or reader: a better read takes its place by itself. If that fails, two "
        "people let it go (recorder hand-out).",
    ),
    "not-acquired": Text(
        "重新接入这台记录仪；文件还在上面，不要清空或交还。",
        "dock the recorder again; the file is still on it: do not clear it, do not hand it out.",
    ),
    "removed-elsewhere": Text(
        "向使用人了解；库中的副本完好，此处只是记录仪上被人先删。",
        "ask the officer; the stored copy is good, somebody deleted it from the recorder first.",
    ),
    "pulled-early": Text(
        "把记录仪放回任一槽位，会自动接着采集；向使用人说明要等到“可取走”。",
        "put the recorder back into any slot, intake goes on by itself; tell the officer to wait for 'may be taken'.",
    ),
    "release-failed": Text(
        "看记录仪是否写保护或损坏，然后重新接入；已入库的不受影响。",
        "see whether the card is write-protected or failing, then dock it again; what is secured stays so.",
    ),
    "card-unlistable": Text(
        "重新接入；仍然如此则按坏卡处理，不要格式化，先取证。",
        "dock it again; if it stays so, treat it as a failing card: no formatting before it was examined.",
    ),
    "device-hung": Text(
        "取出后重新接入，或换槽位；反复出现则送检，录像仍在上面。",
        "take it out and dock it again, or in another slot; if it goes on, have it examined: the clips are on it.",
    ),
    "device-error": Text(
        "换槽位或读卡器重新接入；已读出的部分保留，下次接着比对。",
        "dock it again in another slot or reader; what was read is kept and compared with the next read.",
    ),
    "station-error": Text(
        "检查采集站的磁盘（系统日志、SMART）；已入库的不受影响，修好后重新接入。",
        "check the station's disk (system log, SMART); what is secured stays so; then dock the recorder again.",
    ),
    "intake-failed": Text(
        "把采集站的运行日志交给维护人员；已入库的不受影响，其余仍在记录仪上，请换槽位或重启服务后重新接入。",
        "show the station's journal to who maintains it; what is secured stays so, the rest is still on the "
        "recorder: dock it again in another slot, or after a restart of the service.",
    ),
    "device-refused": Text(
        "按槽位屏幕的提示处理：切换到磁盘（U 盘）模式，或取出；不是记录仪的设备不得插在采集站上。",
        "do what the dock's screen says: switch it to disk mode or take it out; what is no recorder does not "
        "belong in the dock.",
    ),
    "same-serial-twice": Text(
        "取出其中一台，查明哪台的编号是错的并改正；然后分别重新接入，随即清除。",
        "take one of them out and find out which serial is wrong; then dock each by itself, and it is freed.",
    ),
    "clock-reset": Text(
        "给记录仪充电并校时；这次录像的时间以给出的范围为准。",
        "charge it and set its clock; for these clips the range given is what is known.",
    ),
    "clock-off": Text(
        "给记录仪校时；已入库录像的时间已按偏差换算成范围。",
        "set the recorder's clock; the times of what is stored were reckoned with its error, as ranges.",
    ),
    "trash-recording": Text(
        "查明录像为何在电脑的回收站里；需要时复制出来另行采集。",
        "find out why a recording lies in a computer's trash; where it matters, copy it out and take it in.",
    ),
    "gone-unsecured": Text(
        "立即向使用人了解：这段录像没有入库。",
        "ask the officer at once: this recording was never stored.",
    ),
    "clip-damaged": Text(
        "换盘并从备份恢复，然后 verify；记录仪上若还有原件，重新接入即可自动修复。",
        "replace the disk and restore from the backup, then verify; where the recorder still has it, docking it "
        "repairs it by itself.",
    ),
    "document-damaged": Text(
        "换盘并从备份恢复该文件、清单和签名（vault/blobs），然后 verify；下一轮复核读到完好的内容后自动消除。",
        "replace the disk, restore file, manifest and signature (vault/blobs) from the backup, then verify; it ends "
        "by itself once re-verification has read them again and they are good.",
    ),
    "read-back-failed": Text(
        "检查磁盘、内存和线缆；这个文件已重新采集，证据未受影响。",
        "check disk, memory and cables; the file was copied anew and is not affected.",
    ),
    "station-clock-stepped": Text(
        "检查 NTP；此后临界的时限可能判为“不能确定”。",
        "check NTP; close deadlines around that moment may be judged 'cannot tell'.",
    ),
    "lost": Text(
        "按遗失处理并寻找；其上可能有未入库的录像。找到后接入即自动消除。",
        "search for it: clips that were never stored may be on it. Docking it ends this by itself.",
    ),
    "other-officer": Text(
        "查明实际由谁使用，再补登记（命令 recorder assign --from --until）；存储卡上的自述不改。",
        "find out who used it and enter that (recorder assign --from --until); what the card claims is left.",
    ),
    "holder-unclear": Text(
        "查明录制时由谁使用，再补登记（命令 recorder assign --from --until）；保管链显示全部说法（custody）。",
        "find out who had it then and enter that (recorder assign --from --until); its custody shows what was said.",
    ),
    "other-recorder": Text(
        "查明文件为何在这台记录仪（这张卡）上：换过卡，还是有人复制；两台记录仪的保管链上都有记载。",
        "find out how they came onto this recorder or card: cards changed, or somebody copied them; the chains of "
        "both recorders say so.",
    ),
    "sequence-hole": Text(
        "向使用人了解缺号的录像在哪里：在别的采集点、别的卡上，还是被删除；补齐后自动消除。",
        "ask the officer where the missing recordings are: at another station, on another card, or deleted; it ends "
        "by itself once they are in.",
    ),
    "disk-full": Text(
        "腾出空间或扩充磁盘；有空间后采集自动继续，单独运行的 intake 请再次执行。记录仪请勿取走。",
        "leave the recorder and make room: the daemon goes on by itself, an intake of its own is run again.",
    ),
    "disk-low": Text(
        "扩充磁盘；证据不会为腾空间而删除，满了采集会暂停等待。",
        "add disk; no evidence is deleted to make room, intake waits when it is full.",
    ),
    "policy-refused": Text(
        "按所列的行和键改正 policy.toml（命令 ingestd policy check）；不必重启，十秒内自动重读。",
        "mend policy.toml at the lines and keys that ingestd policy check names; it is read again by itself.",
    ),
    "value-missing": Text(
        "从备份恢复 vault/values；日志中的摘要不受影响。",
        "restore vault/values from the backup; the digest in the log is not affected.",
    ),
    "import-refused": Text(
        "看结果文件（投递目录 refused 下，或 import 命令的输出）：逐行写明列和原因；在案件平台改正后重新导出即可，"
        "已采用的行不会重复。",
        "read the report (in refused/ of the drop folder, or what the import printed): it names line, column and "
        "reason; correct it in the platform and export again, rows that were taken are not taken twice.",
    ),
    "import-unreadable": Text(
        "看投递目录 refused 下的结果文件：多为表头、编码或格式（请另存为 CSV UTF-8）；改正后重新投递。",
        "read the report in refused/ of the drop folder: mostly header, encoding or format (save as CSV UTF-8); "
        "drop it again once corrected.",
    ),
    **{kind: one.to_do for kind, one in KINDS.items()},
}
"""What a person does about each kind, in the order of `KINDS`."""


def _signed_span(value: Fact, lang: Lang) -> str:
    """Milliseconds that the recorder's clock (or a step) is ahead: ``9 min slow``."""
    ms = int(value or 0)
    word = Text("快", "fast") if ms > 0 else Text("慢", "slow")
    return f"{word.zh} {span_text(ms, lang)}" if lang == "zh" else f"{span_text(ms, lang)} {word.en}"


_LABELS: dict[str, Text] = {
    "path": Text("文件", "file"),
    "fault": Text("原因", "fault"),
    "ended_earliest": Text("录制结束不早于", "ended not before"),
    "ended_latest": Text("录制结束不晚于", "ended not after"),
    "stored_at": Text("入库", "stored"),
    "hours": Text("规定时限", "limit"),
    "file": Text("文件", "file"),
    "line": Text("行", "line"),
    "key": Text("键", "key"),
    "faults": Text("错误数", "faults"),
    "slot": Text("槽位", "slot"),
    "session": Text("接入", "docking"),
    "what": Text("矛盾之处", "what differs"),
    "since_ms": Text("离开时间", "out since"),
    "file_sha256": Text("文件摘要", "digest of the file"),
    "rows": Text("行数", "rows"),
    "refused": Text("未采用的行数", "rows refused"),
    "by_ms": Text("调整", "step"),
    "assigned": Text("当时的使用人", "had it"),
    "named": Text("自述", "named"),
    "files": Text("文件数", "files"),
    "recorder": Text("接入的记录仪", "came by recorder"),
    "officer": Text("使用人", "officer"),
    "missing": Text("缺号", "missing numbers"),
    "before": Text("之前一段", "clip before"),
    "counted_per": Text("编号重新开始", "numbers start anew by"),
    "before_earliest": Text("录制不早于", "recorded not before"),
    "before_latest": Text("录制不晚于", "recorded not after"),
    "after": Text("之后一段", "clip after"),
    "after_earliest": Text("录制不早于", "recorded not before"),
    "after_latest": Text("录制不晚于", "recorded not after"),
    "at_least_ms": Text("时钟至少", "clock at least"),
    "at_most_ms": Text("时钟至多", "clock at most"),
    "free_bytes": Text("剩余空间", "room left"),
    "days_left": Text("按趋势还可用", "enough for, by trend"),
}
_UNKNOWN = Text("不能确定", "cannot tell")


def facts_text(facts: Sequence[tuple[str, Fact]], *, lang: Lang, zone: tzinfo) -> list[str]:
    """Each fact as ``label: value`` with its unit; a name without a label is shown as it is."""
    return [_COLON[lang].join(pair) for pair in fact_pairs(facts, lang=lang, zone=zone)]


def fact_pairs(facts: Sequence[tuple[str, Fact]], *, lang: Lang, zone: tzinfo) -> list[tuple[str, str]]:
    """The same as label and value."""
    return [
        (_label(name, lang), _value(name, value, lang, zone)) for name, value in law_words.readable(facts)
    ]


_BOUNDS = {
    "started": Text("录制开始", "recording began"),
    "ended": Text("录制结束", "recording ended"),
    "before": Text("之前一段录于", "clip before, recorded"),
    "after": Text("之后一段录于", "clip after, recorded"),
}
"""Moments that findings know as two bounds."""


def bounded_pairs(
    facts: Sequence[tuple[str, Fact]], *, now: Millis, lang: Lang, zone: tzinfo
) -> list[tuple[str, str]]:
    """The same where there is room: the two bounds of a moment stand together, as the span that they are."""
    known, told = dict(facts), list[tuple[str, str]]()
    for name, value in law_words.readable(facts):
        stem, _, bound = name.rpartition("_")
        if stem not in _BOUNDS or bound not in ("earliest", "latest"):
            told.append((_label(name, lang), _value(name, value, lang, zone)))
        elif bound == "earliest" or f"{stem}_earliest" not in known:
            bounds = (known.get(f"{stem}_earliest"), known.get(f"{stem}_latest"))
            earliest, latest = (None if one is None else canon.instant(str(one)) for one in bounds)
            moment = Interval(earliest=earliest, latest=latest, basis="")
            told.append((_BOUNDS[stem].say(lang), interval_brief(moment, now=now, zone=zone, lang=lang)))
    return told


_COLON: Mapping[Lang, str] = {"zh": "：", "en": ": "}


def _label(name: str, lang: Lang) -> str:
    return (_LABELS.get(name) or law_words.label(name) or Text(name, name)).say(lang)


def _value(name: str, value: Fact, lang: Lang, zone: tzinfo) -> str:
    if value is None:
        return _UNKNOWN.say(lang)
    shown: dict[str, Callable[[], str]] = {
        "fault": lambda: terms.word(terms.FAULTS, str(value)).say(lang),
        "hours": lambda: Text(f"{value} 小时", f"{value} h").say(lang),
        "since_ms": lambda: stamp_text(Millis(int(value)), zone),
        "by_ms": lambda: _signed_span(value, lang),
        "at_least_ms": lambda: _signed_span(value, lang),
        "at_most_ms": lambda: _signed_span(value, lang),
        "free_bytes": lambda: size_text(int(value)),
        "counted_per": lambda: terms.word(terms.COUNTERS, str(value)).say(lang),
        "days_left": lambda: Text(f"{value} 天", f"{value} d").say(lang),
    }
    if name == "stored_at" or name.endswith(("_earliest", "_latest")):
        return stamp_text(canon.instant(str(value)), zone)
    if name in shown:
        return shown[name]()
    return law_words.value(name, value, lang=lang, zone=zone) or str(value)
