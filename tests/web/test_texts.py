"""The pages' index of free text: filled by entries, replaced, and emptied when a value is gone from the vault."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.errors import LogError
from ingestd.events import ActStated, CaseStated, ClipNoted, FindingExplained, OfficerStated, PartyStated
from ingestd.index import projection
from ingestd.index.database import open_database, reading
from ingestd.model import Millis
from ingestd.vault.layout import Home
from ingestd.vault.values import Values, new_salt
from ingestd.web import texts
from tests.event_samples import T0, Entry, secured


class _Copy:
    """A copy that follows what a test lets happen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder / "home")
        self.home.values_root.mkdir(parents=True)
        self.values = Values(self.home)
        self.engine = open_database(folder / "index.db")
        projection.create(self.engine)
        texts.create(self.engine)
        self._project = texts.projecting(self.values)
        self._seq = 0

    def value(self, **fields: str) -> str:
        return self.values.put([(new_salt(), fields)])[0]

    def follow(self, *happened) -> None:
        entries = []
        for event in happened:
            entries.append((Entry(seq=self._seq, at=Millis(T0 + self._seq), actor="x"), event))
            self._seq += 1
        with self.engine.begin() as connection:
            self._project(connection, entries)

    def items(self, kind: str, *terms: str) -> list[str]:
        with reading(self.engine) as connection:
            return [hit.item for hit in texts.find(connection, kind, *terms, limit=50)]

    def tidy(self) -> None:
        after = ("", "", "")
        while after is not None:
            after = texts.tidied(self.engine, self.values, after, 2)

    def bytes_of_index(self) -> bytes:
        with self.engine.begin() as connection:
            rows = connection.exec_driver_sql("SELECT block FROM text_note_data").all()
        return b"".join(row[0] for row in rows)


@pytest.fixture
def copy(tmp_path):
    made = _Copy(tmp_path)
    yield made
    made.engine.dispose()


def test_what_is_found(copy):
    """Notes, titles, numbers, places, names, explanations; newest first; two words in one text."""
    clip = secured()
    copy.follow(
        clip,
        ClipNoted(acquisition=clip.acquisition, note_value=copy.value(note="长江路查获酒驾一起")),
        CaseStated(case="铜罚〔2026〕1号", title_value=copy.value(title="占道经营"), opened_at=Millis(T0)),
        CaseStated(
            case="铜罚〔2026〕2号", title_value=copy.value(title="占道施工"), opened_at=Millis(T0 + 5)
        ),
        ActStated(act="A", place_value=copy.value(place="公园路"), note_value=copy.value(note="当事人拒签")),
        PartyStated(party="p", party_value=copy.value(name="某小吃店", id_number="92340700")),
        OfficerStated(officer="104233", name_value=copy.value(name="张建国")),
        FindingExplained(finding="f", about="act:A", reason_value=copy.value(reason="电池耗尽")),
    )
    assert copy.items(texts.NOTE, "酒驾") == copy.items(texts.NOTE, "酒驾", "长江") == [clip.acquisition]
    assert copy.items(texts.NOTE, "酒驾", "外环") == []
    assert copy.items(texts.TITLE, "占道") == ["铜罚〔2026〕2号", "铜罚〔2026〕1号"]
    assert copy.items(texts.NUMBER, "2026〕1号") == ["铜罚〔2026〕1号"]
    assert (copy.items(texts.PLACE, "公园"), copy.items(texts.REMARK, "拒签")) == (["A"], ["A"])
    assert (copy.items(texts.SUBJECT, "小吃"), copy.items(texts.SUBJECT, "92340700")) == (["p"], [])
    assert (copy.items(texts.OFFICER, "建国"), copy.items(texts.REASON, "电池")) == (["104233"], ["f"])


def test_a_number_with_its_last_character(copy):
    """What nearly fits is looked through in rounds; where they are not enough the index is asked for just that."""
    numbered = []
    for number in range(40):
        clip = secured(number)
        note = copy.value(note=f"长江路12{'号' if number in (3, 38) else '弄'}检查 {number}")
        copy.follow(clip, ClipNoted(acquisition=clip.acquisition, note_value=note))
        numbered.append(clip.acquisition)
    with reading(copy.engine) as connection:
        for limit in (1, 2, 3, 50):
            found = texts.find(connection, texts.NOTE, "长江路12号", limit=limit)
            assert {hit.item for hit in found} <= {numbered[3], numbered[38]}
            assert len(found) == min(limit, 2)
        assert texts.find(connection, texts.NOTE, "长江路13号", limit=50) == []


def test_a_later_word_takes_the_place_of_an_earlier(copy):
    """What was said before is not found any more."""
    clip = secured()
    copy.follow(clip, ClipNoted(acquisition=clip.acquisition, note_value=copy.value(note="酒驾")))
    copy.follow(ClipNoted(acquisition=clip.acquisition, note_value=copy.value(note="占道经营")))
    assert (copy.items(texts.NOTE, "酒驾"), copy.items(texts.NOTE, "占道")) == ([], [clip.acquisition])
    copy.follow(CaseStated(case="C", title_value=copy.value(title="油烟")), CaseStated(case="C"))
    assert (copy.items(texts.TITLE, "油烟"), copy.items(texts.NUMBER, "C")) == ([], ["C"])


def test_an_erased_value_is_forgotten(copy):
    """Neither the text nor its pairs of characters stay in the file; what comes back is found again."""
    clip = secured()
    erased, kept = copy.value(note="酒驾逃逸"), copy.value(title="油烟")
    copy.follow(
        clip,
        ClipNoted(acquisition=clip.acquisition, note_value=erased),
        CaseStated(case="C", title_value=kept),
    )
    path = copy.home.value(erased)
    held = path.read_bytes()
    tail = f"{ord('驾'):05x}"[-3:].encode()  # an index keeps of a token what differs from the one before
    assert tail in copy.bytes_of_index()
    copy.values.erase(erased)
    copy.tidy()
    assert (copy.items(texts.NOTE, "酒驾"), copy.items(texts.TITLE, "油烟")) == ([], ["C"])
    assert tail not in copy.bytes_of_index()
    with reading(copy.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM texts WHERE text LIKE '%酒%'").scalar() == 0
    path.write_bytes(held)
    copy.tidy()
    assert copy.items(texts.NOTE, "酒驾") == [clip.acquisition]


def test_what_two_people_erased_is_forgotten_at_once(copy):
    """Also where its file still stands; neither the database nor its write-ahead log holds the text after."""
    clip = secured()
    erased = copy.value(note="酒驾逃逸")
    copy.follow(clip, ClipNoted(acquisition=clip.acquisition, note_value=erased))
    files = [copy.folder / name for name in ("index.db", "index.db-wal")]
    assert any("酒驾逃逸".encode() in file.read_bytes() for file in files)
    texts.forget(copy.engine, [erased])
    assert copy.items(texts.NOTE, "酒驾") == []
    assert not any("酒驾逃逸".encode() in file.read_bytes() for file in files)


def test_a_vault_that_is_not_there_erases_nothing(copy):
    """A disk that is not mounted is no erasure."""
    copy.follow(CaseStated(case="C", title_value=copy.value(title="油烟")))
    copy.home.values_root.rename(copy.home.values_root.with_name("away"))
    with pytest.raises(OSError, match="values"):
        copy.tidy()
    assert copy.items(texts.TITLE, "油烟") == ["C"]


def test_a_copy_without_texts_is_made_again(tmp_path):
    """A former version's copy has entries whose texts nobody read."""
    engine = open_database(tmp_path / "index.db")
    projection.create(engine)
    with engine.begin() as connection:
        projection.project(connection, [(Entry(seq=0, at=Millis(T0), actor="x"), secured())])
    with pytest.raises(LogError):
        texts.create(engine)
    engine.dispose()
