"""Makes frames fit to be shown: no secret, no terminal escape, no endless line."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

SECRETS: Final = frozenset(
    {"session", "host_token", "passcode", "ticket", "token", "user_token", "admin_token", "authorization"}
)
"""Keys whose text is never shown."""
HIDDEN: Final = "<redacted>"

_TAKEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset({"\u200c", "\u200d"})
"""They shape Persian and Indic words and hold emoji together, and no terminal obeys them."""


def redacted(value: Any) -> Any:
    """The value with every secret's text replaced, however deep it stands; the value itself is left as it is."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(key, item) else redacted(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [redacted(item) for item in value]
    return value


def _is_secret(key: object, value: Any) -> bool:
    return key in SECRETS and isinstance(value, str) and value != ""


def harmless(text: str) -> str:
    """The text with everything in it that a terminal could obey written out as ``\\x1b`` or ``\\u202e``.

    That is control, format, surrogate, private and unassigned characters and line separators, in C0 and C1 alike.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_written(char) for char in text)


def _written(char: str) -> str:
    if char in _JOINERS or unicodedata.category(char) not in _TAKEN:
        return char
    point = ord(char)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def line_of(frame: Mapping[str, Any], *, limit: int = 300) -> str:
    """A frame as one harmless line without secrets, cut after ``limit`` characters."""
    rest = {key: value for key, value in frame.items() if key not in {"type", "seq"}}
    text = json.dumps(redacted(rest), ensure_ascii=False, separators=(", ", ": "), default=str)
    seq = f" #{frame['seq']}" if frame.get("seq") is not None else ""
    line = harmless(f"{frame.get('type', '?')}{seq} {text}")
    return line if len(line) <= limit else f"{line[:limit]}… ({len(line) - limit} more)"
