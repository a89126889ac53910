"""What an admin sees of a source whose page changed, and of an item's past."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sse_digest.cli import main
from tests.sources.dresses import CLASSIC
from tests.sources.mutations import TODAY, Layout, listing, pool

LAYOUT = Layout("ilo-classic", CLASSIC["plain"], '<div class="items-list">{}</div>')
NEWS = listing(pool("en")[:6], TODAY)
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command in the folder of an installation with one source; give its exit code and words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SSE_DIGEST_CONFIG", raising=False)
    Path("config.toml").write_text(
        'organisation = "The office"\n[database]\nurl = "sqlite:///news.db"\n'
        '[[sources]]\nname = "news"\nkind = "html"\npath = "page.html"\npreset = "ilo-classic"\n',
        encoding="utf-8",
    )
    Path("page.html").write_text(LAYOUT.build(NEWS), encoding="utf-8")

    def invoke(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sse-digest", *arguments])
        code = 0
        try:
            main()
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    return invoke


def test_a_changed_page_is_refused_explained_and_accepted(run: Run) -> None:
    assert run("sources", "status") == (0, "No source was read yet. Read them with `sse-digest fetch`.\n")
    assert run("fetch")[0] == 0
    changed = [replace(item, title="Read more") for item in NEWS]
    Path("page.html").write_text(LAYOUT.build(changed), encoding="utf-8")

    code, said = run("fetch")
    assert code == 1
    assert "REFUSED" in said
    assert "sources accept news" in said
    code, said = run("sources", "status")
    assert code == 1
    assert "titles equal: 6 items have the same title" in said
    (state,) = json.loads(run("sources", "status", "--json")[1])["sources"]
    assert (state["items"], len(state["readings"])) == (6, 1)
    assert {alarm["signal"] for alarm in state["alarms"]} == {
        "titles changed",
        "titles equal",
        "title length",
    }

    assert state["advice"].endswith(
        "store them with `sse-digest sources accept news`; otherwise correct the source."
    )

    for wrong in (("sources", "accept", "nwes"), ("fetch", "--accept", "nwes")):
        code, said = run(*wrong)
        assert (code, "There is no source nwes. Configured: news." in said) == (2, True)
    assert run("sources", "accept")[0] == 2
    assert run("sources", "accept", "news") == (
        0,
        "news: 6 read, 0 added, 6 changed, 0 unchanged, 0 refused\n",
    )
    assert run("sources", "status")[0] == 0
    assert run("fetch")[0] == 0


def test_accepting_one_source_reads_no_other(run: Run) -> None:
    with Path("config.toml").open("a", encoding="utf-8") as file:
        file.write('[[sources]]\nname = "others"\nkind = "text"\npath = "none.txt"\n')
    assert run("fetch")[0] == 1  # the other one has no file
    code, said = run("sources", "accept", "news")
    assert (code, said.count("\n")) == (0, 1)


def test_explain_shows_the_places_and_the_past_of_an_item(run: Run) -> None:
    run("fetch")
    first, *rest = NEWS
    changed = [replace(first, title=f"{first.title}: the end"), *rest]
    Path("page.html").write_text(LAYOUT.build(changed), encoding="utf-8")
    assert run("fetch")[0] == 0
    item_id = json.loads(run("items", "list", "--json")[1])["items"][0]["id"]

    _, said = run("items", "explain", item_id)
    assert "Places:\n  news, last seen" in said
    assert "page.html\n    found by the preset ilo-classic: item .items-list li, title .item-title; " in said
    assert "date by its words; language by its words" in said
    assert "news: added (it matches no stored item)" in said
    assert "news: changed (same address)" in said
    assert f"now '{first.title}: the end'" in said
    data = json.loads(run("items", "explain", item_id, "--json")[1])
    assert [change["what"] for change in data["history"]] == ["added", "changed"]
    assert data["places"][0]["source"] == "news"
    assert data["places"][0]["address"].endswith("page.html")
    assert all("title .item-title" in change["fields"]["how"][1] for change in data["history"])
