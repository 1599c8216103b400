"""JSON that is the same bytes for the same value, whatever a foreign target put into it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any

import orjson


def dumped(value: Any, *, ordered: bool = True, indented: bool = False) -> bytes:
    """JSON, compact unless it is ``indented``; with ``ordered`` its keys are sorted."""
    option = (
        orjson.OPT_NON_STR_KEYS | (orjson.OPT_SORT_KEYS if ordered else 0) | (orjson.OPT_INDENT_2 if indented else 0)
    )
    try:
        return orjson.dumps(value, default=_plain, option=option)
    except TypeError:
        # Half a surrogate pair, or a number of more than 64 bits: JSON has them, orjson does not.
        indent, separators = (2, (",", ": ")) if indented else (None, (",", ":"))
        return json.dumps(value, default=_plain, sort_keys=ordered, indent=indent, separators=separators).encode()


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
