"""The one table of settings: key, default, what for. PURE.

The file that `init` writes, the checks of `config` and docs/operations.md come from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.words import Text

_GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its key, its default (None: must be given), what it is for."""

    key: str
    default: str | int | bool | None
    help: Text
    least: int = 0
    most: int = 0
    """Numbers only: outside of these bounds a value makes no sense."""


SETTINGS: tuple[Setting, ...] = (
    Setting(key="agency", default=None, help=Text("机关编号", "id of the agency, [a-z0-9.-]")),
    Setting(key="station", default=None, help=Text("采集点编号", "id of this station, [a-z0-9.-]")),
    Setting(key="policy", default=None, help=Text("规则文件", "key of the policy in force")),
    Setting(
        key="commissioned_at",
        default=None,
        help=Text("启用时刻，此前的录像不计时", "clips made before are backlog and get no 24-hour verdict"),
    ),
    Setting(
        key="utc_offset_minutes",
        default=480,
        least=-720,  # UTC-12
        most=840,  # UTC+14
        help=Text("本地时间与 UTC 之差（分钟）", "local time minus UTC, minutes (China: 480)"),
    ),
    Setting(
        key="readers",
        default=20,
        least=1,
        most=1_000,
        help=Text("同时读取的记录仪上限", "how many recorders are read at the same time"),
    ),
    Setting(
        key="readers_per_bus",
        # A USB 2 bus (480 Mb/s) carries 35-40 MB/s in all, a recorder's card gives 10-20: two or three fill the
        # bus, four keep it full while one is between files. More would only slow down the most urgent one.
        default=4,
        most=127,  # addresses on a USB bus
        help=Text(
            "同一 USB 控制器上同时读取的记录仪上限（0 为不限）",
            "how many recorders on one USB controller are read at the same time (0: no limit)",
        ),
    ),
    Setting(
        key="hang_s",
        default=60,
        least=1,
        most=3_600,
        help=Text("设备多少秒无回应即放弃", "a device silent for so many seconds is given up"),
    ),
    Setting(
        key="look_every_s",
        default=1,
        least=1,
        most=3_600,
        help=Text("查看槽位的间隔（秒）", "how often a slot is looked at, seconds"),
    ),
    Setting(
        key="partial_keep_days",
        default=7,
        most=3_650,
        help=Text("未完成的片段等待记录仪多少天", "how long a partial copy waits for its recorder, days"),
    ),
    Setting(
        key="reserve_bytes",
        default=_GIB,
        most=1 << 40,
        help=Text("为日志和数据库保留的空间", "room kept for log and database, bytes"),
    ),
    Setting(
        key="verify_cycle_days",
        default=30,
        least=1,
        most=3_650,
        help=Text(
            "全库重新核验的周期（天）", "every stored clip and document is read again within so many days"
        ),
    ),
    Setting(
        key="verify_bytes_per_s",
        default=20_000_000,
        least=1_000,
        most=100_000_000_000,
        help=Text("重新核验的速度上限", "rate limit of re-verification, bytes a second"),
    ),
    Setting(
        key="previews", default=True, help=Text("是否制作 H.264 预览件", "whether H.264 previews are made")
    ),
    Setting(
        key="analysis",
        default=True,
        help=Text(
            "是否分析画面与声音（黑屏、冻结、无声、语音）",
            "whether picture and sound are analysed (black, frozen, silent, speech)",
        ),
    ),
    Setting(
        key="pre_record_s",
        default=30,
        most=3_600,
        help=Text(
            "记录仪最长的预录时间（秒），REC-8 的时限从其后算起",
            "the longest time that recorders keep from before they were started, seconds: REC-8 counts from its end",
        ),
    ),
    Setting(
        key="release",
        default=True,
        help=Text("入库后清除记录仪（REC-2）", "free identified recorders once all is secured (REC-2)"),
    ),
    Setting(
        key="drop.folder",
        default="",
        help=Text(
            "投递目录：案件平台把登记文件（CSV、JSON）放到这里；空则关闭",
            "folder in which the case platform drops register files (CSV, JSON); empty: off",
        ),
    ),
    Setting(
        key="documents.limit_mib",
        default=64,
        least=1,
        most=4_096,
        help=Text(
            "一份文书文件的上限（MiB），网页最多接收 64",
            "the largest file of a text record, MiB; the pages take 64 at most",
        ),
    ),
    Setting(
        key="accounts.web_user",
        default="ingestd-web",
        help=Text(
            "网页服务的系统用户：由它转交登录者的操作，它本身无任何权限",
            "system user of the web process: it carries what people do who are logged in, and is nobody itself",
        ),
    ),
    Setting(
        key="accounts.idle_minutes",
        default=30,
        least=1,
        most=1_440,
        help=Text("登录多久不用即失效（分钟）", "a login that is not used for so many minutes is over"),
    ),
    Setting(
        key="accounts.longest_hours",
        default=12,
        least=1,
        most=744,
        help=Text("一次登录最长多久（小时）", "no login lasts longer, hours"),
    ),
    Setting(
        key="accounts.password_length",
        default=12,
        least=8,  # NIST SP 800-63B: eight where a second factor stands beside it
        most=64,
        help=Text("密码至少多少个字符", "characters that a password has at least"),
    ),
    Setting(
        key="accounts.argon2_kib",
        default=65_536,  # RFC 9106, 4: second recommended option
        least=1_024,
        most=1 << 22,
        help=Text(
            "计算密码散列所用内存（KiB），重启后生效；低于 19456 不安全",
            "memory for hashing a password, KiB, from the next start on; below 19456 it is weak",
        ),
    ),
    Setting(
        key="metrics.listen",
        default="",
        help=Text(
            "指标与健康页的本机地址，如 127.0.0.1:9641；空则关闭",
            "loopback address of metrics and health, such as 127.0.0.1:9641; empty: off",
        ),
    ),
    Setting(
        key="web.listen",
        default="127.0.0.1:8787",
        help=Text(
            "网页的监听地址和端口；0.0.0.0 为全部网卡",
            "address and port of the pages; 0.0.0.0: every network card",
        ),
    ),
    Setting(
        key="web.hosts",
        default="",
        help=Text(
            "访问网页所用的主机名，空格分隔；本机名和数字地址不必列出",
            "host names by which the pages are asked for, between spaces; localhost and plain addresses need not "
            "be listed",
        ),
    ),
    Setting(
        key="web.proxy",
        default="",
        help=Text(
            "前置代理的地址，空格分隔：只信任它们所说的来源地址和 https；空则不信任任何代理",
            "addresses of proxies before the pages, between spaces: theirs alone is the word on https and on where a "
            "request comes from; empty: nobody's",
        ),
    ),
    Setting(
        key="web.names",
        default="surname",
        help=Text(
            "看板上的人员：number 只显示编号，surname 加姓氏（张某），full 加全名",
            "officers on the dock board: number alone, with the surname (张某), or full with the whole name",
        ),
    ),
    Setting(
        key="web.certificate",
        default="",
        help=Text(
            "网页的 TLS 证书（PEM，含链）；空则不用 TLS",
            "the pages' TLS certificate (PEM, with its chain); empty: no TLS",
        ),
    ),
    Setting(
        key="web.key",
        default="",
        help=Text("网页的 TLS 私钥（PEM）", "the private key of that certificate (PEM)"),
    ),
)
"""All settings of the top level of ingestd.toml, in the order in which `init` writes them."""
