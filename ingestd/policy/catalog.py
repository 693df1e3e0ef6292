"""Policies by key, read from the package and an agency's own file: faulty files are refused whole.

A rule comes from the jurisdiction's own file where that has it, else from ``baseline``: a finding can always
say which layer spoke. A rule of one jurisdiction never reaches another: only the two files that a key names are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

from ingestd.errors import ConfigError
from ingestd.policy import agency, merge, schema
from ingestd.policy.model import BASELINE, Act, Layer, Policy, Rule
from ingestd.policy.reader import Fault, refused
from ingestd.words import Text

__all__ = ["BASELINE", "Policy", "Rule", "check", "keys", "load", "paths"]

AGENCY_FILE = "policy.toml"


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


def paths() -> dict[str, Traversable]:
    """The files that come with the program, by key."""
    return _walk(files("ingestd_policies"))


def keys() -> tuple[str, ...]:
    """The keys of all policies that can be chosen."""
    return tuple(sorted(paths()))


def load(
    key: str, own: bytes | None = None, *, own_name: str = AGENCY_FILE, folder: Traversable | None = None
) -> Policy:
    """The policy of a key over the baseline, under the text of an agency's own file where there is one.

    ``folder`` is where the files lie, the package's where none is told.
    Raises ConfigError for an unknown key, PolicyError with every fault of the files.
    """
    catalog = _walk(folder or files("ingestd_policies"))
    if key not in catalog:
        raise ConfigError(
            Text(
                "没有名为 {key} 的规则文件；可选：{known}。",
                "there is no policy {key}; choose one of: {known}.",
            ).format(key=key, known=", ".join(sorted(catalog)))
        )
    baseline = _layer(catalog, BASELINE)
    jurisdiction = None if key == BASELINE else _layer(catalog, key, baseline.acts)
    below = merge.merged(baseline, jurisdiction)
    if own is None:
        return below
    file, faults = agency.parse(own_name, own, below)
    if file is None:
        raise refused(faults)
    return merge.merged(baseline, jurisdiction, file)


def _layer(catalog: dict[str, Traversable], key: str, acts: Iterable[Act] = ()) -> Layer:
    layer, faults = schema.parse(
        f"{key}.toml", catalog[key].read_bytes(), key=key, acts=[act.key for act in acts]
    )
    if layer is None:
        raise refused(faults)
    return layer


def check(name: str, data: bytes, *, key: str | None, above: str = BASELINE) -> list[Fault]:
    """The faults of a file: a jurisdiction's (or the baseline) by its key, or (None) an agency's over ``above``."""
    if key is None:
        return agency.parse(name, data, load(above))[1]
    acts = () if key == BASELINE else load(BASELINE).acts
    return schema.parse(name, data, key=key, acts=[act.key for act in acts])[1]
