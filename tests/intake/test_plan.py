"""The plan of a card: every entry in exactly one place; batches keep order and bounds."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ingestd.device.api import EntryType, Item, NamedTime
from ingestd.intake.plan import BATCH_FILES, SMALL_BYTES, Task, batches, claimed_ms, plan
from ingestd.model import AcquisitionId, CardPath, Kind, Millis, Sha256

ZEROS = Sha256("0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A held file."""

    acquisition: AcquisitionId
    path: CardPath
    size: int
    mtime_us: int | None
    sha256: Sha256 = ZEROS
    release_pending: bool = False
    quarantined: bool = False
    partial: bool = False


paths = st.sampled_from([CardPath(f"DCIM/{n}.MP4".encode()) for n in range(12)])
sizes = st.sampled_from([0, 1, SMALL_BYTES, SMALL_BYTES + 1, 5 * SMALL_BYTES])
times = st.sampled_from([None, 0, 1_790_000_000_000_000, 1_790_000_002_000_000])
named = st.none() | st.builds(NamedTime, wall=st.integers(0, 2**41).map(Millis), zone=st.just("local"))
items = st.lists(
    st.builds(
        Item,
        path=paths,
        type=st.sampled_from(EntryType),
        size=sizes,
        mtime_us=times,
        kind=st.sampled_from(Kind),
        litter=st.none() | st.just("trash"),
        named=named,
        marked=st.booleans(),
    ),
    unique_by=lambda item: item.path,
)
held = st.lists(
    st.builds(
        Known,
        acquisition=st.uuids().map(lambda u: AcquisitionId(str(u))),
        path=paths,
        size=sizes,
        mtime_us=times,
        quarantined=st.booleans(),
        release_pending=st.booleans(),
    ),
    unique_by=lambda known: (known.path, known.size, known.mtime_us),
)


@given(items, held)
def test_every_entry_is_in_exactly_one_place(listing, known):
    made = plan(listing, known)
    placed = [t.item for t in made.tasks] + [p.item for p in made.proofs] + [x.item for x in made.left]
    assert sorted(i.path for i in placed) == sorted(i.path for i in listing)
    assert all(t.item.type is EntryType.FILE and t.item.litter is None for t in made.tasks)
    assert all(x.why for x in made.left)


@given(items, held)
def test_a_proof_is_of_the_same_name_size_and_time_and_of_a_whole_file(listing, known):
    made = plan(listing, known)
    for proof in made.proofs:
        same = (proof.held.path, proof.held.size, proof.held.mtime_us)
        assert same == (proof.item.path, proof.item.size, proof.item.mtime_us)
        assert not proof.held.quarantined


@given(items, held)
def test_gone_is_what_no_entry_shows(listing, known):
    made = plan(listing, known)
    present = {item.path for item in listing}
    assert all(one.path not in present for one in made.gone)
    assert {k.acquisition for k in known if k.path not in present} == {g.acquisition for g in made.gone}


@given(items)
def test_marked_first_recordings_before_the_rest_then_the_oldest(listing):
    tasks = plan(listing, []).tasks
    ranks = [
        (not t.item.marked, not t.item.kind.is_recording, claimed_ms(t.item) or 0, t.item.path) for t in tasks
    ]
    assert ranks == sorted(ranks)


@given(items)
def test_batches_keep_order_and_bounds(listing):
    tasks = plan(listing, []).tasks
    made = list(batches(tasks))
    assert [task for batch in made for task in batch] == list(tasks)
    assert all(0 < len(batch) <= BATCH_FILES for batch in made)
    assert all(len(batch) == 1 for batch in made if any(t.item.size > SMALL_BYTES for t in batch))


def test_a_batch_is_full_at_its_bound():
    """Six hundred small files: two full batches and the rest."""
    listing = [
        Item(path=CardPath(b"%04d" % n), type=EntryType.FILE, size=1, mtime_us=None) for n in range(600)
    ]
    assert [len(b) for b in batches(plan(listing, []).tasks)] == [
        BATCH_FILES,
        BATCH_FILES,
        600 - 2 * BATCH_FILES,
    ]


def _tasks(*names, size=1):
    items = [Item(path=CardPath(n.encode()), type=EntryType.FILE, size=size, mtime_us=None) for n in names]
    return [Task(item=item, earlier=()) for item in items]


def test_what_is_urged_comes_next():
    """Also when it is urged while the card is being read; the rest keeps its order."""
    wanted: set[CardPath] = set()
    made = batches(_tasks("a", "b", "c", "d", size=SMALL_BYTES + 1), lambda: frozenset(wanted))
    assert next(made)[0].item.path == b"a"
    wanted.add(CardPath(b"d"))
    assert [batch[0].item.path for batch in made] == [b"d", b"b", b"c"]


def test_what_is_urged_does_not_wait_for_its_neighbours():
    """Small files that nobody wants are not read in its batch."""
    made = list(batches(_tasks("a", "b", "c"), lambda: frozenset({CardPath(b"c")})))
    assert [[task.item.path for task in batch] for batch in made] == [[b"c"], [b"a", b"b"]]


@given(items, st.sets(paths))
def test_urging_loses_nothing(listed, wanted):
    """Every task is in one batch, whatever is wanted."""
    tasks = [Task(item=item, earlier=()) for item in listed]
    made = [task for batch in batches(tasks, lambda: frozenset(wanted)) for task in batch]
    assert sorted(t.item.path for t in made) == sorted(t.item.path for t in tasks)
    assert all(len(b) <= BATCH_FILES for b in batches(tasks))
