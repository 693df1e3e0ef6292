"""Probing: right where it can be, else a reason, and never trouble for the caller or the next file."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import ingestd
from ingestd.media import probe
from ingestd.media.model import Media
from ingestd.media.probe import ProbeFailure, Prober
from ingestd.media.samples import cut_before_index
from ingestd.model import Kind

CREATED = 1_795_255_200_000
KINDS = {"wav": Kind.AUDIO, "jpg": Kind.PHOTO}


@pytest.mark.parametrize(
    ("name", "codecs", "zone"),
    [
        ("h264-mp4", ["h264", "aac"], "utc"),
        ("h265-mp4", ["hevc", "aac"], "utc"),
        ("mjpeg-avi", ["mjpeg", "pcm_s16le"], "local"),
        ("wav", ["pcm_s16le"], "local"),
        ("jpg", ["mjpeg"], "local"),
    ],
)
def test_what_was_encoded_is_told(prober, samples, name, codecs, zone):
    """Codecs, size, rate, length and creation time of each kind that a recorder makes."""
    media = prober.probe(samples[name], kind=KINDS.get(name, Kind.VIDEO)).media
    assert [stream.codec for stream in media.streams] == codecs
    assert (media.created, media.created_zone) == (CREATED, zone)
    if name == "jpg":
        assert media.duration_ms is None
    else:
        assert 1950 <= media.duration_ms <= 2100
    if name != "wav":
        assert (media.streams[0].width, media.streams[0].height) == (320, 240)
    if name in ("h264-mp4", "h265-mp4", "mjpeg-avi"):
        assert media.streams[0].fps == "25/1"
        assert media.has_video
    assert Media.from_json(media.to_json()) == media
    assert "张某" not in str(media), "titles are personal text"


def test_unfinalised_empty_and_other_files_have_their_reasons(prober, samples, tmp_path):
    """A clip without its index, no bytes, and what is not a recording."""
    cut = tmp_path / "cut.mp4"
    shutil.copy(samples["h264-mp4"], cut)
    cut_before_index(cut)
    (tmp_path / "empty.mp4").touch()
    found = {
        ProbeFailure.NO_MEDIA: prober.probe(cut, kind=Kind.VIDEO),
        ProbeFailure.EMPTY: prober.probe(tmp_path / "empty.mp4", kind=Kind.VIDEO),
        ProbeFailure.NOT_MEDIA_KIND: prober.probe(cut, kind=Kind.LOG),
    }
    for failure, result in found.items():
        assert (result.media, result.failure) == (None, failure)
        assert failure.text.zh


def test_playlists_and_references_are_not_followed(prober, samples, tmp_path):
    """A clip cannot make the analyser open another file or address."""
    for number, text in enumerate(
        (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{samples['h264-mp4']}\n#EXT-X-ENDLIST\n",
            f"ffconcat version 1.0\nfile '{samples['h264-mp4']}'\n",
            "[InternetShortcut]\nURL=http://127.0.0.1/\n",
        )
    ):
        trap = tmp_path / f"{number}.mp4"
        trap.write_text(text)
        assert prober.probe(trap, kind=Kind.VIDEO).failure is ProbeFailure.NO_MEDIA


def test_corpus_never_upsets_the_parent(shared):
    """Every real and hostile file of the corpus: a description or a reason, one child for all."""
    files = [path for path in sorted((shared / "corpus").rglob("*")) if path.is_file()]
    described = 0
    with Prober() as prober:
        for path in files:
            kind = Kind.PHOTO if path.stat().st_size % 7 == 0 else Kind.VIDEO
            result = prober.probe(path, kind=kind, timeout_s=20)
            assert (result.media is None) != (result.failure is None)
            assert result.failure in (None, ProbeFailure.NO_MEDIA, ProbeFailure.EMPTY)
            described += result.media is not None
        assert prober._kept._child.asked >= len(files) - 5
    assert described > len(files) // 2


def test_real_cameras(prober, shared):
    """What real recorders wrote: a phone's UTC, an AVI camera's local time, no time in a transport stream."""
    corpus = shared / "corpus"
    phone = prober.probe(corpus / "phone/nom-exif/meta.mp4", kind=Kind.VIDEO).media
    assert (phone.created, phone.created_zone) == (1_706_943_938_000, "utc")
    assert "location" not in dict(phone.tags)
    avi = prober.probe(corpus / "camcorder/exiftool/RIFF.avi", kind=Kind.VIDEO).media
    assert avi.created_zone == "local"
    stream = prober.probe(corpus / "camcorder/file-type/fixture-raw.mts", kind=Kind.VIDEO).media
    assert stream.created is None
    assert (stream.streams[0].width, stream.duration_ms) == (1920, 1034)


def test_a_hung_child_costs_one_file_only(samples):
    """Time-out: this file has a reason, the next one is described by a new child."""
    with Prober() as prober:
        assert prober.probe(samples["wav"], kind=Kind.AUDIO).media
        first = prober._kept._child._process.pid
        os.kill(first, signal.SIGSTOP)
        begun = time.monotonic()
        assert prober.probe(samples["wav"], kind=Kind.AUDIO, timeout_s=0.3).failure is ProbeFailure.TIMED_OUT
        assert time.monotonic() - begun < 2
        assert prober.probe(samples["wav"], kind=Kind.AUDIO).media
        assert prober._kept._child._process.pid != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


def test_a_crash_is_not_blamed_on_the_next_file(samples):
    """A child that died between two files is replaced; the file at hand is asked again."""
    with Prober() as prober:
        assert prober.probe(samples["wav"], kind=Kind.AUDIO).media
        os.kill(prober._kept._child._process.pid, signal.SIGSEGV)
        assert prober.probe(samples["wav"], kind=Kind.AUDIO).media


FAILING = """
import sys, time
sys.path.insert(0, "{0}")
from ingestd.media import probe_child
look = probe_child._media
def media(file, *, photo):
    file.seek(0)
    head = file.read(4)
    if head == b"die!":
        os._exit(1)
    if head == b"hang":
        time.sleep(99)
    return {{}} if head == b"lie!" else look(file, photo=photo)
probe_child._media = media
probe_child.main(0)
"""
"""A real analyser, but for files that begin so."""


def test_a_crash_within_a_group_costs_one_file_only(samples, tmp_path, monkeypatch):
    """Files before and behind the one that a child dies, hangs or answers nonsense on are described."""
    monkeypatch.setattr(
        sys, "executable", analyser(tmp_path, FAILING.format(Path(ingestd.__file__).parents[1]))
    )
    wanted = [None] * 40
    files = [(samples["wav"], Kind.AUDIO)] * 40
    for at, head in ((0, b"die!"), (7, b"lie!"), (17, b"die!"), (18, b"die!"), (39, b"lie!")):
        (tmp_path / f"{at}.mp4").write_bytes(head)
        files[at] = (tmp_path / f"{at}.mp4", Kind.VIDEO)
        wanted[at] = ProbeFailure.CRASHED
    (tmp_path / "hung.mp4").write_bytes(b"hang")
    files[21], wanted[21] = (tmp_path / "hung.mp4", Kind.VIDEO), ProbeFailure.TIMED_OUT
    with Prober() as prober:
        assert [result.failure for result in prober.probe_all(files, timeout_s=2)] == wanted


def test_a_group_is_told_in_order(prober, samples, tmp_path):
    """Each file has its own answer, the same as when it is asked for alone."""
    (tmp_path / "empty").touch()
    one = [("h264-mp4", Kind.VIDEO), ("wav", Kind.AUDIO), ("jpg", Kind.PHOTO)]
    files = [(samples[name], kind) for name, kind in one * 12]
    files[20] = (tmp_path / "empty", Kind.VIDEO)
    found = prober.probe_all(files)
    assert found[20].failure is ProbeFailure.EMPTY
    for at, (path, kind) in enumerate(files):
        assert found[at] == prober.probe(path, kind=kind)
    assert prober.probe_all([]) == []


def analyser(folder: Path, body: str) -> str:
    """A program in the place of Python that speaks the child's side of the socket."""
    program = folder / "analyser"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, socket\ns = socket.socket(fileno=0)\n"
        f"def ask():\n    return json.loads(socket.recv_fds(s, 4096, 1)[0])['n']\n{body}\n"
    )
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("raise SystemExit(1)", ProbeFailure.NO_ANALYSER),
        ("s.send(b'ready'); ask(); os.abort()", ProbeFailure.CRASHED),
        ("s.send(b'ready'); ask(); s.send(b'{\"n\": 99}')", ProbeFailure.CRASHED),
        (
            "s.send(b'ready'); s.send(json.dumps({'n': ask(), 'found': [{'media': {}}]}).encode())",
            ProbeFailure.CRASHED,
        ),
        ("s.send(b'ready'); ask(); s.send(b'[' * 60000)", ProbeFailure.CRASHED),
        (
            "s.send(b'ready'); s.send(json.dumps({'n': ask(), 'found': [{'failure': 'x'}]}).encode())",
            ProbeFailure.CRASHED,
        ),
        ("s.send(b'ready'); s.send(json.dumps({'n': ask(), 'found': []}).encode())", ProbeFailure.CRASHED),
    ],
)
def test_whatever_a_broken_analyser_does_there_is_a_reason(samples, tmp_path, monkeypatch, body, failure):
    """Dies at once, dies on the file, answers another question or nonsense: told, not believed."""
    monkeypatch.setattr(
        sys,
        "executable",
        analyser(tmp_path, f"import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n{body}"),
    )
    with Prober() as prober:
        result = prober.probe(samples["wav"], kind=Kind.AUDIO, timeout_s=10)
        assert (result.media, result.failure) == (None, failure)


def test_an_analyser_that_does_not_start_is_said_once(samples, tmp_path, monkeypatch, caplog):
    """Whoever runs the station learns of it, not every clip anew; the doctor can ask."""
    with Prober() as prober:
        assert prober.starts()
    monkeypatch.setattr(sys, "executable", analyser(tmp_path, "raise SystemExit(1)"))
    with Prober() as prober:
        assert not prober.starts()
        for _ in range(2):
            prober.probe(samples["wav"], kind=Kind.AUDIO)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_renewed_after_its_share_of_files(samples, monkeypatch):
    """A parser's leaks end with its child."""
    monkeypatch.setattr(probe, "FILES_PER_CHILD", 3)
    with Prober() as prober:
        pids = set()
        for _ in range(7):
            assert prober.probe(samples["wav"], kind=Kind.AUDIO).media
            pids.add(prober._kept._child._process.pid)
        assert len(pids) == 3


def test_the_child_is_confined(samples):
    """No environment, no writing, bounded memory and descriptors, low priority; ends with its parent."""
    with Prober() as prober:
        assert prober.probe(samples["wav"], kind=Kind.AUDIO).media
        child = Path(f"/proc/{prober._kept._child._process.pid}")
        assert (child / "environ").read_bytes() == b""
        pid = prober._kept._child._process.pid
        assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)
        assert resource.prlimit(pid, resource.RLIMIT_AS)[1] <= 1 << 30
        assert resource.prlimit(pid, resource.RLIMIT_NOFILE)[1] <= 64
        assert os.getpriority(os.PRIO_PROCESS, pid) > 0
        targets = [str(fd.readlink()) for fd in (child / "fd").iterdir()]
        assert all(t == "/dev/null" or t.startswith("socket:") for t in targets), targets
        prober._kept._child._socket.close()
        prober._kept._child._process.wait(5)


def test_many_threads_share_one_child(samples):
    """Questions queue; each gets its own answer."""
    wrong = []
    with Prober() as prober:

        def ask(name: str, kind: Kind, count: int) -> None:
            for _ in range(15):
                media = prober.probe(samples[name], kind=kind).media
                if media is None or len(media.streams) != count:
                    wrong.append(name)

        threads = [
            threading.Thread(target=ask, args=args)
            for args in (("wav", Kind.AUDIO, 1), ("h264-mp4", Kind.VIDEO, 2), ("jpg", Kind.PHOTO, 1))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert prober._kept._child.asked == 45
    assert wrong == []


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
