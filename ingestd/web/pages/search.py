"""`/search`: one box for cases, people, recorders, places, days, rules and words; clips as tiles, newest first."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ingestd.people.separation import READERS
from ingestd.web import search
from ingestd.web.asking import AtDesk
from ingestd.web.query import QUERY_CHARS
from ingestd.web.search import KIND_WORDS, LINK_WORDS, TROUBLE_WORDS, Question

router = APIRouter()


@router.api_route("/search", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """What is found; without a question the newest clips."""
    desk.require(*READERS)
    question = asked(desk.request)
    with desk.reading() as connection:
        found = search.results(desk, connection, question)
    return desk.draw(
        "search.html",
        found=found,
        query_chars=QUERY_CHARS,
        filters={"kind": KIND_WORDS, "trouble": TROUBLE_WORDS, "link": LINK_WORDS},
    )


def asked(request: Request) -> Question:
    """The question of an address; what it says that is nothing we know does not count."""
    told = request.query_params

    def one_of(name: str, words: tuple[tuple[str, object], ...]) -> str | None:
        return told.get(name) if told.get(name) in dict(words) else None

    return Question(
        text=told.get("q", "").strip()[: QUERY_CHARS + 1],
        unit=told.get("unit") or None,
        kind=one_of("kind", KIND_WORDS),
        trouble=one_of("trouble", TROUBLE_WORDS),
        link=one_of("link", LINK_WORDS),
        before=search.place_of(told.get("before", "")),
    )
