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

NONE_LENGTHS = ((0.53, 27_000, 0.6), (0.35, 400_000, 0.75), (0.12, 1_800_000, 0.9))
"""Lengths of recordings that show no act, as shares of log-normal distributions (median ms, spread of the
logarithm): accidents and tests of the recorder; patrols and talks; and acts that nobody told, or told wrongly."""
ACT_LENGTHS = ((1.0, 1_800_000, 0.9),)
"""The same for acts, but for what `SNIPPETS` says."""
SNIPPETS = ((1.0, 45_000, 0.6),)
"""Short recordings of something within an act."""
LOG_LENGTHS = math.log(3 * 3600 / 5)
"""Any recording may be of 5 s to 3 h, each length as likely as twice of it: what lengths are compared with."""

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
WHOLE, LATE, SNIPPET = 0.45, 0.09, 0.06
"""Shares of recordings that are the recorder's only one of their act: from its beginning to its end, from some
moment within to its end, and something short within."""
FIRST, LAST, MIDDLE = 0.15, 0.18, 0.07
"""Shares of those that are one of several: from its beginning, to its end, in between."""
APART = 0.05
"""Share of recordings whose act's times were written down wrongly."""
MISTAKEN = 0.01
"""Share of those whose act was given another day, or the other half of the day."""
TURNS_MS = (-DAY_MS, -DAY_MS // 2, DAY_MS // 2, DAY_MS)
"""By so much it is off then."""
LEAD_MS = 2 * MINUTE_MS
"""Recorders are started so long before the act's beginning (mean), and stopped half of it after its end."""
START_MS = 3 * MINUTE_MS
"""Recorders are started so much before or after that (standard deviation)."""
ASIDE = 0.7
"""Share of recordings of no act that are made on the way to an act or from it, by its officers."""
ASIDE_MS = 45 * MINUTE_MS
"""So long before or after it (mean)."""
ASIDE_NEAR = 0.3
"""Share of these that are made at its place."""
APART_MS = 25 * MINUTE_MS
"""Times written down wrongly are off by so much (mean)."""
REACH_MS = HOUR_MS
"""Acts whose stated span is further from a recording's time than this are looked at by case number only."""
OPEN_MS = 8 * HOUR_MS
"""An act without a stated end lasts no longer."""
USUAL_MS = 45 * MINUTE_MS
"""And usually so long."""
UNLIKELY = 0.0002
"""How many times likelier (less likely) any time beyond that reach is, for an act that a case number names."""
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

NEIGHBOUR_MS = 4 * MINUTE_MS
"""A recording that begins so soon after another of the recorder mostly goes on with its act."""
GOES_ON = 0.98
"""Chance that a recording that is one of several of its act has another so soon after it or before it."""
LONELY = 0.02
"""Chance that it has neither."""
STRAY = {"act": 0.006, "none": 0.13}
"""Chance that a recording that is the only one of its act, or of none, comes so soon after, or before, another
that it has nothing to do with. Of those of none 0.035 do; more is allowed them, since the same neighbour
speaks for its act as well."""
PAUSE_MS = 10 * MINUTE_MS
"""After so long a pause a recorder has turned to something else."""
AGAIN = 0.07
"""How many times rarer than usual the act of a recording beyond such a pause is this one's."""

# --- other recorders --------------------------------------------------------------------------------------

UNEXPLAINED, UNEXPLAINED_BUSY = 6.0, 2.6
"""How many times likelier than usual a recorder filmed an act that no other has filmed: nine of ten acts are
filmed, one of seven twice; and an act whose officers had another one meanwhile, which often remains unfilmed."""
EXPLAINED, EXPLAINED_BY_CARRIER = 0.3, 0.02
"""And one that another recorder filmed, carried by somebody else; by the same person."""

# --- place ------------------------------------------------------------------------------------------------

PLACE_RIGHT = 0.93
"""Share of tracks that lie at the stated place of their act (the others: reflections, a registered office
instead of the site, a start before arrival)."""
CHANCE_NEAR, CHANCE_NEAR_M = 0.02, 200.0
"""Chance that a recording of something else was made at the place: so near, evenly."""
CHANCE_NEAR_PREMISES = 0.25
"""The same for the agency's own premises."""
SAME_TEAM_NEAR = 0.4
"""Chance that another act of the same officers about that time is at the same place."""
PLACE_SLACK_M = 50.0
"""Standard deviation of how far a stated place is from where people stand, where it has no extent."""
PLACE_RADII = 3.0
"""A place's radius is so many standard deviations of where people stand in it."""

# --- case numbers -----------------------------------------------------------------------------------------

NUMBER_RIGHT = {"code": 0.95, "note": 0.96}
"""Share of QR codes, and of officers' notes, that name the act's case."""
NUMBER_CHANCE = 0.004
"""Chance that a number of a clip that has nothing to do with a case is that case's."""
MIXED_UP = 0.7
"""Share of wrong numbers that are of another case at hand of the very officers: the sheet or act before."""
NUMBER_OF_NONE = {"code": 0.05, "note": 2.0}
"""How many times likelier a recording of no act names just this case than any recording does: its carriers leave
notes of acts before and after."""

# --- from score to link -----------------------------------------------------------------------------------

FLOOR = 0.03
"""What one recording tells of its docking's clock or carrier may be wrong altogether, with this chance."""
OVER_ACT, OVER_NONE = 5.4, 4.0
"""By how much a winner must exceed every other act, and no act: e to that power times likelier. Set on the tuning
months, where 95.4 % of linkable clips were linked and 0.6 in 1 000 links wrong; on the test months, run once,
95.5 % and 0.5 in 1 000 (`tests.linking.bar`). More costs links: 5.75 and 4.4 gave 94.7 % and 0.5 in tuning."""
LEAST = 0.02
"""Less probable than this, a recording tells others nothing."""
SHOWN = 8
"""Candidates listed for a clip, and those that people decided on."""
DECIDED = 1000.0
"""Weight shown for a person's decision: beyond all facts."""
