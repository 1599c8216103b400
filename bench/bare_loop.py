"""The bare loop in Python, for machines without a C compiler; says and does what ``bare.c`` does."""

import select
import socket
import sys
from pathlib import Path

from bench.ready import say_ready

ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n"
)


def send_all(sock: socket.socket, data: bytes) -> None:
    while data:
        try:
            data = data[sock.send(data) :]
        except BlockingIOError:
            select.select([], [sock], [])


def order(data: bytes) -> int:
    """The number in a short masked text message; 0 where it is something else."""
    length = data[1] & 127
    if data[0] != 0x81 or length > 125 or len(data) < 6 + length:
        return 0
    return int(bytes(byte ^ data[2 + i % 4] for i, byte in enumerate(data[6 : 6 + length])))


def main(frame: bytes) -> None:
    door = socket.create_server(("127.0.0.1", 0), backlog=4096)
    say_ready(door.getsockname()[1])
    poll = select.epoll()
    poll.register(door, select.EPOLLIN)
    strangers: dict[int, socket.socket] = {}
    everybody: dict[int, socket.socket] = {}
    while True:
        for fd, _ in poll.poll():
            if fd == door.fileno():
                sock, _ = door.accept()
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                strangers[sock.fileno()] = sock
                poll.register(sock, select.EPOLLIN)
                continue
            sock = everybody.get(fd) or strangers[fd]
            data = sock.recv(65536)
            if not data:
                poll.unregister(fd)
                (everybody if fd in everybody else strangers).pop(fd).close()
            elif fd in strangers:
                everybody[fd] = strangers.pop(fd)
                send_all(sock, ANSWER)
            else:
                for _ in range(order(data)):
                    for each in everybody.values():
                        send_all(each, frame)


if __name__ == "__main__":
    main(Path(sys.argv[1]).read_bytes())
