"""The chain of custody of one item, as its page shows it: sentences with dots, one entry with its proof."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.errors import KeyMaterialError, LogError, NotFoundError
from ingestd.index import chains, papers, queries
from ingestd.index.facts import Clip, Recorder
from ingestd.index.inclusion import LogReader
from ingestd.index.items import find_clip
from ingestd.model import Millis, RecorderId
from ingestd.people.separation import READERS
from ingestd.telling import chain, outsider
from ingestd.telling.chain_words import Line
from ingestd.telling.plain import shown
from ingestd.telling.register_views import Reader
from ingestd.web.case_page import paper_name
from ingestd.web.desk import Desk
from ingestd.words import Text

SHOWN = 200
"""Entries of a chain on one page; older ones are a link away."""

KINDS: dict[str, Text] = {
    "clip": Text("音像记录", "clip"),
    "recorder": Text("记录仪", "recorder"),
    "case": Text("案件", "case"),
    "act": Text("执法行为", "act"),
    "text-record": Text("文字记录", "text record"),
    "decision": Text("决定", "decision"),
    "review": Text("审核", "review"),
    "audit": Text("抽查", "audit"),
    "account": Text("账户", "account"),
    "officer": Text("人员", "officer"),
    "unit": Text("单位", "unit"),
}
"""What has a chain, by the first part of its subject."""
_OF_ROLES = {
    "account": ("administrator", "supervisor", "archivist"),
    "audit": READERS,
}
"""Chains that are no evidence, and who reads them."""
_NONE = Text("没有{k} {id}。", "there is no {k} {id}.")
_NOT_OF_IT = Text("此项没有可核验的 {id}。", "there is nothing {id} of this item to be checked.")
_PROGRAM = "ingestd"
_ELSEWHERE = Text("第 {n} 条不在此项的保管链中。", "entry {n} is not in the chain of this item.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Stored bytes of an item that can be checked now: a clip's, or those of a text record's file."""

    kind: str
    """clip or document: the first part of its verb, and its argument."""
    id: str
    name: str
    """As people know it."""
    size: int
    commands: tuple[str, ...]
    """What an outsider runs."""

    @property
    def verb(self) -> str:
        """That checks it."""
        return f"{self.kind}.check"

    @property
    def which(self) -> dict[str, str]:
        """It, as an argument of the verb."""
        return {self.kind: self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a chain is of."""

    about: str
    kind: str
    id: str
    word: Text
    clip: Clip | None
    recorder: Recorder | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Its sentences in the order of time."""

    lines: tuple[Line, ...]
    older: int | None
    """Whatever stands before this position is on the page before; None: this is the begin."""
    entries: int
    """How many entries of the log it has in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the log, with what proves its place."""

    seq: int
    at: Millis
    actor: str
    type: str
    text: str
    """Its JSON as it stands in the log, in lines."""
    size: int | None
    """Of the checkpoint's tree; None: not proved."""
    root: str | None
    path: tuple[str, ...]
    """Hashes of the proof, base 16."""
    fault: Text | None
    """Why it is not proved."""


def item(desk: Desk, connection: Connection, about: str) -> Item:
    """What an address names. Raises NotFoundError, or RemoteError where the person may not see it."""
    kind, _, id_ = about.partition(":")
    if kind not in KINDS or not id_:
        raise NotFoundError(_NONE.format(k=Text("此项", "such item"), id=shown(about)[:80]))
    if kind in _OF_ROLES:
        desk.require(*_OF_ROLES[kind])
    else:
        desk.require_sight(connection, about)
    clip, recorder = None, None
    if kind == "clip":
        clip = find_clip(connection, id_)
        is_known = clip is not None
    elif kind == "recorder":
        recorder = queries.recorder(connection, RecorderId(id_), desk.now)
        is_known = recorder is not None
    else:
        is_known = bool(queries.history(connection, about))
    if not is_known:
        raise NotFoundError(_NONE.format(k=KINDS[kind], id=shown(id_)[:80]))
    return Item(about=about, kind=kind, id=id_, word=KINDS[kind], clip=clip, recorder=recorder)


def contents(desk: Desk, connection: Connection, of: Item) -> tuple[Content, ...]:
    """What can be checked of an item: a clip itself, the files of a text record, the newest first."""
    home, lang = desk.watch.home, desk.lang
    if of.clip is not None:
        told = outsider.commands(home.root, of.clip, program=_PROGRAM, lang=lang)
        return (Content(kind="clip", id=of.id, name=of.clip.path, size=of.clip.size, commands=told),)
    if of.kind != "text-record":
        return ()
    reader = Reader(desk.watch.values, zone=desk.zone, lang=lang)
    return tuple(
        Content(
            kind="document",
            id=one.document,
            name=paper_name(reader, one),
            size=one.size,
            commands=outsider.document_commands(home.root, one, program=_PROGRAM, lang=lang),
        )
        for one in reversed(papers.of_record(connection, of.id))
    )


def content(desk: Desk, connection: Connection, of: Item, id_: str) -> Content:
    """One of them. Raises NotFoundError for what is another item's."""
    found = {one.id: one for one in contents(desk, connection, of)}
    if id_ not in found:
        raise NotFoundError(_NOT_OF_IT.format(id=shown(id_)[:80]))
    return found[id_]


def is_evidence(of: Item) -> bool:
    """Whether it is something that people touch."""
    return of.kind not in ("account", "audit", "unit", "officer")


def place(desk: Desk) -> chain.Place:
    """What chains are told by."""
    checkpoint, store = desk.watch.known.checkpoint, desk.watch.policy.find("REC-1")
    return chain.Place(
        home=desk.watch.home,
        zone=desk.zone,
        hours=None if store is None else store.number("hours"),
        commissioned_at=desk.watch.config.commissioned_at,
        published=None if checkpoint is None else checkpoint.size,
    )


def read(desk: Desk, connection: Connection, of: Item, before: int | None = None) -> Chain:
    """The newest part of a chain, or the part before a position."""
    told, positions = place(desk), _positions(connection, of)
    if of.clip is not None:
        lines = chain.of_clip(told, connection, of.clip)
        return Chain(lines=tuple(lines), older=None, entries=len(positions))
    within = [seq for seq in positions if before is None or seq < before]
    some = within[-SHOWN:]
    if of.recorder is not None and before is None:
        lines = chain.of_recorder(told, connection, of.recorder, desk.now, some)
    else:
        lines = chain.lines(chain.links(told.home, connection, some), desk.zone)
    older = some[0] if len(within) > len(some) else None
    return Chain(lines=tuple(lines), older=older, entries=len(positions))


def entry(desk: Desk, connection: Connection, of: Item, seq: int) -> Entry:
    """One entry of an item's chain with its proof. Raises NotFoundError for one of another item's."""
    if seq not in _positions(connection, of):
        raise NotFoundError(_ELSEWHERE.format(n=seq))
    ((known, _),) = chain.links(desk.watch.home, connection, [seq])
    proof, fault = None, None
    try:
        proof = LogReader(desk.watch.home).proof(seq)
    except (KeyMaterialError, LogError) as error:
        fault = error.text
    text = known.encode() if proof is None else proof.entry
    return Entry(
        seq=seq,
        at=known.at,
        actor=known.actor,
        type=known.type,
        text=json.dumps(json.loads(text), ensure_ascii=False, indent=2),
        size=None if proof is None else proof.size,
        root=None if proof is None else proof.root.hex(),
        path=() if proof is None else tuple(one.hex() for one in proof.path),
        fault=fault,
    )


def _positions(connection: Connection, of: Item) -> Sequence[int]:
    if of.kind == "recorder":
        return chains.recorder_history(connection, RecorderId(of.id))
    return queries.history(connection, of.about)
