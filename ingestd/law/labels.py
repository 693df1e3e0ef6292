"""Which classification labels a jurisdiction has (REC-17), and whom they keep from what bears one (OWN-24). PURE."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ingestd.law.rulebook import Rulebook
from ingestd.people.separation import LABELS_RULE, ROLES, Deed, Tie, sees
from ingestd.policy.model import SECOND_FACTOR, Label
from ingestd.registers.words import LABELS
from ingestd.words import Text

_OWN = Text("；执法人员限本人的", "; of officers: whose it is")


def labels_known(book: Rulebook) -> tuple[str, ...]:
    """Keys of `registers.words.LABELS`: those that the text lists; where no text says any, all."""
    rule = book.find(LABELS_RULE)
    told = () if rule is None else next((one.keys for one in rule.lists if one.name == "labels"), ())
    return tuple(one for one in LABELS if one in told) or tuple(LABELS)


def barring(
    labels: Iterable[Label], deed: Deed, roles: Collection[str], ties: Collection[Tie]
) -> Label | None:
    """The first of an item's labels that keeps a person from a deed of `separation.OPENED`; None: none does."""
    for label in labels:
        if not sees(roles, ties, label.look) or (deed is Deed.PICTURE and not label.preview):
            return label
    return None


def guarding(labels: Iterable[Label]) -> Label | None:
    """The first of an item's labels by which taking it away takes a fresh second factor."""
    return next((one for one in labels if one.export == SECOND_FACTOR), None)


def may_open(label: Label) -> Text:
    """Who opens what bears a label, for people."""
    roles, own = [ROLES[one] for one in label.look], _OWN if "officer" in label.look else Text("", "")
    return Text("、".join(one.zh for one in roles) + own.zh, ", ".join(one.en for one in roles) + own.en)


def bar_text(label: Label, deed: Deed) -> Text:
    """Why a label keeps somebody from a deed, with where that stands."""
    name, source, who = label.name, label.source(), may_open(label)
    if deed is Deed.PICTURE and not label.preview:
        return Text(
            f"标有“{name.zh}”，列表中不显示画面，{source.zh}",
            f"labelled “{name.en}”: lists show no frames of it, {source.en}",
        )
    return Text(
        f"标有“{name.zh}”，可打开的人员：{who.zh}，{source.zh}",
        f"labelled “{name.en}”, opened by: {who.en}, {source.en}",
    )


def guard_text(label: Label) -> Text:
    """Why taking it away takes a fresh second factor."""
    name, source = label.name, label.source()
    return Text(
        f"标有“{name.zh}”，取走原件、截图或文书须在五分钟内通过双因素验证，{source.zh}",
        f"labelled “{name.en}”: taking it away takes a second factor shown within five minutes, {source.en}",
    )
