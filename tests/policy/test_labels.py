"""What follows from a classification label (REC-17): the baseline says it, an agency changes it, no plan can."""

from __future__ import annotations

import json

import pytest

from ingestd.cli import main
from ingestd.people.separation import READERS
from ingestd.policy import annex, catalog, differ, schema
from ingestd.policy.model import AGENCY, BASELINE, SECOND_FACTOR
from ingestd.registers.words import LABELS

HEAD = 'key = "baseline"\ntitle = { zh = "甲", en = "a" }\n'
LABEL = """[[label]]
key = "state"
name = { zh = "国家秘密", en = "state secret" }
look = ["officer", "archivist"]
preview = false
export = "second-factor"
reason = { zh = "因", en = "why" }
"""
WHY = 'by = "法制科"\nreason = "办案需要"\n'
CHANGED = '[[label]]\nkey = "privacy"\npreview = true\n' + WHY


def faults(text, key=BASELINE):
    layer, found = schema.parse(f"{key}.toml", text.encode(), key=key)
    assert (layer is None) == bool(found)
    return [(fault.file, fault.line, fault.key) for fault in found]


def own_faults(text, key="midong-chengguan"):
    found = catalog.check("policy.toml", text.encode(), key=None, above=key)
    return [(fault.file, fault.line, fault.key) for fault in found]


def label(policy, key):
    (found,) = policy.borne([key])
    return found


@pytest.mark.parametrize("key", catalog.keys())
def test_every_label_has_its_rules(key):
    """Those that the program knows, by the same names; secrets for fewer than private life; each with its reason."""
    policy = catalog.load(key)
    assert {one.key: one.name for one in policy.labels} == {key: one.text for key, one in LABELS.items()}
    assert policy.borne(["privacy", "state"]) == (label(policy, "state"), label(policy, "privacy"))
    for secret in ("state", "work"):
        assert set(label(policy, secret).look) == {"officer", "supervisor", "legal-reviewer", "archivist"}
    for private in ("trade", "privacy"):
        assert set(label(policy, private).look) == {*READERS, "officer"}
    assert {(one.preview, one.export, one.layer) for one in policy.labels} == {
        (False, SECOND_FACTOR, BASELINE)
    }
    assert policy.borne([]) == ()


def test_a_good_label():
    """The piece that the tests below spoil."""
    assert faults(HEAD + LABEL) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('key = "state"\n', "", (3, "label[1].key")),
        ("name = { zh", "nom = { zh", (5, "label[1].nom")),
        (', "archivist"]', ', "porter"]', (6, "label[1].look")),
        ('look = ["officer", "archivist"]\n', "", (3, "label[1].look")),
        ('["officer", "archivist"]', "[]", (6, "label[1].look")),
        ("preview = false", "preview = 0", (7, "label[1].preview")),
        ("preview = false\n", "", (3, "label[1].preview")),
        ('"second-factor"', '"never"', (8, "label[1].export")),
        ('export = "second-factor"\n', "", (3, "label[1].export")),
        ("reason =", "dispose = 30\nreason =", (9, "label[1].dispose")),
        ('reason = { zh = "因", en = "why" }\n', LABEL.replace("state", "work"), (3, "label[1].reason")),
        ('reason = { zh = "因", en = "why" }\n', LABEL, (10, "label[2].key")),
    ],
)
def test_a_faulty_label(old, new, where):
    """File, line and key of what is wrong."""
    text = HEAD + LABEL
    assert old in text
    assert (f"{BASELINE}.toml", *where) in faults(text.replace(old, new, 1))


def test_no_plan_states_what_follows():
    """A jurisdiction's text lists labels; the house says what they do."""
    head = 'key = "p"\ntitle = { zh = "甲", en = "a" }\ndocument = "甲文"\nissued = 2019-01-01\n'
    assert faults(head + LABEL, "p") == [("p.toml", 5, "label[1]")]


@pytest.mark.parametrize("key", ["midong-chengguan", "tongling-jiaoqu"])
def test_an_agency_changes_what_follows(key):
    """What it does not tell stays; who and why stand on it, also where the plan itself states REC-17."""
    policy = catalog.load(key, CHANGED.encode())
    found, before = label(policy, "privacy"), label(catalog.load(key), "privacy")
    assert (found.preview, found.layer, found.by, found.reason.zh) == (True, AGENCY, "法制科", "办案需要")
    assert (found.look, found.export) == (before.look, before.export)
    assert policy.borne(["state"]) == catalog.load(key).borne(["state"])
    told = [(one.id, one.field, one.other.key) for one in differ.differences(catalog.load(key), policy)]
    assert told == [("privacy", "layer", AGENCY), ("privacy", "preview", "true")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (CHANGED.replace("privacy", "minors"), (2, "label[1].key")),
        (CHANGED.replace("preview = true\n", ""), (1, "label[1].look")),
        (CHANGED.replace("preview = true", "look = []"), (3, "label[1].look")),
        (CHANGED.replace("preview = true", 'export = "free"'), (3, "label[1].export")),
        (CHANGED.replace('by = "法制科"\n', ""), (1, "label[1].by")),
        (CHANGED + CHANGED, (7, "label[2].key")),
        (CHANGED + 'name = "隐私"\n', (6, "label[1].name")),
    ],
)
def test_a_faulty_change(text, where):
    """The agency's file, its line and key."""
    assert ("policy.toml", *where) in own_faults(text)


def test_switched_off():
    """What follows is the house's own: an agency may do without it; which labels there are a plan says for good."""
    off = '[[off]]\nrule = "OWN-24"\n' + WHY
    assert catalog.load("tongling-jiaoqu", off.encode()).borne(["state"]) == ()
    assert own_faults(off, "midong-chengguan") == []
    assert own_faults(off.replace("OWN-24", "REC-17"), "midong-chengguan") == [
        ("policy.toml", 2, "off[1].rule")
    ]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("执法人员（限本人的）、监督人员", "列表中不显示画面", "双因素验证", "（policy.toml），法制科")),
        ("en", ("officer (his own), supervisor", "lists show no frames", "second factor", "(policy.toml), 法制科")),
    ],
)  # fmt: skip
def test_told_to_people(capsys, tmp_path, lang, said):
    """`policy explain` of REC-17 and OWN-24, and `policy print` have a line a label; programs get the same."""
    own = tmp_path / "policy.toml"
    own.write_text(CHANGED, "utf-8")
    chosen = f"lingchuan-gongxin:{own}"
    assert main(["policy", "explain", "REC-17", "--policy", chosen, "--lang", lang]) == 0
    explained = capsys.readouterr().out
    printed = annex.annex(catalog.load("lingchuan-gongxin", CHANGED.encode()), lang)
    for words in said:
        assert words in explained
        assert words in printed
    assert printed.count(said[2]) >= len(LABELS)
    assert main(["policy", "explain", "REC-17", "--policy", chosen, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["key"]: one["preview"] for one in told["follows"]} == dict.fromkeys(LABELS, False) | {
        "privacy": True
    }
    assert main(["policy", "explain", "REC-17", "--policy", "midong-chengguan", "--json"]) == 0
    assert [one["key"] for one in json.loads(capsys.readouterr().out)["follows"]] == [
        "state",
        "trade",
        "privacy",
    ]
