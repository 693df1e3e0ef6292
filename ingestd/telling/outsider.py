"""The commands by which an outsider checks one clip of a home, ready to be copied (docs/formats.md). PURE."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Protocol

from ingestd.words import Lang, Text


class Stored(Protocol):
    """What a clip's event says of its bytes: `events.ClipSecured`, or the index's row of it."""

    @property
    def sha256(self) -> str: ...
    @property
    def manifest(self) -> str: ...
    @property
    def manifest_sha256(self) -> str: ...


def commands(home: Path, clip: Stored, *, program: str, lang: Lang) -> tuple[str, ...]:
    """Shell lines that check bytes, signature, digest in the manifest, one piece, and the log."""
    bytes_ = f"vault/clips/sha256/{clip.sha256[:2]}/{clip.sha256[2:4]}/{clip.sha256}"
    manifest = f"vault/manifests/{clip.manifest}.json"

    def remark(zh: str, en: str) -> str:
        return f"# {Text(zh, en).say(lang)}"

    return (
        f"cd {shlex.quote(str(home))}",
        remark("1. 字节的摘要：显示 OK", "1. the digest of the bytes: says OK"),
        f'echo "{clip.sha256}  {bytes_}" | sha256sum -c',
        remark(
            "2. 清单由本站签名：显示 CMS Verification successful",
            "2. the station signed the manifest: says CMS Verification successful",
        ),
        (
            f"openssl cms -verify -binary -inform DER -in {manifest}.p7s -content {manifest} "
            "-CAfile keys/ca.pem -no-CApath -no-CAstore -purpose any -out /dev/null"
        ),
        remark("3. 清单写的就是这个摘要：显示 1", "3. the manifest names this digest: says 1"),
        f'grep -c \'"sha256":"{clip.sha256}"\' {manifest}',
        remark(
            "4. 第一个 1 MiB 数据块（需 b3sum）：两行相同",
            "4. the first piece of 1 MiB (needs b3sum): two equal lines",
        ),
        f"head -c 1048576 {bytes_} | b3sum --no-names",
        f"head -c 32 {bytes_}.chunks | od -An -v -tx1 | tr -d ' \\n'; echo",
        remark(
            "5. 日志载有这份清单：列出条目文件", "5. the log names this manifest: lists a file of entries"
        ),
        f"grep -rlaF {clip.manifest_sha256} log/tile/entries; sha256sum {manifest}",
        remark(
            "6. 整个日志（任何 tlog 客户端亦可，见 docs/formats.md）",
            "6. the whole log (or with any tlog client: docs/formats.md)",
        ),
        f"{program} log check --home .",
    )


def program(started_as: str) -> str:
    """How this program was called, so that its commands can be copied from anywhere."""
    path = Path(started_as)
    return quoted(path.resolve()) if path.name == "ingestd" and path.exists() else "ingestd"


def quoted(path: Path) -> str:
    """A path as a shell takes it."""
    return shlex.quote(str(path))
