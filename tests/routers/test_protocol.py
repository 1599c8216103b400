"""MeetingProtocol under real servers, on asyncio and on uvloop, against raw sockets and a real client."""

import ast
import asyncio
import inspect
import socket
import struct
from typing import Any

import pytest
import uvicorn
from starlette.websockets import WebSocket, WebSocketState
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.asyncio.client import connect
from websockets.frames import Opcode

from meetingsim.live.outbox import DirectSink, Frame, FrameRefused, Outbox, QueuedSink, text_frame
from meetingsim.routers import protocol
from meetingsim.routers.protocol import MeetingProtocol, sink_of
from tests.routers.dial import HANG, UPGRADE, Door, Raw, dialling, everything, fill, leave, serving

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": request.param}


# The way for frames.


async def test_frames_sends_and_pings_interleave_whole_and_in_order() -> None:
    async with serving(ws_ping_interval=0.01) as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        sizes = [0, 1, 125, 126, 4000, 65535, 65536, 70000]
        bodies = [str(n).encode() + b"x" * sizes[n % len(sizes)] for n in range(10 * len(sizes))]

        async def write() -> None:
            for n, body in enumerate(bodies):
                if n % 2:
                    await caller.send({"type": "websocket.send", "text": body.decode()})
                else:
                    caller.writer.write_frame(text_frame(body))
                if n % len(sizes) == 0:
                    await asyncio.sleep(0.01)

        writing = asyncio.create_task(write())
        got, pings_among = [], 0
        while len(got) < len(bodies):
            opcode, payload = await raw.next()
            if opcode == Opcode.PING:
                pings_among += 1
                await raw.frame(Opcode.PONG, payload)
            else:
                got.append((opcode, payload))
        await writing
        assert got == [(Opcode.TEXT, body) for body in bodies]
        assert pings_among > 0


async def test_a_real_client_reads_what_the_outbox_takes() -> None:
    async with serving() as served, connect(f"ws://127.0.0.1:{served.port}") as client:
        outbox = (await served.door.callers.get()).outbox()
        told = [f"{n} grüße {'x' * (n * 20)}" for n in range(200)]
        for text in told[:100]:
            outbox.put(Frame.of(text.encode()))
        outbox.put(*[Frame.of(text.encode()) for text in told[100:]])
        await outbox.close(4502, "meeting ended")
        assert [text async for text in everything(client)] == told
        assert (client.close_code, client.close_reason) == (4502, "meeting ended")


@pytest.mark.parametrize(("ws", "sink"), [(MeetingProtocol, DirectSink), ("websockets-sansio", QueuedSink)])
async def test_a_socket_gets_the_sink_that_its_server_allows(ws: Any, sink: type) -> None:
    async with serving(ws=ws) as served, connect(f"ws://127.0.0.1:{served.port}") as client:
        caller = await served.door.callers.get()
        websocket = WebSocket(caller.scope, caller.receive, caller.send)
        websocket.client_state = websocket.application_state = WebSocketState.CONNECTED
        found = sink_of(websocket)
        assert isinstance(found, sink)
        outbox = Outbox(found)
        outbox.put(Frame.of(b"told"))
        await outbox.close(4502, "meeting ended")
        assert [text async for text in everything(client)] == ["told"]
        assert (client.close_code, client.close_reason) == (4502, "meeting ended")


async def test_refuses_before_the_handshake_is_done() -> None:
    async with serving() as served, dialling(served.port) as (raw, answer):
        caller = await served.door.callers.get()
        assert answer.startswith(b"HTTP/1.1 101")
        assert len(caller.before_accept) == 1
        caller.writer.write_frame(text_frame(b"now"))
        assert await raw.next() == (Opcode.TEXT, b"now")


@pytest.mark.parametrize("how", ["app closes", "peer closes", "peer vanishes", "server stops", "app aborts"])
async def test_refuses_once_the_end_has_begun(how: str) -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        match how:
            case "app closes":
                await caller.close(4502, "meeting ended")
            case "peer closes":
                await raw.frame(Opcode.CLOSE, (1000).to_bytes(2, "big"))
                await caller.gone
            case "peer vanishes":
                raw.sock.close()
                await caller.gone
            case "server stops":
                await served.stop()
            case "app aborts":
                caller.writer.abort()
        with pytest.raises(FrameRefused):
            caller.writer.write_frame(text_frame(b"late"))
        outbox = caller.outbox()
        outbox.put(Frame.of(b"late"))
        assert outbox.closed
        await outbox.close(1000)
        raw.sock.close()


OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


async def test_deflate_offered_is_not_negotiated() -> None:
    async with serving() as served, dialling(served.port, OFFER) as (raw, answer):
        assert b"permessage-deflate" not in answer
        caller = await served.door.callers.get()
        caller.writer.write_frame(text_frame(b"plain"))
        assert await raw.next() == (Opcode.TEXT, b"plain")


async def test_there_is_no_writer_where_deflate_was_negotiated() -> None:
    async with serving(ws_per_message_deflate=True) as served, dialling(served.port, OFFER) as (_, answer):
        assert b"permessage-deflate" in answer
        assert (await served.door.callers.get()).writer is None


async def test_there_is_a_writer_where_deflate_was_on_but_not_offered() -> None:
    async with serving(ws_per_message_deflate=True) as served, dialling(served.port):
        assert (await served.door.callers.get()).writer is not None


# The handshake.


async def test_a_header_that_websockets_refuses_is_answered() -> None:
    async with serving() as served, dialling(served.port, f"X-Long: {'x' * 9000}\r\n") as (raw, answer):
        assert answer.startswith(b"HTTP/1.1 431")
        with pytest.raises(EOFError):
            await raw.take(1 << 20)
        assert served.door.callers.empty()


@pytest.mark.parametrize(
    "bytes_sent", [struct.pack("!BBQ4x", 0x81, 0xFF, 10_000_000), b"\xff\x80\0\0\0\0"], ids=["oversize", "no frame"]
)
async def test_a_fault_before_the_answer_ends_the_connection(bytes_sent: bytes) -> None:
    faults: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
    async with serving() as served:
        served.door.may_accept.clear()
        with socket.socket() as sock:
            sock.setblocking(False)
            raw = Raw(sock)
            await raw.loop.sock_connect(sock, ("127.0.0.1", served.port))
            await raw.push(UPGRADE + b"\r\n")
            while not served.protocols:
                await asyncio.sleep(0.001)
            await raw.push(bytes_sent)
            with pytest.raises((EOFError, OSError)):
                await raw.take(1)
        served.door.may_accept.set()
    assert faults == []


# The end of a connection.


async def test_after_close_the_answer_of_the_peer_is_waited_for() -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        (server_side,) = served.protocols
        server_side.close_timeout = HANG * 10
        outbox = caller.outbox()
        outbox.put(Frame.of(b"last"))
        outbox.close_soon(4502, "meeting ended")
        outbox.close_soon(4500, "removed")
        assert await caller.gone == 4502
        assert [await raw.next(), await raw.close_code()] == [(Opcode.TEXT, b"last"), 4502]
        await asyncio.sleep(0.01)
        assert served.protocols == [server_side]
        await raw.frame(Opcode.CLOSE, (4502).to_bytes(2, "big"))
        await leave(served)


async def test_after_close_a_peer_that_never_answers_is_let_go() -> None:
    async with serving() as served, dialling(served.port):
        caller = await served.door.callers.get()
        served.protocols[0].close_timeout = 0.01
        served.door.may_read.clear()
        caller.outbox().close_soon(4502, "meeting ended")
        await leave(served)


async def test_after_close_what_the_app_has_not_read_does_not_hide_the_answer() -> None:
    async with serving() as served:
        served.door.may_read.clear()
        async with dialling(served.port) as (raw, _):
            caller = await served.door.callers.get()
            (server_side,) = served.protocols
            server_side.close_timeout = HANG * 10
            await raw.frame(Opcode.TEXT, b"not read")
            while not server_side.read_paused:
                await asyncio.sleep(0.001)
            caller.outbox().close_soon(4502, "meeting ended")
            await raw.frame(Opcode.TEXT, b"too late")
            await asyncio.sleep(0.01)
            await raw.frame(Opcode.CLOSE, (4502).to_bytes(2, "big"))
            await leave(served)
        served.door.may_read.set()
        while not caller.gone.done():
            await asyncio.sleep(0.001)
        assert caller.inbox.qsize() == 1


# The end of the server.


async def test_a_stopping_server_says_so() -> None:
    async with serving() as served, connect(f"ws://127.0.0.1:{served.port}") as client:
        caller = await served.door.callers.get()
        outbox = caller.outbox()
        outbox.put(Frame.of(b"last"))
        await served.stop()
        assert [text async for text in everything(client)] == ["last"]
        assert client.close_code == 4000
        assert caller.gone.done()


@pytest.mark.parametrize("closing", [False, True], ids=["open", "closing"])
async def test_a_stopping_server_does_not_wait_for_a_reader(closing: bool) -> None:
    async with serving() as served, dialling(served.port) as (raw, _):
        caller = await served.door.callers.get()
        caller.outbox()
        await fill(caller)
        if closing:
            await raw.frame(Opcode.CLOSE, (1000).to_bytes(2, "big"))
            await caller.gone
        await served.stop()
        assert served.protocols == []


# What this leans on.


def names_used(of: str) -> set[str]:
    """The attributes of ``self.conn``, of ``self.transport``, or of ``self`` that MeetingProtocol uses."""
    tree = ast.parse(inspect.getsource(protocol))
    body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "MeetingProtocol")
    return {
        node.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {of, of.replace("self", "super()")}
    }


def test_uvicorn_still_has_what_the_subclass_leans_on() -> None:
    config = uvicorn.Config(Door.__call__, lifespan="off", log_config=None)
    config.load()
    loop = asyncio.new_event_loop()
    try:
        stock = WebSocketsSansIOProtocol(config, ServerState(), {}, loop)
    finally:
        loop.close()
    # ``response`` and ``scope`` come with the handshake, which the tests above go through.
    own = {"writer", "refused_at", "refuse", "linger", "close", "begin_end", "cut_off_later", "response", "scope"}
    leaned_on = {
        "uvicorn's protocol": (stock, names_used("self") - own),
        "its connection": (stock.conn, names_used("self.conn")),
        "a transport": (asyncio.Transport(), names_used("self.transport")),
    }
    assert all(names for _, names in leaned_on.values())
    gone = [
        f"{what} has no {name}" for what, (it, names) in leaned_on.items() for name in names if not hasattr(it, name)
    ]
    overridden = {name for name, member in vars(MeetingProtocol).items() if inspect.isfunction(member)}
    gone += [
        f"uvicorn's protocol never calls {name}"
        for name in overridden - own
        if not hasattr(WebSocketsSansIOProtocol, name)
    ]
    assert gone == [], (
        f"uvicorn {uvicorn.__version__} is not the one that meetingsim.routers.protocol was written for: "
        "go through the class with its source at hand, then run these tests"
    )
