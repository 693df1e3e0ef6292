"""Words of who may do what: ties of a person to an item, and deeds. PURE."""

from __future__ import annotations

from ingestd.people.separation import Deed, Tie
from ingestd.words import Text

TIES: dict[str, Text] = {
    Tie.WEARER: Text("录制人，或可能是", "recorded it, or may have"),
    Tie.ON_ACT: Text("参加该执法行为", "was on its act"),
    Tie.HOLDER: Text("记录仪使用人", "has the recorder"),
}

DEEDS: dict[str, Text] = {
    Deed.LOOK: Text("查看", "look"),
    Deed.OPEN: Text("打开", "open"),
    Deed.PICTURE: Text("在列表中看画面", "see it in lists"),
    Deed.EXTRACT: Text("提取", "extract"),
    Deed.LINK: Text("关联", "link"),
    Deed.UNLINK: Text("解除关联", "unlink"),
    Deed.WAIVE: Text("免除异常", "waive"),
    Deed.DETERMINE: Text("认定无需录像", "determine"),
    Deed.JUDGE: Text("评定抽查", "judge an audit"),
    Deed.OPINION: Text("出具审核意见", "give an opinion"),
    Deed.HOLD: Text("留存", "hold"),
    Deed.SEAL: Text("封存", "seal"),
    Deed.DISPOSE: Text("处置", "dispose"),
    Deed.HAND_OUT: Text("放行记录仪", "hand it out"),
}
