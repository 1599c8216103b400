"""The examples on the page about countries."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "topics" / "countries.md"


def test_the_examples_do_what_the_page_says() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted >= 12
