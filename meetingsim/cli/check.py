"""``meetingsim check``: everything that is wrong with scenario files, at once, each error at its line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from meetingsim.cli import scenarios
from meetingsim.cli.console import OK, USAGE, Stop, complain, harmless, out, out_json
from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import ScenarioInvalid
from meetingsim.scenarios.schema import schema


def run(words: Sequence[str], *, as_schema: bool, as_json: bool) -> int:
    """Prints a line for each file that is right and all errors of the others; gives 2 if there is one."""
    if as_schema:
        if words:
            raise Stop("the schema is for no file: leave the files out; see meetingsim check --help", USAGE)
        out_json(schema(NAMES, GROUPS))
        return OK
    if not words:
        raise Stop("missing argument 'FILE...'; see meetingsim check --help", USAGE)
    return max([_check(word, as_json=as_json) for word in words])


def _check(word: str, *, as_json: bool) -> int:
    try:
        scenario = scenarios.load(word).scenario
    except Stop as stop:
        return complain(stop)
    except ScenarioInvalid as error:
        if as_json:
            errors = [{name: value for name, value in asdict(one).items() if name != "file"} for one in error.mistakes]
            out_json({"file": word, "ok": False, "errors": errors})
        else:
            for line in scenarios.mistakes(error):
                out(line)
        return USAGE
    if as_json:
        out_json({"file": word, "ok": True, "name": scenario.name, "errors": []})
    else:
        out(harmless(f"{word}: ok"))
    return OK
