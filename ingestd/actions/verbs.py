"""The verbs that people ask for, wired: for the daemon's socket, and for a command that works alone.

Those of accounts are `account_verbs`: they have a store of their own to open.
"""

from __future__ import annotations

from ingestd.actions.audits import AuditActions
from ingestd.actions.damage import DamageActions
from ingestd.actions.erasure import ErasureActions
from ingestd.actions.findings import FindingActions
from ingestd.actions.labels import LabelActions
from ingestd.actions.links import LinkActions
from ingestd.actions.looks import LookActions
from ingestd.actions.recorders import RecorderActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.reviews import ReviewActions
from ingestd.actions.second_person import SecondPerson
from ingestd.actions.server import Action
from ingestd.actions.statements import StatementActions
from ingestd.actions.urges import UrgeActions
from ingestd.station import Station


def verbs(
    station: Station, refusals: Refusals, registers: RegisterActions, looks: LookActions
) -> dict[str, Action]:
    """Everything that is done at once, by its name on the socket."""
    recorders, links = RecorderActions(station, refusals), LinkActions(station, refusals)
    steps, said = FindingActions(station, refusals), StatementActions(station, refusals)
    erasure = ErasureActions(station, refusals)
    second = SecondPerson(station, refusals, (recorders.handing_out, erasure.erasing))
    labels = LabelActions(station, refusals)
    review = ReviewActions(station, refusals, registers)
    return {
        "recorder.enroll": recorders.enroll,
        "recorder.assign": recorders.assign,
        "recorder.lost": recorders.lose,
        "recorder.hand-out": recorders.hand_out,
        "confirm": second.confirm,
        "value.erase": erasure.erase,
        "urge": UrgeActions(station, refusals).urge,
        "register.add": registers.add,
        "finding.acknowledge": steps.acknowledge,
        "finding.explain": steps.explain,
        "finding.waive": steps.waive,
        "finding.determine": steps.determine,
        "clip.note": said.note,
        "clip.label": labels.label_clip,
        "record.label": labels.label_record,
        "case.filed": said.filed,
        "sheet.given": said.given,
        **AuditActions(station, refusals, looks.playing).verbs(),
        "link.set": links.set,
        "link.remove": links.remove,
        "look.check": looks.check,
        "page.check": looks.check_page,
        "look.open": looks.open,
        "look.serve": looks.serve,
        "look.see": looks.see,
        "look.close": looks.close,
        **DamageActions(station, refusals).verbs(),
        "review.open": review.open,
        "review.opinion": review.opinion,
        "review.escalate": review.escalate,
    }
