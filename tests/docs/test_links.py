"""Every relative link in README.md and docs/ leads to a file that is there, and to a heading in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, anchors, links

PAGES = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]
_ELSEWHERE = ("http://", "https://", "mailto:")


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    found = []
    for link in links(page):
        if link.startswith(_ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    assert not broken(page)


def test_a_link_to_what_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`\n[a](page.md#one-two) [b](page.md#three) [c](gone.md) [d](https://x.example) `[e](f.md)`\n"
    )
    assert broken(page) == ["page.md#three", "gone.md"]


def test_every_page_can_be_reached_from_the_map() -> None:
    seen: set[Path] = set()
    left = [DOCS / "README.md"]
    while left:
        page = left.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        targets = (link.partition("#")[0] for link in links(page) if not link.startswith(_ELSEWHERE))
        left += [(page.parent / path).resolve() for path in targets if path]
    assert {page for page in DOCS.rglob("*.md") if page.parent.name != "decisions"} <= seen
