"""``meetingsim join``: a test client for a person at a terminal, or for a script that writes lines.

the door: passcode asked for again at a terminal -- inside or waiting: lines in, events out -- the socket closes
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from meetingsim.cli import remote
from meetingsim.cli.console import BROKEN, FAILED, OK, Stop, at_terminal, harmless, out_json
from meetingsim.cli.grammar import Grammar, find
from meetingsim.cli.terminal import Lines, Screen, secret
from meetingsim.cli.wording import Names, sentence
from meetingsim.clients import Closed, Connection, ConnectionClosed, RefusedError, WaitTimeout, connect, redacted
from meetingsim.clients.inbox import AnyFrame
from meetingsim.state.controls import TABLE

GRAMMARS = {c.name: Grammar(c) for c in TABLE if c.socket and c.name not in {"join", "resume"}}
PLACES: Final = frozenset({"early", "waiting", "inside"})
_TRIES = 5
_OVER: Final = {1000: OK, 4502: OK, 4000: BROKEN, 1006: BROKEN}
"""Exit codes by close code: leaving and the meeting's end are what one came for; anything else was refused."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the command was asked for."""

    link: str
    name: str
    country: str | None
    address: str | None
    device: str | None
    passcode: str | None
    host_token: str | None
    stay: bool
    url: str | None
    token: str | None
    as_json: bool


def run(visit: Visit) -> int:
    """Joins, and returns when the socket is closed."""
    invited = remote.invited(visit.link, visit.url)
    credentials = {
        "passcode": visit.passcode if visit.passcode is not None else invited.passcode,
        "ticket": invited.ticket,
        "host_token": visit.host_token,
    }
    token = remote.token_from(visit.token)
    client = Client(visit, Screen(typing=at_terminal() and not visit.as_json))
    conn = connect(invited.socket_url, token=token, on_frame=client.show)
    try:
        return remote.run(client.visit(conn, credentials), url=invited.url, token=token)
    finally:
        client.screen.restore()


class Client:
    """One visit: shows every frame, and sends what is typed."""

    def __init__(self, visit: Visit, screen: Screen) -> None:
        self.screen = screen
        self._visit = visit
        self._names = Names()
        self._place: tuple[Any, ...] = ()
        self._refused = False

    async def visit(self, conn: Connection, credentials: Mapping[str, str | None]) -> int:
        async with conn:
            try:
                await self._enter(conn, dict(credentials))
                closed = await self._stay(conn)
            except asyncio.CancelledError:
                # Ctrl-C means to go: without this the seat would be kept for the grace.
                with suppress(TimeoutError):
                    await asyncio.wait_for(_leave(conn), 2)
                raise
        return self._end(closed)

    async def _stay(self, conn: Connection) -> Closed:
        lines = Lines(self.screen)
        lines.start()
        ending = asyncio.create_task(conn.wait_closed())
        try:
            await self._obey(conn, lines, ending)
            return await ending
        finally:
            ending.cancel()

    async def _enter(self, conn: Connection, credentials: dict[str, str | None]) -> None:
        who = self._visit
        for left in reversed(range(_TRIES)):
            try:
                await conn.join(who.name, device=who.device, country=who.country, address=who.address, **credentials)
                return
            except RefusedError as error:
                if error.code != "wrong_passcode" or not left or not self.screen.typing:
                    raise
                passcode = await secret("Passcode: ")
                if passcode is None:
                    raise
                credentials["passcode"] = passcode

    async def _obey(self, conn: Connection, lines: Lines, ending: asyncio.Task[Closed]) -> None:
        while not ending.done():
            reading = asyncio.create_task(lines.next())
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                reading.cancel()
                return
            line = reading.result()
            if line is None:
                # Nothing at all on stdin is how a background job starts: that one is here to listen.
                if self.screen.typing or (lines.any and not self._visit.stay):
                    await _leave(conn)
                return
            await self._do(conn, line)

    async def _do(self, conn: Connection, line: str) -> None:
        """One typed line. What is wrong with it is said, and the visit goes on."""
        words = _split(line)
        if not words:
            return
        try:
            if words[0] in {"help", "?"}:
                self._help()
            elif words[0] in {"who", "people"}:
                self._who(conn)
            elif words[0] == "wait":
                await self._wait(conn, words[1:])
            else:
                await self._send(conn, find(words[0], GRAMMARS, ["wait", "who", "help"]), words[1:])
        except (Stop, RefusedError, WaitTimeout) as error:
            self._refused = True
            self.screen.note(harmless(error.brief if isinstance(error, WaitTimeout) else str(error)))
        except ConnectionClosed:
            pass

    async def _send(self, conn: Connection, grammar: Grammar, words: list[str]) -> None:
        present = [*conn.view.get("participants", ()), *conn.view.get("waiting", ())]
        fields = grammar.with_ids(grammar.read(words), lambda one: self._names.id_of(one, present))
        if grammar.control.name == "media":
            await conn.media(**fields)
            return
        reply = await conn.ask(grammar.control.name, **fields)
        if "report" in reply:
            self.screen.note(harmless(f"report {reply['report']}"))

    async def _wait(self, conn: Connection, words: list[str]) -> None:
        """``wait TYPE [SECONDS]``: until an event of that type came, or until one is early, waiting or inside."""
        if not words:
            raise Stop("wait: say an event's type, or early, waiting or inside", FAILED)
        seconds = float(words[1]) if len(words) > 1 and words[1].replace(".", "", 1).isdigit() else conn.timeout
        if words[0] in PLACES:
            await conn.placed(words[0], timeout=seconds)
        else:
            await conn.wait_for(words[0].replace("-", "_"), timeout=seconds)

    def _help(self) -> None:
        usages = [grammar.usage for grammar in GRAMMARS.values()]
        for usage in ["who", "wait TYPE [SECONDS]", *usages]:
            self.screen.note(usage)

    def _who(self, conn: Connection) -> None:
        for row in [*conn.view.get("participants", ()), *conn.view.get("waiting", ())]:
            what = f"waits ({row['why']})" if "why" in row else row.get("role")
            self.screen.say(harmless(f"{row['id']}  {what}  {row['name']}"))

    # Showing.

    def show(self, frame: AnyFrame) -> None:
        """Called with every frame as it comes."""
        if self._visit.as_json:
            out_json(redacted(frame))
        elif frame.type == "view":
            self._show_view(frame["view"])
        elif frame.type not in {"reply", "media"}:
            self.screen.say(sentence(frame, self._names))
        self._names.learn(frame)

    def _show_view(self, view: Mapping[str, Any]) -> None:
        me = view["me"]
        self._names.learn({"view": view})
        place = (me["place"], me.get("position"), me["role"], me.get("room"))
        if place == self._place:
            return
        self._place = place
        where = {
            "early": "you are early: the meeting has not started",
            "waiting": f"you wait, number {me.get('position')} in the queue",
            "inside": f"you are inside, as {me['role']}",
        }.get(me["place"], me["place"])
        self.screen.say(harmless(f"{where} [{me['id']}]"))
        others = [row["name"] for row in view.get("participants", ()) if row["id"] != me["id"]]
        if others:
            self.screen.say(harmless(f"inside: {', '.join(others)}"))
        waiting = [row["name"] for row in view.get("waiting", ())]
        if waiting:
            self.screen.say(harmless(f"waiting: {', '.join(waiting)}"))

    def _end(self, closed: Closed) -> int:
        self.screen.note(f"closed: {closed.meaning} ({closed.code})")
        code = _OVER.get(closed.code, FAILED)
        return FAILED if code == OK and self._refused and not self.screen.typing else code


def _split(line: str) -> list[str]:
    """Words as a shell would have them, or by spaces where an apostrophe opens no quotation."""
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


async def _leave(conn: Connection) -> None:
    if conn.inbox.closed is None:
        try:
            await conn.leave()
        except (ConnectionClosed, RefusedError, WaitTimeout):
            await conn.close()
