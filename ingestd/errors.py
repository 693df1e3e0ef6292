"""Every error that ingestd raises on purpose, one class per decision that a caller makes.

    IngestdError
    ├── UsageError              2   the call itself is wrong
    │   └── PurposeDueError         the policy asks what a look is for, and nothing was said
    ├── ConfigError             4   ingestd.toml is wrong (all faults at once)
    │   └── PolicyError             a policy file is wrong (all faults at once)
    ├── BusyError               5   another process holds the writer's lock
    ├── RefusedError            6   a rule forbids the action (who, why, which rule)
    │   ├── LoginError              there is no such login, or it is over: log in again
    │   ├── CredentialsError        name and password, code or PIN do not fit
    │   ├── WaitError               too many failures: not before some seconds have passed
    │   ├── PasswordDueError        the first password must be changed before anything else
    │   └── SecondFactorError       the deed needs a fresh second factor
    ├── NotFoundError           7   no such clip, recorder, action
    ├── KeyMaterialError        8   a key or certificate is missing, unreadable or does not fit
    ├── LogError                9   the log contradicts itself, its database or its signature
    ├── VaultError             10   stored evidence does not match what was signed
    ├── DeviceError            11   the recorder (retry: dock again)
    │   ├── DeviceGone              pulled, or an empty listing of a stale mount
    │   ├── DeviceHung              no answer within the time limit
    │   ├── DeviceReadOnly          deletion was refused by the card
    │   ├── NotARecorder            no driver can speak to what is there: refused
    │   └── FileUnreadable          one file: read error, vanished, changed, still being written
    ├── NoSpaceError           12   the vault's disk is full (retry: when there is room)
    └── DaemonGoneError        13   the daemon does not answer on its socket

Exit status 0 is success, 1 a fault of our own (a bug), 3 is kept for "something was quarantined, or a due
release was not done" (that is a result, not an error). Codes are never reused for something else.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any, ClassVar

from ingestd.words import Lang, Text

EXIT_OK = 0
EXIT_BUG = 1
EXIT_INCOMPLETE = 3
"""Something was quarantined, or a due release was not done."""


class IngestdError(Exception):
    """Root of the tree. ``code`` and ``exit_status`` belong to the class, ``text`` to the occasion.

    ``text`` says what happened, what it means for the evidence, and what to do.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = EXIT_BUG
    retry: ClassVar[bool] = False

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text.en

    def say(self, lang: Lang) -> str:
        """The message in one language."""
        return self.text.say(lang)

    @property
    def facts(self) -> dict[str, str | int]:
        """What a program that asked can act on, beside code and message."""
        return {}


class UsageError(IngestdError):
    """The call itself is wrong: an argument, a path, a name."""

    code, exit_status = "usage", 2


class PurposeDueError(UsageError):
    """The policy asks what a look is for: ask the person and say it with the next attempt."""

    code = "purpose-due"

    @property
    def facts(self) -> dict[str, str | int]:
        return {"need": "purpose"}


class ConfigError(IngestdError):
    """The configuration is wrong; the message lists every fault with its key."""

    code, exit_status = "config", 4


class PolicyError(ConfigError):
    """A policy file is wrong; the message lists every fault, ``places`` says file, line and key of each."""

    code = "policy"

    def __init__(self, text: Text, *, places: tuple[tuple[str, int, str], ...]) -> None:
        super().__init__(text)
        self.places = places


class BusyError(IngestdError):
    """Another process holds the writer's lock of this home."""

    code, exit_status, retry = "busy", 5, True


class RefusedError(IngestdError):
    """A rule forbids the action; the message says who may and why not this person."""

    code, exit_status = "refused", 6

    def __init__(
        self, text: Text, *, rule: str | None = None, cited: Mapping[str, Any] | None = None
    ) -> None:
        """Which rule forbids it: of the policy in force, as `policy.model.Citation` has it, or ``rule`` alone.

        By itself a rule is one of `people.separation`, or the policy's without its layer.
        """
        super().__init__(text)
        self.cited = cited or ({} if rule is None else {"rule": rule})

    @property
    def rule(self) -> str | None:
        """Its id."""
        return self.cited.get("rule")

    @property
    def facts(self) -> dict[str, str | int]:
        return {name: said for name, said in self.cited.items() if name == "rule"}


class LoginError(RefusedError):
    """There is no such login, or it is over; the person logs in again."""

    code = "login"


class CredentialsError(RefusedError):
    """Name and password, code or PIN do not fit; which of them is never said."""

    code = "credentials"


class WaitError(RefusedError):
    """Too many failures in a row; ``wait_s`` says when the next attempt is looked at (-1: after an unlock)."""

    code, retry = "wait", True

    def __init__(self, text: Text, *, wait_s: int) -> None:
        super().__init__(text)
        self.wait_s = wait_s

    @property
    def facts(self) -> dict[str, str | int]:
        return {"wait_s": self.wait_s}


class PasswordDueError(RefusedError):
    """The password was given by somebody else and must be changed before anything else."""

    code = "password-due"


class SecondFactorError(RefusedError):
    """The deed needs a second factor shown within the last minutes; ``need``: confirm, or enrol one first."""

    code = "second-factor"

    def __init__(
        self, text: Text, *, need: str, rule: str | None = None, cited: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(text, rule=rule, cited=cited)
        self.need = need

    @property
    def facts(self) -> dict[str, str | int]:
        return super().facts | {"need": self.need}


class NotFoundError(IngestdError):
    """No such clip, recorder, session or action."""

    code, exit_status = "not-found", 7


class KeyMaterialError(IngestdError):
    """A key or certificate is missing, unreadable, too open, or does not fit the others."""

    code, exit_status = "keys", 8


class LogError(IngestdError):
    """The log contradicts itself, its database or its signature: nothing is written any more."""

    code, exit_status = "log", 9


class VaultError(IngestdError):
    """Stored evidence does not match what was signed."""

    code, exit_status = "vault", 10


class DeviceError(IngestdError):
    """The recorder could not do what was asked. What was secured before stays secured."""

    code, exit_status, retry = "device", 11, True


class DeviceGone(DeviceError):
    """The recorder was pulled, or its mount is stale (an empty listing proves nothing)."""

    code = "device-gone"


class DeviceHung(DeviceError):
    """The recorder did not answer within the time limit; its worker was abandoned."""

    code = "device-hung"


class DeviceReadOnly(DeviceError):
    """The card refuses deletion (write protection, or read-only after errors)."""

    code = "device-read-only"


class NotARecorder(DeviceError):
    """No driver can speak to what is there; it was left as it is."""

    code = "device-refused"


class FileUnreadable(DeviceError):
    """One file could not be read as it was listed; ``fault`` is its word (see `model.Fault`)."""

    code = "file-unreadable"

    def __init__(self, text: Text, *, fault: str) -> None:
        super().__init__(text)
        self.fault = fault


class NoSpaceError(IngestdError):
    """The disk is full: the step stays where it is and goes on when there is room."""

    code, exit_status, retry = "no-space", 12, True


class DaemonGoneError(IngestdError):
    """The daemon does not answer on its socket, or went away during the call."""

    code, exit_status, retry = "daemon-gone", 13, True


# --- errors of the system, for people ---------------------------------------------------------------

_SYSTEM = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样操作",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "已经存在",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统只读",
    errno.EIO: "读写出错",
    errno.ELOOP: "符号链接过多",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EMFILE: "打开的文件过多",
    errno.EBUSY: "正在使用",
}


def system_text(error: OSError) -> Text:
    """What the system said, in Chinese with its own words behind; in its own words alone where it is a rare one."""
    said = error.strerror or str(error)
    known = _SYSTEM.get(error.errno or 0)
    return Text(f"系统报错 {said}" if known is None else f"{known}（{said}）", said)
