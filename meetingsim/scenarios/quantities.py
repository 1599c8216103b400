"""Times, shares, rates and limits as they are written: ``12m30s``, ``4s±3s``, ``40%``, ``1/2s``, ``< 45 per viewer``."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from meetingsim.scenarios.shape import wrong

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|d|h|m|s)")
_WHOLE = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|d|h|m|s)){1,5}")
LONGEST = 30 * 86_400_000
"""The longest time that can be written, in ms: 30 days, as long as a late report is taken."""


class Written(ABC):
    """A value that is one text in the file. Subclasses read it and, by ``str``, write it."""

    example: ClassVar[str]
    what: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, text: str) -> Self:
        """The value of a text. Raises an error in the words of the language."""

    @classmethod
    def _validate(cls, said: object) -> Self:
        if isinstance(said, cls):
            return said
        if not isinstance(said, str):
            raise wrong(f"{cls.what} looks like {cls.example}, not {said!r}")
        return cls.read(said.strip())

    @classmethod
    def refuse(cls, text: str) -> Exception:
        """The error for a text that is no such value."""
        return wrong(f"{cls.what} looks like {cls.example}, not {text!r}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "description": f"{cls.what}: {cls.example}", "examples": [cls.example]}


@dataclass(frozen=True, slots=True, order=True)
class Duration(Written):
    """A time from zero up, in whole ms."""

    example: ClassVar[str] = "90s or 12m30s"
    what: ClassVar[str] = "a time"
    ms: int

    @classmethod
    def read(cls, text: str) -> Self:
        if text.startswith("-"):
            raise wrong(f"a time cannot be negative: {text!r}")
        if not _WHOLE.fullmatch(text):
            raise cls.refuse(text)
        ms = sum(round(float(number) * _UNITS[unit] * 1000) for number, unit in _PART.findall(text))
        if ms % 1000:
            raise wrong(f"the smallest time is 1ms: {text!r}")
        if ms // 1000 > LONGEST:
            raise wrong(f"the longest time is 30d: {text!r}")
        return cls(ms // 1000)

    def __str__(self) -> str:
        parts, left = [], self.ms
        for unit, size in _UNITS.items():
            if count := left // size:
                parts.append(f"{count}{unit}")
            left %= size
        return "".join(parts) or "0s"


@dataclass(frozen=True, slots=True)
class Spread(Written):
    """A time drawn evenly from ``base - by`` to ``base + by``."""

    example: ClassVar[str] = "5s or 4s±3s"
    what: ClassVar[str] = "a time"
    base: Duration
    by: Duration = Duration(0)

    @classmethod
    def read(cls, text: str) -> Self:
        base, sign, by = (part.strip() for part in text.partition("±"))
        found = cls(Duration.read(base), Duration.read(by) if sign else Duration(0))
        if found.by > found.base:
            raise wrong(f"{text!r} could be less than nothing")
        return found

    def __str__(self) -> str:
        return f"{self.base}±{self.by}" if self.by.ms else str(self.base)


@dataclass(frozen=True, slots=True, order=True)
class Offset(Written):
    """A time before or after another moment: ``-20ms``, ``+40ms``."""

    example: ClassVar[str] = "-20ms or +40ms"
    what: ClassVar[str] = "a time before or after"
    ms: int

    @classmethod
    def read(cls, text: str) -> Self:
        sign = -1 if text.startswith("-") else 1
        return cls(sign * Duration.read(text[1:] if text[:1] in {"-", "+"} else text).ms)

    def __str__(self) -> str:
        return f"{'-' if self.ms < 0 else '+'}{Duration(abs(self.ms))}"


@dataclass(frozen=True, slots=True, order=True)
class Share(Written):
    """A part of a whole, ``40%``, in thousandths."""

    example: ClassVar[str] = "40%"
    what: ClassVar[str] = "a share"
    permille: int

    @classmethod
    def read(cls, text: str) -> Self:
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9])?%", text):
            raise cls.refuse(text)
        permille = round(float(text[:-1]) * 10)
        if permille > 1000:
            raise wrong(f"a share is at most 100%, not {text!r}")
        return cls(permille)

    def __str__(self) -> str:
        return f"{self.permille / 10:g}%"


@dataclass(frozen=True, slots=True)
class Rate(Written):
    """So many in a time: ``5/s``, ``1/2s``; a time alone, ``5ms``, is one in that time."""

    example: ClassVar[str] = "5/s or 1/2s"
    what: ClassVar[str] = "a rate"
    count: int
    per: Duration

    @classmethod
    def read(cls, text: str) -> Self:
        count, slash, per = (part.strip() for part in text.partition("/"))
        if not slash:
            count, per = "1", text
        if not re.fullmatch(r"[1-9][0-9]{0,5}", count):
            raise cls.refuse(text)
        found = cls(int(count), Duration.read(f"1{per}" if per in _UNITS else per))
        if not found.per.ms:
            raise wrong(f"a rate needs a time longer than nothing: {text!r}")
        return found

    def __str__(self) -> str:
        return f"{self.count}/{self.per}"


Unit = Literal["", "time", "share"]
_LIMIT = re.compile(r"(<=|>=|==|<|>)\s*([^\s]+?)(?:\s+per\s+(viewer))?")


@dataclass(frozen=True, slots=True)
class Limit(Written):
    """What a measure must keep to. ``value`` is a plain number, ms for a time, a fraction for a share, by ``unit``."""

    example: ClassVar[str] = "< 45 per viewer, >= 0.9 or < 250ms"
    what: ClassVar[str] = "a threshold"
    compare: str
    value: float
    unit: Unit = ""
    per: str | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        found = _LIMIT.fullmatch(text)
        if not found:
            raise cls.refuse(text)
        compare, number, per = found.groups()
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", number):
            return cls(compare, float(number), "", per)
        if number.endswith("%"):
            return cls(compare, Share.read(number).permille / 1000, "share", per)
        return cls(compare, float(Duration.read(number).ms), "time", per)

    def __str__(self) -> str:
        value = {
            "": f"{self.value:.6f}".rstrip("0").rstrip("."),
            "time": str(Duration(round(self.value))),
            "share": str(Share(round(self.value * 1000))),
        }[self.unit]
        return f"{self.compare} {value}{f' per {self.per}' if self.per else ''}"
