"""The clients in Python, for machines without a C compiler; takes and answers what ``receiver.c`` does."""

import json
import resource
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ABREAST = 64
"""Handshakes that are under way at once."""


class Counter:
    """Counts the text frames in one socket's bytes; a frame may come in pieces."""

    __slots__ = ("head", "skip", "text")

    def __init__(self) -> None:
        self.head = b""
        self.skip = 0
        self.text = False

    def feed(self, data: bytes) -> int:
        """The text frames whose last byte is in ``data``."""
        if self.head:
            data, self.head = self.head + data, b""
        at, size, done = self.skip, len(data), 0
        if at > size:
            self.skip -= size
            return 0
        if at:
            self.skip = 0
            done += self.text
        while at < size:
            start, length = at, data[at + 1] if size - at > 1 else 0
            at += 2
            if length > 125:
                width = 2 if length == 126 else 8
                length = int.from_bytes(data[at : at + width], "big")
                at += width
            if at > size:
                self.head = data[start:]
                break
            at += length
            text = data[start] == 0x81
            if at > size:
                self.skip, self.text = at - size, text
                break
            done += text
        return done


def blobs(path: str) -> Iterator[bytes]:
    data = Path(path).read_bytes()
    while data:
        size = 4 + int.from_bytes(data[:4], "big")
        yield data[4:size]
        data = data[size:]


class Receiver:
    def __init__(self) -> None:
        self.poll = select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        self.counters: dict[int, Counter] = {}

    def open(self, port: str, sockets: str, request: str, hellos: str) -> dict[str, Any]:
        said, asked, left = blobs(hellos), Path(request).read_bytes(), int(sockets)
        started = time.perf_counter()
        while left:
            batch = [self._dial(int(port), asked) for _ in range(min(ABREAST, left))]
            left -= len(batch)
            for sock in batch:
                counter = self.counters[sock.fileno()] = Counter()
                counter.feed(self._upgraded(sock))
                sock.sendall(next(said, b""))
                sock.setblocking(False)
                self.sockets[sock.fileno()] = sock
                self.poll.register(sock, select.EPOLLIN)
        return {"seconds": time.perf_counter() - started}

    @staticmethod
    def _dial(port: int, request: bytes) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(request)
        return sock

    @staticmethod
    def _upgraded(sock: socket.socket) -> bytes:
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = sock.recv(65536)
            if not data:
                raise ConnectionError(answer)
            answer += data
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head)
        return rest

    def settle(self, milliseconds: str) -> dict[str, Any]:
        frames = 0
        while events := self.poll.poll(int(milliseconds) / 1e3):
            frames += self._read(events)
        return {"frames": frames}

    def fire(self, expect: str, milliseconds: str, messages: str) -> dict[str, Any]:
        first, said = next(iter(self.sockets.values())), Path(messages).read_bytes()
        frames, wanted, patience = 0, int(expect), int(milliseconds) / 1e3
        started = time.perf_counter()
        first.sendall(said)
        while frames < wanted:
            events = self.poll.poll(patience)
            if not events:
                raise TimeoutError(f"{frames} of {wanted} frames came")
            frames += self._read(events)
        return {"seconds": time.perf_counter() - started, "frames": frames}

    def _read(self, events: list[tuple[int, int]]) -> int:
        frames, sockets, counters = 0, self.sockets, self.counters
        for fd, _ in events:
            data = sockets[fd].recv(262144)
            if not data:
                raise ConnectionError("the server closed a connection")
            frames += counters[fd].feed(data)
        return frames


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    receiver = Receiver()
    orders: dict[str, Callable[..., dict[str, Any]]] = {
        "open": receiver.open,
        "settle": receiver.settle,
        "fire": receiver.fire,
    }
    for line in sys.stdin:
        order, *words = line.split()
        sys.stdout.write(json.dumps(orders[order](*words)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
