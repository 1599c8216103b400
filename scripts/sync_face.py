"""Writes the SDK's synchronous face out of the source of its asynchronous classes: the same names, the same types.

Every public member becomes one that hands its work to the background loop. What is made is text with real signatures,
so that a type checker and an editor see what a caller sees.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent

CLIENTS = Path(__file__).parents[1] / "meetingsim" / "clients"
HANDLES = frozenset({"MeetingHandle", "AccountHandle", "SpaceHandle"})
"""Results that have a synchronous class of their own, which is put around them."""
COPIED = frozenset({"View", "Mirror"})
"""Results that the loop goes on changing: a caller in another thread gets a copy."""
Function = ast.FunctionDef | ast.AsyncFunctionDef

_HEADER = '''"""{purpose}

Generated out of ``meetingsim/clients/{source}`` by ``python -m scripts.sdk_methods``; changes by hand are lost.
"""

from __future__ import annotations

{imports}
from meetingsim.clients import {module} as aio
from meetingsim.clients.sync.portal import PORTAL
{more}

'''


def commands_module(text: str) -> str:
    """``socket_commands.py`` or ``http_controls.py`` without ``async`` and ``await``."""
    return text.replace("async def ", "def ").replace("return await ", "return ")


@dataclass(frozen=True)
class Face:
    """What a class of the synchronous face has that its source does not say.

    ``attributes`` are those that the asynchronous class sets in its ``__init__``, with their types. ``written`` are
    bodies by hand for members of the source, ``more`` is members that the source does not have.
    """

    doc: str
    attributes: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    more: str = ""


def connection_module() -> str:
    """The text of ``sync/connection.py``."""
    more = (
        "from meetingsim.clients.connection import SUBPROTOCOL, TIMEOUT\nfrom meetingsim.clients.mirror import Mirror\n"
    )
    purpose = "One person's socket, for code without an event loop."
    return _module("connection.py", purpose, ("Connection",), more, also="connect")


def server_module() -> str:
    """The text of ``sync/server.py``."""
    purpose = "The HTTP side, for code without an event loop."
    more = "from meetingsim.clients.meetings import MeetingHandle as AsyncMeetingHandle\n"
    return _module("server.py", purpose, ("Server", "SpaceHandle"), more)


def meetings_module() -> str:
    """The text of ``sync/meetings.py``."""
    more = (
        "from typing import TYPE_CHECKING, Self\n"
        "if TYPE_CHECKING:\n    from meetingsim.clients.sync.server import Server\n"
    )
    return _module("meetings.py", "A meeting over HTTP, for code without an event loop.", ("MeetingHandle",), more)


def accounts_module() -> str:
    """The text of ``sync/accounts.py``."""
    more = (
        "from typing import TYPE_CHECKING, Self\n"
        "if TYPE_CHECKING:\n    from meetingsim.clients.sync.meetings import MeetingHandle\n"
        "    from meetingsim.clients.sync.server import Server\n"
    )
    return _module("accounts.py", "An account over HTTP, for code without an event loop.", ("AccountHandle",), more)


def _module(source: str, purpose: str, names: tuple[str, ...], more: str = "", *, also: str = "") -> str:
    text = (CLIENTS / source).read_text("utf-8")
    tree = ast.parse(text)
    lines = (ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    imports = "\n".join(_import(line) for line in lines if "__future__" not in line)
    module = source.removesuffix(".py")
    header = _HEADER.format(purpose=purpose, source=source, imports=imports, module=module, more=more)
    classes = [_class(node) for node in tree.body if isinstance(node, ast.ClassDef) and node.name in names]
    functions = [
        str(ast.get_source_segment(text, node)).replace("async with", "with")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == also
    ]
    return header + "\n\n".join([*classes, *functions]) + "\n"


def _import(line: str) -> str:
    """An import of the source, of the synchronous module where there is one."""
    for module in ("accounts", "http_controls", "meetings", "socket_commands"):
        line = line.replace(f"meetingsim.clients.{module} ", f"meetingsim.clients.sync.{module} ")
    return line.replace("AsyncIterator", "Iterator")


def _class(node: ast.ClassDef) -> str:
    face = FACES[node.name]
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    parts = [f'"""{face.doc}"""', *_opening(node)]
    parts += [_attribute(name, kind) for name, kind in face.attributes.items()]
    for member in node.body:
        if isinstance(member, Function):
            parts += _member(node.name, face, member)
    parts += [face.more] if face.more else []
    return f"class {node.name}{f'({bases})' if bases else ''}:\n" + indent("\n\n".join(parts), "    ") + "\n"


def _opening(node: ast.ClassDef) -> Iterator[str]:
    init = next(one for one in node.body if isinstance(one, Function) and one.name == "__init__")
    head = f"def __init__({ast.unparse(init.args)}) -> None:\n{_doc(init)}"
    inner = f"aio.{node.name}"
    if "server" in [arg.arg for arg in init.args.args]:
        passed = _passed(init, skip=("self", "server"))
        yield f"{head}    self.server = server\n    self._inner = {inner}(server._inner, {passed})"
        around = f"def _around(cls, server: Server, inner: {inner}) -> Self:\n    made = cls.__new__(cls)\n"
        yield f"@classmethod\n{around}    made.server, made._inner = server, inner\n    return made"
        yield "def __repr__(self) -> str:\n    return repr(self._inner)"
    else:
        yield f"{head}    self._inner = {inner}({_passed(init, skip=('self',))})\n    self._held = False"


def _attribute(name: str, kind: str) -> str:
    value = f"self._inner.{name}"
    copied = f"PORTAL.copy(lambda: {value})" if kind in COPIED else value
    what = f"As it is now; {'a copy' if kind in COPIED else 'see the asynchronous class'}."
    return f'@property\ndef {name}(self) -> {kind}:\n    """{what}"""\n    return {copied}'


def _member(owner: str, face: Face, node: Function) -> Iterator[str]:
    decorators = [ast.unparse(one) for one in node.decorator_list]
    head = _head(node, decorators)
    if node.name == "__aexit__":
        yield "def __exit__(self, *exc: object) -> None:\n    self.close()"
    elif node.name == "__aenter__":
        yield "def __enter__(self) -> Self:\n    return self.open()"
    elif node.name in face.written:
        yield f"{head}{_doc(node)}{indent(face.written[node.name], '    ')}"
    elif (node.name.startswith("_") and node.name not in _NEEDED) or any(one.endswith(".setter") for one in decorators):
        return
    elif "overload" in decorators:
        yield f"{head}    ..."
    elif "classmethod" in decorators:
        yield f"{head}{_doc(node)}{indent(chr(10).join(ast.unparse(one) for one in node.body[1:]), '    ')}"
    else:
        yield f"{head}{_doc(node)}    {_body(owner, node, decorators)}"


def _head(node: Function, decorators: list[str]) -> str:
    marks = "".join(f"@{one}\n" for one in decorators)
    returns = (ast.unparse(node.returns) if node.returns else "None").replace("AsyncIterator", "Iterator")
    return f"{marks}def {node.name}({ast.unparse(node.args)}) -> {returns}:\n"


def _doc(node: Function) -> str:
    doc = (ast.get_docstring(node) or "").replace("Live: copy it to keep it.", "A copy.")
    doc = doc.replace("async with await", "with").replace("async with", "with")
    if not doc:
        return ""
    return indent(f'"""{doc}"""\n' if "\n" not in doc else f'"""{doc}\n"""\n', "    ")


def _body(owner: str, node: Function, decorators: list[str]) -> str:
    returns = ast.unparse(node.returns) if node.returns else "None"
    call = f"self._inner.{node.name}"
    passed = _passed(node, skip=("self",))
    looked = call if "property" not in decorators and not passed else f"lambda: {call}({passed})"
    if "property" in decorators:
        looked = f"lambda: {call}"
    else:
        call += f"({passed})"
    if returns.startswith("AsyncIterator"):
        return f"return PORTAL.iterate({call})"
    if isinstance(node, ast.AsyncFunctionDef):
        # A coroutine is made here and run there: what it returns may be read once it is done.
        value = f"PORTAL.run({call})" if returns not in COPIED else f"PORTAL.run_copied({call})"
    elif returns in COPIED:
        value = f"PORTAL.copy({looked})"
    elif owner == "Connection":
        value = f"PORTAL.read({looked})"
    else:
        value = call
    if returns in HANDLES:
        value = f"self.server._meeting({value})" if owner == "AccountHandle" else f"{returns}._around(self, {value})"
    return value if returns == "None" else f"return {value}"


def _passed(node: Function, *, skip: tuple[str, ...]) -> str:
    """The arguments as they are handed on."""
    args = node.args
    said = [one.arg for one in (*args.posonlyargs, *args.args) if one.arg not in skip]
    said += [f"{one.arg}={one.arg}" for one in args.kwonlyargs]
    if args.kwarg:
        said.append(f"**{args.kwarg.arg}")
    return ", ".join(said)


_NEEDED = ("_ask", "_tell")
_CLOSE = """\
if self._held:
    try:
        PORTAL.run(self._inner.close())
    finally:
        self._held = False
        PORTAL.release()
"""
_OPEN = """\
PORTAL.hold()
try:
    PORTAL.run(self._inner.open())
except BaseException:
    PORTAL.release()
    raise
self._held = True
return self
"""
FACES = {
    "Connection": Face(
        """A client of one meeting. Use it as a context manager, or ``open`` and ``close`` it.

    Leaving the context closes the socket and sends no ``leave``: for the server that is a drop, the seat is kept for the
    grace. Any number of threads may send and wait at once. What comes is read by a background thread, which also calls
    ``on_frame`` and every ``where`` and ``condition``: these may look at the frame, and wait for nothing.
    """,
        {"socket_url": "str", "mirror": "Mirror"},
        {"open": _OPEN, "close": _CLOSE},
        """\
@classmethod
def _around(cls, inner: aio.Connection) -> Self:
    made = cls.__new__(cls)
    made._inner, made._held = inner, False
    return made
""",
    ),
    "Server": Face(
        """A meetingsim server over HTTP. Use it as a context manager, or ``open`` and ``close`` it.

    No proxy and no ``.netrc`` is used: the server is this machine's or one's own.
    """,
        {"url": "str", "token": "str | None", "timeout": "float"},
        {"close": _CLOSE},
        """\
def open(self) -> Self:
    \"\"\"Makes it ready; nothing is asked of the server yet.\"\"\"
    if not self._held:
        PORTAL.hold()
        self._held = True
    return self

def _meeting(self, inner: AsyncMeetingHandle) -> MeetingHandle:
    return MeetingHandle._around(self, inner)
""",
    ),
    "SpaceHandle": Face(
        """A space of a server: meetings, accounts, reports and limits of its own, so that tests in parallel never meet.

    It is a server to whoever has it; its token is the admin's of this space alone. Deletes itself at the end of its context.
    """,
        {"space": "str"},
        {"close": _CLOSE},
        "_inner: aio.SpaceHandle\n_held = False",
    ),
    "MeetingHandle": Face(
        "A meeting over HTTP: its controls as methods, by the host token if there is one, else by the server's token.",
        {"document": "dict[str, Any]"},
    ),
    "AccountHandle": Face(
        "An account and its token, which acts as host in every meeting of the account.",
        {"account": "str", "token": "str | None"},
    ),
}
