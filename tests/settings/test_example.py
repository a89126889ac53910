"""config.example.toml holds every setting, is up to date, and loads."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sse_digest.settings import example, load_settings
from sse_digest.settings.base_model import SettingsTable, block_of
from sse_digest.settings.configuration import Configuration
from sse_digest.settings.example import toml

FILE = Path(__file__).resolve().parents[2] / "config.example.toml"


def blocks(
    block: type[SettingsTable] = Configuration, path: str = ""
) -> Iterator[tuple[str, type[SettingsTable]]]:
    yield path, block
    for name, field in block.model_fields.items():
        if inner := block_of(field.annotation):
            yield from blocks(inner, f"{path}.{name}".lstrip("."))


def test_the_file_is_the_one_that_the_descriptions_give() -> None:
    assert FILE.read_text(encoding="utf-8") == example(), "write it anew: sse_digest.settings.example()"


def test_the_file_loads() -> None:
    settings = load_settings(FILE)

    assert [source.name for source in settings.source_options()] == ["ilo"]
    assert settings.relay_options().host == "smtp.example.org"
    assert settings.letterhead(settings.digests()[0].lists[0]).from_address == "news@example.org"


@pytest.mark.parametrize(("path", "block"), list(blocks()))
def test_every_setting_has_a_description_and_an_example_or_a_default(
    path: str, block: type[SettingsTable]
) -> None:
    assert block.__doc__
    for name, field in block.model_fields.items():
        if block_of(field.annotation) is None:
            assert field.description, f"{path}.{name}"
            assert field.description.endswith((".", "...")), f"{path}.{name}"
            assert field.examples or field.default is not None, f"{path}.{name}"


def test_every_line_that_stands_behind_a_mark_loads_too(tmp_path: Path) -> None:
    instead = (
        "path",
        "base_url",
        "secret_keys",
        "password",
        "username",
        "password_file",
        "files",
    )  # need files, or exclude others
    names = {name for _, block in blocks() for name in block.model_fields} - set(instead)
    lines = [line.removeprefix("# ") for line in example().splitlines()]
    kept = [line for line in lines if line.startswith("[") or line.split(" = ")[0] in names]
    file = tmp_path / "config.toml"
    file.write_text("\n".join(kept))

    settings = load_settings(file)

    assert settings.config.smtp is not None
    assert settings.config.smtp.helo == "news.example.org"


def test_own_values_stand_in_place_of_examples_and_blocks_can_be_left_out() -> None:
    text = example(
        {"organisation": 'A "B"', "smtp.host": "mail.example.org", "digests.late_days": 0},
        left_out=("smtp", "sources"),
        notes={"organisation": "A note."},
    )

    document = tomllib.loads(text)
    assert document["organisation"] == 'A "B"'
    assert document["digests"][0]["late_days"] == 0
    assert "smtp" not in document
    assert "sources" not in document
    assert '# host = "mail.example.org"' in text
    assert "# [smtp.timeouts]" in text
    assert "# A note.\norganisation" in text


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        'quote " and \\ and \n and \x7f and é and \u2028',
        True,
        3,
        0.02,
        ["a", 1],
        {"en": "x", "a b": ["y"]},
    ],
)
def test_values_are_written_so_that_toml_reads_them_back(value: object) -> None:
    assert tomllib.loads(f"a = {toml(value)}") == {"a": value}


def test_what_toml_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        toml(None)
