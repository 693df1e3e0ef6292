"""Policies: the keys of the source documents, each jurisdiction's own rules and no other's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ingestd.errors import ConfigError
from ingestd.policy import catalog

FOLDER = Path(__file__).parents[2] / "policies" / "ingestd_policies"
KEYS = ("changzhou-xinbei", "lingchuan-gongxin", "midong-chengguan", "tongling-jiaoqu", "wujin-yingji")


def own(key):
    (file,) = FOLDER.rglob(f"{key}.toml")
    return tomllib.loads(file.read_text("utf-8"))


def test_the_keys_are_those_of_the_sources(shared):
    """One file a document, and the baseline."""
    table = (shared / "requirements.md").read_text("utf-8")
    assert tuple(sorted(re.findall(r"(?m)^\| `([a-z-]+)` \| ", table))) == KEYS
    assert catalog.keys() == tuple(sorted((*KEYS, "baseline")))


@pytest.mark.parametrize("key", [*KEYS, "baseline"])
def test_every_rule_says_which_layer_speaks(key):
    """Its own where it has it, else the baseline's; never another plan's."""
    policy = catalog.load(key)
    mine = {rule["id"] for rule in own(key).get("rule", ())}
    base = {rule["id"] for rule in own("baseline")["rule"]}
    assert {rule.id for rule in policy.rules} == mine | base
    for rule in policy.rules:
        assert rule.layer == (key if rule.id in mine else "baseline")
        assert rule.message.zh
        assert rule.message.en


def test_tonglings_own_rule_and_the_baselines():
    """REC-1 is tongling's own duty; elsewhere it is the house's, and said to be."""
    tongling, wujin = (
        catalog.load("tongling-jiaoqu").rule("REC-1"),
        catalog.load("wujin-yingji").rule("REC-1"),
    )
    assert (tongling.layer, tongling.strength, tongling.number("hours")) == ("tongling-jiaoqu", "must", 24)
    assert (wujin.layer, wujin.strength, wujin.number("hours")) == ("baseline", "own", 24)
    assert "baseline" in wujin.source().en


def test_an_unknown_key_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError) as caught:
        catalog.load("../baseline")
    assert all(key in caught.value.text.en for key in KEYS)


def test_byte_code_is_no_policy(tmp_path):
    """Its folder is not even looked into: who ran the program first may have shut it."""
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.toml").write_text("")
    (tmp_path / "one.toml").write_text("")
    assert list(catalog._walk(tmp_path)) == ["one"]
