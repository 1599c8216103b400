"""Reads a page of the documentation: its headings, its links, and its blocks of code in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^(?:<!-- (?P<mark>[^>\n]*) -->\n)?```(?P<language>[\w+-]*)\n(?P<text>.*?)^```$", re.M | re.S)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.M)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``mark`` is the comment in the line above it, such as ``terminal: mia``."""

    language: str
    text: str
    line: int
    mark: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [
        Block(found["language"], found["text"], text.count("\n", 0, found.start("text")) + 1, found["mark"] or "")
        for found in _FENCE.finditer(text)
    ]


def headings(page: Path) -> list[str]:
    """The headings of a page as they are written, marks of code and all."""
    return _HEADING.findall(_FENCE.sub("", page.read_text()))


def anchors(page: Path) -> set[str]:
    """What a link may say behind ``#``: a heading in small letters, hyphens for spaces, numbered where it comes again."""
    seen: dict[str, int] = {}
    found: set[str] = set()
    for heading in headings(page):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        times = seen.get(anchor, 0)
        seen[anchor] = times + 1
        found.add(f"{anchor}-{times}" if times else anchor)
    return found


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links, those in code left out."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", page.read_text()))
    yield from _LINK.findall(prose)
