"""An SMTP server that accepts everything and keeps nothing, fast enough not to be the limit.

`python -m bench.sink` prints its port and, when its input ends, the number of messages and bytes that it
received. It offers PIPELINING and CHUNKING: chunks are only counted, and other contents are only searched
for their end.
"""

import json
import select
import socket
import sys

_END = b"\r\n.\r\n"
_BUFFER_BYTES = 1 << 18
_ENVELOPE_BYTES = 4096  # behind an end stands at most one envelope: the next content waits for its 354
_OFFERS = b"250-sink\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n"
_ANSWERS = {b"EHLO": _OFFERS, b"HELO": b"250 sink\r\n", b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}
_OK, _TAKEN = b"250 2.1.0 ok\r\n", b"250 2.0.0 taken\r\n"


class Totals:
    """What all connections received together."""

    messages = 0
    size_bytes = 0


class Connection:
    """One client. All share a receive buffer, and each keeps the start of an unfinished line."""

    buffer = bytearray(_BUFFER_BYTES)
    view = memoryview(buffer)

    def __init__(self, client: socket.socket) -> None:
        client.setblocking(False)  # noqa: FBT003 # the method takes no name
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        self._rest = b""
        self._in_content = False
        self._chunk_left = 0
        client.send(b"220 sink ESMTP\r\n")

    def receive(self) -> bool:
        """Read what arrived and answer it; return False if the client is gone."""
        kept = len(self._rest)
        self.buffer[:kept] = self._rest
        try:
            count = self._client.recv_into(self.view[kept:])
            if count == 0:
                return False
            answers = self._read(kept + count)
            if answers:
                self._client.sendall(b"".join(answers))
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def _read(self, end: int) -> list[bytes]:
        buffer, at, answers = self.buffer, 0, []
        while at < end:
            if self._chunk_left:
                step = min(self._chunk_left, end - at)
                self._chunk_left -= step
                at += step
                Totals.size_bytes += step
                if self._chunk_left == 0:
                    Totals.messages += 1
                    answers.append(_TAKEN)
            elif self._in_content:
                mark = buffer.find(_END, max(at, end - _ENVELOPE_BYTES), end)
                if mark < 0:
                    Totals.size_bytes += max(0, end - at - len(_END))
                    at = max(at, end - len(_END))  # the mark may have begun
                    break
                Totals.size_bytes += mark + len(_END) - at
                at, self._in_content = mark + len(_END), False
                Totals.messages += 1
                answers.append(_TAKEN)
            else:
                stop = buffer.find(b"\n", at, end)
                if stop < 0:
                    break
                answers += self._command(bytes(buffer[at:stop]))
                at = stop + 1
        self._rest = bytes(buffer[at:end])
        return answers

    def _command(self, line: bytes) -> tuple[bytes, ...]:
        verb = line[:4].upper()
        if verb == b"BDAT":
            self._chunk_left = int(line.split()[1])
            return ()
        self._in_content = verb == b"DATA"
        return (_ANSWERS.get(verb, _OK),)


def serve(port: int) -> None:
    """Listen until the input ends."""
    poll = select.epoll()
    with socket.create_server(("", port), backlog=128) as server:
        print(server.getsockname()[1], flush=True)
        poll.register(server, select.EPOLLIN)
        poll.register(sys.stdin, select.EPOLLIN)
        clients: dict[int, tuple[socket.socket, Connection]] = {}
        while True:
            for number, _ in poll.poll():
                if number == sys.stdin.fileno():
                    return
                if number == server.fileno():
                    client, _ = server.accept()
                    clients[client.fileno()] = client, Connection(client)
                    poll.register(client, select.EPOLLIN)
                elif not clients[number][1].receive():
                    poll.unregister(number)
                    clients.pop(number)[0].close()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(json.dumps({"messages": Totals.messages, "size_bytes": Totals.size_bytes}), flush=True)
