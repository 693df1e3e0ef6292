"""`ingestd policy`: what people and scripts read of the rules, and what it ends with."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from ingestd import config
from ingestd.cli import main
from ingestd.cli.policies import ACTED_ON
from ingestd.model import Millis
from ingestd.policy import annex, catalog, differ

OWN = '[[override]]\nrule = "REC-1"\nnumbers = { hours = 12 }\nby = "法制科"\nreason = "路程短"\n'
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "policies" / "ingestd_policies"


def run(capsys, *arguments):
    status = main(["policy", *arguments])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_list(capsys):
    """Every policy with its document; JSON has the ids of its own rules and what it lacks."""
    status, out, _ = run(capsys, "list", "--json")
    found = {one["key"]: one for one in json.loads(out)}
    assert status == 0
    assert set(found) == {*catalog.keys()}
    assert "REC-9" in found["lingchuan-gongxin"]["rules"]
    assert "REC-1" in found["lingchuan-gongxin"]["none"]
    told = run(capsys, "list")[1]
    assert "陵工信字〔2019〕101号" in told
    assert ("不详" in told, "unknown" in told) == (True, False)
    assert "unknown" in run(capsys, "list", "--lang", "en")[1]


def test_check_says_every_fault_with_its_place(capsys, tmp_path):
    """Exit 1 and all of them, in both languages; 0 where there is none."""
    assert run(capsys, "check")[0] == 0
    text = (FOLDER / "cn/jiangsu/wujin-yingji.toml").read_text("utf-8")
    bad = tmp_path / "wujin-yingji.toml"
    bad.write_text(text.replace('"严格"', '"很"').replace("months = 1", "months = -1"), "utf-8")
    for lang in ("zh", "en"):
        status, out, err = run(capsys, "check", str(bad), "--lang", lang)
        assert status == 1
        assert out.count(str(bad)) == 2
        assert "qualifier" in out
        assert "numbers.months" in out
        assert "2" in err


def test_check_of_an_agencys_file(capsys, tmp_path):
    """Over the policy that is told, else that of the configuration beside it."""
    file = tmp_path / "policy.toml"
    file.write_text(OWN, "utf-8")
    assert run(capsys, "check", str(file), "--policy", "wujin-yingji")[0] == 0
    status, out, _ = run(capsys, "check", str(file), "--policy", "tongling-jiaoqu", "--lang", "en")
    assert status == 1
    assert f"{file}:2: override[1].rule: REC-1 is a rule of tongling-jiaoqu" in out
    status, _, err = run(capsys, "check", str(tmp_path / "none.toml"))
    assert status == 2
    assert "没有这个文件或目录（No such file or directory）" in err
    file.write_text("[[off]\n", "utf-8")
    assert f"{file}:1: file: 不是合规的 TOML（Expected" in run(capsys, "check", str(file))[1]
    file.write_text(OWN, "utf-8")
    assert run(capsys, "check", str(file), "--policy", "no-such")[0] == 4


def test_check_of_a_home_takes_its_own_file_along(capsys, tmp_path):
    """The file that a finding sends people to check is checked, over the home's policy; it need not be there."""
    settings = config.render(
        agency="a", station="s", policy="tongling-jiaoqu", commissioned_at=Millis(0), uid=0, person="p"
    )
    (tmp_path / "ingestd.toml").write_text(settings, "utf-8")

    def check() -> tuple[int, str]:
        return run(capsys, "check", "--home", str(tmp_path), "--lang", "en")[:2]

    shipped, file = len(catalog.paths()), tmp_path / "policy.toml"
    assert check() == (0, f"{shipped} files without a fault\n")
    file.write_text(OWN, "utf-8")
    status, out = check()
    assert status == 1
    assert f"{file}:2: override[1].rule: REC-1 is a rule of tongling-jiaoqu" in out
    file.write_text('[[off]]\nrule = "OWN-10"\nby = "法制科"\nreason = "人手不足"\n', "utf-8")
    assert check() == (0, f"{shipped + 1} files without a fault\n")


def test_explain(capsys, tmp_path):
    """Who says it, how strongly, what the product decided; why a rule is not there."""
    status, out, _ = run(capsys, "explain", "rec-4", "--policy", "tongling-jiaoqu", "--lang", "en")
    assert status == 0
    assert "strength: when necessary" in out
    assert "一(二)2, list 13" in out
    assert "our reading" in out
    assert "→ proposal" in out
    status, out, _ = run(capsys, "explain", "REC-5a", "--policy", "wujin-yingji", "--json")
    found = json.loads(out)
    assert (found["strength"], found["layer"], found["filming"]) == ("must", "wujin-yingji", "whole")
    assert found["policy_sha256"] == catalog.load("wujin-yingji").sha256
    status, _, err = run(capsys, "explain", "REC-19", "--policy", "tongling-jiaoqu", "--lang", "en")
    assert status == 7
    assert "no ratio" in err
    off = tmp_path / "own.toml"
    off.write_text('[[off]]\nrule = "OWN-10"\nby = "法制科"\nreason = "人手不足"\n', "utf-8")
    status, _, err = run(capsys, "explain", "OWN-10", "--policy", f"baseline:{off}")
    assert status == 7
    assert "法制科" in err
    assert "人手不足" in err
    assert run(capsys, "explain", "REC-77", "--policy", "baseline")[0] == 7


def test_explain_says_whether_the_program_acts_on_a_rule(capsys):
    """What it says is what the program does: the rules that its stages name, and no others."""
    known = {rule.id for key in sorted(catalog.paths()) for rule in catalog.load(key).rules}
    named: set[str] = set()
    for path in (ROOT / "ingestd").rglob("*.py"):
        if path.relative_to(ROOT / "ingestd").parts[0] not in ("policy", "cli", "demo"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                words = (
                    node.value.split() if isinstance(node, ast.Constant) and type(node.value) is str else []
                )
                named |= set(words) if known.issuperset(words) else set()
    assert named == ACTED_ON
    told = run(capsys, "explain", "REC-1", "--policy", "baseline", "--lang", "en")[1]
    assert "the program acts on it" in told
    assert "不据此判断" in run(capsys, "explain", "REC-15", "--policy", "tongling-jiaoqu")[1]
    facts = run(capsys, "explain", "REC-1", "--policy", "baseline", "--json")[1]
    assert json.loads(facts)["is_acted_on"]


def test_a_policy_must_be_named(capsys, monkeypatch):
    """Neither a key nor a home: a word on what to say."""
    monkeypatch.delenv("INGESTD_HOME", raising=False)
    assert run(capsys, "print")[0] == 2


def test_diff(capsys, tmp_path):
    """Two plans, or a plan before and after the agency's own file."""
    own = tmp_path / "policy.toml"
    own.write_text(OWN, "utf-8")
    status, out, _ = run(capsys, "diff", "wujin-yingji", f"wujin-yingji:{own}", "--json")
    assert status == 0
    assert [(one["id"], one["field"], one["one"], one["other"]) for one in json.loads(out)] == [
        ("REC-1", "numbers", "hours=24", "hours=12"),
        ("REC-1", "message", "音像记录应在结束后 24 小时内存入系统", "音像记录应在结束后 12 小时内存入系统"),
    ]
    assert "REC-5a" in run(capsys, "diff", "tongling-jiaoqu", "wujin-yingji")[1]
    said = {
        lang: run(capsys, "diff", "tongling-jiaoqu", "baseline", "--lang", lang)[1] for lang in ("zh", "en")
    }
    assert "  强度：必要时应当 → 自行规定（按“应当”对待）\n" in said["zh"]
    assert "  strength: when necessary → own (treated as: must)\n" in said["en"]
    assert "  来源：" in said["zh"]
    assert "由谁规定：" in said["zh"]
    assert "生效日期：不详" not in said["zh"]
    assert not re.search(r"(?m)^  [a-z]", said["zh"])
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"(?m)^  (terms of|section|open).*$", "", said["en"]))
    assert "相同" in run(capsys, "diff", "baseline", "baseline")[1]


@pytest.mark.parametrize("key", catalog.keys())
def test_a_difference_is_the_same_from_both_sides(key):
    """No rule is overlooked, whichever comes first."""
    one, other = catalog.load(key), catalog.load("tongling-jiaoqu")
    there = {(d.id, d.field, d.one, d.other) for d in differ.differences(one, other)}
    back = {(d.id, d.field, d.other, d.one) for d in differ.differences(other, one)}
    assert there == back
    assert (not there) == (key == "tongling-jiaoqu")
    assert {field for _, field, _, _ in there} <= differ.FIELDS.keys()


def test_test(capsys, tmp_path):
    """The examples of the files hold; one that does not is named, and the exit status says so."""
    assert run(capsys, "test")[0] == 0
    own = tmp_path / "policy.toml"
    own.write_text(
        '[[rule]]\nid = "OWN-90"\nstrength = "own"\nmessage = "{hours}"\nreason = "试"\nnumbers = { hours = 2 }\n'
        '[[rule.example]]\njudge = "limit"\nfacts = { number = "hours", value = 3 }\nexpect = "within"\n',
        "utf-8",
    )
    status, out, _ = run(capsys, "test", f"baseline:{own}", "--lang", "en")
    assert status == 1
    assert "OWN-90 example 1 (limit): within expected, beyond came" in out


@pytest.mark.parametrize("key", catalog.keys())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_print_has_every_rule_and_act(key, lang):
    """The annex leaves out nothing: rules with their sources, acts, what is filmed, what the text lacks."""
    policy = catalog.load(key)
    text = annex.annex(policy, lang)
    for rule in policy.rules:
        assert f"**{rule.id}**  {rule.said.say(lang)}" in text
        assert rule.source().say(lang) in text
    for act in policy.acts:
        also = "、".join(act.also) or {"zh": "无", "en": "none"}[lang]
        assert f"| {act.name.say(lang)} | {also} |" in text
    for layer in policy.layers:
        assert all(rule_id in text for rule_id in layer.none)
    assert policy.sha256 in text
    if lang == "zh":
        assert "自行规定" in text


def test_every_list_has_a_name_for_people():
    """No word of the program's stands in the annex where a Chinese one belongs."""
    names = {one.name for key in catalog.paths() for rule in catalog.load(key).rules for one in rule.lists}
    assert names == set(annex.LISTS)


def test_moments_of_examples_are_read_as_moments(capsys):
    """In China's zone, not as numbers."""
    out = run(capsys, "explain", "REC-1", "--policy", "tongling-jiaoqu")[1]
    assert "2026-03-03 10:00:01" in out


def test_print_names_what_the_agency_changed(capsys, tmp_path):
    """Who and why, beside the rule; what was switched off in a part of its own."""
    own = tmp_path / "policy.toml"
    own.write_text(OWN + '[[off]]\nrule = "OWN-10"\nby = "法制科"\nreason = "人手不足"\n', "utf-8")
    out = run(capsys, "print", "--policy", f"wujin-yingji:{own}")[1]
    assert "本机关更改数值：hours = 12；法制科；路程短" in out
    assert "停用的基线规则" in out
    assert "人手不足" in out
