"""``meetingsim list``: the scenarios that come with meetingsim, and what each is about."""

from __future__ import annotations

from meetingsim.cli.console import OK, harmless, out, out_json, styled
from meetingsim.scenarios import library


def run(*, as_json: bool) -> int:
    """Prints a line for each, in the order of the alphabet."""
    shipped = [{"name": name, "summary": summary} for name, summary in library.summaries().items()]
    if as_json:
        out_json({"scenarios": shipped})
        return OK
    width = max((len(one["name"]) for one in shipped), default=0)
    for one in shipped:
        out(f"{styled(one['name'], 'bold')}{' ' * (width - len(one['name']))}  {harmless(one['summary'])}")
    return OK
