"""What the API answers is what its description says: every member has a type, none is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import httpx
import pytest

from ingestd import facts, model
from ingestd.actions import imports
from ingestd.index import facts as kept
from ingestd.index import link_queries, papers, registers
from ingestd.index.database import open_database, reading
from ingestd.telling.as_json import to_json
from ingestd.web import case_line, lanes
from ingestd.web.api import lines, links, moments, stated, whole_case
from ingestd.web.api import registers as imported
from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, SUPERVISOR, Office

TOLD = [
    (stated.StatedCase, facts.Case),
    (stated.StatedAct, facts.Act),
    (stated.StatedRecord, facts.TextRecord),
    (stated.StatedReview, facts.Review),
    (stated.StatedDecision, facts.Decision),
    (whole_case.StoredDocument, papers.Document),
    (links.Term, link_queries.Reason),
    (links.Candidate, link_queries.Candidate),
    (links.Belonging, link_queries.Link),
    (links.Queued, link_queries.Queued),
    (links.KeptClip, kept.Clip),
    (links.UnreadBytes, model.BadRange),
    (moments.Between, model.Interval),
    (lines.Shot, lanes.Shot),
    (lines.TimePart, lanes.Part),
    (lines.DrawnStretch, lanes.Stretch),
    (lines.Block, lanes.Block),
    (lines.Lane, lanes.Lane),
    (lines.Bracket, lanes.Bracket),
    (lines.TimeLine, lanes.TimeLine),
    (lines.ClipLine, case_line.CaseLine),
    (imported.TableTaken, imports.Taken),
]
"""Models of answers with the values that they tell."""
DEED = {"seq", "changed"}


def open_places(document: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    """Where a schema does not say what stands there."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in at.split("/"):  # a model within itself
            yield from open_places(document, document["components"]["schemas"][name], f"{at}/{name}")
        return
    choices = schema.get("anyOf", schema.get("oneOf", ()))
    if not choices and not {"type", "const", "enum"} & schema.keys():
        yield at
    members = {**schema.get("properties", {}), **dict(enumerate([*choices, *schema.get("prefixItems", ())]))}
    match schema.get("type"):
        case "object":
            members["*"] = schema.get("additionalProperties", not members)
        case "array" if "prefixItems" not in schema:
            members["[]"] = schema.get("items", True)
    for name, one in members.items():
        if one is True:
            yield f"{at}/{name}"
        elif one is not False:
            yield from open_places(document, one, f"{at}/{name}")


def open_answers(document: dict[str, Any]) -> Iterator[str]:
    """Every place of an answer, errors apart, of which the description does not say what stands there."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            for status, answer in told["responses"].items():
                if status[0] != "2" or status == "204":
                    continue
                at, contents = f"{method} {path} {status}", answer.get("content", {})
                if not contents:
                    yield at
                for one in contents.values():
                    yield from open_places(document, one.get("schema", {}), at)


@pytest.fixture(scope="module")
def document(office: Office) -> Any:
    """The description, as a program gets it."""
    return httpx.get(f"{office.web.url}/api/v1/openapi.json", timeout=60).json()


def test_every_answer_is_described(document):
    """No operation answers with an object of which one would have to guess the members."""
    assert list(open_answers(document)) == []
    for path in ("/reports/{period}", "/reports/{period}/{form}"):
        counting = document["paths"][path]["get"]["responses"]["202"]["content"]["application/json"]
        assert counting["schema"]["$ref"].endswith("/Counting")


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "additionalProperties": True},
        {"type": "object", "properties": {"a": {}}},
        {"type": "array", "items": {}},
        {"type": "array"},
        {"anyOf": [{"type": "null"}, {"type": "object"}]},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "object"}]},
        {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object"}}},
        {"$ref": "#/components/schemas/Open"},
    ],
)
def test_what_is_open_is_seen(schema):
    """The walk through a schema finds what says nothing, however deep it lies."""
    document = {"components": {"schemas": {"Open": {"type": "object", "additionalProperties": {}}}}}
    assert list(open_places(document, schema, ""))


@pytest.mark.parametrize(("told", "value"), TOLD, ids=lambda one: one.__name__)
def test_an_answer_has_all_of_its_value(told, value):
    """A field that a value gains is described too, else it would be left out of the answer."""
    described = {field.alias or name for name, field in told.model_fields.items()}
    assert described == {field.name for field in fields(value)}


def test_a_case_tells_what_was_stated(office):
    """Its rows are those of the index, member by member; an act by itself is the same."""
    engine = open_database(office.home.root / "index.db")
    with reading(engine) as connection, office.client(SUPERVISOR) as client:
        for case in (one.row for one in registers.listed(connection, "case")):
            told = client.get(f"/api/v1/cases/{case.case}").json()
            acts = registers.acts_of(connection, case.case)
            assert told["acts"] == to_json(acts)
            assert told["records"] == to_json(registers.records_of(connection, case.case))
            assert told["reviews"] == to_json(registers.reviews_of(connection, case.case))
            assert told["decisions"] == to_json(registers.decisions_of(connection, case.case))
            assert told == told | to_json(case)
            assert told.keys() - to_json(case).keys() == {
                "title", "acts", "footage", "records", "documents", "reviews", "decisions", "clocks", "findings",
            }  # fmt: skip
            for act in acts:
                assert client.get(f"/api/v1/acts/{act.act}").json() == to_json(act)
    engine.dispose()


def test_deeds_answer_with_what_became_of_them(office):
    """Where a clip belongs and its labels, in full; a look that is over, with its entry."""
    office.phone(SUPERVISOR)
    with office.client(SUPERVISOR) as client:
        client.base_url = httpx.URL(f"{office.web.url}/api/v1")
        first = client.get("/queue").json()[0]
        clip, act = first["clip"]["acquisition"], first["candidates"][0]["act"]
        linked = client.put(f"/clips/{clip}/link", json={"act": act}).json()
        assert linked.keys() == DEED | {"clip", "act", "case"}
        assert (linked["clip"], linked["act"], linked["changed"]) == (clip, act, True)
        freed = client.post(f"/clips/{clip}/unlink", json={"reason": "设备测试"}).json()
        assert freed == {"clip": clip, "act": None, "case": None, "seq": freed["seq"], "changed": True}
        assert freed["seq"] > linked["seq"]
        opened = client.post("/looks", json={"about": f"clip:{clip}", "what": "player"}).json()
        closed = client.post(f"/looks/{opened['look']}/close", json={"watched_ms": 5}).json()
        assert closed == {"look": opened["look"], "seq": closed["seq"]}
        assert closed["seq"] > opened["seq"]
        assert client.get("/checkpoint").json().keys() == {"size", "root", "note"}
    with office.client(CASE_OFFICER) as client:
        case = client.get("/api/v1/cases?state=concluded").json()["cases"][0]["case"]
        clip = client.get(f"/api/v1/cases/{case}").json()["footage"][0]["clips"][0]
        labelled = client.put(f"/api/v1/clips/{clip}/labels", json={"labels": ["trade"]}).json()
        assert labelled == {"clip": clip, "labels": ["trade"], "seq": labelled["seq"], "changed": True}


def test_a_file_of_rows_says_of_each_what_is_wrong(office):
    """Line, column and reason of a row that is refused; a file that comes again says since when it is known."""
    data = "单位编号,单位名称,备注\n34079907,七中队（虚构）,一\n,八中队（虚构）,二\n".encode()
    url = "/api/v1/registers/import?name=units.csv&among=unit"
    with office.client(ADMINISTRATOR) as client:
        (told,) = client.post(url, content=data).json()["tables"]
        (again,) = client.post(url, content=data).json()["tables"]
    (fault,) = told["faults"]
    assert (fault["line"], fault["column"], fault.keys()) == (3, "单位编号", {"line", "column", "zh", "en"})
    assert (told["register"], told["rows"], told["changed"], told["refused"]) == ("unit", 2, 1, 1)
    assert told["unknown_columns"] == ["备注"]
    assert (again["known_since"], again["seq"]) == (told["seq"], None)


def test_figures_are_the_same_in_every_form(office):
    """The file has what the answer has: the description drops no fact of a report and no cell."""
    with office.client(SUPERVISOR) as client:

        def are_same() -> bool:
            """Of one size of the log, which still grows."""
            told, filed = (client.get(f"/api/v1/reports/2026{form}").json() for form in ("", "/json"))
            return told == filed and bool(told["sheets"]["units"])

        wait_for(are_same)
