"""The findings that intake opens: each kind with its words. PURE.

A finding is something that a person must answer. Its id is made of kind and subject, so that the same thing
seen again does not open a second one.
"""

from __future__ import annotations

from ingestd.events import FindingClosed, FindingOpened
from ingestd.law import kinds as law
from ingestd.law.finding import finding_id
from ingestd.model import Sha256
from ingestd.words import Text

KINDS: dict[str, Text] = {
    "claims-disagree": Text(
        "记录仪自述的人员或编号互相矛盾，未作取舍，请核实",
        "the card names different officers or numbers; none was chosen, please settle it",
    ),
    "recorder-unassigned": Text(
        "首次接入的记录仪尚未分配给人员",
        "a recorder docked for the first time is assigned to nobody",
    ),
    "recorder-unidentified": Text(
        "无法识别的存储卡，已照原样采集，未清除",
        "a card that names no recorder was acquired as it is and not freed",
    ),
    "quarantined": Text(
        "有文件未能完整读出，已保存可读部分，原件仍在记录仪上",
        "a file could not be read whole; what was readable is stored and it stays on the recorder",
    ),
    "not-acquired": Text(
        "有文件未能采集，仍在记录仪上",
        "a file could not be acquired and is still on the recorder",
    ),
    "removed-elsewhere": Text(
        "已入库的文件在清除之前从记录仪上消失",
        "a secured file vanished from the recorder before it was released",
    ),
    "pulled-early": Text(
        "记录仪在采集完成前被取走",
        "the recorder was taken before intake had ended",
    ),
    "release-failed": Text(
        "应清除的文件未能从记录仪清除",
        "files that were due could not be removed from the recorder",
    ),
    "card-unlistable": Text(
        "存储卡上有无法列出的文件夹",
        "a folder on the card could not be listed",
    ),
    "device-hung": Text(
        "记录仪无响应，已放弃读取",
        "the recorder did not answer and was given up",
    ),
    "device-error": Text(
        "记录仪在读取时出错，采集中断",
        "the recorder failed while it was read; intake stopped there",
    ),
    "station-error": Text(
        "采集站的磁盘出错，采集中断",
        "the station's disk failed; intake stopped there",
    ),
    "intake-failed": Text(
        "采集程序自身出错，采集中断",
        "intake itself failed and stopped there",
    ),
    "device-refused": Text(
        "槽位中的设备不是可读取的记录仪，已拒绝",
        "what is in the slot is no recorder that can be read; it was refused",
    ),
    "same-serial-twice": Text(
        "两个槽位中的记录仪自报同一编号，都已采集，都未清除",
        "recorders in two slots claim one serial; both are taken in, neither is freed",
    ),
    "clock-reset": Text(
        "记录仪时钟曾被重置，录制时间只能给出范围",
        "the recorder's clock was reset; times are ranges",
    ),
    "clock-off": Text(
        "记录仪时钟偏差过大，时间按偏差区间换算",
        "the recorder's clock is far off; times allow for it",
    ),
    "trash-recording": Text(
        "电脑回收站里有录像文件，未采集，请核实",
        "a recording lies in a computer's trash folder on the card; it was left, please look",
    ),
    "gone-unsecured": Text(
        "此前见过、尚未入库的文件已从记录仪上消失",
        "a file seen before and never secured is gone from the recorder",
    ),
    "clip-damaged": Text(
        "库存字节与其摘要不符",
        "stored bytes do not match their digest",
    ),
    "document-damaged": Text(
        "文字记录的文件与入库、签名时不符",
        "the file of a text record is not what was stored and signed",
    ),
    "read-back-failed": Text(
        "写入后回读不一致，已重新采集；请检查磁盘",
        "a read-back differed and the file was copied anew; check the disk",
    ),
    "station-clock-stepped": Text(
        "采集站时钟被调整",
        "the station's clock was stepped",
    ),
    "lost": Text(
        "记录仪已报失",
        "a recorder was reported lost",
    ),
    "other-officer": Text(
        "记录仪或其文件自述的人员不是当时的使用人",
        "the recorder or its files name an officer who did not have it",
    ),
    "holder-unclear": Text(
        "文件未写明人员，录制时由谁使用不能确定，未作取舍",
        "a file names no officer and who had the recorder then cannot be told; none was chosen",
    ),
    "other-recorder": Text(
        "文件自述来自另一台记录仪",
        "files name another recorder than the one that they came by",
    ),
    "sequence-hole": Text(
        "记录仪自身的编号有缺号",
        "numbers are missing in the recorder's own numbering",
    ),
    "disk-low": Text(
        "磁盘空间将尽",
        "the disk is running out of room",
    ),
    "policy-refused": Text(
        "规则文件有错误，未采用，原有规则继续有效",
        "the policy file has faults and was not taken; what was in force stays so",
    ),
    "value-missing": Text(
        "个人信息文件缺失",
        "a file of personal text is missing",
    ),
    "import-refused": Text(
        "导入的登记文件有行未能采用，其余已采用",
        "rows of an imported register were refused; the others were taken",
    ),
    "import-unreadable": Text(
        "投递的登记文件整份无法采用",
        "a dropped register file could not be taken at all",
    ),
    **{kind: one.what for kind, one in law.KINDS.items()},
}
"""Every kind of finding with its sentence: the dock's own, then those that the rules make."""


def opened(
    kind: str,
    about: str,
    *facts: tuple[str, str | int | None],
    rule: str | None = None,
    layer: str | None = None,
    policy_sha256: Sha256 | None = None,
) -> FindingOpened:
    """The event that opens a finding of a known kind."""
    assert kind in KINDS
    return FindingOpened(
        finding=finding_id(kind, about),
        kind=kind,
        about=about,
        rule=rule,
        layer=layer,
        facts=facts,
        policy_sha256=policy_sha256,
    )


def closed(kind: str, about: str, why: str) -> FindingClosed:
    """The event that ends a finding by facts."""
    return FindingClosed(finding=finding_id(kind, about), about=about, why=why)
