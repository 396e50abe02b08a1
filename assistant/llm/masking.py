"""Who somebody is does not leave the machine: identifying details are masked, and put back in what returns.

The patterns are data (rules/identifiers.yaml), for English and Chinese: names, numbers, addresses and dates of
birth. They find what stands in its usual place ("Mr Smith", "MRN 12345678", "患者李某"); a bare name in the
middle of a sentence, with nothing that says that it is one, is not found.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import yaml

SURNAMES = (
    "(?:欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁"
    "岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤"
    "阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝封谈]"
    ")"
)
"""Chinese family names that begin a name."""
_MARK = re.compile(r"\[\s*(TEXT|MAIL|LINK|BORN|ADDRESS|NUMBER|NAME)[\s_]*(\d+)\s*\]", re.IGNORECASE)


class Mask:
    """One conversation's details: what was masked once has the same mark everywhere."""

    def __init__(self) -> None:
        self._mark_of: dict[str, str] = {}
        self._detail_of: dict[str, str] = {}

    @property
    def hidden(self) -> dict[str, str]:
        """Mark -> the detail that it stands for, in the order in which they were met."""
        return dict(self._detail_of)

    def hide(self, text: str) -> str:
        """The text with each detail replaced by a mark like [NAME_1]."""
        taken: list[tuple[int, int, str]] = []
        for kind, start, end in _details(text):
            if not any(a < end and start < b for a, b, _ in taken):
                taken.append((start, end, self._mark(kind, text[start:end])))
        taken += self._again(text, taken)
        for start, end, mark in sorted(taken, reverse=True):
            text = text[:start] + mark + text[end:]
        return text

    def show(self, text: str) -> str:
        """The text with the details back in their places; a mark that was never given stays."""

        def detail(match: re.Match[str]) -> str:
            mark = f"[{match[1].upper()}_{match[2]}]"
            return self._detail_of.get(mark, match[0])

        return _MARK.sub(detail, text)

    def _mark(self, kind: str, detail: str) -> str:
        if detail not in self._mark_of:
            mark = f"[{kind}_{sum(m.startswith(f'[{kind}_') for m in self._detail_of) + 1}]"
            self._mark_of[detail], self._detail_of[mark] = mark, detail
        return self._mark_of[detail]

    def _again(self, text: str, taken: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Where known details, and the words of known names, stand once more."""
        known = dict(self._mark_of)
        for detail, mark in list(self._mark_of.items()):
            if mark.startswith("[NAME") and " " in detail:
                known |= {part: self._mark("NAME", part) for part in detail.split() if len(part) > 2}
        found: list[tuple[int, int, str]] = []
        for detail in sorted(known, key=len, reverse=True):
            edge = r"(?<!\w){}(?!\w)" if detail.isascii() else "{}"
            if len(detail) < 2:
                continue
            for match in re.finditer(edge.format(re.escape(detail)), text):
                start, end = match.span()
                if not any(a < end and start < b for a, b, _ in (*taken, *found)):
                    found.append((start, end, known[detail]))
        return found


def _details(text: str) -> Iterator[tuple[str, int, int]]:
    for kind, patterns in _rules():
        for pattern in patterns:
            for match in pattern.finditer(text):
                group = "it" if "it" in pattern.groupindex else 0
                yield kind, match.start(group), match.end(group)


@cache
def _rules() -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    raw = yaml.safe_load((files("assistant") / "rules" / "identifiers.yaml").read_text(encoding="utf-8"))
    return tuple(
        (
            str(rule["kind"]),
            tuple(re.compile(p.replace("{surname}", SURNAMES), re.MULTILINE) for p in rule["patterns"]),
        )
        for rule in raw
    )
