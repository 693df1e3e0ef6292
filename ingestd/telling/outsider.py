"""The commands by which an outsider checks one clip or document of a home, to be copied (docs/formats.md). PURE."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Protocol

from ingestd.words import Lang, Text

_Step = tuple[Text, tuple[str, ...]]
"""What it shows, and its shell lines."""


class Stored(Protocol):
    """What the log says of signed bytes: `events.DocumentStored`, or the index's row of it."""

    @property
    def sha256(self) -> str: ...
    @property
    def manifest_sha256(self) -> str: ...


class StoredClip(Stored, Protocol):
    """The same of a clip: `events.ClipSecured`."""

    @property
    def manifest(self) -> str: ...


class StoredDocument(Stored, Protocol):
    """The same of a document, whose signature the log names too."""

    @property
    def signature_sha256(self) -> str: ...


def commands(home: Path, clip: StoredClip, *, program: str, lang: Lang) -> tuple[str, ...]:
    """Shell lines that check bytes, signature, digest in the manifest, one piece, and the log."""
    bytes_ = f"vault/clips/sha256/{_below(clip.sha256)}"
    manifest = f"vault/manifests/{clip.manifest}.json"
    piece = (
        Text(
            "第一个 1 MiB 数据块（需 b3sum）：两行相同",
            "the first piece of 1 MiB (needs b3sum): two equal lines",
        ),
        (
            f"head -c 1048576 {bytes_} | b3sum --no-names",
            f"head -c 32 {bytes_}.chunks | od -An -v -tx1 | tr -d ' \\n'; echo",
        ),
    )
    steps = (*_signed(clip, bytes_, manifest, f"{manifest}.p7s"), piece, *_logged(clip, manifest, program))
    return _lines(home, steps, lang)


def document_commands(home: Path, document: StoredDocument, *, program: str, lang: Lang) -> tuple[str, ...]:
    """The same for a document, which has no pieces: its bytes, manifest and signature are blobs."""
    bytes_, manifest, signature = (
        f"vault/blobs/sha256/{_below(digest)}"
        for digest in (document.sha256, document.manifest_sha256, document.signature_sha256)
    )
    steps = (*_signed(document, bytes_, manifest, signature), *_logged(document, manifest, program))
    return _lines(home, steps, lang)


def _below(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _signed(stored: Stored, bytes_: str, manifest: str, signature: str) -> tuple[_Step, ...]:
    """Bytes, signature, and the digest that ties one to the other."""
    verify = (
        f"openssl cms -verify -binary -inform DER -in {signature} -content {manifest} "
        "-CAfile keys/ca.pem -no-CApath -no-CAstore -purpose any -out /dev/null"
    )
    return (
        (
            Text("字节的摘要：显示 OK", "the digest of the bytes: says OK"),
            (f'echo "{stored.sha256}  {bytes_}" | sha256sum -c',),
        ),
        (
            Text(
                "清单由本站签名：显示 CMS Verification successful",
                "the station signed the manifest: says CMS Verification successful",
            ),
            (verify,),
        ),
        (
            Text("清单写的就是这个摘要：显示 1", "the manifest names this digest: says 1"),
            (f'grep -c \'"sha256":"{stored.sha256}"\' {manifest}',),
        ),
    )


def _logged(stored: Stored, manifest: str, program: str) -> tuple[_Step, ...]:
    """The manifest in the log, and the log as a whole."""
    return (
        (
            Text("日志载有这份清单：列出条目文件", "the log names this manifest: lists a file of entries"),
            (f"grep -rlaF {stored.manifest_sha256} log/tile/entries; sha256sum {manifest}",),
        ),
        (
            Text(
                "整个日志（任何 tlog 客户端亦可，见 docs/formats.md）",
                "the whole log (or with any tlog client: docs/formats.md)",
            ),
            (f"{program} log check --home .",),
        ),
    )


def _lines(home: Path, steps: tuple[_Step, ...], lang: Lang) -> tuple[str, ...]:
    """The steps numbered, each under its remark."""
    told = [f"cd {shlex.quote(str(home))}"]
    for number, (remark, lines) in enumerate(steps, 1):
        told += [f"# {number}. {remark.say(lang)}", *lines]
    return tuple(told)


def program(started_as: str) -> str:
    """How this program was called, so that its commands can be copied from anywhere."""
    path = Path(started_as)
    return quoted(path.resolve()) if path.name == "ingestd" and path.exists() else "ingestd"


def quoted(path: Path) -> str:
    """A path as a shell takes it."""
    return shlex.quote(str(path))
