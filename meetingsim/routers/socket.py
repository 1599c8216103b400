"""The socket: the ASGI end of a visit. What goes out comes from the seat through the connection's outbox."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from meetingsim.clock import Clock
from meetingsim.live.connections import Connection
from meetingsim.live.outbox import Outbox
from meetingsim.live.recording import RecordedSink
from meetingsim.routers.protocol import sink_of
from meetingsim.routers.spaces import Spaces
from meetingsim.routers.visit import Visit
from meetingsim.routers.world import World, bearer

SUBPROTOCOL = "meetingsim.v1"
FIRST_FRAME_MS = 60_000
"""How long a connection may take until a join or resume lets it in."""
NO_JOIN = 4004


class MeetingSocket:
    """The ASGI endpoint of every meeting's socket; a raw one, because a join must be cheap.

    ``transport`` is the clock of time-outs on the line, which a clock moved by hand must not fire.
    """

    def __init__(self, spaces: Spaces, transport: Clock) -> None:
        self._spaces = spaces
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        offered = SUBPROTOCOL in (scope.get("subprotocols") or ())
        await websocket.accept(subprotocol=SUBPROTOCOL if offered else None)
        meeting, token = scope["path_params"]["meeting"], bearer(websocket.headers)
        world = self._spaces.holding(meeting, token)
        connection = _connection(world, meeting, websocket)
        visit = Visit(world, meeting, scope, connection, admin=world.is_admin(token))
        try:
            await self._serve(visit, websocket, connection)
        except WebSocketDisconnect:
            pass
        finally:
            visit.over()

    async def _serve(self, visit: Visit, websocket: WebSocket, connection: Connection) -> None:
        """Reads frames until the socket ends; the first one that lets in must come in time."""
        # What was asked is never given up: a knock cut off after it was decided would leave a ghost inside.
        timer = self._transport.call_at(self._transport.now() + FIRST_FRAME_MS, lambda: connection.close(NO_JOIN))
        try:
            while visit.seat is None:
                await visit.at_door(await _receive(websocket, connection))
        finally:
            timer.cancel()
        while True:
            await visit.inside(await _receive(websocket, connection))


def _connection(world: World, meeting: str, websocket: WebSocket) -> Connection:
    sink = sink_of(websocket)
    if not world.settings.record_frames:
        return Connection(Outbox(sink))
    recorded = RecordedSink(world.recordings.of(meeting), sink)
    connection = recorded.connection = Connection(Outbox(recorded))
    return connection


async def _receive(websocket: WebSocket, connection: Connection) -> str | bytes:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect" or connection.closed:
        raise WebSocketDisconnect(message.get("code", 1006))
    text: str | None = message.get("text")
    return text if text is not None else message["bytes"]
