"""Reads scenario files: all that is wrong with one at once, each error at its line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from meetingsim.scenarios.cast import MOST_PEOPLE
from meetingsim.scenarios.document import LARGEST, Document, Node, ScenarioInvalid
from meetingsim.scenarios.naming import Known
from meetingsim.scenarios.overrides import change
from meetingsim.scenarios.scenario import VERSION, Scenario
from meetingsim.scenarios.shape import KEY, Path, nearest

_ROUNDS = 40
"""How often what is wrong is taken out and the rest read again: errors hide behind errors, but not that deep."""


def read_file(
    path: File, *, countries: Collection[str] = (), groups: Collection[str] = (), changes: Iterable[str] = ()
) -> Scenario:
    """Reads a file. Raises ScenarioInvalid with everything that is wrong, and OSError where it cannot be opened."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    return read(raw, str(path), countries=countries, groups=groups, changes=changes)


def read(
    raw: bytes | str,
    file: str = "<scenario>",
    *,
    countries: Collection[str] = (),
    groups: Collection[str] = (),
    changes: Iterable[str] = (),
) -> Scenario:
    """Reads a text. Without ``countries`` any two capital letters are one. Raises ScenarioInvalid.

    ``changes`` are made to it first, each an assignment such as ``meeting.removal.match=[ticket]``.
    """
    document = Document(raw, file)
    change(document, changes)
    return read_document(document, countries=countries, groups=groups)


def read_document(document: Document, *, countries: Collection[str] = (), groups: Collection[str] = ()) -> Scenario:
    """Reads what is parsed, and perhaps changed, already. Raises ScenarioInvalid."""
    if document.root is None:
        raise ScenarioInvalid(document.mistakes)
    scenario = _read(document, document.root, {"countries": countries, "groups": groups})
    if scenario is None and not document.mistakes:
        document.wrong(1, 1, "this is no scenario")
    if scenario is None or document.mistakes:
        raise ScenarioInvalid(sorted(document.mistakes, key=lambda one: (one.line, one.column)))
    return scenario


def _read(document: Document, root: Node, context: Mapping[str, Any]) -> Scenario | None:
    if root.pairs is None:
        document.wrong(root.line, root.column, f"a scenario is a mapping that begins with 'meetingsim: {VERSION}'")
        return None
    if "meetingsim" not in root.pairs:
        document.wrong(root.line, root.column, f"say which language this is: 'meetingsim: {VERSION}'")
    cut, context = _Cut(document, root), {**context, "known": _known(root)}
    for _ in range(_ROUNDS):
        try:
            return Scenario.model_validate(root.plain(), context=context)
        except ValidationError as error:
            if not cut.out(error):
                if "lenient" in context:
                    return None
                # What does not fit together is noted by now, and need not hide what the whole shows.
                context["lenient"] = True
    return None


class _Cut:
    """Takes what is wrong out of the tree, so that what it hid is found as well.

    What a part lacks because something was taken out of it is no mistake of the file, and is not said.
    """

    def __init__(self, document: Document, root: Node) -> None:
        self._document = document
        self._root = root
        self._wounded: set[int] = set()

    def out(self, error: ValidationError) -> bool:
        """Notes every error and takes its part out, unless it is right by itself; False where nothing was taken."""
        filled, taken = False, []
        for one in error.errors(include_url=False):
            path: Path = one["loc"]
            way = [*self._root.walk(path)]
            node = way[-1][2] if way else self._root
            if id(node) not in self._wounded:
                self._note(one, path, way, node)
            if one["type"] == "missing" and path[-1] in _FILLED and node.pairs is not None:
                node.pairs[str(path[-1])] = _FILLED[str(path[-1])]()
                self._wounded.add(id(node))
                filled = True
            elif way and one["type"] not in {"unfit", "senseless"}:
                taken.append(way[-1])
        for parent, step, child in taken:
            self._wounded.add(id(parent))
            if parent.pairs is not None:
                parent.pairs.pop(str(step), None)
            elif parent.items is not None:
                parent.items = [one for one in parent.items if one is not child]
        return filled or bool(taken)

    def _note(self, error: Any, path: Path, way: list[tuple[Node, str | int, Node]], node: Node) -> None:
        line, column = node.line, node.column
        if way and path[-1] == KEY:
            line, column = way[-1][0].keys.get(str(way[-1][1]), (line, column))
        elif (offset := error.get("ctx", {}).get("offset")) and node.inner is not None:
            column += node.inner + offset
        self._document.wrong(line, column, _message(error, node), node.origin)


_FILLED: Mapping[str, Any] = {
    "name": lambda: Node(1, 1, "unnamed"),
    "duration": lambda: Node(1, 1, "30d"),
    "actors": lambda: Node(1, 1, pairs={}),
    "do": lambda: Node(1, 1, "leave"),
    "when": lambda: Node(1, 1, "started"),
    "every": lambda: Node(1, 1, "30d"),
    "reply": lambda: Node(1, 1, "unsaid"),
    "match": lambda: Node(1, 1, "unsaid"),
}
"""Stands for what a part lacks, so that the rest of it can be judged."""


def _message(error: Any, node: Node) -> str:
    kind, said = error["type"], str(error["msg"])
    if kind in {"wrong", "unfit", "senseless"}:
        return said
    if kind == "missing":
        return f"say {str(error['loc'][-1])!r} too"
    if kind == "too_short":
        return "this needs at least one"
    if kind == "int_type":
        return f"this should be a whole number, not {_short(node)}"
    if kind in {"literal_error", "enum"}:
        expected = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        return f"{said.replace('Input should', 'this should')}, not {node.plain()!r}{nearest(node.plain(), expected)}"
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        return f"this should be a mapping, not {_short(node)}"
    if kind.endswith("_type") and not isinstance(node.plain(), dict | list):
        return f"{said.replace('Input should', 'this should')}, not {_short(node)}"
    return said.replace("Input should", "this should").replace("Value error, ", "")


def _short(node: Node) -> str:
    said = node.plain()
    if isinstance(said, dict | list):
        return "a mapping" if isinstance(said, dict) else "a list"
    text = repr(said)
    return text if len(text) <= 40 else text[:40] + "…"


def _known(root: Node) -> Known:
    """The names that the file makes, also in parts that are wrong."""

    def names(word: str) -> Mapping[str, Node]:
        part = (root.pairs or {}).get(word)
        return {str(name): node for name, node in (part.pairs or {}).items()} if part else {}

    cast = {name: _count(node) for name, node in names("actors").items()}
    rules = {
        str(rule.pairs["id"].value)
        for policy in names("policies").values()
        for rule in ((policy.child("rules") or Node(0, 0)).items or ())
        if rule.pairs and "id" in rule.pairs
    }
    return Known(cast, frozenset(rules), frozenset(names("behaviors")))


def _count(node: Node) -> int:
    count = node.child("count")
    if count is None:
        return 1
    # Of a group whose number cannot be read, nobody can be one too many.
    return count.value if isinstance(count.value, int) and 0 < count.value <= MOST_PEOPLE else 1_000_000
