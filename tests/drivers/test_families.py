"""The families that ship: every capture is read as it says, and bad data is refused with its place."""

from __future__ import annotations

import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestd.device.families import FamilyError
from ingestd.device.identity import weigh
from ingestd.model import Kind
from ingestd.testing.recorder import LAYOUTS, CardBuilder
from ingestd_drivers import families
from ingestd_drivers.folder import Folder

CAPTURES = Path(__file__).resolve().parents[2] / "drivers" / "captures"
KNOWN = families.load()


def said(item):
    """An item as a capture writes it."""
    words = [item.kind.value]
    if item.named:
        words.append(f"{datetime.fromtimestamp(item.named.wall / 1000, UTC):%Y-%m-%d %H:%M:%S}")
        words.append(item.named.zone)
    words += [f"#{item.sequence}"] if item.sequence is not None else []
    words += ["marked"] if item.marked else []
    words += [claim.value for what in ("serial", "officer") for claim in item.claims if claim.what == what]
    words += [f"of:{item.sidecar_of.decode()}"] if item.sidecar_of else []
    words += [f"stays:{item.stays}"] if item.stays else []
    words += [f"left:{item.litter}"] if item.litter else []
    return " ".join(words)


@pytest.mark.parametrize("file", sorted(CAPTURES.glob("*.toml")), ids=lambda file: file.stem)
def test_a_captured_card_is_read_as_written(file, tmp_path):
    """Family, recorder, officer, conflicts, battery, and the reading of every single file."""
    capture = tomllib.loads(file.read_text("utf-8"))
    builder = CardBuilder(tmp_path, "dcim")
    for path in capture["listing"]:
        builder.file(path, capture.get("content", {}).get(path, "film").encode("gbk"))
    volume = Folder().connect(str(tmp_path))
    identity, items, battery = volume.identity(), list(volume.items()), volume.battery()
    volume.close()
    assert {item.path.decode(): said(item) for item in items} == capture["listing"]
    weighed = weigh(identity, [claim for item in items for claim in item.claims])
    assert identity.family == capture.get("family")
    assert weighed.recorder == capture["recorder"]
    assert weighed.officer == capture.get("officer")
    assert [conflict.what for conflict in weighed.conflicts] == capture.get("conflicts", [])
    assert battery == capture.get("battery")


def test_every_family_ships_a_capture_and_a_builder():
    """A family without a recorded card or without a builder is not done."""
    keys = {family.key for family in KNOWN.families}
    assert keys == set(LAYOUTS)
    assert keys <= {file.stem for file in CAPTURES.glob("*.toml")}


@pytest.mark.parametrize("family", sorted(LAYOUTS))
def test_what_the_builder_writes_is_recognised(family, tmp_path):
    """One clip is enough to know the family, and its marks and times come back as they were written."""
    about = {"serial": "ACCC8EF01234", "officer": "wang77"} if family == "axis" else {}
    builder = CardBuilder(tmp_path, family, **about).identity()
    path = builder.clip(b"film", started=1_763_712_000_000, sequence=7, marked=True)
    volume = Folder().connect(str(tmp_path))
    item = next(item for item in volume.items() if item.path == path)
    assert volume.identity().family == family
    volume.close()
    assert item.kind is Kind.VIDEO
    if family not in ("dcim", "axis"):
        assert item.marked
        assert item.sequence == 7
    if family != "dcim":
        assert item.named.wall == 1_763_712_000_000 + (0 if family == "axis" else 28_800_000)


def test_large_files_are_no_litter(tmp_path):
    """A film that calls itself a Mac's companion file is acquired."""
    CardBuilder(tmp_path, "dcim").file("DCIM/._a.mp4", b"x" * 1_048_577)
    volume = Folder().connect(str(tmp_path))
    (item,) = volume.items()
    volume.close()
    assert item.litter is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('zone = "local"', 'zone = "lokal"', "zone"),
        ('key = "ini"', 'key = "inn"', "file's name"),
        ('format = "ini"', 'format = "iny"', "iny"),
        ('reason = "identity"', 'reason = "idendity"', "idendity"),
        ("{sequence}", "{seqence}", "seqence"),
        ("important =", "imporant =", "imporant"),
        ("weight = 90\n", "", "weight"),
        ("[[stays]]", "[[stays]", "ini.toml"),
    ],
)
def test_bad_data_is_refused_with_its_place(tmp_path, old, new, told):
    """A slip in a family's file names the file and the word, at start and not at the dock."""
    shutil.copytree(families.__path__[0], tmp_path / "families", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / "families" / "ini.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(FamilyError, match=told) as error:
        families.load(tmp_path / "families")
    assert "ini.toml" in str(error.value)


def test_every_reason_has_words():
    """Each word that the log keeps for what stays or is left is explained in both languages."""
    words = {rule.word for family in KNOWN.families for rule in family.stays}
    words |= {litter.reason for litter in KNOWN.common.litter}
    assert words <= set(KNOWN.common.reasons)
    assert all(text.zh and text.en for text in KNOWN.common.reasons.values())
