"""An agency's own file, ``DIR/policy.toml``: what it changes in its baseline, and rules of its own. PURE.

It may give rules of the baseline other numbers or switch them off, each with who and why; add to lists that a text
leaves open (等); describe acts of the catalogue anew and add others; say what follows from a classification label;
and state rules of its own. A rule of its jurisdiction it can't touch: that is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ingestd.policy.model import (
    AGENCY,
    BASELINE,
    UNKNOWN,
    Change,
    Label,
    Layer,
    Policy,
    Rule,
)
from ingestd.policy.reader import Fault, Reader
from ingestd.policy.schema import (
    EXPORTS,
    KEY,
    RULE_ID,
    digest_of,
    opened,
    read_acts,
    read_look,
    read_rules,
)
from ingestd.words import Text

TITLE = Text("本机关自行规定", "the agency's own rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFile:
    """An agency's own file: its layer, and what it changes in those below."""

    layer: Layer
    overrides: tuple[Change, ...]
    off: tuple[Change, ...]
    extensions: tuple[Extension, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Terms and acts that the agency adds to an open list of a rule."""

    rule: str
    listing: str
    items: tuple[str, ...]
    keys: tuple[str, ...]
    acts: tuple[str, ...]
    by: str
    reason: Text


def parse(name: str, data: bytes, below: Policy) -> tuple[AgencyFile | None, list[Fault]]:
    """The file, and its faults; None where there are any. ``below`` is what it stands above."""
    top, faults = opened(name, data, is_plain=True)
    if top is None:
        return None, faults.found
    known = {rule.id: rule for rule in below.rules}
    changed: set[str] = set()
    overrides = tuple(_override(table, known, changed) for table in top.tables("override"))
    off = tuple(_off(table, known, changed) for table in top.tables("off"))
    acts = read_acts(top, AGENCY, stated=[act.key for act in below.acts if act.layer != BASELINE])
    every = {act.key for act in (*below.acts, *acts)}
    extensions = tuple(_extension(table, known, every) for table in top.tables("extend"))
    rules = read_rules(top, layer=AGENCY, document=None, effective=UNKNOWN, acts=every, below=below.rules)
    labels = _labels(top, below)
    top.done()
    if faults.found:
        return None, faults.found
    layer = Layer(
        key=AGENCY,
        title=TITLE,
        document=None,
        issued=None,
        scope=(),
        rests_on=(),
        none=(),
        none_notes=(),
        rules=rules,
        acts=acts,
        labels=labels,
        sha256=digest_of(data),
    )
    return AgencyFile(layer=layer, overrides=overrides, off=off, extensions=extensions), []


def _baselines(table: Reader, known: dict[str, Rule], changed: set[str]) -> Rule | None:
    """The rule of the baseline that a table names; once in a file."""
    rule = known.get(table.text("rule", pattern=RULE_ID))
    if rule is None:
        table.fault("rule", "没有这条规则", "there is no such rule")
    elif rule.layer != BASELINE:
        table.fault(
            "rule",
            f"{rule.id} 是 {rule.document} 的规定，本机关不能更改或停用",
            f"{rule.id} is a rule of {rule.layer}: the agency can neither change it nor switch it off",
        )
        return None
    elif rule.id in changed:
        table.fault("rule", f"{rule.id} 更改了两次", f"{rule.id} is changed twice")
    else:
        changed.add(rule.id)
    return rule


def _override(table: Reader, known: dict[str, Rule], changed: set[str]) -> Change:
    rule = _baselines(table, known, changed)
    numbers = table.numbers("numbers")
    if not numbers and not table.has("numbers"):
        table.fault("numbers", "缺少", "missing")
    names = {name for name, _ in rule.numbers} if rule else set()
    for name, _ in numbers:
        if rule and name not in names:
            words = ", ".join(sorted(names)) or "-"
            table.fault("numbers", f"{rule.id} 没有数值 {name}（有：{words}）", f"{rule.id} has no number {name} "
                        f"(it has: {words})")  # fmt: skip
    return _change(table, "override", rule, numbers)


def _off(table: Reader, known: dict[str, Rule], changed: set[str]) -> Change:
    return _change(table, "off", _baselines(table, known, changed), ())


def _change(table: Reader, what: str, rule: Rule | None, numbers: tuple[tuple[str, int], ...]) -> Change:
    change = Change(
        rule=rule.id if rule else "",
        what=what,
        numbers=numbers,
        items=(),
        by=table.text("by"),
        reason=table.said("reason") or Text("", ""),
    )
    table.done()
    return change


def _extension(table: Reader, known: dict[str, Rule], acts: set[str]) -> Extension:
    rule_id = table.text("rule", pattern=RULE_ID)
    rule = known.get(rule_id)
    listing = table.text("list", needed=False)
    extension = Extension(
        rule=rule_id,
        listing=listing,
        items=table.texts("items"),
        keys=table.texts("keys", pattern=KEY),
        acts=table.texts("acts", known=acts),
        by=table.text("by"),
        reason=table.said("reason") or Text("", ""),
    )
    table.done()
    if rule is None:
        table.fault("rule", "没有这条规则", "there is no such rule")
    else:
        _check_extension(table, extension, rule)
    return extension


def _check_extension(table: Reader, extension: Extension, rule: Rule) -> None:
    lists = {one.name: one for one in rule.lists}
    one = lists.get(extension.listing)
    if not extension.items and not extension.acts:
        table.fault("items", "没有要增加的内容", "there is nothing to add")
    if extension.items and one is None:
        table.fault("list", f"{rule.id} 没有这个列表", f"{rule.id} has no such list")
    if one is not None and not one.is_open:
        table.fault(
            "list", "原文没有“等”字，不能增加", "the text closes this list (no 等): nothing can be added"
        )
    if one is not None and len(extension.keys) != (len(extension.items) if one.keys else 0):
        table.fault("keys", "与 items 数目不同", "is not as long as items")
    if extension.acts and not (rule.acts and any(listing.is_open for listing in rule.lists)):
        table.fault("acts", f"{rule.id} 的行为列表不是开放的", f"{rule.id} has no open list of acts")


def _labels(top: Reader, below: Policy) -> tuple[Label, ...]:
    """The ``[[label]]`` tables: what they don't tell stays as it is below."""
    known, found = {one.key: one for one in below.labels}, dict[str, Label]()
    for table in top.tables("label"):
        key = table.one_of("key", known)
        changed = _label(table, known.get(key))
        if key in found:
            table.fault("key", f"{key} 重复", f"{key} is there twice")
        if changed is not None:
            found[key] = changed
    return tuple(found.values())


def _label(table: Reader, known: Label | None) -> Label | None:
    """A label as the agency wants it; None where it is not known."""
    if not any(map(table.has, ("look", "preview", "export"))):
        table.fault("look", "没有要更改的内容", "there is nothing to change")
    look = read_look(table) if table.has("look") else None
    preview = table.truth("preview") if table.has("preview") else None
    export = table.one_of("export", EXPORTS) if table.has("export") else None
    by, reason = table.text("by"), table.said("reason") or Text("", "")
    table.done()
    if known is None:
        return None
    return replace(
        known,
        layer=AGENCY,
        look=known.look if look is None else look,
        preview=known.preview if preview is None else preview,
        export=known.export if export is None else export,
        by=by,
        reason=reason,
    )
