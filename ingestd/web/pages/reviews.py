"""Legal review: which cases wait, what one rests on (REV-3), the opinion, the gate."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ingestd.actions.reviews import REVIEWS, SUBMITS
from ingestd.people.separation import READERS
from ingestd.web import reviews
from ingestd.web.asking import AtDesk, Fields

router = APIRouter()


@router.api_route("/reviews", methods=["GET", "HEAD"])
def show(desk: AtDesk) -> Response:
    """Cases that wait for a review or had one."""
    desk.require(*READERS)
    with desk.reading() as connection:
        found = reviews.lists(desk, connection)
    return desk.draw("reviews.html", found=found)


@router.post("/reviews/{case:path}/open")
def submit(desk: AtDesk, case: str, fields: Fields) -> Response:
    """Submits another round, or corrects the one that is open."""
    told = {name: fields[name] for name in ("self_checked_at", "due_at") if fields.get(name)}
    return desk.do(fields, "review.open", f"/reviews/{case}", case=case, **told)


@router.post("/reviews/{case:path}/opinion")
def opinion(desk: AtDesk, case: str, fields: Fields) -> Response:
    """The reviewer's word on the open round; takes a fresh code."""
    return desk.do(
        fields,
        "review.opinion",
        f"/reviews/{case}",
        case=case,
        opinion=fields.get("opinion", ""),
        reason=fields.get("reason", ""),
    )


@router.post("/reviews/{case:path}/escalate")
def escalate(desk: AtDesk, case: str, fields: Fields) -> Response:
    """The unit disagrees: it is taken further (REV-9)."""
    return desk.do(fields, "review.escalate", f"/reviews/{case}", case=case)


@router.api_route("/reviews/{case:path}", methods=["GET", "HEAD"])
def one(desk: AtDesk, case: str) -> Response:
    """What a case rests on, its rounds, its gate."""
    with desk.reading() as connection:
        found = reviews.one(desk, connection, case)
    roles = desk.visitor.roles
    return desk.draw(
        "review.html",
        found=found,
        reviews_it=bool(roles & set(REVIEWS)),
        submits=bool(roles & set(SUBMITS)),
        source=desk.watch.book.find("REV-3"),
    )
