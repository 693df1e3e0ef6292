"""Every custody event, one frozen dataclass each; import them from here. PURE.

An event's ``type`` is ``subject.verb``; its fields become ``data`` of the log entry as canonical JSON.
Personal text is never here: a field named ``*_value`` carries the digest of a value file (design 5).
Retired types stay listed: old logs must replay for ever. The table in docs/events.md is tested against them.
A type may grow by a field whose default is None: None is not written, so that entries of before stay as they
were, byte for byte, and read as what they meant.
"""

from __future__ import annotations

from ingestd.events.base import (
    ClaimRecord,
    DriverRecord,
    Event,
    ListedFile,
)
from ingestd.events.care import (
    ActionProposed,
    ActionRefused,
    FindingClosed,
    FindingOpened,
    VaultVerified,
)
from ingestd.events.cases import (
    ActStated,
    CaseStated,
    DecisionStated,
    ReviewStated,
    TextRecordStated,
)
from ingestd.events.clips import (
    ClipDamaged,
    ClipFailed,
    ClipMissing,
    ClipQuarantined,
    ClipReleased,
    ClipRepaired,
    ClipSecured,
    PreviewFailed,
    PreviewMade,
)
from ingestd.events.codec import (
    EVENTS,
    EventError,
    data_of,
    event_of,
    values_of,
)
from ingestd.events.law import (
    CaseFiled,
    ClipLinked,
    ClipNoted,
    ClipUnlinked,
    FilmingDetermined,
    FindingAcknowledged,
    FindingChanged,
    FindingExplained,
    FindingWaived,
    MediaAnalysed,
    SheetGiven,
    StretchRecord,
)
from ingestd.events.recorders import (
    DeviceRefused,
    IssuedTo,
    RecorderAssigned,
    RecorderClear,
    RecorderDocked,
    RecorderEnrolled,
    RecorderHandedOut,
    RecorderLost,
    RecorderProblem,
    RecorderPulledEarly,
    RecorderUndocked,
    RecorderUrged,
)
from ingestd.events.registers import (
    OfficerStated,
    PartyStated,
    RegisterImported,
    UnitStated,
)
from ingestd.events.sessions import (
    CardListed,
    ReleaseFailed,
    ReleaseStarted,
    SessionClosed,
    SessionOpened,
)
from ingestd.events.station import (
    ClockStepped,
    ConfigurationChanged,
    DaemonStarted,
    DaemonStopped,
    DiskLow,
    LogCreated,
    LogRecovered,
    PolicyChanged,
)

__all__ = [
    "EVENTS",
    "ActStated",
    "ActionProposed",
    "ActionRefused",
    "CardListed",
    "CaseFiled",
    "CaseStated",
    "ClaimRecord",
    "ClipDamaged",
    "ClipFailed",
    "ClipLinked",
    "ClipMissing",
    "ClipNoted",
    "ClipQuarantined",
    "ClipReleased",
    "ClipRepaired",
    "ClipSecured",
    "ClipUnlinked",
    "ClockStepped",
    "ConfigurationChanged",
    "DaemonStarted",
    "DaemonStopped",
    "DecisionStated",
    "DeviceRefused",
    "DiskLow",
    "DriverRecord",
    "Event",
    "EventError",
    "FilmingDetermined",
    "FindingAcknowledged",
    "FindingChanged",
    "FindingClosed",
    "FindingExplained",
    "FindingOpened",
    "FindingWaived",
    "IssuedTo",
    "ListedFile",
    "LogCreated",
    "LogRecovered",
    "MediaAnalysed",
    "OfficerStated",
    "PartyStated",
    "PolicyChanged",
    "PreviewFailed",
    "PreviewMade",
    "RecorderAssigned",
    "RecorderClear",
    "RecorderDocked",
    "RecorderEnrolled",
    "RecorderHandedOut",
    "RecorderLost",
    "RecorderProblem",
    "RecorderPulledEarly",
    "RecorderUndocked",
    "RecorderUrged",
    "RegisterImported",
    "ReleaseFailed",
    "ReleaseStarted",
    "ReviewStated",
    "SessionClosed",
    "SessionOpened",
    "SheetGiven",
    "StretchRecord",
    "TextRecordStated",
    "UnitStated",
    "VaultVerified",
    "data_of",
    "event_of",
    "values_of",
]
