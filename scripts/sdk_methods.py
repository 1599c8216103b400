"""Writes the SDK's generated modules: a method for every control, an exception for every refusal, all words.

``python -m scripts.sdk_methods`` writes them anew, ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import EnumType
from inspect import cleandoc
from pathlib import Path
from textwrap import indent
from typing import Any

from meetingsim.state import settings
from meetingsim.state.codes import REFUSALS
from meetingsim.state.control import Command, Control
from meetingsim.state.controls import EVENTS, TABLE
from scripts import sync_face
from scripts.written import write

ROOT = Path(__file__).parent.parent
CLIENTS = ROOT / "meetingsim" / "clients"
UNANSWERED = frozenset({"media"})
"""Commands that the server answers only where it refuses them."""

_HEADER = '''"""{purpose}

Generated out of {source} by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

'''
_SOCKET = '''
class SocketCommands(ABC):
    """Every command of the socket, as a method. What is None is not sent; a refusal raises a RefusedError.

    The types are what the server takes. Nothing is checked before it is sent, so that a test may send anything.
    """

    __slots__ = ()

    @abstractmethod
    async def _ask(self, command: str, fields: dict[str, Any]) -> Reply:
        """Sends a command and waits for its reply."""

    @abstractmethod
    async def _tell(self, command: str, fields: dict[str, Any]) -> str:
        """Sends a command that is answered only where it is refused; gives its ``ref``."""

'''
_HTTP = '''
class HttpControls(ABC):
    """Every control that works over HTTP, as a method: by the holder of the host token, or by the admin.

    What is None is not sent; a refusal raises a RefusedError.
    """

    __slots__ = ()

    @abstractmethod
    async def control(self, name: str, /, **fields: Any) -> Done:
        """Uses the control of this name."""

'''


def socket_module() -> str:
    """The text of ``clients/socket_commands.py``."""
    return _methods("Every command of the socket", "Reply", _SOCKET, [c for c in TABLE if c.socket], http=False)


def http_module() -> str:
    """The text of ``clients/http_controls.py``."""
    return _methods("Every control over HTTP", "Done", _HTTP, [c for c in TABLE if c.http], http=True)


def _methods(purpose: str, answer: str, opening: str, controls: list[Control], *, http: bool) -> str:
    names: dict[str, set[str]] = {}
    methods = "".join(_method(control, names, http=http) for control in controls)
    imports = [
        "from abc import ABC, abstractmethod",
        "from collections.abc import Mapping, Sequence",
        "from typing import Any, Literal",
        f"from meetingsim.clients.frames import {answer}",
        *(f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())),
    ]
    header = _HEADER.format(purpose=f"{purpose}, as a typed method.", source="the control table")
    return _formatted(header + "\n".join(imports) + "\n\n" + opening + methods)


def aliases_module() -> str:
    """The text of ``clients/choices.py``: an enum's values may be said as words, too."""
    enums = [value for value in vars(settings).values() if _is_enum_of(value, settings.__name__)]
    header = _HEADER.format(purpose="What may be said for an enum: a member or its word.", source="the settings")
    imports = f"from typing import Literal, TypeAlias\nfrom {settings.__name__} import {', '.join(e.__name__ for e in enums)}\n"
    lines = []
    for enum in enums:
        words = ", ".join(f'"{member.value}"' for member in enum)
        lines.append(f"{_any(enum.__name__)}: TypeAlias = {enum.__name__} | Literal[{words}]\n")
    return _formatted(header + imports + "\n" + "".join(lines))


def _is_enum_of(value: object, module: str) -> bool:
    return isinstance(value, EnumType) and value.__module__ == module


def _any(name: str) -> str:
    return f"Any{name}"


def refusals_module() -> str:
    """The text of ``clients/refusals.py``."""
    header = _HEADER.format(purpose="One exception for each refusal code.", source="the table of refusal codes")
    imports = (
        "from collections.abc import Mapping\nfrom typing import Any, Final\n\n"
        "from meetingsim.clients.errors import RefusedError\nfrom meetingsim.state.codes import REFUSALS\n\n\n"
    )
    classes = "".join(
        f'class {_error_name(code.name)}(RefusedError):\n    """{code.meaning}"""\n\n\n' for code in REFUSALS.values()
    )
    rows = "".join(f'    "{code}": {_error_name(code)},\n' for code in REFUSALS)
    table = f"BY_CODE: Final[dict[str, type[RefusedError]]] = {{\n{rows}}}\n\n\n"
    return _formatted(header + imports + classes + table + _REFUSAL_OF)


def words_module() -> str:
    """The text of ``clients/words.py``."""
    classes = [control.command for control in TABLE if control.socket or control.http]
    events = [row.event for row in EVENTS.values()]
    header = _HEADER.format(purpose="Every typed command and event, under one roof.", source="the control table")
    imports = "".join(f"from {one.__module__} import {one.__name__}\n" for one in (*classes, *events))
    names = "".join(f'    "{one.__name__}",\n' for one in sorted((*classes, *events), key=lambda one: one.__name__))
    return _formatted(f"{header}{imports}\n__all__ = [\n{names}]\n")


_REFUSAL_OF = '''def refusal_of(error: Mapping[str, Any], *, status: int = 0) -> RefusedError:
    """The exception for an error as the wire carries it; a code that this SDK does not know gives the base class."""
    code = str(error.get("code") or "unknown")
    known = REFUSALS.get(code)
    return BY_CODE.get(code, RefusedError)(
        code,
        str(error.get("detail") or error.get("title") or ""),
        status=status or error.get("status") or (known.status if known else 0),
        temporary=error.get("temporary", known.temporary if known else False),
        because={name: value for name, value in error.items() if name not in _NOT_WHY},
    )


_NOT_WHY: Final = frozenset({"type", "title", "status", "code", "detail", "temporary"})
'''


def _error_name(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_")) + "Error"


def _method(control: Control, names: dict[str, set[str]], *, http: bool) -> str:
    name = control.name
    parameters = _parameters(control.command, names)
    sent = ", ".join(f"{f.name}={f.name}" if http else f'"{f.name}": {f.name}' for f in fields(control.command))  # type: ignore[arg-type]  # every command is a dataclass
    if http:
        answer, body = "Done", f'self.control("{name}"{", " if sent else ""}{sent})'
    elif name in UNANSWERED:
        answer, body = "str", f'self._tell("{name}", {{{sent}}})'
    else:
        answer, body = "Reply", f'self._ask("{name}", {{{sent}}})'
    return f"    async def {name}({parameters}) -> {answer}:\n{_docstring(control)}        return await {body}\n\n"


def _docstring(control: Control) -> str:
    lines = cleandoc(control.command.__doc__ or control.summary)
    return indent(f'"""{lines}\n\nWho may: {control.who}.\n"""\n', " " * 8)


def _parameters(command: type[Command], names: dict[str, set[str]]) -> str:
    required, optional = ["self"], []
    for field in fields(command):  # type: ignore[arg-type]  # every command is a dataclass
        said = f"{field.name}: {_annotation(command, str(field.type), names)}"
        if field.default is MISSING and field.default_factory is MISSING:
            required.append(said)
        else:
            optional.append(f"{said} = {_default(field)}")
    return ", ".join([*required, *(["*", *optional] if optional else [])])


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        raise SystemExit(f"{field.name}: a default made by a factory has no text; give it one here")
    return repr(getattr(field.default, "value", field.default))


def _annotation(command: type[Command], source: str, names: dict[str, set[str]]) -> str:
    """A field's type as a caller may fill it: words for enums, any sequence for tuples, a mapping for a dataclass."""

    def one(match: re.Match[str]) -> str:
        word = match.group()
        value = getattr(sys.modules[command.__module__], word, None)
        if value is None or word == "Literal":
            return word
        if isinstance(value, EnumType):
            names.setdefault("meetingsim.clients.choices", set()).add(_any(word))
            return _any(word)
        home = settings.__name__ if hasattr(settings, word) else command.__module__
        names.setdefault(home, set()).add(word)
        return f"{word} | Mapping[str, Any]" if is_dataclass(value) else word

    source = re.sub(r"tuple\[(\w+), \.\.\.\]", r"Sequence[\1]", source)
    return re.sub(r"(?<!['\w])[A-Z]\w+(?!['\w])", one, source)


def _formatted(text: str) -> str:
    """The text as ruff writes it, imports sorted."""
    for step in (["check", "--select", "I,F401", "--fix-only", "--quiet"], ["format"]):
        command = [sys.executable, "-m", "ruff", *step, "--stdin-filename", str(CLIENTS / "generated.py"), "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


MODULES = {
    "choices.py": aliases_module,
    "socket_commands.py": socket_module,
    "http_controls.py": http_module,
    "refusals.py": refusals_module,
    "words.py": words_module,
    "sync/socket_commands.py": lambda: _formatted(sync_face.commands_module(socket_module())),
    "sync/http_controls.py": lambda: _formatted(sync_face.commands_module(http_module())),
    "sync/connection.py": lambda: _formatted(sync_face.connection_module()),
    "sync/server.py": lambda: _formatted(sync_face.server_module()),
    "sync/meetings.py": lambda: _formatted(sync_face.meetings_module()),
    "sync/accounts.py": lambda: _formatted(sync_face.accounts_module()),
}


def main() -> int:
    """Writes what changed."""
    return write("Writes the SDK's generated modules.", {CLIENTS / name: make for name, make in MODULES.items()})


if __name__ == "__main__":
    raise SystemExit(main())
