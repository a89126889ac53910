"""A template that breaks a rule stops previewing, approving and sending; nothing is fixed then."""

import asyncio
import json
import shutil
import socket
from pathlib import Path

import pytest

from sse_digest.rendering.resources import folder
from tests.installation import make_installation
from tests.running import Run, runner


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, mine: Path
) -> Run:
    """Run a command in an installation with templates of its own."""
    asyncio.run(make_installation(tmp_path, port=1, people=4, more='\n[templates]\nemail = "mine"\n'))
    capsys.readouterr()  # what is logged while it is made is not what a verb says
    return runner(monkeypatch, capsys, tmp_path)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Templates of one's own, good ones."""
    return Path(shutil.copytree(folder("templates") / "email", tmp_path / "mine"))


def test_good_mails_pass(run: Run) -> None:
    code, out, _ = run("gate", "2023-04", "--no-links")

    assert code == 0
    assert "warning: unsigned: Have the relay sign" in out
    assert " mails can be sent." in out


def test_a_template_that_breaks_a_rule_stops_everything_before_the_recipients_are_fixed(
    run: Run, mine: Path
) -> None:
    footer = mine / "footer.html"
    footer.write_text(footer.read_text(encoding="utf-8") + '<img src="https://spy.example/1.gif" width="1">')

    judged = run("gate", "2023-04", "--no-links", "--json")
    looked = run("preview", "2023-04")
    approved = run("approve", "2023-04")
    sent = run("send", "2023-04", "--yes")

    assert judged[0] == looked[0] == approved[0] == sent[0] == 1
    blocking = {fault["rule"] for fault in json.loads(judged[1])["faults"] if fault["blocks"]}
    assert blocking == {"images"}
    assert "Not ready to be sent:\n  images: Set alt and width on every <img>" in looked[2]
    assert "\n    https://spy.example/1.gif has no alt (monthly-2023-04.en.eml)\n" in looked[2]
    assert "\n  images: Set alt and width on every <img>" in approved[2]
    assert "https://spy.example/1.gif is a tracking pixel" in sent[2]
    assert json.loads(run("status", "2023-04", "--json")[1])["account"] is None
    assert "Not approved." in run("issue", "show", "2023-04")[1]


def spoil(mine: Path) -> None:
    footer = mine / "footer.html"
    footer.write_text(footer.read_text(encoding="utf-8") + '<table width="700" role="presentation"></table>')


def test_a_rule_that_somebody_overrides_with_a_reason_blocks_nothing(run: Run, mine: Path) -> None:
    spoil(mine)
    without = run("gate", "2023-04", "--no-links", "--override", "width")
    code, out, _ = run("gate", "2023-04", "--no-links", "--override", "width", "--why", "a wide plan")
    looked = run("preview", "2023-04")
    approved = run("approve", "2023-04")
    told = json.loads(run("gate", "2023-04", "--no-links", "--json")[1])

    assert without[0] == 2
    assert "Give the reason with --why" in without[2]
    assert code == looked[0] == approved[0] == 0
    assert "overridden: width: Set widths in percent" in out
    assert "The rule width is overridden by " in out
    assert "UTC: a wide plan" in out
    assert told["overrides"]["width"]["why"] == "a wide plan"
    assert not any(fault["blocks"] for fault in told["faults"])
    assert run("gate", "2023-04", "--no-links", "--enforce", "width")[0] == 1
    assert run("gate", "2023-04", "--no-links", "--enforce", "width")[0] == 2
    assert run("gate", "2023-04", "--no-links", "--override", "one-click", "--why", "x")[0] == 2


@pytest.mark.slow
def test_links_that_are_gone_are_told_and_block_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_such_host(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", no_such_host)
    code, out, _ = run("gate", "2023-04", "--json")
    dead = [fault for fault in json.loads(out)["faults"] if fault["rule"] == "dead-links"]

    assert code == 0
    assert len(dead) > 3
    assert all("its host does not exist" in fault["place"] for fault in dead)
    assert not any("/unsubscribe/" in fault["place"] for fault in dead)


def test_a_fixture_is_looked_at_without_any_issue(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("preview", "--fixture", "rtl", "--language", "ar", "--output", str(tmp_path / "look"))

    assert code == 0
    assert sorted(path.name for path in (tmp_path / "look").iterdir()) == [
        *("rtl.ar.eml", "rtl.ar.html", "rtl.ar.txt")
    ]
    assert len(out.splitlines()) == 3
    assert run("preview", "2023-04", "--fixture", "rtl")[0] == 2
    assert "عنوان خبر" in next((tmp_path / "look").glob("*.txt")).read_text(encoding="utf-8")
    assert run("preview", "--fixture", "none")[0] == 2
