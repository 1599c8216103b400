"""Plays a page: every block of code in order, against a real server, each shown output compared with the real one."""

from __future__ import annotations

import ast
import inspect
import io
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack, redirect_stdout
from pathlib import Path
from types import CodeType
from typing import Any

from tests.docs.likeness import Names
from tests.docs.pages import ROOT, Block, blocks
from tests.docs.people import People
from tests.docs.shell import Shell, Terminal, as_run, as_shown

RUN = frozenset({"sh", "frames", "python", "console"})
SHOWN = frozenset({"json", "text"})
"""A block of these right behind one of ``sh`` or ``python`` is its output."""
_ASIDE = "not run: "


class Play:
    """One page's run, with everything that its blocks share."""

    def __init__(self, url: str, known: dict[str, str]) -> None:
        self.url = url
        self.names = Names(known)
        self.wrong: list[str] = []
        self._shell = Shell(url)
        self._stack = AsyncExitStack()
        self._people = People(self.names, self._stack, url)
        self._terminals: dict[str, Terminal] = {}
        self._python: dict[str, Any] = {}

    async def __aenter__(self) -> Play:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for terminal in self._terminals.values():
            await terminal.close()
        await self._shell.close()
        await self._stack.aclose()

    async def page(self, page: Path) -> None:
        """Plays every block; what is not as it is shown is added to ``wrong``, and the page goes on."""
        await self.text(page, page.read_text())

    async def text(self, page: Path, text: str) -> None:
        """The same with the text of a page in hand."""
        wanted = set(re.findall(r"<([a-z][a-z_]*)>", text)) | {"id", "socket_url"}
        self._name = page.relative_to(ROOT)
        for block, output in _with_output(text):
            for said in await self._block(block, output, wanted):
                self.wrong.append(f"\n  {self._name}:{block.line}\n      {said}")

    async def settle(self) -> None:
        """Everybody has everything by now, and none of it is to be shown again."""
        await self._people.settle()

    async def _block(self, block: Block, output: str | None, wanted: set[str]) -> list[str]:
        if block.language == "frames":
            return await self._people.play(block.text)
        if block.language == "console":
            name = block.mark.removeprefix("terminal: ")
            terminal = self._terminals.setdefault(name, Terminal(self.url))
            wrong = await terminal.play(block.text, self.names)
            if terminal.url != self.url:
                self.url, self._shell = terminal.url, Shell(terminal.url)
            return wrong
        if block.language == "python":
            return self._compare(output, await self._run_python(block))
        code, said = await self._shell.run(self.names.fill(block.text), self._variables())
        self.names.known |= await self._shell.variables(wanted)
        if output is None and code:
            return [f"exit code {code}: {said}"]
        return self._compare(output, said)

    def _variables(self) -> dict[str, str]:
        return {name: value for name, value in self.names.known.items() if name.islower()}

    def _compare(self, shown: str | None, actual: str) -> list[str]:
        if shown is None or self.names.like(shown, actual):
            return []
        return [f"{' '.join(shown.split())}\n      but: {self.names.told(actual)}"]

    async def _run_python(self, block: Block) -> str:
        written = io.StringIO()
        source = as_run(self.names.fill(block.text), self.url)
        where = f"{self._name}:{block.line}"
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code: CodeType = compile(source, where, "exec", flags=flags, dont_inherit=True)
        self._python |= {name: value for name, value in self.names.known.items() if name not in self._python}
        with redirect_stdout(written):
            done = eval(code, self._python)
            if inspect.iscoroutine(done):
                await done
        return as_shown(written.getvalue(), self.url)


def _with_output(text: str) -> Iterator[tuple[Block, str | None]]:
    """What is run, each with the output that follows it. Raises where a block is neither run nor said not to be."""
    before: Block | None = None
    for block in blocks(text):
        if block.mark.startswith(_ASIDE):
            continue
        if block.language in SHOWN and before is not None and before.language in {"sh", "python"}:
            yield before, block.text
            before = None
            continue
        if before is not None:
            yield before, None
        assert block.language in RUN, f"line {block.line}: nobody runs a block of {block.language!r}"
        before = block
    if before is not None:
        yield before, None
