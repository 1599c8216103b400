"""The scenario as it was played: every default said, the seed that was drawn, and no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from meetingsim import __version__
from meetingsim.clients.redaction import SECRETS
from meetingsim.scenarios.report.guard import Known, either, secrets_of
from meetingsim.scenarios.scenario import VERSION, Scenario, plain
from meetingsim.scenarios.shape import Shape
from meetingsim.scenarios.steps import OneWord
from meetingsim.scenarios.trace import Trace
from meetingsim.state.plain import plain as plain_state
from meetingsim.state.settings import Settings


def resolved(scenario: Scenario, trace: Trace) -> str:
    """The file's text; reading it gives a scenario that is played the same way.

    A secret is written as ``redacted-1``, the same one as the same: what matters of a passcode is whether it is right.
    """
    said = {**_whole(scenario), "seed": trace.seed, "clock": trace.clock}
    said["meeting"] = _merged(plain_state(Settings()), said.get("meeting") or {})
    said = _Numbered(scenario).value({"meetingsim": VERSION, **said})
    head = f"# As meetingsim {__version__} played it, with every default said.\n"
    return head + yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=100_000)


def _whole(value: Any) -> Any:
    if isinstance(value, OneWord):
        inner = _whole(value.value)
        return value.word if inner == {} else {value.word: inner}
    if isinstance(value, Shape):
        return {word: _whole(one) for word, one in _words(value)}
    if isinstance(value, Mapping):
        return {str(name): _whole(one) for name, one in value.items()}
    return [_whole(one) for one in value] if isinstance(value, list | tuple) else plain(value)


def _words(shape: Shape) -> Iterator[tuple[str, Any]]:
    for name, field in shape.__class__.model_fields.items():
        value = getattr(shape, name)
        if value is not None or name in shape.model_fields_set:
            yield field.alias or name, value


def _merged(defaults: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **said}
    for name, value in defaults.items():
        if isinstance(value, dict) and isinstance(said.get(name), Mapping):
            merged[name] = _merged(value, said[name])
    return merged


class _Numbered:
    """Puts numbers in the place of secrets, and in the place of the same texts elsewhere."""

    def __init__(self, scenario: Scenario) -> None:
        secrets = dict.fromkeys(secrets_of(plain(scenario)))
        self._numbers = {secret: f"redacted-{at}" for at, secret in enumerate(secrets, 1)}
        self._any = either(Known(scenario).values)

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {name: self._under(name, one) for name, one in value.items()}
        if isinstance(value, str) and self._any is not None:
            return self._any.sub(lambda found: self._numbers[found[0]], value)
        return value

    def _under(self, name: str, value: Any) -> Any:
        return self._numbers[value] if name in SECRETS and isinstance(value, str) else self.value(value)
