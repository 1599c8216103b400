"""The servers under uvicorn: FastAPI as it is usually written, and the outbox over MeetingProtocol."""

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from bench.payload import EVENT, TEXT
from bench.ready import say_ready
from meetingsim.live.outbox import Frame, Outbox
from meetingsim.routers.protocol import MeetingProtocol, sink_of


def fastapi_loop(*, encode_once: bool) -> FastAPI:
    """Awaits one send after another, with the event encoded for each recipient or once."""
    app = FastAPI()
    everybody: set[WebSocket] = set()

    @app.websocket("/")
    async def socket_route(websocket: WebSocket) -> None:
        await websocket.accept()
        everybody.add(websocket)
        try:
            while True:
                for _ in range(int(await websocket.receive_text())):
                    for each in list(everybody):
                        await (each.send_text(TEXT) if encode_once else each.send_json(EVENT))
        except WebSocketDisconnect:
            everybody.discard(websocket)

    return app


class OutboxApp:
    """Puts one ready-made frame into every outbox, as many at once as the batch is large."""

    def __init__(self, *, batch: int) -> None:
        self.batch = batch
        self.everybody: set[Outbox] = set()
        self.frame = Frame.of(TEXT.encode())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        outbox = Outbox(sink_of(websocket))
        self.everybody.add(outbox)
        while (message := await receive())["type"] == "websocket.receive":
            self.deliver(int(message["text"]))
        self.everybody.discard(outbox)

    def deliver(self, times: int) -> None:
        for done in range(0, times, self.batch):
            frames = [self.frame] * min(self.batch, times - done)
            for outbox in self.everybody:
                outbox.put(*frames)


APPS: dict[str, tuple[Callable[[], Any], Any]] = {
    "send-json": (lambda: fastapi_loop(encode_once=False), "websockets-sansio"),
    "send-text": (lambda: fastapi_loop(encode_once=True), "websockets-sansio"),
    "outbox": (lambda: OutboxApp(batch=1), MeetingProtocol),
    "outbox-batch": (lambda: OutboxApp(batch=10), MeetingProtocol),
}


def main(name: str) -> None:
    make, ws = APPS[name]
    config = uvicorn.Config(
        make(),
        ws=ws,
        loop="uvloop",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="off",
        log_config=None,
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server = uvicorn.Server(config)

    async def serve() -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        say_ready(listener.getsockname()[1])
        await serving

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve())


if __name__ == "__main__":
    main(sys.argv[1])
