"""The state words of the dock board as large block letters, drawn on twelve by twelve points for it. PURE.

Two points are one character of the terminal, one above the other, so that a point is square.
"""

from __future__ import annotations

from collections.abc import Sequence

POINTS = 12
GAP = 1
"""Points between two letters."""

_DRAWN = {
    "可": """
............
.##########.
.........#..
..#####..#..
..#...#..#..
..#...#..#..
..#...#..#..
..#####..#..
..#......#..
.........#..
.......###..
............
""",
    "取": """
............
.######.....
..#..######.
..#..#....#.
..####.#..#.
..#..#.#.#..
..####..##..
..#..#..#...
..####..##..
.##..#.#..#.
.....##....#
.....#......
""",
    "走": """
.....#......
.....#......
..########..
.....#......
.....#......
.##########.
.....#......
..#..#####..
..#..#......
..##.#......
.#..#######.
............
""",
    "接": """
..#....#....
..#..######.
..#...#..#..
.####.#.#...
..#.#######.
..#....#....
..##...#....
.##.#######.
..#...#..#..
..#...###...
..#..##.##..
.##.#.....#.
""",
    "收": """
.......#....
....#..#....
.#..#.##....
.#..#.#####.
.#..#.#..#..
.#..####.#..
.#..#..#.#..
.#.##..##...
.###....#...
....#..###..
....#.#...#.
............
""",
    "中": """
.....#......
.....#......
.#########..
.#...#...#..
.#...#...#..
.#...#...#..
.#########..
.#...#...#..
.....#......
.....#......
.....#......
............
""",
    "勿": """
...#........
...#........
..#########.
..#.#..#..#.
.#..#..#..#.
.#.#..#...#.
...#..#...#.
..#..#....#.
.#..#.....#.
...##....#..
..#....##...
............
""",
    "异": """
............
..########..
..#......#..
..########..
..#.......#.
..#########.
...#....#...
.##########.
...#....#...
...#....#...
.##.....#...
............
""",
    "常": """
..#..#..#...
...#.#.#....
.##########.
.#........#.
.#.######.#.
...#....#...
...######...
.....#......
..########..
..#..#...#..
..#..#.##...
.....#......
""",
    "空": """
.....#......
.##########.
.#........#.
.#.##..##.#.
..##....##..
............
..########..
.....#......
.....#......
.....#......
.##########.
............
""",
}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def size(letters: int, scale: int) -> tuple[int, int]:
    """Columns and lines of so many letters."""
    return (letters * POINTS + (letters - 1) * GAP) * scale, POINTS * scale // 2


def is_drawn(word: str) -> bool:
    """Whether every letter of the word is there."""
    return all(letter in _DRAWN for letter in word)


def large(word: str, scale: int) -> list[str]:
    """The lines of a word; every line has `size`'s columns."""
    rows = [""] * POINTS
    for number, letter in enumerate(word):
        for row, points in enumerate(_DRAWN[letter].split()):
            rows[row] += "." * (GAP if number else 0) + points
    grown = ["".join(point * scale for point in row) for row in rows for _ in range(scale)]
    return halves([[point == "#" for point in row] for row in grown])


def halves(points: Sequence[Sequence[bool]]) -> list[str]:
    """Rows of points, an even number, as lines of half as many."""
    pairs = zip(points[::2], points[1::2], strict=True)
    return ["".join(_HALVES[both] for both in zip(above, below, strict=True)) for above, below in pairs]
