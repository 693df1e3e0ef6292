"""The guide of phrases (REC-24): what a note says of an act, one touch each, and what is said on the spot. PURE.

A suggestion by us, by kind of act in the catalogue (`policies/`); no text prescribes words. An officer changes what
does not fit, and writes the rest. The texts that ask for a guide leave its words to the agency.
"""

from __future__ import annotations

from ingestd.policy.model import Act
from ingestd.words import Text

ALWAYS: tuple[Text, ...] = (
    Text("事由：", "cause: "),
    Text("地点：", "place: "),
    Text("在场人员：", "present: "),
    Text("当事人在场并配合。", "the party was there and cooperated."),
    Text("当事人不配合，已告知法律后果。", "the party did not cooperate and was told what follows in law."),
    Text("当事人拒绝签字，已注明情况。", "the party refused to sign; this was noted."),
    Text("无见证人在场。", "no witness was there."),
    Text("记录仪中途断电。", "the recorder lost power on the way."),
    Text("误触启动，无执法内容。", "started by mistake, shows no act."),
)
"""For any recording."""

_COERCIVE = (
    Text("已当场告知理由、依据和权利。", "reasons, grounds and rights were told on the spot."),
    Text("清单已核对并交付当事人。", "the list was checked and handed to the party."),
    Text("已加贴封条。", "seals were put on."),
)
_FORCED = (
    Text("执行前已再次催告。", "a last reminder was given before."),
    Text("现场已清点并登记物品。", "things on the spot were counted and listed."),
    Text("执行完毕，无人员受伤。", "it is done; nobody was hurt."),
)
_SERVICE = (
    Text("文书已当面送达并签收。", "the document was handed over and signed for."),
    Text("由同住成年家属签收。", "an adult of the household signed for it."),
)

BY_ACT: dict[str, tuple[Text, ...]] = {
    "inspection": (
        Text("已出示执法证件，说明检查事项。", "certificates were shown, the inspection was explained."),
        Text("检查未发现问题。", "the inspection found nothing wrong."),
        Text("发现问题，已制作现场检查笔录。", "something was wrong; a record of the inspection was made."),
        Text("当事人已签字确认笔录。", "the party signed the record."),
    ),
    "on-the-spot": (
        Text("已出示执法证件，说明事由。", "certificates were shown, the cause was told."),
        Text("已当场改正。", "it was put right on the spot."),
        Text("已作出当场处理。", "it was dealt with on the spot."),
    ),
    "evidence-taking": (
        Text("已告知当事人权利义务。", "rights and duties were told."),
        Text("已制作调查笔录并签字。", "a record was made and signed."),
        Text("已复制相关材料并由当事人确认。", "copies were made and confirmed by the party."),
    ),
    "questioning": (
        Text("询问前已核实身份、告知权利。", "identity was checked and rights were told before."),
        Text("笔录已核对并逐页签字。", "the record was read over and each page signed."),
    ),
    "sampling": (
        Text("样品已封存并编号。", "samples were sealed and numbered."),
        Text("抽样凭证已签字。", "the receipt of the samples was signed."),
    ),
    "evidence-preservation": (
        Text("已宣读证据保全决定。", "the decision was read out."),
        Text("清单已签字，物品已封存。", "the list was signed, the things were sealed."),
    ),
    "hearing": (
        Text("已核对参加人员身份。", "the identity of those present was checked."),
        Text("听证全程录制，无中断。", "the hearing was recorded whole."),
    ),
    "coercive-measure": _COERCIVE,
    "seizure": _COERCIVE,
    "impounding": _COERCIVE,
    "forced-demolition": _FORCED,
    "forced-execution": _FORCED,
    "service": _SERVICE,
    "service-by-leaving": (
        Text("拒收，已留置送达并拍照。", "refused; it was left there and photographed."),
        Text("见证人已签字。", "the witness signed."),
    ),
    "service-by-notice": (Text("公告已张贴并拍照。", "the notice was posted and photographed."),),
    "premises": (
        Text("人员进入办案场所，已登记。", "the person entered the premises and was registered."),
        Text("人员离开办案场所，已登记。", "the person left the premises; this was registered."),
    ),
}
"""By key of the act catalogue."""

SPOKEN: tuple[Text, ...] = (
    Text(
        "我们是〔单位〕的执法人员〔姓名〕，这是执法证件。",
        "we are officers of [unit], [names]; these are our certificates.",
    ),
    Text("现在是〔时间〕，在〔地点〕，事由是〔事由〕。", "it is [time], at [place]; the cause is [cause]."),
    Text("本次执法全程录音录像。", "all of this is being recorded in picture and sound."),
    Text("您有陈述、申辩和申请回避的权利。", "you may state your case and ask for other officers."),
)
"""What is said at the start of a recording (REC-8, REC-29), as a reminder."""


def guide(kind: str | None, catalogue: tuple[Act, ...]) -> tuple[Text, ...]:
    """Phrases for a recording of this kind of act (by any of its words), then those for any."""
    key = next((act.key for act in catalogue if kind in act.called), None)
    return (*BY_ACT.get(key or "", ()), *ALWAYS)
