"""One docking by command: which paths may be docked, and what is told of the result."""

from __future__ import annotations

import pwd
from pathlib import Path
from typing import Any

from ingestd.errors import EXIT_INCOMPLETE, EXIT_OK, UsageError, system_text
from ingestd.intake.session import Session
from ingestd.vault.layout import Home
from ingestd.words import Text

FIRST_PERSON = 1000
"""Debian's first user id of a person (UID_MIN of login.defs)."""


def check_location(path: Path, home: Path) -> Path:
    """The folder to be docked, resolved. Raises UsageError for what can't be a recorder's volume.

    ``/``, at or above this home or a person's home directory, inside or at any home of ingestd: a mistake
    there could delete what is no recorder's.
    """
    try:
        location = path.resolve(strict=True)
    except OSError as error:
        raise UsageError(
            Text(
                "找不到 {path}（{why}）；未作任何改动。", "there is no {path} ({why}); nothing was changed."
            ).format(path=path, why=system_text(error))
        ) from error
    if not location.is_dir():
        raise UsageError(
            Text(
                "{path} 不是文件夹；请给出记录仪存储卷的根目录。",
                "{path} is no folder; give the root of a recorder's volume.",
            ).format(path=path)
        )
    home = home.resolve()
    inside = any(Home(folder).config.exists() for folder in (location, *location.parents))
    guarded = [Path("/"), home, *_people_homes()]
    if inside or any(location == folder or location in folder.parents for folder in guarded):
        raise UsageError(
            Text(
                "拒绝采集 {path}：它是根目录、用户主目录或证据库，或包含其中之一；未作任何改动。"
                "请给出记录仪存储卷的根目录。",
                "{path} is refused: it is the root, somebody's home directory or a home of ingestd, or holds one; "
                "nothing was changed. Give the root of a recorder's volume.",
            ).format(path=path)
        )
    return location


def _people_homes() -> list[Path]:
    """Home directories of people (and of root): never a recorder."""
    return [
        Path(entry.pw_dir)
        for entry in pwd.getpwall()
        if (entry.pw_uid == 0 or entry.pw_uid >= FIRST_PERSON)
        and entry.pw_dir not in ("", "/", "/nonexistent")
    ]


def exit_status(session: Session) -> int:
    """0 all secured and what was due released; 3 something quarantined or a due release undone."""
    if session.error is not None:
        return session.error.exit_status
    incomplete = (
        session.results.count("quarantined")
        or session.results.count("failed")
        or session.release_undone
        or not session.results.complete
        or session.outcome == "problem"
    )
    return EXIT_INCOMPLETE if incomplete else EXIT_OK


def session_json(session: Session) -> dict[str, Any]:
    """The result of a docking as `intake --json` prints it."""
    error = session.error
    return {
        "session": session.id,
        "slot": session.slot,
        "recorder": session.recorder,
        "family": session.live.state.family,
        "outcome": session.outcome,
        "exit": exit_status(session),
        "error": None if error is None else {"code": error.code, "zh": error.text.zh, "en": error.text.en},
        "complete": session.results.complete,
        "files": [result.to_json() for _, result in sorted(session.results.files.items())],
    }
