"""What the documentation must keep up with: commands, settings, source kinds, states, standards, links."""

import re
import shlex
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel, Field

from docs import picture, reference
from sse_digest.cli import cli
from sse_digest.model.deliveries import State
from sse_digest.settings.configuration import Configuration
from sse_digest.sources import KINDS
from sse_digest.sources.presets import PRESETS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# The nouns that the program rests on.
WORDS = {"Item", "Source", "Theme", "Feed", "Generation", "Digest", "Period", "Issue", "Edition"}
WORDS |= {"Message", "Envelope", "List", "Subscriber", "Subscription", "Suppression", "Relay", "Delivery"}
WORDS |= {"Attempt", "Outcome", "In doubt", "Held", "Skip", "Bounce", "Complaint"}


def rfcs_in(text: str) -> set[str]:
    return set(re.findall(r"\bRFC[\s-]?(\d{3,5})\b", text))


def rows_of_the_standards() -> list[list[str]]:
    lines = (DOCS / "rfc.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("|").split("|") for line in lines if re.match(r"\| RFC \d", line)]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_standard_that_the_code_names_is_listed() -> None:
    code = [*ROOT.glob("src/**/*.py"), *ROOT.glob("templates/**/*.*"), *ROOT.glob("tests/**/*.py")]
    named = set().union(*(rfcs_in(path.read_text(encoding="utf-8")) for path in code))
    listed = {number for row in rows_of_the_standards() for number in rfcs_in(row[0])}

    assert named
    assert named - listed == set()


def test_every_standard_is_listed_once_in_order_with_how_far_it_holds() -> None:
    rows = rows_of_the_standards()
    numbers = [int(row[0].removeprefix("RFC ")) for row in rows]

    assert numbers == sorted(set(numbers))
    assert [row for row in rows if not re.match(r"(Yes|Partial: .+|No(: .+)?)$", row[2])] == []


def entries_of_the_glossary() -> dict[str, str]:
    """Return the explanation of each word, without line breaks."""
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    found = re.findall(r"^(\S.*)\n: (.+(?:\n  .+)*)", text, re.MULTILINE)
    assert len({word for word, _ in found}) == len(found)
    return {word: " ".join(explanation.split()) for word, explanation in found}


def test_every_word_that_the_program_rests_on_is_explained() -> None:
    assert WORDS - set(entries_of_the_glossary()) == set()


def test_every_word_of_the_glossary_names_modules_that_exist() -> None:
    package = ROOT / "src" / "sse_digest"
    tails = {
        word: re.search(r"(?:`[a-z_.]+`(?:, )?)*$", text) for word, text in entries_of_the_glossary().items()
    }
    named = {word: re.findall(r"`(.+?)`", tail.group()) for word, tail in tails.items() if tail}
    modules = {(word, name) for word, names in named.items() for name in names}
    paths = {found: package.joinpath(*found[1].split(".")) for found in modules}

    assert [word for word, names in named.items() if not names] == []
    assert [
        found for found, path in paths.items() if not (path.is_dir() or path.with_suffix(".py").is_file())
    ] == []


def test_every_state_of_a_delivery_is_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")

    assert [state for state in State if state.replace("_", " ") not in text] == []


def test_every_kind_of_source_and_every_preset_is_in_the_how_to() -> None:
    text = (DOCS / "howto" / "sources.md").read_text(encoding="utf-8")

    assert [name for name in (*KINDS, *PRESETS) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("*.md")))
def test_every_link_inside_the_project_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text(encoding="utf-8"))

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_file_named_in_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:docs|tests|templates|locales|src)/[\w./-]*)`", text)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_pages_of_commands_and_settings_are_made_from_the_code() -> None:
    for name, text in reference.pages().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"run docs/reference.py: {name} is old"


@click.group(help="A program.")
@click.option("--config", help="Where the file is.")
def program(config: str) -> None:
    """Stand for a program of ours."""


@program.group(help="About items.")
def items() -> None:
    """Stand for a group of verbs."""


@items.command(help="Show one\n    item.\n\n    It may be hidden.")
@click.argument("number", type=int)
@click.option("--json", is_flag=True, help="As one | object.")
def show(number: int, *, json: bool) -> None:
    """Stand for a verb."""


def test_the_page_of_commands_names_every_verb_and_option() -> None:
    page = reference.cli_page(program, "prog")

    assert "$ prog items show [OPTIONS] NUMBER" in page
    assert "| `--json` | As one \\| object. |" in page
    assert "| `--config TEXT` | Where the file is. |" in page
    assert "\n## prog items\n\nAbout items.\n\n### prog items show\n" in page
    assert "Show one item.\n\nIt may be hidden." in page
    assert "--help" not in page


class Relay(BaseModel):
    """The relay."""

    port: int = Field(587, description="Its port.")


class Example(BaseModel):
    title: str = Field(description="What it is called.")
    is_open: bool = Field(default=False, description="Whether it is open.")
    relay: Relay = Field(description="The relay.")
    sources: list[Relay] = Field(description="Several.")
    themes: dict[str, Relay] = Field(description="Several by name.")


def test_the_page_of_settings_names_every_table_and_key() -> None:
    page = reference.settings_page(Example.model_json_schema())

    assert "| `title` | text | required | What it is called. |" in page
    assert "| `is_open` | true or false | `false` | Whether it is open. |" in page
    assert "| `port` | whole number | `587` | Its port. |" in page
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## `[relay]`",
        "## `[[sources]]`",
        "## `[themes.NAME]`",
    ]


def test_every_promise_names_tests_that_exist() -> None:
    text = (DOCS / "promises.md").read_text(encoding="utf-8")
    promises = re.findall(r"^\d+\. (.+(?:\n {3}.+)*)", text, re.MULTILINE)
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", promise) for promise in promises]

    assert promises
    assert [promise for promise, tests in zip(promises, named, strict=True) if not tests] == []
    assert [
        f"{path}::{name}"
        for tests in named
        for path, name in tests
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ] == []


def test_every_promise_that_the_code_cites_exists() -> None:
    text = (DOCS / "promises.md").read_text(encoding="utf-8")
    numbers = {
        section.split("\n", 1)[0]: set(re.findall(r"^(\d+)\. ", section, re.MULTILINE))
        for section in text.split("\n## ")[1:]
    }
    cited = {
        match.groups()
        for path in (ROOT / "src").rglob("*.py")
        for match in re.finditer(r"docs/promises\.md, (\w+)(?: (\d+))?", path.read_text(encoding="utf-8"))
    }

    assert cited
    assert [name for name, number in cited if number and number not in numbers.get(name, set())] == []
    assert {name for name, _ in cited} - set(numbers) == set()


def test_the_picture_shows_the_import_contracts() -> None:
    assert (DOCS / "architecture.svg").read_text(encoding="utf-8") == picture.made(), "run docs/picture.py"


def test_the_picture_shows_every_room_and_every_layer_once() -> None:
    found = picture.contracts(ROOT / "pyproject.toml")
    drawn = re.findall(r">([a-z_]+)</text>", picture.picture(found))
    named = [name for layers in found.values() for layer in layers for name in layer]
    rooms = {path.parent.name for path in (ROOT / "src" / "sse_digest").glob("*/__init__.py")}

    assert sorted(drawn) == sorted([*named, "imports"])
    assert rooms <= set(drawn)


def test_every_walk_names_files_that_exist() -> None:
    text = (
        (DOCS / "architecture.md").read_text(encoding="utf-8").split("\n## Five walks\n")[1].split("\n## ")[0]
    )
    walks = [re.findall(r"`([\w/]+\.py)`", walk) for walk in text.split("\n### ")[1:]]
    package = ROOT / "src" / "sse_digest"

    assert len(walks) == 5
    assert all(walks)
    assert [
        name
        for names in walks
        for name in names
        if not (package / name).is_file() and not (ROOT / name).is_file()
    ] == []


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words of every call of `sse-digest` in console blocks; `a && b` is two calls."""
    for block in re.findall(r"^ *```console\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            for part in line.split("&&"):
                found = re.search(r"(?:^|[\s/])sse-digest( .+)?$", part.split("#")[0].strip())
                if found and part.strip().startswith(("$", "/", "sse-digest")):
                    yield shlex.split(found.group(1) or "")


def test_every_command_in_the_pages_exists_with_its_options() -> None:
    pages = [ROOT / "README.md", *DOCS.glob("*.md"), *DOCS.glob("howto/*.md")]
    calls = [
        (page.name, words)
        for page in pages
        if page.name != "cli.md"
        for words in commands_in(page.read_text(encoding="utf-8"))
    ]

    assert len(calls) > 40
    assert [call for call in calls if not is_a_command(call[1])] == []


def is_a_command(words: list[str]) -> bool:
    """Return whether the program has this verb with all these options."""
    command: click.Command = cli
    options = set()
    for number, word in enumerate(words):
        context = click.Context(command)
        options |= {
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        }
        if not isinstance(command, click.Group):
            return all(word.split("=")[0] in options for word in words[number:] if word.startswith("--"))
        if not word.startswith("-"):
            found = command.get_command(context, word)
            if found is None:
                return False
            command = found
    return True


def unknown_keys(
    data: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the keys of a TOML document that name no setting."""
    for key, value in data.items():
        field = schema.get("properties", {}).get(key)
        if field is None:
            yield key
            continue
        table, name, _ = reference.table_inside(field, root, key)
        if table is not None:
            several = value if isinstance(value, list) else [value]
            inner = [one for part in several for one in (part.values() if name.endswith(".NAME") else [part])]
            for one in inner:
                yield from unknown_keys(one, table, root)


@pytest.mark.parametrize("page", sorted(DOCS.glob("howto/*.md")), ids=lambda page: page.stem)
def test_every_setting_in_an_example_exists(page: Path) -> None:
    schema = Configuration.model_json_schema()
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)```toml\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    documents = [tomllib.loads(textwrap.dedent(block)) for _, block in blocks]
    parts = [doc for doc in documents if set(doc) & set(schema["properties"])]

    assert [key for doc in parts for key in unknown_keys(doc, schema, schema)] == []
    assert [doc for doc in documents if doc not in parts and set(doc) - {"next_url"}] == []


def test_a_setting_that_does_not_exist_is_found() -> None:
    schema = Configuration.model_json_schema()

    assert list(unknown_keys({"sources": [{"nome": "x", "name": "y"}], "sorces": 1}, schema, schema)) == [
        "nome",
        "sorces",
    ]
