"""`policy list`, `check`, `explain`, `diff`, `test`, `print`: the rules as they are written, without a daemon."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

from ingestd import config
from ingestd.cli.files import content
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import print_json
from ingestd.cli.render import cell, open_console, shown, stamp_text, table
from ingestd.errors import EXIT_OK, ConfigError, NotFoundError, UsageError
from ingestd.index.database import open_database, reading
from ingestd.index.projection import require_current
from ingestd.inforce import of_log
from ingestd.law.rules import JUDGES, custody
from ingestd.model import Millis
from ingestd.policy import annex, catalog, differ, judges
from ingestd.policy.model import Fact, Policy, Rule, Strength
from ingestd.policy.reader import Fault
from ingestd.vault.layout import Home
from ingestd.words import Lang, Text

CHINA = timezone(timedelta(minutes=judges.CHINA_MINUTES))
MOMENTS = ("from", "from_earliest", "from_latest", "done", "now")
ACTED_ON = frozenset(
    {"REC-3", "REC-17", "OWN-2", "OWN-15", "OWN-21", "OWN-22", "OWN-23", "OWN-24", "REV-3", "REV-4", "REV-11"}
).union(custody.RULES.values(), *(one.rules for one in JUDGES))
"""Rules that decide something in this program: changed or switched off, it acts otherwise."""
EXIT_FAULTY = 1
"""`policy check` found faults, or `policy test` an example that does not hold."""


def _policy_argument(parser: Parser) -> None:
    parser.text_argument(
        "--policy",
        metavar="KEY[:FILE]",
        help=Text(
            "规则文件，可附本机关的 policy.toml；不写则取 --home 中生效的",
            "the policy, with an agency's own file if any; without it, the one in force in --home",
        ),
    )
    home_argument(parser, required=False)


def named(text: str) -> Policy:
    """A policy by ``KEY`` or ``KEY:FILE``. Raises ConfigError, UsageError."""
    key, _, path = text.partition(":")
    if not path:
        return catalog.load(key)
    return catalog.load(key, content(Path(path)), own_name=path)


def _chosen(arguments: argparse.Namespace) -> Policy:
    """The policy that the arguments mean."""
    if arguments.policy:
        return named(arguments.policy)
    if arguments.home is None:
        raise UsageError(Text("请写 --policy 或 --home。", "say --policy or --home."))
    home = Home(arguments.home.resolve())
    settings = config.read(home.config)
    engine = open_database(home.database, create=False)
    try:
        require_current(engine)
        with reading(engine) as connection:
            return of_log(home, settings.policy, connection)
    finally:
        engine.dispose()


# --- list ---------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    policies = [catalog.load(key) for key in sorted(catalog.paths())]
    if arguments.json:
        print_json([_summary(policy) for policy in policies])
        return EXIT_OK
    heads = (
        Text("键", "key"),
        Text("文件", "document"),
        Text("日期", "issued"),
        Text("自有规则", "own rules"),
        Text("强度", "strengths"),
    )
    made = table(arguments.lang, Text("规则文件", "policies"), *heads)
    for policy in policies:
        layer = policy.layers[-1]
        made.add_row(
            cell(policy.key),
            cell(policy.document or policy.title.say(arguments.lang)),
            cell(annex.date(layer.issued or "—").say(arguments.lang)),
            cell(str(len(layer.rules))),
            cell(_strengths(layer.rules, arguments.lang)),
        )
    open_console().print(made)
    return EXIT_OK


def _strengths(rules: Iterable[Rule], lang: Lang) -> str:
    counts = Counter(rule.strength for rule in rules)
    return ", ".join(f"{one.words.say(lang)} {counts[one]}" for one in Strength if counts[one])


def _summary(policy: Policy) -> dict[str, Any]:
    layer = policy.layers[-1]
    return {
        "key": policy.key,
        "title": asdict(policy.title),
        "document": policy.document,
        "issued": layer.issued,
        "rests_on": layer.rests_on,
        "sha256": policy.sha256,
        "rules": [rule.id for rule in layer.rules],
        "none": layer.none,
    }


# --- check, test --------------------------------------------------------------------------------


def _check_arguments(parser: Parser) -> None:
    parser.text_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help=Text(
            "要检查的文件；policy.toml 为本机关的，其余为辖区的；不写则检查全部随附文件和 --home 中的 policy.toml",
            "files to check; policy.toml is an agency's own, others a jurisdiction's; "
            "none: all that come along, and policy.toml of --home",
        ),
    )
    _policy_argument(parser)


def _check(arguments: argparse.Namespace) -> int:
    faults = []
    files = arguments.files or _all_files(arguments.home)
    for path in files:
        faults += _faults_of(path, arguments)
    for fault in faults:
        print(shown(fault.said().say(arguments.lang)))
    if faults:
        said = Text("{n} 处错误", "{n} faults").format(n=len(faults))
        print(said.say(arguments.lang), file=sys.stderr)
        return EXIT_FAULTY
    good = Text("{n} 个文件没有错误", "{n} files without a fault").format(n=len(files))
    print(good.say(arguments.lang))
    return EXIT_OK


def _all_files(home: Path | None) -> list[Path]:
    """The policies that come along, and the own file of a home that has one."""
    own = [] if home is None else [Home(home).policy]
    return [*sorted(Path(str(path)) for path in catalog.paths().values()), *filter(Path.exists, own)]


def _faults_of(path: Path, arguments: argparse.Namespace) -> list[Fault]:
    if path.name != catalog.AGENCY_FILE:
        return catalog.check(str(path), content(path), key=path.stem)
    if arguments.policy:
        above = arguments.policy.partition(":")[0]
    else:
        beside = path.with_name("ingestd.toml") if arguments.home is None else Home(arguments.home).config
        above = config.read(beside).policy if beside.exists() else catalog.BASELINE
    if above not in catalog.paths():
        raise ConfigError(Text(f"没有名为 {above} 的规则文件。", f"there is no policy {above}."))
    return catalog.check(str(path), content(path), key=None, above=above)


def _test_arguments(parser: Parser) -> None:
    parser.text_argument(
        "policies",
        metavar="KEY[:FILE]",
        nargs="*",
        help=Text("规则文件；不写则全部", "policies; none: all"),
    )


def _test(arguments: argparse.Namespace) -> int:
    wrong = 0
    for name in arguments.policies or catalog.keys():
        outcomes = judges.outcomes(named(name))
        bad = [one for one in outcomes if not one.is_right]
        wrong += len(bad)
        for one in bad:
            said = Text(
                f"{name} {one.rule} 例 {one.number}（{one.judge}）：应为 {one.expected}，得 {one.got}",
                f"{name} {one.rule} example {one.number} ({one.judge}): {one.expected} expected, {one.got} came",
            )
            print(shown(said.say(arguments.lang)))
        done = Text(
            f"{name}：{len(outcomes)} 例，{len(bad)} 例不符",
            f"{name}: {len(outcomes)} examples, {len(bad)} do not hold",
        )
        print(shown(done.say(arguments.lang)))
    return EXIT_FAULTY if wrong else EXIT_OK


# --- explain ------------------------------------------------------------------------------------


def _explain_arguments(parser: Parser) -> None:
    parser.text_argument(
        "rule", metavar="RULE", help=Text("规则编号，如 REC-1", "id of a rule, such as REC-1")
    )
    _policy_argument(parser)
    json_argument(parser)


def _explain(arguments: argparse.Namespace) -> int:
    policy = _chosen(arguments)
    rule = policy.find(_known_id(policy, arguments.rule))
    if rule is None:
        raise NotFoundError(_not_stated(policy, arguments.rule))
    is_acted_on = rule.id in ACTED_ON
    if arguments.json:
        told = {"policy": policy.key, "policy_sha256": policy.sha256, "is_acted_on": is_acted_on}
        follows = [asdict(label) for label in annex.labels_of(policy, rule)]
        print_json(told | asdict(rule) | {"follows": follows})
        return EXIT_OK
    lang = arguments.lang
    print(shown(f"{rule.id}  {rule.said.say(lang)}"))
    print(f"  {(_ACTS if is_acted_on else _ACTS_NOT).say(lang)}")
    for line in (*annex.rule_lines(rule, lang), *annex.label_lines(policy, rule, lang)):
        print(shown(f"  {line}"))
    for number, example in enumerate(rule.examples, 1):
        facts = ", ".join(f"{name} = {_fact(name, value)}" for name, value in example.facts)
        label = Text("例", "example").say(lang)
        print(shown(f"  {label} {number}  {example.judge}: {facts} → {example.expect}"))
    return EXIT_OK


_ACTS = Text("本程序据此判断或处理", "the program acts on it")
_ACTS_NOT = Text("本程序不据此判断，仅列出供人查阅", "the program does not act on it: it is there to be read")


def _fact(name: str, value: Fact) -> str:
    """A fact of an example as people write it: moments in China's zone."""
    if name in MOMENTS and isinstance(value, int):
        return stamp_text(Millis(value), CHINA)
    if isinstance(value, tuple):
        return "、".join(value) or "—"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known_id(policy: Policy, text: str) -> str:
    """The id as the policy writes it, whatever the case of its letters."""
    return next((rule.id for rule in policy.rules if rule.id.upper() == text.upper()), text)


def _not_stated(policy: Policy, rule_id: str) -> Text:
    """Why a policy has no such rule: looked for and not there, switched off, or unknown."""
    wanted = rule_id.upper()
    for rule in policy.off:
        if rule.id.upper() == wanted:
            why = rule.changes[-1]
            return Text(
                f"{rule.id} 已由本机关停用（{why.by}）：{why.reason.zh}",
                f"{rule.id} was switched off by the agency ({why.by}): {why.reason.en}",
            )
    if any(wanted in layer.none for layer in policy.layers):
        notes = dict(note for layer in policy.layers for note in layer.none_notes)
        note = notes.get(wanted, Text("", ""))
        return Text(
            f"{policy.document} 没有 {wanted} 的规定。{note.zh}",
            f"{policy.key} says nothing of {wanted}. {note.en}",
        )
    return Text(f"没有规则 {rule_id}。", f"there is no rule {rule_id}.")


# --- diff, print --------------------------------------------------------------------------------


def _diff_arguments(parser: Parser) -> None:
    for name in ("one", "other"):
        parser.text_argument(name, metavar="KEY[:FILE]", help=Text("规则文件", "a policy"))
    json_argument(parser)


def _diff(arguments: argparse.Namespace) -> int:
    found = differ.differences(named(arguments.one), named(arguments.other))
    if arguments.json:
        print_json([asdict(one) | {"one": _key(one.one), "other": _key(one.other)} for one in found])
        return EXIT_OK
    if not found:
        print(Text("两者相同", "no difference").say(arguments.lang))
    last = ""
    for one in found:
        if one.id != last:
            print(shown(one.id))
        last = one.id
        what, before, after = differ.FIELDS[one.field], _said(one.one), _said(one.other)
        line = Text(f"{what.zh}：{before.zh} → {after.zh}", f"{what.en}: {before.en} → {after.en}")
        print(shown(f"  {line.say(arguments.lang)}"))
    return EXIT_OK


def _key(side: differ.Value | None) -> str | None:
    return None if side is None else side.key


def _said(side: differ.Value | None) -> Text:
    return side.said if side is not None and side.said.zh else Text("（无）", "(none)")


def _print(arguments: argparse.Namespace) -> int:
    print(annex.annex(_chosen(arguments), arguments.lang), end="")
    return EXIT_OK


COMMANDS = (
    Command(
        name="policy list",
        help=Text("列出规则文件", "list the policies"),
        arguments=json_argument,
        run=_list,
        examples=("ingestd policy list", "ingestd policy list --json"),
    ),
    Command(
        name="policy check",
        help=Text(
            "检查规则文件，一次列出全部错误的行和键",
            "check policy files: every fault with line and key, at once",
        ),
        arguments=_check_arguments,
        run=_check,
        examples=(
            "ingestd policy check --home /srv/ingestd",
            "ingestd policy check /srv/ingestd/policy.toml --policy tongling-jiaoqu",
        ),
    ),
    Command(
        name="policy explain",
        help=Text(
            "一条规则：谁说的、强度、数值、用例", "one rule: who says it, how strongly, figures, examples"
        ),
        arguments=_explain_arguments,
        run=_explain,
        examples=(
            "ingestd policy explain REC-4 --policy tongling-jiaoqu",
            "ingestd policy explain REC-1 --home /srv/ingestd --json",
        ),
    ),
    Command(
        name="policy diff",
        help=Text("两份规则的不同之处", "what is different between two policies"),
        arguments=_diff_arguments,
        run=_diff,
        examples=(
            "ingestd policy diff tongling-jiaoqu wujin-yingji",
            "ingestd policy diff wujin-yingji wujin-yingji:/srv/ingestd/policy.toml --json",
        ),
    ),
    Command(
        name="policy test",
        help=Text("运行规则文件中的用例", "run the worked examples of policies"),
        arguments=_test_arguments,
        run=_test,
        examples=("ingestd policy test", "ingestd policy test midong-chengguan"),
    ),
    Command(
        name="policy print",
        help=Text(
            "打印为可读的附件（Markdown）：规则、行为目录、音像记录事项清单",
            "print as a readable annex (Markdown): rules, act catalogue, items to be filmed",
        ),
        arguments=_policy_argument,
        run=_print,
        examples=(
            "ingestd policy print --policy midong-chengguan",
            "ingestd policy print --home /srv/ingestd --lang en",
        ),
    ),
)
