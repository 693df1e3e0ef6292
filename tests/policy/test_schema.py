"""Faulty files: each kind of fault with file, line and key, all of them at once."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.policy import catalog, schema
from ingestd.policy.lines import index, line_of

HEAD = """key = "p"
title = { zh = "甲", en = "a" }
document = "甲文"
issued = 2019-01-01
"""
RULE = """[[rule]]
id = "REC-1"
strength = "must"
section = ["一"]
message = { zh = "{hours} 小时", en = "{hours} h" }
numbers = { hours = 24 }
"""
ACTS = ("seizure", "hearing")


def faults(text, key="p"):
    data = text if isinstance(text, bytes) else text.encode()
    layer, found = schema.parse("p.toml", data, key=key, acts=ACTS)
    assert (layer is None) == bool(found)
    return [(fault.line, fault.key) for fault in found]


def test_a_good_file():
    """The pieces that the tests below spoil are good."""
    assert faults(HEAD + RULE) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('key = "p"', 'key = "q"', (1, "key")),
        ('key = "p"', "key = 3", (1, "key")),
        ('title = { zh = "甲", en = "a" }', 'title = { zh = "甲" }', (2, "title.en")),
        ('title = { zh = "甲", en = "a" }', 'title = "甲"', (2, "title")),
        ('document = "甲文"\n', "", (1, "document")),
        ("issued = 2019-01-01", 'issued = "last year"', (4, "issued")),
        ('id = "REC-1"', 'id = "REC1"', (6, "rule[1].id")),
        ('id = "REC-1"', 'id = "OWN-1"', (6, "rule[1].id")),
        ('"must"', '"shall"', (7, "rule[1].strength")),
        ('"must"', '"own"', (7, "rule[1].strength")),
        ('strength = "must"\n', "", (5, "rule[1].strength")),
        ('section = ["一"]\n', "", (5, "rule[1].section")),
        ('["一"]', '"一"', (8, "rule[1].section")),
        ('["一"]', '["一", "一"]', (8, "rule[1].section")),
        ('["一"]', "[1]", (8, "rule[1].section")),
        ("{hours} h", "{days} h", (9, "rule[1].message")),
        ("{hours} h", "{hours h", (9, "rule[1].message")),
        ("{hours} h", "", (9, "rule[1].message.en")),
        ("{hours} h", "x" * 401, (9, "rule[1].message.en")),
        ("hours = 24", "hours = -1", (10, "rule[1].numbers.hours")),
        ("hours = 24", "hours = true", (10, "rule[1].numbers.hours")),
        ("hours = 24", 'hours = "24"', (10, "rule[1].numbers.hours")),
    ],
)
def test_a_wrong_value(old, new, where):
    """Its line and its key."""
    text = HEAD + RULE
    assert old in text
    assert where in faults(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("colour = 1", "rule[1].colour"),
        ('qualifier = "大概"', "rule[1].qualifier"),
        ('effective = "soon"', "rule[1].effective"),
        ('due = "2020-13"', "rule[1].due"),
        ('bearer = "nobody"', "rule[1].bearer"),
        ('acts = ["flying"]', "rule[1].acts"),
        ('filming = "whole"', "rule[1].filming"),
        ('bears_on = ["life"]', "rule[1].filming"),
        ('filming = "half"\nacts = ["hearing"]', "rule[1].filming"),
        ('requires = ["luck"]', "rule[1].requires"),
        ('treated_as = "must"', "rule[1].treated_as"),
        ('dates = { public = "13-01" }', "rule[1].dates.public"),
        ('clock = { start = "whenever", stop = "stored" }', "rule[1].clock.start"),
        ("lists = { a = { items = [] } }", "rule[1].lists.a.items"),
        ('lists = { a = { items = ["甲"], keys = ["a", "b"] } }', "rule[1].lists.a.keys"),
        ('[[rule.part]]\nstrength = "weak"\nwords = { zh = "甲", en = "a" }', "rule[1].part[1].strength"),
        ('[[rule.example]]\njudge = "oracle"\nfacts = {}\nexpect = "x"', "rule[1].example[1].judge"),
        (
            '[[rule.example]]\njudge = "gate"\nfacts = { happened = [] }\nexpect = "late"',
            "rule[1].example[1].expect",
        ),
        ('[[rule.example]]\njudge = "gate"\nfacts = { a = 1 }\nexpect = "open"', "rule[1].example[1].facts"),
        (
            '[[rule.example]]\njudge = "gate"\nfacts = { happened = [1] }\nexpect = "open"',
            "rule[1].example[1].facts.happened",
        ),
        ("[[rule]]", "rule[2].id"),
        (RULE, "rule[2].id"),
        ('[[act]]\nkey = "A b"', "act[1].key"),
        ('[[act]]\nkey = "a"\nstage = "last"', "act[1].stage"),
        ('[[act]]\nkey = "a"\nretention_days = 0', "act[1].retention_days"),
    ],
)
def test_a_wrong_key(more, where):
    """What a rule or an act can't have, or lacks."""
    assert where in [key for _, key in faults(HEAD + RULE + more + "\n")]


def test_a_rule_that_the_file_denies():
    """What is stated can't be among what is not there."""
    assert (5, "none") in faults(HEAD + 'none = ["REC-1"]\n' + RULE)


def test_all_faults_at_once_with_file_line_and_key():
    """A person mends them in one go."""
    text = (
        HEAD.replace("2019-01-01", "2019")
        + RULE.replace("must", "shall")
        + RULE.replace("24", "-1")
        + "x = 1\n"
    )
    wanted = {(4, "issued"), (7, "rule[1].strength"), (12, "rule[2].id"), (16, "rule[2].numbers.hours")}
    assert {*wanted, (17, "rule[2].x")} <= set(faults(text))
    said = [fault.said() for fault in schema.parse("p.toml", text.encode(), key="p")[1]]
    assert any(one.en.startswith("p.toml:7: rule[1].strength: 'shall' is none of") for one in said)
    assert any(one.zh.startswith("p.toml:7: rule[1].strength: ") and "不在可选之列" in one.zh for one in said)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"key = \n", 1),
        (b'key = "p"\n[[rule]\n', 2),
        (b"\xff\xfe", 1),
        (b"a = 1\n" * 2, 2),
        (b"[" * 5000, 1),
        (b"#" * ((1 << 20) + 1), 1),
        (b"", 1),
    ],
)
def test_what_is_no_policy_at_all(data, line):
    """Bytes of any kind are refused with a line, and nothing else happens."""
    assert {place for place, _ in faults(data)} <= {line}
    assert faults(data)


@given(st.binary(max_size=200))
def test_any_bytes(data):
    """No input brings the parser down."""
    schema.parse("p.toml", data, key="p")
    catalog.check("policy.toml", data, key=None)


_VALUES = st.sampled_from(
    ['"x"', "1", "true", "[]", "{}", '["REC-1"]', "2019-01-01", "-5", '{ zh = "a" }', "[[1]]", "[{}]"]
)
_NAMES = st.sampled_from(
    [
        "id",
        "strength",
        "section",
        "message",
        "numbers",
        "lists",
        "acts",
        "filming",
        "example",
        "part",
        "clock",
        "dates",
    ]
)


@given(
    st.dictionaries(_NAMES, _VALUES, max_size=6),
    st.sampled_from(["rule", "act", "override", "off", "extend"]),
)
def test_any_values(values, table):
    """Values of any type under the keys of the schema: faults, never an exception."""
    text = f"[[{table}]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
    schema.parse("p.toml", (HEAD + text).encode(), key="p")
    catalog.check("policy.toml", text.encode(), key=None)


# --- lines ----------------------------------------------------------------------------------------

TEXT = '''a = 1 # x = 2
"b c".d = [
  "e = 3",  # [[no]]
  { f = 4 },
]
s = """
g = 5
[[no]]
"""
t = 'h = "'
[i]
j = { k = 1 }
[[l]]
m = 1
[[l.n]]
o = 1
[[l.n]]
o = 2
[l.p]
q = "\\""
[[l]]
m = 2
'''


def test_lines_of_keys():
    """Tables, arrays of tables, dotted and quoted keys; what stands in texts and comments is no key."""
    tomllib.loads(TEXT)
    assert index(TEXT) == {
        ("a",): 1,
        ("b c", "d"): 2,
        ("s",): 6,
        ("t",): 10,
        ("i",): 11,
        ("i", "j"): 12,
        ("l", 0): 13,
        ("l", 0, "m"): 14,
        ("l", 0, "n", 0): 15,
        ("l", 0, "n", 0, "o"): 16,
        ("l", 0, "n", 1): 17,
        ("l", 0, "n", 1, "o"): 18,
        ("l", 0, "p"): 19,
        ("l", 0, "p", "q"): 20,
        ("l", 1): 21,
        ("l", 1, "m"): 22,
    }
    assert line_of(index(TEXT), ("i", "j", "k")) == 12
    assert line_of(index(TEXT), ("zz",)) == 1
