"""``meetingsim list``: the scenarios that come with meetingsim, and what each is about."""

from __future__ import annotations

from typing import Any

from meetingsim.cli.console import OK, harmless, out, out_json, styled
from meetingsim.scenarios import library
from meetingsim.scenarios.document import Document


def run(*, as_json: bool) -> int:
    """Prints a line for each, in the order of the alphabet."""
    shipped = [{"name": name, "summary": _summary(name)} for name in library.names()]
    if as_json:
        out_json({"scenarios": shipped})
        return OK
    width = max((len(one["name"]) for one in shipped), default=0)
    for one in shipped:
        out(f"{styled(one['name'], 'bold')}{' ' * (width - len(one['name']))}  {harmless(one['summary'])}")
    return OK


def _summary(name: str) -> str:
    """Out of the file, which is not judged here: that takes longer than reading all of them."""
    root: Any = Document(library.file_of(name).read_bytes(), name).root
    said = root.plain().get("summary") if root is not None else None
    return said if isinstance(said, str) else ""
