"""An SMTP server that takes everything and keeps nothing, fast enough not to be what is measured.

`python sink.py DELAY_S` prints its port and, when its input ends, how many it took and its CPU seconds.
With a delay it stands behind a proxy that holds every chunk so long each way: a distant relay.
"""

import asyncio
import json
import resource
import sys

_END = b"\r\n.\r\n"
_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection."""

    taken = 0

    def __init__(self) -> None:
        self._rest = b""
        self._content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer commands, and look for the end of a content without reading it."""
        rest, out = self._rest + data, []
        while rest:
            if self._content:
                end = rest.find(_END)
                if end < 0:
                    break
                rest, self._content = rest[end + len(_END) :], False
                Sink.taken += 1
                out.append(b"250 2.0.0 taken\r\n")
                continue
            line, found, after = rest.partition(b"\r\n")
            if not found:
                break
            verb = line[:4].upper()
            self._content = verb == b"DATA"
            rest = after
            out.append(_ANSWERS.get(verb, b"250 2.1.0 ok\r\n"))
        self._rest = rest
        if out:
            self._transport.write(b"".join(out))


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(1 << 18):
        loop.call_later(delay_s, writer.write, data)
    loop.call_later(delay_s, writer.close)


async def serve(delay_s: float) -> None:
    """Listen until the input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if delay_s:
        tasks = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            back, forth = await asyncio.open_connection("127.0.0.1", port)
            for pair in ((reader, forth), (back, writer)):
                task = asyncio.create_task(_forward(*pair, delay_s))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        proxy = await asyncio.start_server(accept, "127.0.0.1", 0)
        print(proxy.sockets[0].getsockname()[1], flush=True)
    else:
        print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"taken": Sink.taken, "cpu_s": used.ru_utime + used.ru_stime}), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
