"""The constants of the score, each with what it stands for. PURE.

A score is a sum of natural logarithms of likelihood ratios: how many times likelier a fact is if the clip shows
this act than if it shows anything else. Shares are estimates of how such offices work; they were set on
generated months (`tests/linking`), and rather against a link than for one where nothing better was known.
"""

from __future__ import annotations

import math

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

# --- what is expected before any fact of the clip is looked at -------------------------------------------

NO_ACT = 0.08
"""Share of recordings that show no act: tests, accidents, patrols."""
ACTS_A_DAY = 6
"""Acts among which a recording of one day is at home, nothing else known: those of a unit."""
PRIOR_ACT = math.log((1 - NO_ACT) / ACTS_A_DAY)
PRIOR_NONE = math.log(NO_ACT)
OTHER_UNIT = 0.02
"""How many times rarer a recording is of one act of another unit than its recorder's, than of one of its own."""

LENGTHS = ((60_000, 0.06, 0.50), (900_000, 0.34, 0.45), (None, 0.60, 0.05))
"""Up to which length (ms), which share of the recordings of acts, and of those of none: tests of the recorder
and accidents are short, acts are long."""

# --- time -------------------------------------------------------------------------------------------------

CLOCK_MS = 10 * MINUTE_MS
"""A recorder's clock that was not reset is wrong by no more (3 s a day, GA/T 947-2015, for half a year)."""
STEP_MS = 30_000
"""Clock errors are weighed in steps of this."""
STEPS = 97
"""At most so many steps: where the error may be larger (a clock that was reset) they are longer."""
WIDE_MS = 2 * HOUR_MS
"""Where the error may be larger than this, time tells nearly nothing: only acts that officer, place or case
number name are looked at, not all of a day."""
UNBOUNDED_MS = 31 * DAY_MS
"""How far back a recording is looked for of which nothing tells the earliest moment."""
WORKING_DAY_MS = 10 * HOUR_MS
"""The time in which a recording that has to do with no act may as well have been made."""
AT_START, WITHIN, APART = 0.57, 0.40, 0.03
"""Recordings begin with their act, some time within it, or are of an act whose time was written down wrongly."""
START_MS = 3 * MINUTE_MS
"""Recorders are started so much before or after the act's beginning (standard deviation)."""
OUTLAST_MS = 8 * MINUTE_MS
"""Recordings run on beyond an act's end by so much (mean)."""
APART_MS = 25 * MINUTE_MS
"""Times written down wrongly are off by so much (mean)."""
REACH_MS = HOUR_MS
"""Acts whose stated span is further from a recording's time than this are looked at by case number only."""
OPEN_MS = 8 * HOUR_MS
"""An act without a stated end lasts no longer."""
USUAL_MS = 45 * MINUTE_MS
"""And usually so long."""
UNTIMELY = 0.002
"""How many times likelier (less likely) a time beyond that reach is, for an act that a case number names."""
SATELLITE_SLACK_MS = 5_000
"""Satellites' time as written into a track may lag by so much."""

SAME_CLOCK = 0.9
"""Chance that a recorder's clock was not set between two dockings no further apart than `SAME_CLOCK_MS`."""
SAME_CLOCK_MS = 14 * DAY_MS

# --- officers ---------------------------------------------------------------------------------------------

COLLEAGUES = 30
"""People of a unit, who may have its recorder in hand and be its acts' officers, nothing else known."""
ON_ROSTER = 0.95
"""Share of an act's recordings whose carrier is among the officers that the act names."""
TRUST = {"assignment": 0.94, "card": 0.55, "file-name": 0.55}
"""Share of statements of each basis that name the real carrier. A number set on a shared recorder is often
that of whoever set it; the card and the clips' names repeat one setting and count once where they agree."""
SAME_HOLDER = 0.8
"""Chance that two recordings of one docking of which the same is said were carried by one person."""

# --- neighbours -------------------------------------------------------------------------------------------

NEIGHBOUR_MS = 5 * MINUTE_MS
"""A recording that begins so soon after another of the recorder mostly goes on with its act."""
SAME_ACT = 0.85
"""Chance of that."""

# --- other recorders --------------------------------------------------------------------------------------

UNEXPLAINED, EXPLAINED, EXPLAINED_BY_CARRIER = 1.3, 0.3, 0.03
"""How many times likelier than usual a recorder filmed an act that no other has filmed; that another has; and
that another has, carried by the same person."""

# --- place ------------------------------------------------------------------------------------------------

PLACE_RIGHT = 0.93
"""Share of tracks that lie at the stated place of their act (the others: reflections, a registered office
instead of the site, a start before arrival)."""
CHANCE_NEAR = 0.02
"""Chance that a recording of something else was made at the place (within 200 m)."""
CHANCE_NEAR_PREMISES = 0.25
"""The same for the agency's own premises."""
SAME_TEAM_NEAR = 0.4
"""Chance that another act of the same officers about that time is at the same place."""
PLACE_SLACK_M = 100.0
"""Standard deviation of how far a stated place is from where people stand, beyond its radius."""

# --- case numbers -----------------------------------------------------------------------------------------

NUMBER_RIGHT = {"code": 0.95, "note": 0.96}
"""Share of QR codes, and of officers' notes, that name the act's case."""
NUMBER_CHANCE = 0.004
"""Chance that a number of a clip that has nothing to do with a case is that case's."""
MIXED_UP = 0.7
"""Share of wrong numbers that are of another case at hand of the very officers: the sheet or act before."""
NUMBER_OF_NONE = {"code": 0.05, "note": 0.15}
"""How many times rarer a recording of no act has a code or a note than one of an act."""

# --- from score to link -----------------------------------------------------------------------------------

FLOOR = 0.03
"""What one recording tells of its docking's clock or carrier may be wrong altogether, with this chance."""
MARGINS = ((60_000, 6.2, 9.0), (900_000, 6.2, 5.4), (None, 5.2, 5.0))
"""Up to which length of the recording (ms), by how much a winner must exceed the second, and no act: e to that
power times likelier. Short recordings are made by accident at any time: nothing but numbers or place links them.
Set on the tuning months for 1 wrong link in 1 000; on the test months 1.4 in 1 000 were wrong and 90.1 % of
linkable clips linked (`tests.linking.bar`). Stricter than they say: the terms are not quite independent."""
LEAST_TIME = -1.0
"""No link where the time term is lower: what else speaks for it, the act's or the recorder's time is wrong."""
SHOWN = 8
"""Candidates listed for a clip, and those that people decided on."""
DECIDED = 1000.0
"""Weight shown for a person's decision: beyond all facts."""
