"""Layers: which of them speaks, what an agency may change, and that nothing of one plan reaches another."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd.errors import PolicyError
from ingestd.policy import catalog, judges, merge, schema
from ingestd.policy.model import AGENCY, BASELINE, Filming, Strength

FOLDER = Path(__file__).parents[2] / "policies" / "ingestd_policies"
KEYS = tuple(sorted({*catalog.keys()} - {BASELINE}))
LAYERS = {key: {layer.key: layer for layer in catalog.load(key).layers} for key in KEYS}
WHY = 'by = "法制科"\nreason = "设备不同"\n'


def with_own(text, key="wujin-yingji"):
    return catalog.load(key, text.encode())


def faults_of(text, key="wujin-yingji"):
    return [
        (fault.line, fault.key, fault.text.en)
        for fault in catalog.check("policy.toml", text.encode(), key=None, above=key)
    ]


FOREIGN = """
[[rule]]
id = "{id}"
strength = "must"
section = ["九"]
message = {{ zh = "外来", en = "foreign" }}
"""


@settings(max_examples=20)
@given(st.sampled_from(KEYS), st.sampled_from(KEYS), st.integers(31, 99))
def test_no_rule_leaks_from_one_plan_to_another(one, other, number):
    """Whatever else stands in the file of one plan, another plan's policy is the same to the last field."""
    with TemporaryDirectory() as folder:
        for file in FOLDER.rglob("*.toml"):
            shutil.copy(file, folder)
        with (Path(folder) / f"{one}.toml").open("a", encoding="utf-8") as file:
            file.write(FOREIGN.format(id=f"REC-{number}"))
        changed = catalog.load(other, folder=Path(folder))
        assert catalog.load(one, folder=Path(folder)).rule(f"REC-{number}").layer == one
    assert (changed == catalog.load(other)) == (one != other)
    assert {rule.layer for rule in changed.rules} <= {other, BASELINE}
    assert {layer.key for layer in changed.layers} == {other, BASELINE}


@pytest.mark.parametrize("key", KEYS)
def test_a_jurisdictions_rule_is_whole(key):
    """Nothing of the baseline's rule of the same id is left in it: no figure, no list, no act."""
    own = {rule.id: rule for rule in LAYERS[key][key].rules}
    policy = catalog.load(key)
    for rule in policy.rules:
        if rule.id in own:
            assert rule == own[rule.id]
        else:
            assert rule.layer == BASELINE
            assert rule.strength is Strength.OWN


def test_the_digest_is_over_all_files_in_their_order():
    """Baseline, jurisdiction, agency: a change of any, or of their order, is another digest."""
    policy = catalog.load("wujin-yingji")
    assert policy.sha256 == merge.digest(policy.layers)
    assert [layer.key for layer in policy.layers] == [BASELINE, "wujin-yingji"]
    with_file = with_own('[[off]]\nrule = "OWN-10"\n' + WHY)
    assert [layer.key for layer in with_file.layers] == [BASELINE, "wujin-yingji", AGENCY]
    digests = {policy.sha256, with_file.sha256, merge.digest(reversed(policy.layers)), with_own("").sha256}
    assert len(digests) == 4
    assert with_file.agency_sha256 == schema.digest_of(('[[off]]\nrule = "OWN-10"\n' + WHY).encode())


def test_an_agency_changes_numbers_of_the_baseline():
    """The number is another, and who changed it and why stands on the rule; the layer is still the baseline's."""
    policy = with_own('[[override]]\nrule = "REC-1"\nnumbers = { hours = 12 }\n' + WHY)
    rule = policy.rule("REC-1")
    assert (rule.number("hours"), rule.layer) == (12, BASELINE)
    (change,) = rule.changes
    assert (change.what, change.by, change.reason.zh, change.reason.en) == (
        "override",
        "法制科",
        "设备不同",
        "设备不同",
    )
    assert catalog.load("wujin-yingji").rule("REC-1").number("hours") == 24


def test_an_agency_switches_off_a_rule_of_the_baseline():
    """It is found no more, and stands among those switched off with its reason."""
    policy = with_own('[[off]]\nrule = "REC-4"\n' + WHY)
    assert policy.find("REC-4") is None
    (rule,) = policy.off
    assert (rule.id, rule.changes[-1].what) == ("REC-4", "off")


@pytest.mark.parametrize(("key", "rule"), [("tongling-jiaoqu", "REC-1"), ("wujin-yingji", "REV-6")])
@pytest.mark.parametrize("table", ["off", "override"])
def test_a_jurisdictions_rule_is_out_of_the_agencys_reach(key, rule, table):
    """Neither off nor changed, and the fault says whose rule it is."""
    numbers = "numbers = { percent = 1 }\n" if table == "override" else ""
    found = faults_of(f'[[{table}]]\nrule = "{rule}"\n{numbers}{WHY}', key)
    assert [(line, name) for line, name, _ in found] == [(2, f"{table}[1].rule")]
    assert key in found[0][2]


def test_an_agency_adds_to_an_open_list_only():
    """The text's 等 lets it; a list that the text closes does not."""
    policy = with_own(
        '[[act]]\nkey = "freezing"\nname = "冻结"\nstage = "investigation"\nbegin = "送达通知"\nend = "银行回执"\n'
        '[[extend]]\nrule = "REC-5a"\nlist = "steps"\nitems = ["冻结"]\nacts = ["freezing"]\n' + WHY
    )
    assert "冻结" in policy.rule("REC-5a").listing("steps").items
    assert [(one.rule.id, one.filming) for one in policy.filming("freezing")] == [("REC-5a", Filming.WHOLE)]
    assert policy.rule("REC-5a").layer == "wujin-yingji"
    closed = '[[extend]]\nrule = "REV-2"\nlist = "heads"\nitems = ["其他"]\nkeys = ["other"]\n' + WHY
    assert [name for _, name, _ in faults_of(closed)] == ["extend[1].list"]


def test_what_an_agency_added_is_its_own_word():
    """An act that the text lists, or means anyhow, stays the text's; what only the agency lists is the agency's."""
    text = '[[extend]]\nrule = "{}"\nacts = [{}]\n' + WHY
    policy = with_own(text.format("REC-6", '"sampling", "hearing"'), "tongling-jiaoqu")

    def said(act):
        return {one.rule.id: (one.why, one.rule.layer, one.rule.section) for one in policy.filming(act)}

    assert said("hearing") == {"REC-6": ("listed", "tongling-jiaoqu", "一(二)2、清单13")}
    assert said("sampling") == {"REC-6": ("added", AGENCY, "own")}
    (duty,) = policy.filming("sampling")
    assert duty.rule.source().zh == "本机关按“等”增列（policy.toml），法制科：设备不同"
    assert duty.rule.effect is Strength.AS_NEEDED
    policy = with_own(text.format("REC-4", '"forced-execution", "questioning"'), "tongling-jiaoqu")
    assert said("forced-execution")["REC-4"][:2] == ("bears-on", "tongling-jiaoqu")
    assert said("questioning")["REC-4"][:2] == ("added", AGENCY)


def test_an_agency_has_rules_and_acts_of_its_own():
    """An id that nobody states; what it says is the agency's layer."""
    text = '[[rule]]\nid = "REC-8"\nstrength = "own"\nmessage = "启动后口述"\nreason = "便于查找"\n'
    policy = with_own(text)
    assert policy.rule("REC-8").layer == AGENCY
    assert "policy.toml" in policy.rule("REC-8").source().en
    assert [name for _, name, _ in faults_of(text.replace("REC-8", "REC-5a"))] == ["rule[1].id"]
    assert [name for _, name, _ in faults_of(text.replace("REC-8", "REC-1"))] == ["rule[1].id"]


OFF = '[[off]]\nrule = "{}"\n' + WHY
RULE = '[[rule]]\nid = "{}"\nstrength = "own"\nmessage = "启动后口述"\nreason = "便于查找"\n'
STATED = """
[[act]]
key = "freezing"
name = { zh = "冻结", en = "freezing" }
stage = "investigation"
begin = { zh = "送达", en = "served" }
end = { zh = "回执", en = "acknowledged" }
"""
ACT = '[[act]]\nkey = "{}"\nname = "冻结"\nstage = "investigation"\nbegin = "送达"\nend = "回执"\n'


@pytest.mark.parametrize(
    ("table", "good", "bad", "where"),
    [
        (RULE, "OWN-30", "REC-1", (7, "rule[2].id")),
        (RULE, "OWN-30", "OWN-30", (7, "rule[2].id")),
        (OFF, "OWN-10", "OWN-10", (6, "off[2].rule")),
        (ACT, "sealing", "freezing", (8, "act[2].key")),
    ],
)
def test_a_fault_of_a_whole_table_names_its_own_line(tmp_path, table, good, bad, where):
    """What is stated or changed already is named where it stands, however many tables come before it."""
    for file in FOLDER.rglob("*.toml"):
        shutil.copy(file, tmp_path)
    with (tmp_path / "wujin-yingji.toml").open("a", encoding="utf-8") as file:
        file.write(STATED)
    text = table.format(good) + table.format(bad)
    with pytest.raises(PolicyError) as caught:
        catalog.load("wujin-yingji", text.encode(), folder=tmp_path)
    assert [place[1:] for place in caught.value.places] == [where]


def test_a_missing_reason_is_asked_for_as_the_page_has_it():
    """In an agency's own file one text is enough, and the fault says so."""
    found = catalog.check("policy.toml", b'[[off]]\nrule = "OWN-10"\nby = "x"\n', key=None)
    assert [(one.line, one.key, one.text.zh) for one in found] == [
        (1, "off[1].reason", "缺少（应为文字，或 { zh = …, en = … }）")
    ]


def test_a_faulty_agency_file_is_refused_whole():
    """Nothing of it is taken."""
    with pytest.raises(PolicyError) as caught:
        with_own('[[off]]\nrule = "OWN-10"\n' + WHY + '[[off]]\nrule = "OWN-99"\n' + WHY)
    assert [place[1:] for place in caught.value.places] == [(6, "off[2].rule")]


def test_filming_of_an_act_by_the_layers():
    """The same act in three places: a proposal, a duty to film all of it, a rule of the house."""

    def wanted(key, act):
        return {
            (one.rule.id, one.rule.effect.value, one.rule.layer) for one in catalog.load(key).filming(act)
        }

    assert wanted("tongling-jiaoqu", "seizure") == {("REC-4", "when_necessary", "tongling-jiaoqu")}
    assert wanted("wujin-yingji", "seizure") == {
        ("REC-4", "must", BASELINE),
        ("REC-5a", "must", "wujin-yingji"),
        ("REC-5b", "must", "wujin-yingji"),
    }
    assert wanted("midong-chengguan", "hearing") == {("REC-6", "as_needed", "midong-chengguan")}
    assert wanted("baseline", "hearing") == set()


def test_every_value_is_frozen():
    """Policies are shared between threads."""
    policy = catalog.load("tongling-jiaoqu")
    for value in (policy, policy.rules[0], policy.acts[0], policy.layers[0]):
        for field in fields(value):
            assert not isinstance(getattr(value, field.name), list | dict | set)


def test_the_example_of_the_page_is_good():
    """What docs/policies.md shows can be taken as it stands; README's words are those of the schema."""
    page = (FOLDER.parents[1] / "docs" / "policies.md").read_text("utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    assert faults_of(text) == []
    policy = with_own(text)
    assert policy.rule("REC-1").number("hours") == 12
    assert policy.act("freezing").retention_days == 3650
    assert policy.rule("OWN-30").said.zh == "夜间检查 6 小时内存入"


def test_the_readme_names_every_word():
    """Keys of the files are documented where people look for them."""
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    words = (
        *schema.BEARERS,
        *schema.STARTS,
        *schema.STOPS,
        *schema.STAGES,
        *schema.DIRECT,
        *schema.REQUIREMENTS,
    )
    judged = (word for judge in judges.JUDGES.values() for word in judge.words)
    for word in (*words, *judges.JUDGES, *judged, *(one.value for one in Strength)):
        assert word in readme, word
