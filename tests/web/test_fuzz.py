"""The whole API fuzzed by its own description (schemathesis), by every kind of person.

There is no server error, and every answer is one that the description promises. ``INGESTD_FUZZ_S`` gives it longer
than the suite does.
"""

from __future__ import annotations

import os
import time

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.office import ADMINISTRATOR, ARCHIVIST, CASE_OFFICER, OFFICER, REVIEWER, SUPERVISOR

SECONDS = float(os.environ.get("INGESTD_FUZZ_S", "15"))
PEOPLE = (SUPERVISOR, ADMINISTRATOR, CASE_OFFICER, REVIEWER, ARCHIVIST, OFFICER, None)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def test_no_server_error(office):
    """Operations in turn, people in turn, until the time is over; each operation by somebody at least."""
    document = httpx.get(f"{office.web.url}/api/v1/openapi.json", timeout=60).json()
    schema = from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    sessions = {}
    for account in PEOPLE:
        with office.client(account) as client:
            sessions[account] = dict(client.cookies)
    end, rounds = time.monotonic() + SECONDS, 0
    while rounds < len(operations) or time.monotonic() < end:
        walk, at = divmod(rounds, len(operations))
        _fuzz(office.web.url, operations[at], sessions[PEOPLE[(walk + at) % len(PEOPLE)]], rounds)
        rounds += 1
    assert office.web.process.poll() is None


def _fuzz(url, operation, cookies, number):
    """A few requests of one operation by one person."""

    @seed(number)
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: schemathesis.Case) -> None:
        if "wait" in (case.query or {}):
            case.query["wait"] = 0
        case.cookies = {}
        answer = case.call(
            base_url=f"{url}/api/v1", cookies=cookies, headers={"sec-fetch-site": "same-origin"}, timeout=30
        )
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            told = "\n".join(str(one) for one in group.exceptions)
            raise AssertionError(
                f"{case.method} {case.path} {case.path_parameters} {case.query} {case.body!r}: {told}"
            ) from group

    run()
