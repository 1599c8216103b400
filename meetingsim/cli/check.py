"""``meetingsim check``: everything that is wrong with scenario files, at once, each error at its line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from meetingsim.cli.console import OK, USAGE, Stop, complain, harmless, out, out_json
from meetingsim.geo.countries import GROUPS, NAMES
from meetingsim.scenarios import ScenarioInvalid, read_file
from meetingsim.scenarios.schema import schema


def run(files: Sequence[Path], *, as_schema: bool, as_json: bool) -> int:
    """Prints a line for each file that is right and all errors of the others; gives 2 if there is one."""
    if as_schema:
        if files:
            raise Stop("the schema is for no file: leave the files out; see meetingsim check --help", USAGE)
        out_json(schema(NAMES, GROUPS))
        return OK
    if not files:
        raise Stop("missing argument 'FILE...'; see meetingsim check --help", USAGE)
    return max([_check(path, as_json=as_json) for path in files])


def _check(path: Path, *, as_json: bool) -> int:
    try:
        scenario = read_file(path, countries=NAMES, groups=GROUPS)
    except OSError as error:
        return complain(Stop(f"{path} cannot be read: {error.strerror}", USAGE))
    except ScenarioInvalid as error:
        if as_json:
            errors = [{name: value for name, value in asdict(one).items() if name != "file"} for one in error.mistakes]
            out_json({"file": str(path), "ok": False, "errors": errors})
        else:
            for mistake in error.mistakes:
                for line in mistake.shown().split("\n"):
                    out(harmless(line))
        return USAGE
    if as_json:
        out_json({"file": str(path), "ok": True, "name": scenario.name, "errors": []})
    else:
        out(harmless(f"{path}: ok"))
    return OK
