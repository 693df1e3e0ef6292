"""What text is cut into to be found: two Chinese characters at a time, other scripts by the word. PURE.

Chinese has no spaces, and most of its words have two characters: 酒驾 has to be found in 涉嫌酒驾逃逸. A run of
Chinese characters becomes its pairs, and its last character alone, so that one character is found as the beginning
of a token. Tokens are written as hexadecimal digits: no text that anybody types can mean something to the index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

TEXT_CHARS = 4000
"""Of one text; what follows is not found."""
TERM_CHARS = 100
"""Of what somebody looks for."""
_WORD_CHARS = 40
_DIGITS = 5
"""Of a character in a token."""
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+)")


def plain(text: str) -> str:
    """Text without what does not matter when one looks for it: width, case."""
    return unicodedata.normalize("NFKC", text).casefold()


def tokens(text: str) -> list[str]:
    """The tokens of a text in their order."""
    return [token for is_han, run in _runs(plain(text[:TEXT_CHARS])) for token in _of_run(is_han, run)]


def phrases(terms: Iterable[str], *, is_loose: bool = False) -> str | None:
    """What finds texts with all these terms in them; None where there are none that can be found.

    ``is_loose``: texts that lack the last character of a term may be found too (`has` tells). Of ``翠湖路12号`` that
    stands alone, and so for the beginning of a token: the index would bring together all texts with any 号 first.
    """
    found = [one for term in terms if (one := phrase(term)) is not None]
    return " AND ".join(f"({_but_its_end(one) if is_loose else one})" for one in found) or None


def _but_its_end(wanted: str) -> str:
    """A phrase without the single character at its end, where one follows something else."""
    begin, _, last = wanted.removesuffix('" *').rpartition(" ")
    return (
        f'{begin}"' if wanted.endswith("*") and begin and len(last) == _DIGITS and _is_han(last) else wanted
    )


def _is_han(code: str) -> bool:
    run = _RUN.fullmatch(chr(int(code, 16)))
    return run is not None and run["han"] is not None


def phrase(term: str) -> str | None:
    """What finds a term as a part of a text, in the language of FTS5; None where nothing of it can be found."""
    runs = list(_runs(plain(term[:TERM_CHARS])))
    if not runs:
        return None
    wanted = [token for is_han, run in runs for token in _of_run(is_han, run)]
    is_han, last = runs[-1]
    is_whole = is_han and len(last) > 1
    if is_whole:
        wanted.pop()  # its last character alone: here the text may go on
    return f'"{" ".join(wanted)}"{"" if is_whole else " *"}'


def has(text: str, term: str) -> bool:
    """Whether a text has a term in it, as the index sees it."""
    wanted = phrase(term)
    if wanted is None:
        return False
    stands, asked = plain(text), plain(term)
    if asked in stands:
        return True  # most often it stands there just so, or a part of it nowhere
    if any(run[: None if is_han else _WORD_CHARS] not in stands for is_han, run in _runs(asked[:TERM_CHARS])):
        return False
    found = f" {' '.join(tokens(text))} "
    inner = f" {wanted.split(chr(34))[1]}"
    return (inner if wanted.endswith("*") else f"{inner} ") in found


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    for run in _RUN.finditer(text):
        yield run["han"] is not None, run[0]


def _of_run(is_han: bool, run: str) -> Iterator[str]:
    if not is_han:
        yield _code(run[:_WORD_CHARS])
        return
    for at in range(len(run)):
        yield _code(run[at : at + 2])


def _code(text: str) -> str:
    return "".join(f"{ord(char):0{_DIGITS}x}" for char in text)
