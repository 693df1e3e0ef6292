"""`value list|erase` and `confirm`, in the words that people read."""

from __future__ import annotations

import os

from tests.rig import Rig


def as_(rig, person, *roles):
    """Who this user of the machine is, from here on."""
    text = rig.config.read_text("utf-8").partition("\n[people.")[0]
    rig.config.write_text(text, "utf-8")
    rig.person(os.getuid(), person, *roles)


def test_a_value_from_its_list_to_its_end(tmp_path):
    """What an item's chain refers to is listed with its text; proposed by one, erased by another; then said to be."""
    rig = Rig(tmp_path / "h")
    as_(rig, "boss-1", "supervisor", "case-officer")
    csv = tmp_path / "case.csv"
    csv.write_text("案件编号,案由\nAJ-1,李某占道经营\n", "utf-8")
    assert rig.run("case", "import", csv).code == 0
    listed = rig.run("value", "list", "case:AJ-1")
    assert "李某占道经营" in listed.out
    assert "case.stated" in listed.out
    (one,) = rig.run("value", "list", "case:AJ-1", "--json").json
    assert (one["is_held"], one["erased_at"]) == (True, None)
    assert rig.run("value", "list", "case:AJ-2").code == 7
    digest = one["digest"]
    proposed = rig.run("value", "erase", digest, "--reason", "依申请", "--json").json
    assert rig.run("confirm", proposed["action"]).code == 6
    pending = rig.run("status")
    assert proposed["action"] in pending.out
    as_(rig, "archive-1", "archivist")
    done = rig.run("confirm", proposed["action"])
    assert done.code == 0
    assert "is erased for good" in done.out
    told = rig.run("value", "list", "case:AJ-1")
    assert "李某" not in told.out
    assert "(erased by decision)" in told.out
    assert "(erased by decision)" in rig.run("case", "show", "AJ-1").out
    (one,) = rig.run("value", "list", "case:AJ-1", "--json").json
    assert not one["is_held"]
    assert one["erased_at"] is not None
    assert rig.run("value", "erase", digest, "--reason", "x").code == 0
    assert rig.run("verify", "--all").code == 0
    assert rig.run("rebuild").code == 0
    assert "(erased by decision)" in rig.run("value", "list", "case:AJ-1").out
    assert "李某".encode() not in b"".join(f.read_bytes() for f in rig.root.rglob("*") if f.is_file())
