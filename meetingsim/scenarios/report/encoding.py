"""JSON that is the same bytes for the same value, whatever a foreign target put into it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any, Final

import orjson

_SORTED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def dumped(value: Any, *, ordered: bool = True) -> bytes:
    """Compact JSON, with ``ordered`` its keys sorted."""
    try:
        return orjson.dumps(value, default=_plain, option=_SORTED if ordered else orjson.OPT_NON_STR_KEYS)
    except TypeError:
        # Half a surrogate pair, or a number of more than 64 bits: JSON has them, orjson does not.
        return json.dumps(value, default=_plain, sort_keys=ordered, separators=(",", ":")).encode()


def indented(value: Any) -> bytes:
    """The same for people: two spaces a level, in the order in which it was built."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Set):
        return sorted(value, key=str)
    return dict(value) if isinstance(value, Mapping) else str(value)


def loaded(line: bytes) -> Any:
    """The value of what ``dumped`` made."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line)
