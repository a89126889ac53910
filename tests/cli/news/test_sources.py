"""`sources suggest`: what it shows, and the block that it adds to a configuration."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from sse_digest.cli import cli
from sse_digest.errors import UsageError
from tests.sources.layouts import LAYOUTS
from tests.sources.listings import load_listings

ITEMS = [item for listing in load_listings() for item in listing.items if item.title and item.published][:12]
CONFIG = '# mine\ntitle = "kept"\n[[sources]]\nname = "news"\nkind = "text"\npath = "x"\n'


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "news.html"
    path.write_text(LAYOUTS["blog"](ITEMS), encoding="utf-8")
    return path


def test_what_is_proposed_is_shown_with_its_items_and_nothing_is_written(page: Path) -> None:
    done = CliRunner().invoke(cli, ["sources", "suggest", str(page)], catch_exceptions=False)

    assert done.exit_code == 0
    assert done.output.startswith('[[sources]]\nname = "news"\nkind = "html"\npath = ')
    assert (ITEMS[0].title or "") in done.output
    assert "12 items, 2 of them not shown" in done.output
    assert [file.name for file in page.parent.iterdir()] == ["news.html"]


def test_the_block_is_added_behind_what_stands_there_under_a_name_of_its_own(page: Path) -> None:
    config = page.with_name("config.toml")
    config.write_text(CONFIG, encoding="utf-8")
    verb = ["--config", str(config), "sources", "suggest", str(page), "--write", "--json"]
    done = CliRunner().invoke(cli, verb, catch_exceptions=False)

    told = json.loads(done.output)
    text = config.read_text(encoding="utf-8")
    assert text.startswith(CONFIG)
    assert [source["name"] for source in tomllib.loads(text)["sources"]] == ["news", "news-2"]
    assert tomllib.loads(told["block"])["sources"][0] == tomllib.loads(text)["sources"][1]
    assert (told["written"], len(told["items"])) == (str(config), 12)
    assert sorted(file.name for file in page.parent.iterdir()) == ["config.toml", "news.html"]


@pytest.mark.parametrize(("content", "told"), [(None, "no configuration"), ("[[", "is not valid TOML")])
def test_what_cannot_be_written_to_is_told_and_left_alone(page: Path, content: str | None, told: str) -> None:
    config = page.with_name("config.toml")
    if content is not None:
        config.write_text(content, encoding="utf-8")
    verb = ["--config", str(config), "sources", "suggest", str(page), "--write"]
    with pytest.raises(UsageError, match=told):
        CliRunner().invoke(cli, verb, catch_exceptions=False)
    assert content is None or config.read_text(encoding="utf-8") == content


def test_an_address_that_is_not_public_is_refused() -> None:
    done = CliRunner().invoke(cli, ["sources", "suggest", "http://127.0.0.1:1/news"])

    assert "not a public address" in str(done.exception)


@pytest.mark.slow
def test_a_saved_page_is_read_by_its_looks_and_linked_once_its_address_is_given(tmp_path: Path) -> None:
    path = tmp_path / "saved.html"
    path.write_text(LAYOUTS["linked_cards"](ITEMS), encoding="utf-8")
    done = CliRunner().invoke(cli, ["sources", "suggest", str(path)], catch_exceptions=False)
    assert "12 items" in done.output
    assert "original address with --base-url" in done.output

    home = "https://www.example.org/news/"
    verb = ["sources", "suggest", str(path), "--base-url", home, "--json"]
    told = json.loads(CliRunner().invoke(cli, verb, catch_exceptions=False).output)
    assert tomllib.loads(told["block"])["sources"][0]["base_url"] == home
    assert told["items"][0]["link"] == "https://www.example.org/en/news/0-story"


@pytest.mark.parametrize(("location", "base"), [("https://h.org/", "https://h.org/"), ("x.html", "news")])
def test_only_a_file_has_an_address_to_be_given(location: str, base: str) -> None:
    with pytest.raises(UsageError, match="--base-url"):
        CliRunner().invoke(cli, ["sources", "suggest", location, "--base-url", base], catch_exceptions=False)
