"""Who may not do what: roles that do not go together, and ties of a person to an item (invariant 5). PURE.

The one table of deeds. What role a deed takes stands with its action (or in the policy: OWN-15); here stands
what no role helps against. A rule's id is the policy's where it has one, else ``SEP-n`` of this table.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ingestd.words import Text

ROLES = {
    "officer": Text("执法人员", "officer"),
    "dock-keeper": Text("采集站管理人员", "dock keeper"),
    "case-officer": Text("案件承办人", "case officer"),
    "supervisor": Text("监督人员", "supervisor"),
    "legal-reviewer": Text("法制审核人员", "legal reviewer"),
    "archivist": Text("档案管理人员", "archivist"),
    "administrator": Text("系统管理员", "administrator"),
    "outside-supervisor": Text("外部监督人员", "outside supervisor"),
}
"""Roles by their keys, for people."""
FRESH_MS = 300_000
"""How long a second factor counts as fresh: five minutes."""


class Tie(StrEnum):
    """How a person is tied to an item."""

    WEARER = "wearer"
    """Recorded it, or may have: had the recorder at that time."""
    ON_ACT = "on-act"
    """Was on the act that it shows, or on an act of the case."""
    HOLDER = "holder"
    """Has the recorder, or had it when it last left a slot."""


_OF_EVIDENCE = frozenset((Tie.WEARER, Tie.ON_ACT))


class Deed(StrEnum):
    """What a person wants to do to an item."""

    LOOK = "look"
    """That there is such an item, and what its row says."""
    OPEN = "open"
    """Its picture and sound."""
    PICTURE = "picture"
    """Its frames in lists, where nobody opened it."""
    EXTRACT = "extract"
    """Takes its original, or a picture of it, away."""
    LINK = "link"
    UNLINK = "unlink"
    WAIVE = "waive"
    DETERMINE = "determine"
    JUDGE = "judge"
    OPINION = "opinion"
    HOLD = "hold"
    SEAL = "seal"
    DISPOSE = "dispose"
    HAND_OUT = "hand-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rule that keeps tied people from a deed."""

    rule: str
    ties: frozenset[Tie]
    text: Text


def _own(what_zh: str, what_en: str) -> Text:
    return Text(
        f"录制人和参加该执法行为的人员不得{what_zh}", f"who recorded it or was on its act may not {what_en}"
    )


BARS: dict[Deed, Bar] = {
    Deed.EXTRACT: Bar(rule="REC-3", ties=_OF_EVIDENCE, text=_own("提取", "extract it")),
    Deed.LINK: Bar(rule="SEP-1", ties=_OF_EVIDENCE, text=_own("决定其归属", "say where it belongs")),
    Deed.UNLINK: Bar(rule="SEP-1", ties=_OF_EVIDENCE, text=_own("决定其归属", "say where it belongs")),
    Deed.WAIVE: Bar(rule="OWN-15", ties=_OF_EVIDENCE, text=_own("免除其异常", "waive its findings")),
    Deed.DETERMINE: Bar(
        rule="OWN-15", ties=_OF_EVIDENCE, text=_own("认定其无需录像", "say that no film was needed")
    ),
    Deed.JUDGE: Bar(rule="SEP-2", ties=_OF_EVIDENCE, text=_own("评定其抽查", "judge its audit")),
    Deed.OPINION: Bar(rule="SEP-3", ties=_OF_EVIDENCE, text=_own("出具审核意见", "give the opinion on it")),
    Deed.DISPOSE: Bar(rule="SEP-4", ties=_OF_EVIDENCE, text=_own("处置", "dispose of it")),
    Deed.HAND_OUT: Bar(
        rule="SEP-5",
        ties=frozenset((Tie.HOLDER,)),
        text=Text(
            "记录仪的使用人不得参与放行", "the officer of the recorder may not take part in its hand-out"
        ),
    ),
}

FRESH: frozenset[Deed] = frozenset(
    (Deed.UNLINK, Deed.WAIVE, Deed.OPINION, Deed.HOLD, Deed.SEAL, Deed.DISPOSE)
)
"""Deeds that take a fresh second factor (design 5)."""
SEEN: frozenset[Deed] = frozenset((Deed.LOOK, Deed.OPEN, Deed.PICTURE))
"""Deeds of whoever sees an item, by role and ties (`sees`)."""
OPENED: frozenset[Deed] = frozenset((Deed.OPEN, Deed.PICTURE, Deed.EXTRACT))
"""Deeds of which the labels of an item have something to say (OWN-24, `law.labels`)."""
EVIDENCE: frozenset[Deed] = frozenset(Deed) - {Deed.HAND_OUT}
"""Deeds that nobody does without seeing evidence."""

READERS = ("case-officer", "supervisor", "legal-reviewer", "archivist", "outside-supervisor")
"""Roles that see the evidence of their units; an officer sees what is his own."""
LOOKERS = (*READERS, "officer")
ADMINISTRATOR = "administrator"
ADMINISTRATOR_RULE = "SEP-6"
SCOPE_RULE = "SEP-7"
TOGETHER_RULE = "SEP-8"
FRESH_RULE = "SEP-9"
LABELS_RULE, LABEL_RULE = "REC-17", "OWN-24"
"""The policy's: which classification labels there are, by a jurisdiction's text, and what follows from them, by the
house; the words of that are those of each label (`law.labels`)."""

RULES: dict[str, Text] = {
    **{bar.rule: bar.text for deed, bar in BARS.items() if deed is not Deed.DETERMINE},
    ADMINISTRATOR_RULE: Text("管理员不得查看证据", "who administers sees no evidence"),
    SCOPE_RULE: Text("只处理本单位及下级单位的事项", "nobody sees matters outside their units"),
    TOGETHER_RULE: Text(
        "管理员角色不得与查看证据的角色并存，管理员不得更改自己的角色",
        "the administrator's role goes with none that sees evidence, and nobody changes their own roles",
    ),
    FRESH_RULE: Text(
        "解除关联、免除、审核意见、留存、封存、处置须在五分钟内通过双因素验证",
        "unlink, waive, opinion, hold, seal, dispose take a second factor shown within five minutes",
    ),
}
"""Every rule by its id, for people."""


def barred(deed: Deed, ties: Collection[Tie]) -> Bar | None:
    """The rule that keeps a person with these ties from a deed; None where none does."""
    bar = BARS.get(deed)
    return bar if bar is not None and bar.ties & set(ties) else None


def go_together(roles: Collection[str]) -> bool:
    """Whether one account may have all these roles."""
    return ADMINISTRATOR not in roles or not {*READERS, "officer"} & set(roles)


def sees(roles: Collection[str], ties: Collection[Tie], lookers: Collection[str] = LOOKERS) -> bool:
    """Whether these roles see an item to which the person is tied like that; ``lookers``: those that may at all."""
    found = set(roles) & set(lookers)
    return bool(found & set(READERS)) or ("officer" in found and bool(_OF_EVIDENCE & set(ties)))
