"""What came of the demonstration: the recorders, the cases, where to look, how an outsider checks a clip."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from ingestd.cli.demo_cases import Sentences
from ingestd.cli.demo_show import Teller, zone_of
from ingestd.cli.demo_story import Dated, Judged, Stored, heading, sentences, visits
from ingestd.demo import people, stage
from ingestd.demo.cast import CAST, MAJOR_CASE
from ingestd.events import ClipSecured
from ingestd.index.database import reading
from ingestd.law.deadlines import verdict
from ingestd.station import Station
from ingestd.telling import outsider
from ingestd.telling.terms import ROLES, word
from ingestd.vault.manifest import parse
from ingestd.words import Text


def tell(
    teller: Teller, station: Station, docked: Sequence[Dated], refused: Mapping[str, Text], *, is_over: bool
) -> None:
    """All of it. ``docked``: the events of the day on which the recorders came back; ``refused``: answers by case."""
    judged = _judged(station, docked)
    _recorders(teller, station, docked, judged)
    _cases(teller, station, refused)
    if not is_over:
        log = station.home.root / stage.FOLDER / "daemon.log"
        teller.gap()
        teller.say(
            Text(f"有的事未能按时办完，详情见 {log}。", f"Not everything was done in time; see {log}.")
        )
    _where_to_look(teller, station)
    _checks(teller, station, [one.clip for one in judged])


def tell_pages(teller: Teller, station: Station) -> None:
    """Where the pages are, who can log in, and what to try as whom."""
    address, port = station.config.web_listen
    teller.gap()
    teller.say(Text("网页", "The pages"), style="bold")
    teller.copyable(f"  http://{address}:{port}/")
    teller.say(
        Text(
            f"以下账户的密码均为 {people.PASSWORD}（均为虚构）；自助终端 /kiosk 用警号 104233、PIN {people.PIN}。",
            f"The password of every account is {people.PASSWORD} (all invented); the kiosk at /kiosk takes "
            f"number 104233 and PIN {people.PIN}.",
        ),
        indent=3,
    )
    for one in people.PEOPLE:
        role = word(ROLES, one.roles[0])
        teller.say(
            Text(f"{one.account} {role.zh}：{one.try_.zh}。", f"{one.account} {role.en}: {one.try_.en}."),
            indent=3,
            hanging=2,
        )
    teller.gap()
    teller.say(
        Text(
            "采集服务和网页仍在运行，上面的命令可在另一个终端里试；按 Ctrl-C 结束。",
            "The daemon and the pages stay up: try the commands above in another terminal. Ctrl-C ends them.",
        )
    )


def _judged(station: Station, docked: Sequence[Dated]) -> list[Judged]:
    hours = station.policy.rule("REC-1").number("hours")
    commissioned_at = station.config.commissioned_at
    found = []
    for one in docked:
        clip = one.event
        if not isinstance(clip, Stored):
            continue
        manifest = parse(station.home.manifest_named(clip.manifest).read_bytes())
        judged = verdict(clip.ended, clip.stored_at, hours, commissioned_at=commissioned_at)
        found.append(
            Judged(
                clip=clip,
                clock_ahead_ms=manifest.recorded.clock_offset_ms,
                verdict=judged if clip.kind.is_recording else None,
            )
        )
    return found


def _recorders(teller: Teller, station: Station, docked: Sequence[Dated], judged: Sequence[Judged]) -> None:
    rule = station.policy.rule("REC-1").source()
    teller.gap()
    teller.say(Text("记录仪", "The recorders"), style="bold")
    for number, part in enumerate(CAST):
        seen = visits(part, docked)
        teller.gap()
        teller.say(heading(part, seen))
        for text in sentences(seen, judged, rule=rule, zone=zone_of(station), in_full=number == 0):
            teller.say(text, indent=3, hanging=2)


def _cases(teller: Teller, station: Station, refused: Mapping[str, Text]) -> None:
    said = Sentences(station.in_force.book(), refused, zone_of(station), station.clock.now())
    teller.gap()
    teller.say(Text("案件", "The cases"), style="bold")
    with reading(station.engine) as connection:
        for text in said.all(connection, station.home):
            teller.say(text, hanging=2)


def _where_to_look(teller: Teller, station: Station) -> None:
    home, program = outsider.quoted(station.home.root), outsider.program(sys.argv[0])
    teller.gap()
    teller.say(Text("到哪里看", "Where to look"), style="bold")
    for line, text in (
        (
            "status",
            Text("槽位、记录仪、期限、日志检查点", "slots, recorders, deadlines, the log's checkpoint"),
        ),
        ("findings", Text("待处理的异常", "what somebody must see to")),
        (f"case explain {MAJOR_CASE}", Text("一起案件的全部情况", "all that is known of a case")),
        ("recorder list", Text("记录仪各在谁手里", "who has which recorder")),
        ("verify --all", Text("现在把库里每一件重新核验一遍", "check everything that is stored, now")),
    ):
        teller.copyable(f"  {program} {line} --home {home}   # {text.say(teller.lang)}")


def _checks(teller: Teller, station: Station, clips: Sequence[Stored]) -> None:
    clip = next((clip for clip in clips if isinstance(clip, ClipSecured) and clip.kind.is_recording), None)
    if clip is None:
        return
    root, program = station.home.root, outsider.program(sys.argv[0])
    show = f"  {program} show {clip.acquisition} --home {outsider.quoted(root)}"
    remark = Text("一段录像：事实、保管链、文件位置", "one clip: facts, custody, where its files are")
    teller.copyable(f"{show}   # {remark.say(teller.lang)}")
    teller.gap()
    teller.say(
        Text(
            f"外人怎样核验这一段（{clip.path}）：不用本程序，也不用联网",
            f"How an outsider checks this clip ({clip.path}): without this program, without a network",
        ),
        style="bold",
    )
    for line in outsider.commands(root, clip, program=program, lang=teller.lang):
        teller.copyable(f"  {line}")
