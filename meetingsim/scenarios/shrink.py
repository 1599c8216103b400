"""Makes a failing scenario smaller as long as it still fails: fewer people, fewer parts, less time.

Pure: the same scenario and the same answers give the same result. What is kept fails, and nothing tried from it could
be left out, unless the plays ran out before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from meetingsim.scenarios.quantities import Duration
from meetingsim.scenarios.scenario import Scenario, plain
from meetingsim.scenarios.shape import Path

Part = dict[str, Any]
_KEPT = frozenset({"meetingsim", "name", "summary", "seed", "clock", "duration", "actors"})
"""What every scenario has, or what makes it the one that it is."""
_WHOLE = frozenset({"expect", "thresholds"})
"""Parts whose items are left out or kept as they are: another expectation of that id would be another failure."""
_MOMENTS = frozenset({"at", "after", "over", "downtime"})
_ROUND = ((600_000, 60_000), (60_000, 10_000), (0, 1_000))


def shrink(
    scenario: Scenario, still_fails: Callable[[Scenario], bool], most: int, frozen: Collection[str] = ()
) -> Scenario:
    """The smallest scenario found that still fails, with at most so many calls of ``still_fails``.

    ``frozen`` are words of the file, such as ``meeting``, below which nothing is changed.
    """
    search = _Search(scenario, still_fails, most, frozenset(frozen))
    while search.left and search.once_through():
        pass
    return search.best


class _Search:
    def __init__(
        self, scenario: Scenario, still_fails: Callable[[Scenario], bool], most: int, frozen: frozenset[str]
    ) -> None:
        self.best = scenario
        self.left = most
        self._file: Part = plain(scenario)
        self._still_fails = still_fails
        self._frozen = frozen
        self._tried: set[str] = set()

    def once_through(self) -> bool:
        """Tries everything once, what takes most away first; False where nothing could be taken away."""
        before = self.best
        for part in sorted(_WHOLE & self._file.keys()):
            self._fewer((part,))
        for name in reversed([*self._file["actors"]]):
            self._try(_without(self._file, name))
        self._simpler("count", "duration")  # what takes longest goes first: every play after it is quicker
        for depth in range(_DEEPEST):
            for path in reversed([*_containers(self._file, depth)]):
                self._fewer(path)
        self._simpler()
        return self.best is not before

    def _try(self, file: Part) -> bool:
        """Keeps the file if it is a scenario that still fails. What is no scenario costs no play."""
        text = repr(file)
        if not self.left or text in self._tried or any(file.get(word) != self._file.get(word) for word in self._frozen):
            return False
        self._tried.add(text)
        try:
            smaller = Scenario.model_validate(file)
        except ValidationError:
            return False
        if _counts_others(self.best, smaller):
            return False
        self.left -= 1
        if not self._still_fails(smaller):
            return False
        self.best, self._file = smaller, file
        return True

    def _fewer(self, path: Path) -> None:
        """Items of a list or mapping in blocks: all of them, halves, down to one by one."""
        size = len(_at(self._file, path))
        while size:
            keys = [*_keys(_at(self._file, path))]
            for start in range((len(keys) - 1) // size * size, -1, -size):
                block = [key for key in keys[start : start + size] if path or key not in _KEPT]
                if block:
                    self._try(_less(self._file, path, block))
            size //= 2

    def _simpler(self, *words: str) -> None:
        """Values in the place of others, of these words or all: fewer people, earlier moments, a shorter time, no choice."""
        for path, value in [*_values(self._file)]:
            if path[0] in _WHOLE or (words and path[-1] not in words):
                continue
            for smaller in _instead(path, value):
                if self._try(_with(self._file, path, smaller)):
                    break


_DEEPEST = 8
"""How deep parts are taken out of parts; what lies deeper goes with what it lies in."""


def _counts_others(before: Scenario, after: Scenario) -> bool:
    """Whether an expectation counts a group that is smaller now: it would fail for that alone."""
    texts = [str(text) for one in after.expect for text in (one.eventually, one.never, one.always)]
    counted = " ".join(text for text in texts if "count(" in text)
    return any(
        re.search(rf"\b{re.escape(name)}\b", counted)
        for name, actor in before.actors.items()
        if name not in after.actors or after.actors[name].count < actor.count
    )


def _at(file: Any, path: Path) -> Any:
    for step in path:
        file = file[step]
    return file


def _keys(container: Any) -> Iterator[str | int]:
    yield from container if isinstance(container, dict) else range(len(container))


def _containers(part: Any, depth: int, path: Path = ()) -> Iterator[Path]:
    """The lists and mappings so deep in a file, in its order."""
    if not isinstance(part, dict | list):
        return
    if not depth:
        yield path
    elif not path or path[0] not in _WHOLE:
        for key in _keys(part):
            yield from _containers(_at(part, (key,)), depth - 1, (*path, key))


def _values(part: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Everything in a file, what holds others before what it holds."""
    for key in _keys(part):
        yield (*path, key), part[key]
        if isinstance(part[key], dict | list):
            yield from _values(part[key], (*path, key))


def _less(file: Part, path: Path, keys: Sequence[str | int]) -> Part:
    smaller = deepcopy(file)
    inner = _at(smaller, path)
    for key in reversed(keys):
        del inner[key]
    return smaller


def _with(file: Part, path: Path, value: Any) -> Part:
    changed = deepcopy(file)
    _at(changed, path[:-1])[path[-1]] = value
    return changed


def _without(file: Part, name: str) -> Part:
    """The file without somebody: their rules, the moments and faults that are theirs alone, and their place in lists."""
    smaller = _less(file, ("actors",), [name])
    smaller.get("policies", {}).pop(name, None)
    for part, word in (("timeline", "who"), ("faults", "on")):
        kept = []
        for item in smaller.get(part, []):
            named = item.get(word) if isinstance(item.get(word), list) else []
            left = [one for one in named if str(one).partition("[")[0] != name]
            if left or not named:
                kept.append({**item, word: left} if named else item)
        if part in smaller:
            smaller[part] = kept
    return smaller


def _instead(path: Path, value: Any) -> Iterator[Any]:
    """What may stand in the place of a value, the smallest first."""
    word = path[-1]
    if word == "count" and isinstance(value, int):
        yield from dict.fromkeys(one for one in (1, value // 2, value - value // 4, value - 1) if 0 < one < value)
    elif word in _MOMENTS and isinstance(value, str):
        yield from _shorter(value)
    elif path == ("duration",):
        yield from (one for one in _shorter(value) if one != "0s")
    elif word in {"wait", "every", "latency"} and "±" in str(value):
        yield value.partition("±")[0]
    elif word == "country" and isinstance(value, Mapping):
        yield from value
    elif isinstance(value, Mapping) and [*value] == ["pick"] and len(value["pick"]) == 1:
        yield next(iter(value["pick"]))


def _shorter(text: str) -> Iterator[str]:
    """Shorter times, down to nothing: rounded, as a person would write them."""
    whole = Duration.read(text).ms
    for part in (0, whole // 4, whole // 2, whole * 3 // 4, whole * 9 // 10):
        unit = next(unit for least, unit in _ROUND if part >= least)
        if (rounded := -(-part // unit) * unit) < whole:
            yield str(Duration(rounded))
