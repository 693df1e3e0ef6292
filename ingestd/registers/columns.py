"""The registers that files can fill, and the one table of their columns: names, meaning, how a cell is read. PURE.

Header, options of the commands and docs/registers.md come from here. A column of a personal value names the part
of the value that it fills (``name_value`` has the part ``name``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ingestd.facts import Act, Case, Decision, Officer, Party, Review, TextRecord, Unit
from ingestd.registers import cells, words
from ingestd.registers.cells import Parser, narrow
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of a register."""

    field: str
    names: tuple[str, ...]
    """What a header may call it; the first is the one that we write, English ones have no capitals."""
    parse: Parser
    help: Text
    part: str | None = None
    """The part of a personal value."""
    is_required: bool = False
    refers: str | None = None
    """The register whose ids these are: lost zeros are told, unknown ids noted."""
    has_happened: bool = False
    """Says when something happened: one that is still to come is noted."""

    @property
    def option(self) -> str:
        """As an option of a command: ``--valid-until``."""
        return "--" + self.key.replace("_", "-")

    @property
    def key(self) -> str:
        """As JSON files and arguments of actions call it."""
        return self.part or self.field.removesuffix("_e6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One kind of row."""

    name: str
    words: Text
    file_names: tuple[str, ...]
    """How the name of a file of this kind begins."""
    columns: tuple[Column, ...]
    row: type[Any] | None
    """Its value in `facts`; None: rows that are actions (assignments)."""
    key_field: str

    @property
    def key(self) -> Column:
        """The column of its id."""
        return next(one for one in self.columns if one.field == self.key_field)


def _column(
    field: str,
    names: str,
    parse: Parser,
    zh: str,
    en: str,
    *,
    part: str | None = None,
    is_required: bool = False,
    refers: str | None = None,
    has_happened: bool = False,
) -> Column:
    return Column(
        field=field,
        names=tuple(names.split()),
        parse=parse,
        help=Text(zh, en),
        part=part,
        is_required=is_required,
        refers=refers,
        has_happened=has_happened,
    )


def _id(field: str, names: str, zh: str, en: str, refers: str | None = None) -> Column:
    return _column(field, names, cells.identifier, zh, en, refers=refers or field, is_required=True)


def _ref(field: str, names: str, zh: str, en: str, refers: str) -> Column:
    return _column(field, names, cells.identifier, zh, en, refers=refers)


def _said(field: str, part: str, names: str, zh: str, en: str) -> Column:
    return _column(field, names, cells.prose, zh, en, part=part)


def _when(field: str, names: str, zh: str, en: str) -> Column:
    return _column(field, names, cells.moment_or_day, zh, en, has_happened=True)


_CASE = ("案件编号 案号 立案号 case case_id case_no", "案件编号", "id of the case")

UNIT = Register(
    name="unit",
    words=Text("单位", "units"),
    file_names=("unit", "单位", "机构", "部门"),
    row=Unit,
    key_field="unit",
    columns=(
        _id("unit", "单位编号 机构编号 部门编号 unit unit_id", "单位编号", "id of the unit"),
        _ref("parent", "上级单位编号 上级单位 上级 parent parent_id", "上级单位编号", "id of its parent",
             "unit"),
        _column("name", "单位名称 名称 机构名称 部门名称 name unit_name", cells.label, "名称", "its name"),
        _column("key_unit", "重点单位 重点执法单位 是否重点 key_unit", cells.flag,
                "是否重点执法单位（REC-19、REV-6）",
                "whether it is a key unit (REC-19, REV-6)"),
        _column("persons", "人数 执法人数 在编人数 persons", cells.count, "执法人员与辅助人员总数",
                "officers and auxiliaries in all"),
        _column("recorders", "执法记录仪数 记录仪数 recorders", cells.count, "执法记录仪数量",
                "number of recorders"),
    ),
)  # fmt: skip

OFFICER = Register(
    name="officer",
    words=Text("人员", "officers"),
    file_names=("officer", "人员", "执法人员", "staff"),
    row=Officer,
    key_field="officer",
    columns=(
        _id("officer", "人员编号 警号 工号 执法人员编号 officer officer_id number", "警号、工号或证号",
            "number of the officer"),
        _said("name_value", "name", "姓名 name full_name", "姓名", "name"),
        _ref("unit", "单位编号 所属单位编号 所属单位 单位 部门 unit unit_id", "所属单位编号",
             "id of the unit", "unit"),
        _column("certificate", "证件编号 执法证号 执法证编号 certificate", cells.identifier, "执法证件编号",
                "number of the certificate"),
        _column("category", "执法类别 类别 category", cells.label, "执法类别", "category of enforcement"),
        _column("area", "执法区域 区域 area", cells.label, "执法区域", "area of enforcement"),
        _column("title", "职务 title", cells.label, "职务", "title"),
        _column("valid_from", "证件生效 有效期自 发证日期 valid_from", cells.moment_or_day, "证件自何日有效",
                "first day of the certificate"),
        _column("valid_until", "证件有效期 有效期至 有效期止 valid_until", cells.last_day,
                "证件有效至何日（含当日）",
                "last day of the certificate"),
        _column("role", "身份 人员类型 role", cells.choice(words.ROLES), "执法人员或辅助人员",
                "officer or auxiliary"),
        _column("reviewer", "法制审核人员 审核人员 reviewer", cells.flag, "是否法制审核人员",
                "whether a legal reviewer"),
        _column("qualified", "法律职业资格 qualified", cells.flag, "有无法律职业资格",
                "whether qualified for the legal profession"),
        _column("active", "在岗 在职 active", cells.flag, "是否在岗", "whether in service"),
    ),
)  # fmt: skip

_WHO = (
    _said("party_value", "name", "姓名或名称 当事人 名称 姓名 当事人名称 subject_name name", "当事人姓名或名称",
          "name of the subject"),
    _column("party_value", "证件号码 当事人证件号码 身份证号 统一社会信用代码 subject_id_number id_number",
            cells.identifier, "证件号码或统一社会信用代码", "number of the identity card or of the organisation",
            part="id_number"),
    _said("party_value", "address", "地址 住址 住所 subject_address address", "地址", "address"),
    _said("party_value", "phone", "电话 联系电话 subject_phone phone", "电话", "telephone"),
    _said("party_value", "representative", "法定代表人 负责人 representative", "法定代表人",
          "legal representative"),
)  # fmt: skip

SUBJECT = Register(
    name="subject",
    words=Text("当事人", "subjects"),
    file_names=("subject", "party", "当事人", "执法对象", "相对人"),
    row=Party,
    key_field="party",
    columns=(
        _column("party", "对象编号 subject party", cells.identifier,
                "本系统的对象编号（可不填：按证件号码查找）",
                "our id (may be left out: found by the identity number)", refers="subject"),
        _column("kind", "类型 当事人类型 kind", cells.choice(words.PARTY_KINDS), "自然人或单位",
                "person or organisation"),
        *_WHO,
        _ref("case", "案件编号 案号 case case_id", "所涉案件编号", "id of a case that concerns it", "case"),
    ),
)  # fmt: skip

CASE = Register(
    name="case",
    words=Text("案件", "cases"),
    file_names=("case", "案件", "立案"),
    row=Case,
    key_field="case",
    columns=(
        _id("case", *_CASE),
        _ref("unit", "承办单位编号 承办单位 办案单位 单位编号 单位 unit unit_id", "承办单位编号",
             "id of the undertaking unit", "unit"),
        _column("kind", "案件类型 案件类别 执法种类 类型 kind", cells.choice(words.CASE_KINDS),
                "行政行为的种类",
                "kind of administrative act"),
        _said("title_value", "title", "案由 案件名称 标题 title", "案由", "what it is about"),
        _when("opened_at", "立案时间 立案日期 受理时间 opened_at opened", "立案时间", "when it was opened"),
        _when("concluded_at", "结案时间 结案日期 办结时间 办结日期 程序终结日期 concluded_at concluded",
              "执法行为终结之日（REC-11）",
              "when the procedure ended (REC-11)"),
        _when("decided_at", "决定时间 决定日期 decided_at decided", "作出决定之日", "when it was decided"),
        _column("decision", "决定种类 处理结果 处罚种类 decision", cells.label, "决定的种类（一个词）",
                "kind of decision, one word"),
        _column("major", "重大执法决定 重大决定 是否重大 major", cells.flag, "是否重大执法决定；空为未定",
                "whether a major decision; empty: not determined"),
        _column("random_inspection", "双随机 随机抽查 random_inspection", cells.flag,
                "是否双随机抽查（DIS-6）",
                "whether a random inspection (DIS-6)"),
        _said("subjects", "subject_name", "当事人 当事人姓名 当事人名称 subject_name subjects",
              "当事人姓名或名称，多个用分号分开", "names of the subjects, separated by semicolons"),
        _said("subjects", "subject_id_number",
              "当事人证件号码 证件号码 身份证号 统一社会信用代码 subject_id_number",
              "证件号码，顺序同上", "their identity numbers, in the same order"),
        _said("subjects", "subject_kind", "当事人类型 subject_kind", "自然人或单位，顺序同上",
              "person or organisation, in the same order"),
    ),
)  # fmt: skip

ACT = Register(
    name="act",
    words=Text("执法行为", "acts"),
    file_names=("act", "执法行为", "行为", "执法活动"),
    row=Act,
    key_field="act",
    columns=(
        _id("act", "行为编号 执法行为编号 act act_id", "执法行为编号", "id of the act"),
        _ref("case", *_CASE, "case"),
        _column("kind", "行为类型 执法行为 行为种类 环节 kind", cells.label,
                "执法行为种类（规则目录中的键或名称）",
                "kind of act: key or name of the policy's catalogue"),
        _column("stage", "阶段 执法阶段 stage", cells.choice(words.STAGES), "执法阶段",
                "stage of the procedure"),
        _said("place_value", "place", "地点 执法地点 place", "地点", "place"),
        _column("lat_e6", "纬度 lat latitude", cells.degrees(90), "纬度（WGS 84）", "latitude (WGS 84)"),
        _column("lon_e6", "经度 lon lng longitude", cells.degrees(180), "经度（WGS 84）",
                "longitude (WGS 84)"),
        _column("started_at", "开始时间 执法开始时间 started_at started start", cells.moment, "开始时刻",
                "when it began", has_happened=True),
        _column("ended_at", "结束时间 执法结束时间 ended_at ended end", cells.moment, "结束时刻",
                "when it ended", has_happened=True),
        _column("officers", "执法人员 执法人员编号 人员编号 警号 officers officer", cells.identifiers,
                "在场执法人员编号，用逗号或空格分开",
                "numbers of the officers on it, separated by commas or blanks", refers="officer"),
        _column("result", "结果 执法结果 result", cells.label, "结果", "result"),
        _said("note_value", "note", "备注 说明 note", "备注", "remark"),
        _column("premises", "办案场所 执法办案场所 premises", cells.flag, "是否在执法办案场所",
                "whether in the agency's enforcement premises"),
    ),
)  # fmt: skip

RECORD = Register(
    name="record",
    words=Text("文字记录", "text records"),
    file_names=("record", "文字记录", "文书", "笔录"),
    row=TextRecord,
    key_field="record",
    columns=(
        _id("record", "文书编号 记录编号 笔录编号 record record_id", "文书编号", "id of the text record"),
        _ref("case", *_CASE, "case"),
        _ref("act", "行为编号 执法行为编号 act act_id", "执法行为编号", "id of the act", "act"),
        _column("kind", "文书类型 文书名称 文书种类 kind", cells.label, "文书种类", "kind of document"),
        _when("made_at", "制作时间 制作日期 made_at made", "制作时间", "when it was made"),
        _column("signed", "签名 是否签名 当事人签名 signed", cells.choice(words.SIGNED), "当事人是否签名",
                "whether the party signed"),
        _said("refusal_value", "refusal", "拒签原因 拒签理由 refusal", "拒绝签名的原因",
              "why it was not signed"),
        _column("sha256", "摘要 sha256", cells.digest, "文书文件的 SHA-256",
                "SHA-256 of the document's file"),
    ),
)  # fmt: skip

DECISION = Register(
    name="decision",
    words=Text("决定", "decisions"),
    file_names=("decision", "决定", "执法决定"),
    row=Decision,
    key_field="decision",
    columns=(
        _id("decision", "决定书编号 决定书文号 文号 decision decision_id", "决定书文号",
            "id of the decision"),
        _ref("case", *_CASE, "case"),
        _when("at", "决定时间 决定日期 作出日期 at decided_at", "作出决定之日", "when it was made"),
        _column("kind", "决定种类 处罚种类 处理结果 kind", cells.label, "决定的种类（一个词）",
                "kind of decision, one word"),
        _when("public_at", "公示时间 公开日期 public_at public", "公示之日", "when it was published"),
        _when("revoked_at", "撤销时间 确认违法日期 revoked_at revoked",
              "知悉被撤销、确认违法或要求重作之日（DIS-2）",
              "when it was known to be revoked, unlawful or to be redone (DIS-2)"),
        _when("withdrawn_at", "撤下时间 撤回公示日期 withdrawn_at withdrawn", "从公示中撤下之日",
              "when it was withdrawn from publication"),
    ),
)  # fmt: skip

REVIEW = Register(
    name="review",
    words=Text("法制审核", "reviews"),
    file_names=("review", "法制审核", "审核"),
    row=Review,
    key_field="review",
    columns=(
        _id("review", "审核编号 review review_id", "审核编号", "id of the review"),
        _ref("case", *_CASE, "case"),
        _column("round", "轮次 次数 round", cells.count, "第几轮", "which round"),
        _when("self_checked_at", "自查时间 合法性自查日期 self_checked_at self_checked",
              "承办单位自查之日（REV-5）",
              "when the unit checked itself (REV-5)"),
        _when("submitted_at", "送审时间 送审日期 submitted_at submitted", "送审时间",
              "when it was submitted"),
        _column("due_at", "审核期限 due_at due", cells.last_day, "审核期限（含当日）",
                "limit of the review, that day included"),
        _ref("reviewer", "审核人员编号 审核人 reviewer", "审核人员编号", "number of the reviewer", "officer"),
        _column("opinion", "审核意见 意见 opinion", cells.choice(words.OPINIONS), "同意、纠正或移送",
                "agree, correct or transfer"),
        _when("opinion_at", "意见时间 审核日期 opinion_at", "出具意见之日", "when the opinion was given"),
        _said("reason_value", "reason", "理由 审核理由 reason", "理由", "reasons"),
        _when("escalated_at", "提请协调时间 escalated_at escalated", "意见不一致、提请协调之日（REV-9）",
              "when disagreement was taken further (REV-9)"),
    ),
)  # fmt: skip

ASSIGNMENT = Register(
    name="assignment",
    words=Text("配发", "assignments"),
    file_names=("assignment", "roster", "配发", "排班", "分配"),
    row=None,
    key_field="recorder",
    columns=(
        _id("recorder", "执法记录仪编号 记录仪编号 记录仪 recorder recorder_id", "记录仪编号",
            "id of the recorder"),
        _column("officer", "人员编号 警号 工号 使用人 officer officer_id", cells.identifier,
                "使用人员编号；空为收回",
                "number of the officer; empty: nobody's", refers="officer"),
        _column("mode", "方式 配发方式 mode", cells.choice(words.MODES), "固定、按班次或临时",
                "permanent, for a shift, ad hoc"),
        _column("since_at", "开始时间 起 自 since_at since from", cells.moment_or_day, "自何时起",
                "since when"),
        _column("until_at", "结束时间 止 至 until_at until to", cells.last_day,
                "至何时止（只写日期则含当日）",
                "until when (a day alone is included)"),
    ),
)  # fmt: skip

REGISTERS: dict[str, Register] = {
    one.name: one for one in (UNIT, OFFICER, SUBJECT, CASE, ACT, RECORD, DECISION, REVIEW, ASSIGNMENT)
}
"""All of them by name, in an order in which one refers to those before it."""

_DECORATION = re.compile(r"[\s*＊:：_-]+|[（(［\[【].*?[)）\]］】]")


def header_key(text: str) -> str:
    """A header's name without blanks, stars, brackets with remarks and capitals."""
    return _DECORATION.sub("", narrow(text)).casefold()


def by_header(register: Register) -> dict[str, Column]:
    """Every name of every column of a register, as `header_key` makes it."""
    found: dict[str, Column] = {}
    for column in register.columns:
        for name in (*column.names, column.key, column.field):
            found.setdefault(header_key(name), column)
    return found
