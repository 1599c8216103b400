"""Brings rows that an older release wrote to the shapes of this one: one table entry for each step."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from meetingsim.journal.protocol import Row

# (event type, version found) -> the data as the next version has it. A step is given a copy of its own.
UPCASTS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upcast(row: Row) -> Row:
    """Return the row in the newest shape of its type; the very same row where nothing has to change."""
    step = UPCASTS.get((row.type, row.v))
    if step is None:
        return row
    data, v = copy.deepcopy(row.data), row.v
    while step is not None:
        data, v = step(data), v + 1
        step = UPCASTS.get((row.type, v))
    return replace(row, data=data, v=v)
