import asyncio
import gzip
import ssl
import zlib
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from sse_digest.errors import SourceError
from sse_digest.sources.http.client import ask, fetch
from sse_digest.sources.http.decompress import DecompressionError, Decompressor
from sse_digest.sources.http.ssrf import is_public, public_addresses
from sse_digest.sources.options import FetchOptions
from sse_digest.sources.page import Page, decode_utf8, read_file
from tests.options import fetch_options
from tests.sources.serving import response, saying, serving

OPTIONS = fetch_options(
    user_agent="sse-digest test (mailto:editor@example.org)", timeout_s=5, max_bytes=20_000
)
CERTIFICATE = Path(__file__).parents[1].joinpath("news.example.org.pem")  # made for these tests


async def read(base: str, path: str = "/", **changes: object) -> Page:
    options = fetch_options(**{**{n: getattr(OPTIONS, n) for n in FetchOptions.__slots__}, **changes})
    return await fetch(base + path, options, allow_private_hosts=True)


# ------------------------------------------------------------------ what is asked


async def test_a_page_comes_with_its_bytes_address_type_and_charset() -> None:
    async with serving(
        saying(response("né".encode("latin-1"), content_type="Text/HTML; charset=ISO-8859-1"))
    ) as base:
        page = await read(base, "/news?page=2#top")

    assert page == Page(
        data=b"n\xe9",
        place=f"{base}/news?page=2",
        url=f"{base}/news?page=2",
        content_type="text/html",
        charset="iso-8859-1",
    )


async def test_a_request_names_the_program_and_carries_no_cookie_and_no_referrer() -> None:
    seen: list[bytes] = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        if b"GET /first" in request:
            writer.write(response(b"", "302 Found", location="/second", set_cookie="a=b; Path=/"))
        else:
            writer.write(response())

    async with serving(answer) as base:
        page = await read(base, "/first")

    assert page.url == f"{base}/second"
    names = {line.split(b":")[0].lower() for line in seen[1].split(b"\r\n")[1:] if line}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}
    assert b"User-Agent: sse-digest test (mailto:editor@example.org)" in seen[1]


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with serving(saying(response())) as base:
        assert (await read(base)).data == b"<p>news</p>"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org/news",
        "http://",
        "http://[::1/",
        "http://\x00/",
        "http://user:secret@example.org/",
        "http://example.org:99999/",
        "javascript:alert(1)",
        "",
    ],
)
async def test_an_address_that_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        await fetch(url, OPTIONS)
    assert "secret" not in str(caught.value)


# ------------------------------------------------------------------ where it may go


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "169.254.169.254", "[::ffff:10.0.0.1]"],
)
async def test_an_address_inside_the_network_is_refused_however_it_is_written(host: str) -> None:
    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        pytest.fail("a connection was made")

    async with serving(answer) as base:
        with pytest.raises(SourceError, match=r"not a public address|could not be looked up"):
            await fetch(f"http://{host}:{base.rpartition(':')[2]}/", OPTIONS)


async def test_a_redirect_to_an_address_inside_the_network_is_refused() -> None:
    async def lookup(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",) if host == "news.example.org" else await public_addresses(host, port)

    inside: list[bytes] = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        inside.append(request)
        writer.write(response(b"", "301 Moved", location=f"http://127.0.0.1:{port}/secret"))

    async with serving(answer) as base:
        port = base.rpartition(":")[2]
        with pytest.raises(SourceError, match=r"127\.0\.0\.1.*not a public address"):
            await fetch(f"http://news.example.org:{port}/", OPTIONS, lookup=lookup)
    assert len(inside) == 1


async def test_the_connection_goes_to_the_checked_address_and_the_name_is_asked_once_a_hop() -> None:
    asked: list[tuple[str, int]] = []
    seen: list[bytes] = []

    async def lookup(host: str, port: int) -> tuple[str, ...]:
        asked.append((host, port))
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(response())

    async with serving(answer) as base:
        port = int(base.rpartition(":")[2])
        page = await fetch(f"http://bücher.example:{port}/", OPTIONS, lookup=lookup)

    assert asked == [("xn--bcher-kva.example", port)]
    assert f"Host: xn--bcher-kva.example:{port}".encode() in seen[0]
    assert page.data == b"<p>news</p>"


async def test_a_host_is_refused_if_one_of_its_addresses_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    known = ["93.184.216.34", "2606:2800::1", "93.184.216.34"]

    async def getaddrinfo(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (address, 80)) for address in known]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    assert await public_addresses("two.example.org", 80) == ("93.184.216.34", "2606:2800::1")

    known.append("192.168.0.7")
    with pytest.raises(SourceError, match=r"192\.168\.0\.7"):
        await public_addresses("two.example.org", 80)


async def test_the_next_address_is_tried_where_the_first_takes_no_connection() -> None:
    async def lookup(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.2", "127.0.0.1")

    async with serving(saying(response())) as base:  # listens on 127.0.0.1 only
        page = await fetch(base, OPTIONS, lookup=lookup)
    assert page.data == b"<p>news</p>"


async def test_a_certificate_is_checked_against_the_name_not_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def lookup(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    async with serving(saying(response()), tls) as base:
        port = base.rpartition(":")[2]
        page = await fetch(f"https://news.example.org:{port}/", OPTIONS, lookup=lookup)
        with pytest.raises(SourceError, match=r"(?i)hostname mismatch"):
            await fetch(f"https://other.example.org:{port}/", OPTIONS, lookup=lookup)

    assert page.url == f"https://news.example.org:{port}/"


async def test_a_host_that_takes_no_connection_and_a_name_nobody_knows_are_told() -> None:
    async with serving(saying(b"")) as base:
        pass
    with pytest.raises(SourceError, match="could not be fetched"):
        await read(base)
    with pytest.raises(SourceError, match="could not be looked up"):
        await read("http://nobody.invalid")
    with pytest.raises(SourceError, match="could not be looked up"):
        await read(f"http://{'a' * 80}.example")


PUBLIC = (
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "192.31.196.1",
)
INSIDE = (
    "0.0.0.1",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2606::1%eth0",
    "nonsense",
    "1.2.3",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
def test_what_python_knows_as_not_global_is_not_public_either(address: IPv4Address | IPv6Address) -> None:
    if (
        is_public(str(address))
        and "64:ff9b::" not in str(address)
        and not getattr(address, "ipv4_mapped", None)
    ):
        assert address.is_global


# ------------------------------------------------------------------ what is answered


async def test_redirects_are_followed_up_to_the_limit_and_not_beyond() -> None:
    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        number = int(request.split(b" ")[1][1:] or b"0")
        writer.write(response(b"", "307 Go on", location=str(number - 1)) if number else response())

    async with serving(answer) as base:
        assert (await read(base, "/5")).url == f"{base}/0"
        with pytest.raises(SourceError, match="redirected more than 5 times"):
            await read(base, "/6")


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("ftp://example.org/", "not an http"),
        ("", "without an address"),
        ("http://[::1/", "not a web address"),
        ("http://u:p@h/", "password"),
    ],
)
async def test_a_redirect_to_what_is_no_web_address_is_told(location: str, told: str) -> None:
    async with serving(saying(response(b"", "302 Found", location=location))) as base:
        with pytest.raises(SourceError, match=told):
            await read(base)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("404 Not Found", "404 Not Found. Check the address"),
        ("403 Forbidden", "refuses this program"),
        ("418 I am a teapot", "in a browser"),
        ("500 Oops", "500 Oops. Try again later"),
        ("503 Busy", "Try again later"),
        ("206 Partial Content", "206"),
        ("304 Not Modified", "304"),
    ],
)
async def test_any_answer_but_200_gives_nothing_and_says_why(status: str, told: str) -> None:
    async with serving(saying(response(b"<p>no</p>" if "304" not in status else b"", status))) as base:
        with pytest.raises(SourceError) as caught:
            await read(base)
    assert told in str(caught.value)


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
async def test_an_empty_answer_is_told(body: bytes) -> None:
    async with serving(saying(response(body))) as base:
        with pytest.raises(SourceError, match="empty page"):
            await read(base)


@pytest.mark.parametrize(
    "raw",
    [
        response(b"<p>half", content_length="4000"),
        response(b"5\r\n<p>ha", transfer_encoding="chunked").replace(b"content-length: 8\r\n", b""),
        b"HTTP/1.1 200 OK\r\ncontent-length: minus\r\n\r\nx",
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 300_000,
        b"HTTP/1.1 2",
        b"",
    ],
    ids=["short", "chunk", "length", "protocol", "header", "head", "nothing"],
)
async def test_a_broken_answer_is_told_and_gives_nothing(raw: bytes) -> None:
    async with serving(saying(raw)) as base:
        with pytest.raises(SourceError, match="could not be fetched"):
            await read(base)


async def test_an_answer_that_never_ends_in_time_is_given_up() -> None:
    async def trickle(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def silence(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    for answer in (trickle, silence):
        async with serving(answer) as base:
            with pytest.raises(SourceError, match=r"within 0\.3 s"):
                await read(base, timeout_s=0.3)


async def test_redirects_do_not_start_the_clock_anew() -> None:
    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(response(b"", "302 Found", location="/again"))

    async with serving(answer) as base:
        with pytest.raises(SourceError, match=r"within 0\.5 s"):
            await read(base, timeout_s=0.5)


# ------------------------------------------------------------------ how much is kept


async def test_the_wait_for_leave_to_follow_a_redirect_is_not_the_servers_time() -> None:
    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        is_first = b" / " in request.splitlines()[0]
        writer.write(response(b"", "302 Found", location="/new") if is_first else response())

    judged = []

    async def judge(url: str) -> None:
        judged.append(url)
        await asyncio.sleep(1.5)

    async with serving(answer) as base:
        answered = await ask(base, replace(OPTIONS, timeout_s=1), allow_private_hosts=True, judge=judge)
    assert answered.page is not None
    assert judged == [f"{base}/new"]


async def test_a_page_of_exactly_the_limit_is_read_and_one_byte_more_is_not() -> None:
    for extra in (0, 1):
        body = b"x" * (OPTIONS.max_bytes + extra)
        for raw in (response(body), response(gzip.compress(body), content_encoding="gzip")):
            async with serving(saying(raw)) as base:
                if extra:
                    with pytest.raises(SourceError, match=r"longer than 0\.02 MB"):
                        await read(base)
                else:
                    assert (await read(base)).data == body


async def test_an_endless_page_is_cut_off() -> None:
    async def endless(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    async with serving(endless) as base:
        with pytest.raises(SourceError, match="longer than"):
            await read(base)


async def test_a_small_answer_that_unpacks_to_a_giant_is_cut_off() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    async with serving(saying(response(bomb, content_encoding="gzip"))) as base:
        with pytest.raises(SourceError, match="longer than"):
            await read(base)


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)]
)
def test_what_unpacks_to_hundreds_of_times_its_length_is_no_page(
    coding: str, pack: Callable[[bytes], bytes]
) -> None:
    unpacking = Decompressor(coding, 50_000_000)
    with pytest.raises(DecompressionError, match="more than 300 times as long"):
        unpacking.add(pack(b"\0" * 5_000_000))


def skipped(data: bytes) -> bytes:
    """A zstd frame that decoders pass over."""
    return b"\x51\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


@pytest.mark.parametrize(
    ("coding", "packed", "junk"),
    [
        ("gzip", gzip.compress(b"new") + gzip.compress(b"") + gzip.compress(b"s" * 9), b""),
        ("gzip", gzip.compress(b"new") + gzip.compress(b"s" * 9), b"\x1f"),
        ("gzip", gzip.compress(b"new") + gzip.compress(b"s" * 9), b"\0\0\x1f\x8b"),
        ("zstd", zstd.compress(b"new") + skipped(b"not news") + zstd.compress(b"s" * 9), b""),
        ("zstd", skipped(b"") + zstd.compress(b"new") + zstd.compress(b"s" * 9), b"\x28\xb5\x2f"),
        ("br", brotli.compress(b"new" + b"s" * 9), b""),
    ],
    ids=["gzip", "gzip-half-magic", "gzip-zeros", "zstd-skipped", "zstd-half-magic", "brotli"],
)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_answer_in_several_pieces_is_read_whole(
    coding: str, packed: bytes, junk: bytes, step: int
) -> None:
    unpacking, raw = Decompressor(coding, 1000), packed + junk
    for start in range(0, len(raw), step):
        unpacking.add(raw[start : start + step])
    assert bytes(unpacking.data) == b"new" + b"s" * 9
    assert not unpacking.broke_off
    assert not unpacking.is_too_long


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_pieces_have_one_bound_together(coding: str, pack: Callable[[bytes], bytes]) -> None:
    unpacking = Decompressor(coding, 1000)
    unpacking.add(pack(b"n" * 600) * 50)
    assert unpacking.is_too_long
    assert len(unpacking.data) == 1001
    cut = Decompressor(coding, 1000)
    cut.add(pack(b"n" * 600) + pack(b"n" * 60)[:-3])
    assert cut.broke_off
    with pytest.raises(DecompressionError, match="more than 1000 pieces"):
        Decompressor(coding, 1000).add(pack(b"") * 1001)
    giant = Decompressor(coding, 50_000_000)
    with pytest.raises(DecompressionError, match="more than 300 times"):
        giant.add(pack(b"n") + pack(b"\0" * 5_000_000))


async def test_what_follows_the_packed_page_is_ignored() -> None:
    raw = response(gzip.compress(b"news") + b"x" * 100_000, content_encoding="X-GZIP")
    async with serving(saying(raw)) as base:
        assert (await read(base)).data == b"news"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (
            response(gzip.compress(b"news" * 99)[:-9], content_encoding="gzip"),
            "closed the connection in the middle",
        ),
        (response(b"not packed", content_encoding="gzip"), "damaged"),
        (response(b"x", content_encoding="compress"), "not requested"),
        (response(gzip.compress(b"x"), content_encoding="gzip, gzip"), "not requested"),
    ],
)
async def test_an_answer_packed_badly_is_told(raw: bytes, told: str) -> None:
    async with serving(saying(raw)) as base:
        with pytest.raises(SourceError, match=told):
            await read(base)


@pytest.mark.parametrize("charset", ["x y", '"', "é", "x" * 99])
async def test_a_charset_that_is_no_name_counts_as_not_said(charset: str) -> None:
    raw = response(b"x").replace(b"utf-8", charset.encode("latin-1"))
    async with serving(saying(raw)) as base:
        assert (await read(base)).charset is None


# ------------------------------------------------------------------ files


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"<p>news</p>")
    assert read_file(path, 11) == Page(data=b"<p>news</p>", place=str(path))


def test_a_file_that_cannot_be_news_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b" \n")
    (tmp_path / "giant").write_bytes(b"")
    with (tmp_path / "giant").open("r+b") as giant:
        giant.truncate(50_000_000)
    for name, told in [
        ("", "is a folder"),
        ("none", "does not exist"),
        ("empty", "is empty"),
        ("giant", "longer than 5 MB"),
    ]:
        with pytest.raises(SourceError, match=told) as caught:
            read_file(tmp_path / name, 5_000_000)
        assert str(tmp_path / name) in str(caught.value)
    for odd, told in [
        ("/dev/zero", "not a regular file"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ]:
        with pytest.raises(SourceError, match=told):
            read_file(Path(odd), 5_000_000)


def test_text_is_utf8_or_marked_as_utf16() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert decode_utf8(Page(data="né".encode(encoding), place="p")) == "né"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"one\ntwo\nth\xe9", "byte 10 in line 3"),
        (b"\x89PNG\r\n", "not text"),
        (b"%PDF-1.7", "not text"),
        (b"ab\x00cd", "not text"),
        (b"\xff\xfea", "not UTF-8"),
    ],
)
def test_what_is_not_text_is_told(data: bytes, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        decode_utf8(Page(data=data, place="news.txt"))
