"""Policies by key: a jurisdiction's file over the baseline, read from the package.

A rule comes from the jurisdiction's own file where that has it, else from ``baseline``: a finding can always
say which layer spoke. A rule of one jurisdiction never reaches another.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from ingestd.errors import ConfigError
from ingestd.model import Sha256
from ingestd.words import Text

BASELINE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as its layer states it."""

    id: str
    layer: str
    """Key of the file that states it."""
    strength: str
    section: str
    message: Text
    numbers: tuple[tuple[str, int], ...]

    def number(self, name: str) -> int:
        """A number of the rule. Raises KeyError."""
        return dict(self.numbers)[name]

    def source(self, document: str | None) -> Text:
        """Where it stands, for people."""
        if self.layer == BASELINE:
            return Text("本机关自行规定（基线）", "agency's own rule (baseline)")
        return Text(f"{document} {self.section}", f"{document} {self.section}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules in force at a station."""

    key: str
    title: Text
    document: str | None
    rules: tuple[Rule, ...]
    sha256: Sha256
    """Digest over the files it was read from, in the order baseline, jurisdiction."""

    def rule(self, rule_id: str) -> Rule:
        """The rule of this id, the jurisdiction's before the baseline's. Raises KeyError."""
        return {rule.id: rule for rule in self.rules}[rule_id]


def _walk(folder: Traversable) -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for entry in folder.iterdir():
        if entry.name == "__pycache__":
            continue  # root may have made it with a umask that shuts others out
        if entry.is_dir():
            found |= _walk(entry)
        elif entry.name.endswith(".toml"):
            found[entry.name.removesuffix(".toml")] = entry
    return found


def keys() -> tuple[str, ...]:
    """The keys of all policies that can be chosen."""
    return tuple(sorted(_walk(files("ingestd_policies"))))


def load(key: str) -> Policy:
    """The policy of a key over the baseline. Raises ConfigError for an unknown key."""
    catalog = _walk(files("ingestd_policies"))
    if key not in catalog:
        raise ConfigError(
            Text(
                "没有名为 {key} 的规则文件；可选：{known}。",
                "there is no policy {key}; choose one of: {known}.",
            ).format(key=key, known=", ".join(sorted(catalog)))
        )
    names = [BASELINE] if key == BASELINE else [BASELINE, key]
    texts = [catalog[name].read_bytes() for name in names]
    rules: dict[str, Rule] = {}
    for text in texts:
        data = tomllib.loads(text.decode())
        rules |= {raw["id"]: _rule(raw, data["key"]) for raw in data.get("rule", ())}
    return Policy(
        key=key,
        title=Text(**data["title"]),
        document=data.get("document"),
        rules=tuple(rules.values()),
        sha256=Sha256(hashlib.sha256(b"\n".join(texts)).hexdigest()),
    )


def _rule(raw: dict[str, Any], layer: str) -> Rule:
    return Rule(
        id=raw["id"],
        layer=layer,
        strength=raw["strength"],
        section=raw["section"],
        message=Text(**raw["message"]),
        numbers=tuple(raw.get("numbers", {}).items()),
    )
