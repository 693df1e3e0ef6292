"""The one place where a person's deed on an item is allowed or refused, beside the role that it takes.

First what the index and the policy tell (`index.authority`), then a fresh second factor. The first rule that forbids
it is named in the answer and in the `action.refused` of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.clock import Clock
from ingestd.errors import RefusedError, SecondFactorError
from ingestd.index.authority import Bar, against, guard, within
from ingestd.index.database import reading
from ingestd.index.tie_lists import Items
from ingestd.index.ties import Item, item
from ingestd.people.separation import FRESH, FRESH_RULE, RULES, SCOPE_RULE, Deed
from ingestd.station import Station
from ingestd.words import Text

_SCOPE = Bar(SCOPE_RULE, RULES[SCOPE_RULE])
_SENTENCE = Text(
    "{who}：{rule_zh}（规则 {id}）；请由他人执行。", "{who}: {rule_en} (rule {id}); let others do it."
)


class Authority:
    """Judges deeds by the index; refusals become events."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals

    def require(self, who: Caller, deed: Deed, about: str) -> None:
        """Raises RefusedError or SecondFactorError, having logged it, where a rule forbids the deed."""
        with self._refusals.watch(who, deed.value, about):
            self.check(who, deed, about)

    def check(self, who: Caller, deed: Deed, about: str) -> None:
        """The same for those who log refusals themselves."""
        with reading(self._station.engine) as connection:
            bar = against(
                connection,
                deed,
                about,
                person=who.person,
                roles=who.roles,
                unit=who.unit,
                policy=self._station.policy,
            )
        if bar is not None:
            raise _refused(who, bar, self._cited(bar))
        if deed in FRESH:
            require_fresh(who, self._station.clock)
        if deed is Deed.EXTRACT:
            self._check_guard(who, about)

    def require_guard(self, who: Caller, about: str) -> None:
        """Raises SecondFactorError, having logged it, where an item is handed over only for a fresh code (OWN-24)."""
        with self._refusals.watch(who, Deed.EXTRACT.value, about):
            self._check_guard(who, about)

    def _check_guard(self, who: Caller, about: str) -> None:
        with reading(self._station.engine) as connection:
            guarded = guard(about, policy=self._station.policy, items=Items(connection))
        if guarded is not None:
            require_fresh(who, self._station.clock, guarded.text, self._cited(guarded))

    def check_scope(self, who: Caller, about: str) -> None:
        """Raises RefusedError for what is known to be of other units than theirs."""
        with reading(self._station.engine) as connection:
            is_theirs = within(connection, item(connection, about).units, who.unit, or_unknown=True)
        if not is_theirs:
            raise _refused(who, _SCOPE)

    def check_agency(self, who: Caller) -> None:
        """Raises RefusedError for whom a unit limits, where a deed is about the whole agency."""
        if who.unit is not None:
            raise _refused(who, _SCOPE)

    def _cited(self, bar: Bar) -> Mapping[str, Any]:
        """A rule of the policy with the layer that says so."""
        if bar.layer is None:
            return {"rule": bar.rule}
        return {"rule": bar.rule, "layer": bar.layer, "policy_sha256": self._station.policy.sha256}

    def item(self, about: str) -> Item:
        """Who is tied to an item and whose it is, for pages that show who may do what."""
        with reading(self._station.engine) as connection:
            return item(connection, about)


def require_fresh(
    who: Caller, clock: Clock, why: Text | None = None, cited: Mapping[str, Any] | None = None
) -> None:
    """Raises SecondFactorError unless a second factor was shown within the last minutes.

    ``why``, ``cited``: what asks for it, where that is not the deed alone.
    """
    if who.is_fresh(clock.now()):
        return
    can_confirm = who.by is not None and who.by.has_totp
    told = (
        Text("此操作须先输入双因素验证码。", "this takes a code of the second factor first.")
        if can_confirm
        else Text(
            "此操作需要双因素验证；请先登录并绑定验证器。",
            "this takes a second factor; log in and set one up.",
        )
    )
    cited = cited or {"rule": FRESH_RULE}
    if why is not None:
        told = Text(
            f"{told.zh}{why.zh}（规则 {cited['rule']}）。", f"{told.en} {why.en} (rule {cited['rule']})."
        )
    raise SecondFactorError(told, need="confirm" if can_confirm else "enrol", cited=cited)


def _refused(who: Caller, bar: Bar, cited: Mapping[str, Any] | None = None) -> RefusedError:
    told = _SENTENCE.format(who=who.actor, rule_zh=bar.text.zh, rule_en=bar.text.en, id=bar.rule)
    return RefusedError(told, rule=bar.rule, cited=cited)
