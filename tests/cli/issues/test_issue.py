"""The verbs of an editor: show an issue, change it."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.installation import make_installation
from tests.running import Run


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    asyncio.run(make_installation(tmp_path, port=1, people=2))
    capsys.readouterr()  # what is logged while it is made is not what a verb says
    return tmp_path


def items_of(run: Run) -> list[str]:
    shown = json.loads(run("issue", "show", "2023-04", "--json")[1])
    return [item["id"] for section in shown["sections"] for item in section["items"]]


def test_what_an_editor_decides_is_shown_and_stands_in_the_mail(run: Run, home: Path) -> None:
    first, second, *_ = items_of(run)
    (home / "words.md").write_text("Dear *readers*, see [the report](https://news.example.org/report).\n")

    code, out, _ = run(
        *("issue", "edit", "2023-04", "--title", "Spring", "--introduction", "words.md"),
        *("--lead", second[:8], "--pin", second[:8], "--note", first[:8], "Worth a look."),
        *("--move", first[:8], "other", "--order", f"{second[:8]}, {first[:8]}"),
    )
    shown = run("issue", "show", "2023-04")[1]
    run("preview", "2023-04", "--language", "fr")

    assert code == 0
    assert "Title (en): Spring" in out
    assert "Lead item: chosen by an editor" in out
    assert "[pinned; place 1]" in shown
    assert "[place 2; moved here; note (en): Worth a look.]" in shown
    assert "Not approved." in shown
    html = next((home / "preview").glob("*.fr.html")).read_text()
    assert 'href="https://news.example.org/report"' in html
    assert '<span lang="en" dir="ltr">Worth a look.</span>' in html


def test_a_hidden_item_is_listed_apart(run: Run, home: Path) -> None:
    first, *_ = items_of(run)

    hidden = json.loads(run("issue", "edit", "2023-04", "--hide", first, "--json")[1])

    assert "1 hidden by an editor" in hidden["account"]["summary"]
    assert first not in items_of(run)
    assert "hidden from this digest" in run("issue", "show", "2023-04")[1]
    run("issue", "edit", "2023-04", "--show", first)
    assert first in items_of(run)


def test_an_introduction_is_taken_out_again(run: Run, home: Path) -> None:
    (home / "words.md").write_text("Hello.")
    run("issue", "edit", "2023-04", "--introduction", "words.md")
    run("issue", "edit", "2023-04", "--no-introduction")

    assert "Hello." not in run("issue", "show", "2023-04")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Nothing to change"),
        (("--introduction", "nowhere.md"), "nowhere.md: No such file"),
        (("--introduction", "latin1.md"), "is not text in UTF-8"),
        (("--hide", "zzz"), "No item of monthly/2023-04"),
    ],
)
def test_a_wrong_edit_ends_with_2(run: Run, home: Path, arguments: tuple[str, ...], message: str) -> None:
    (home / "latin1.md").write_bytes("é".encode("latin-1"))

    code, _, err = run("issue", "edit", "2023-04", *arguments)

    assert code == 2
    assert message in err


def test_an_issue_that_is_not_there_is_not_shown(run: Run, home: Path) -> None:
    code, _, err = run("issue", "show", "2021-01")

    assert code == 1
    assert "sse-digest compose 2021-01" in err


def test_an_approved_issue_that_looks_otherwise_is_not_sent(run: Run, home: Path) -> None:
    config = home / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("[[digests]]", "[[digests]]\nrequire_approval = true", 1), encoding="utf-8"
    )

    code, _, err = run("send", "2023-04", "--yes")
    assert (code, "is not approved" in err) == (1, True)

    assert run("approve", "2023-04", "--by", "Ana")[0] == 0
    assert "Approved by Ana" in run("issue", "show", "2023-04")[1]

    config.write_text(config.read_text(encoding="utf-8").replace("The example", "Another"), encoding="utf-8")
    code, _, err = run("send", "2023-04", "--yes")
    assert (code, "no longer what Ana approved" in err) == (1, True)
    assert json.loads(run("status", "2023-04", "--json")[1])["account"] is None

    _, _, err = run("issue", "edit", "2023-04", "--title", "Spring")
    assert "withdrew the approval" in err


def test_an_approval_is_withdrawn(run: Run, home: Path) -> None:
    approved = json.loads(run("approve", "2023-04", "--json")[1])

    assert len(approved["content_hash"]) == 64
    assert run("approve", "2023-04", "--withdraw") == (0, "The approval is withdrawn.\n", "")
    assert run("approve", "2023-04", "--withdraw") == (1, "It was not approved.\n", "")


@pytest.mark.parametrize(
    "title", ["Spring\r\nBcc: everybody@example.org", "Spring\nnews", "Spring\0", "\x1b[31m"]
)
def test_a_title_that_would_add_a_header_is_refused(run: Run, home: Path, title: str) -> None:
    code, _, err = run("issue", "edit", "2023-04", "--title", title)

    assert code == 2
    assert "The title contains a line break or another control character. Write it on one line." in err
    assert "Title" not in run("issue", "show", "2023-04")[1]
