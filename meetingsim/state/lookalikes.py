"""Whether two names look alike: the skeleton of a text after UTS #39, and the key by which names are compared.

`skeleton` is section 4 of UTS #39, version 17.0.0: the four steps that the standard calls internalSkeleton.
Ignorable code points are taken out since its version 15.1. What comes before those four since then, the reordering
of right-to-left text as a screen shows it, is not done: two names that look alike by their order alone stay two.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from meetingsim.state import lookalike_table


def skeleton(text: str) -> str:
    """Texts that look alike have the same skeleton. It is for comparing alone: never show or store it.

    It keeps case and white space apart. The standard does not promise that a skeleton is its own skeleton.
    """
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", decomposed.translate(_mapping()))


def name_key(name: str) -> str:
    """Two names with the same key are taken for each other.

    White space is collapsed, then case folded, the skeleton taken and case folded again: the skeleton of a digit zero
    is a capital letter. As case is folded first, a capital I is an i, never an l. A name of ignorable characters
    alone has the empty key.
    """
    return skeleton(" ".join(name.split()).casefold()).casefold()


@cache
def _mapping() -> dict[int, str]:
    # Made at the first use, not at import: it takes some milliseconds, and most commands compare no names.
    # One pass does for two steps, as either looks at one character at a time.
    mapping: dict[int, str] = {}
    text = ""
    for word in lookalike_table.PROTOTYPES.split():
        prototype, starts, source = word.rpartition("=")
        if starts:
            text = "".join([chr(int(code, 16)) for code in prototype.split("+")])
        mapping[int(source, 16)] = text
    for span in lookalike_table.IGNORABLE.split():
        first, _, last = span.partition("-")
        mapping.update(dict.fromkeys(range(int(first, 16), int(last, 16) + 1), ""))
    return mapping
