"""The configuration is read from its file and the environment, and every problem is told at once."""

from pathlib import Path

import pytest

from sse_digest.errors import SettingsError
from sse_digest.settings import Settings, load_settings
from sse_digest.sources.html.selectors import FIELDS

SECRET = "0123456789abcdef0123456789abcdef"

THEMES = "youth, un-coordination, cooperatives, other"
MINIMAL = 'organisation = "Example Organisation"\n'
LIST = """
[[lists]]
name = "people"
title = "News by mail"
list_id = "people.example.org"
from_address = "news@example.org"
postal_address = "1 Example Street"
"""
DIGEST = """
[[digests]]
name = "monthly"
title = "News"
lists = ["people"]
"""
SMTP = """
[smtp]
host = "smtp.example.org"
envelope_from = "bounces@example.org"
"""


def read(folder: Path, text: str) -> Settings:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as told:
        read(folder, text)
    assert told.value.exit_code == 2
    return list(told.value.problems)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSE_DIGEST_CONFIG", raising=False)


# ---------------------------------------------------------------- where it is read from


def test_the_organisation_is_all_that_must_be_given(tmp_path: Path) -> None:
    assert read(tmp_path, MINIMAL).config.organisation == "Example Organisation"


def test_the_file_is_named_or_stands_in_the_environment_or_is_config_toml_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("named", "environment", "config"):
        (tmp_path / f"{name}.toml").write_text(f'organisation = "{name}"')
    monkeypatch.chdir(tmp_path)

    assert load_settings().config.organisation == "config"
    monkeypatch.setenv("SSE_DIGEST_CONFIG", "environment.toml")
    assert load_settings().config.organisation == "environment"
    assert load_settings(Path("named.toml")).config.organisation == "named"


def test_without_a_file_the_reader_is_sent_to_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError, match="sse-digest init"):
        load_settings()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'organisation = "a"\nsmtp = [', r"not valid TOML: .*line 2"),
        (b'organisation = "\xff"', "not in UTF-8"),
        (b'organisation = "a"\norganisation = "b"', "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(content)

    with pytest.raises(SettingsError, match=words):
        load_settings(file)


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


# ---------------------------------------------------------------- the environment


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSE_DIGEST__SMTP__PASSWORD", "from outside")
    monkeypatch.setenv("SSE_DIGEST__SMTP__TIMEOUTS__DATA_S", "7.5")
    monkeypatch.setenv("sse_digest__organisation", "Other")
    monkeypatch.setenv("SSE_DIGEST__PUBLIC_URL", "")

    settings = read(
        tmp_path,
        MINIMAL + 'public_url = "https://a.example"\n' + SMTP + 'username = "news"\npassword = "in file"',
    )

    relay = settings.relay_options()
    assert (relay.password, relay.timeouts.data_s, relay.host) == ("from outside", 7.5, "smtp.example.org")
    assert settings.config.organisation == "Other"
    assert settings.public_url == "https://a.example"


def test_lists_in_the_environment_are_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSE_DIGEST__SOURCES", '[{"name": "a", "kind": "text", "path": "a.txt"}]')

    assert [source.name for source in read(tmp_path, MINIMAL).source_options()] == ["a"]


def test_building_settings_by_hand_does_not_look_at_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = read(tmp_path, MINIMAL).config
    monkeypatch.setenv("SSE_DIGEST__ORGANISATION", "Other")

    assert Settings(type(config)(organisation="Mine"), tmp_path).config.organisation == "Mine"


def test_variables_that_name_no_setting_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMPT__HOST", "SMTP__PASWORD", "SOURCES__0__URL", "ORGANISATION__X", "FETCH__TIMEOUT_S"):
        monkeypatch.setenv(f"SSE_DIGEST__{name}", "3")

    assert problems(tmp_path, MINIMAL) == [
        "organisation.x (SSE_DIGEST__ORGANISATION__X) is not a setting",
        "smpt.host (SSE_DIGEST__SMPT__HOST) is not a setting; did you mean smtp?",
        "smtp.pasword (SSE_DIGEST__SMTP__PASWORD) is not a setting; did you mean password?",
        "sources.0.url (SSE_DIGEST__SOURCES__0__URL) is not a setting",
    ]


def test_a_list_that_is_no_json_is_told_with_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSE_DIGEST__LISTS", "[{")

    assert problems(tmp_path, "") == [
        "lists (SSE_DIGEST__LISTS) must be written as JSON in the environment",
        "organisation is missing: The organisation's name, shown in feeds, mails and pages.",
    ]


# ---------------------------------------------------------------- problems


def test_unknown_missing_and_wrong_values_are_told_together_with_path_and_line(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        'organisatoin = "x"\n'
        "[smtp]\n"
        'port = "abc"\n'
        'security = "ssl"\n'
        "connections = 0\n"
        "verify_certificate = 3\n"
        'host = "smtp.example.org"\n'
        "[[digests]]\n"
        'name = "monthly"\n'
        "lists = []\n"
        "[[digests]]\n"
        'name = "other"\n'
        'lists = "people"\n'
        "late_days = 1.5\n"
        'languages = ["en", "de"]\n'
        "[digests.title]\n"
        "fr = 3\n"
        "[send]\n"
        "ours_limit_share = 0\n"
        'drain_timeout_s = "soon"\n'
        "[feeds]\n"
        "folder = 3\n"
        "[templates]\n"
        "fetch = 1\n"
        "[fetch.timeout_s]\n",
    )

    assert [text.split(" ", 1)[0] for text in found] == [
        "organisation",
        "organisatoin",
        "smtp.envelope_from",
        "smtp.port",
        "smtp.security",
        "smtp.connections",
        "smtp.verify_certificate",
        "digests[0].title",
        "digests[0].lists",
        "digests[1].lists",
        "digests[1].late_days",
        "digests[1].languages[1]",
        "digests[1].title.fr",
        "send.ours_limit_share",
        "send.drain_timeout_s",
        "feeds.folder",
        "templates.fetch",
        "fetch.timeout_s",
    ]
    assert found[1] == "organisatoin (line 1) is not a setting; did you mean organisation?"
    assert found[2].startswith("smtp.envelope_from (line 2) is missing: Address for bounces")
    assert found[3] == "smtp.port (line 3) must be a whole number (not 'abc')"
    assert found[4] == "smtp.security (line 4) must be one of 'starttls', 'tls' or 'none' (not 'ssl')"
    assert found[5] == "smtp.connections (line 5) must be 1 or more (not 0)"
    assert found[6] == "smtp.verify_certificate (line 6) must be true or false (not 3)"
    assert found[8] == "digests[0].lists (line 10) must not be empty"
    assert found[9] == "digests[1].lists (line 13) must be a list in square brackets (not 'people')"
    assert found[11].startswith("digests[1].languages[1] (line 15) must be one of en, fr, es, ar")
    assert found[12] == "digests[1].title.fr (line 17) must be text in quotation marks (not 3)"
    assert found[13] == "send.ours_limit_share (line 19) must be more than 0.0 (not 0)"
    assert found[14] == "send.drain_timeout_s (line 20) must be a number (not 'soon')"


def test_the_number_of_problems_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"has 1 problem\."):
        read(tmp_path, "")
    with pytest.raises(SettingsError, match=r"has 2 problems\."):
        read(tmp_path, "x = 1")


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("organisation", '" "', "must not be empty"),
        ("organisation", '"a\\nb"', "one line"),
        ("public_url", '"http://news.example.org"', "https address"),
        ("public_url", '"https://news.example.org/?a=1"', "https address"),
        ("public_url", '"https://user@news.example.org"', "https address"),
        ("public_url", '"https://news.example.org:port"', "web address"),
        ("public_url", '"https://news example.org"', "without spaces"),
        ("smtp.host", '"smtp_example"', "name of a host"),
        ("smtp.host", '"smtp.example.org:25"', "name of a host"),
        ("smtp.port", "70000", "65535 or less"),
        ("smtp.envelope_from", '"bounces"', "not an e-mail address"),
        ("smtp.envelope_from", '"{token}+{token}@example.org"', "once, before the @"),
        ("smtp.envelope_from", '"bounces@{token}.example.org"', "once, before the @"),
        ("smtp.envelope_from", '"a-rather-long-name-for-bounces+{token}@example.org"', "too long"),
        ("fetch.timeout_s", "0", "more than 0"),
        ("feeds.site_url", '"ftp://example.org"', "http or https"),
        ("feeds.language", '"pt"', "must be one of en, fr"),
        ("database.url", "1", "must be text"),
        ("sources[0].language", '"english"', "two or three lower-case letters"),
        ("lists[0].list_id", '"people"', "with a dot"),
        ("lists[0].list_id", '"People.example.org"', "lower case"),
        ("lists[0].from_address", '"news"', "not an e-mail address"),
        ("lists[0].from_address", '"jörg@example.org"', "only a to z, digits and . _ + - before the @"),
        ("smtp.envelope_from", '"jörg+{token}@example.org"', "only a to z, digits and . _ + - before the @"),
    ],
)
def test_values_say_what_they_must_look_like(tmp_path: Path, setting: str, value: str, words: str) -> None:
    block, _, key = setting.rpartition(".")
    table = f"[[{block[:-3]}]]" if block.endswith("]") else f"[{block}]"
    text = MINIMAL + f"{table}\n{key} = {value}" if block else f"{key} = {value}"

    found = [one for one in problems(tmp_path, text) if one.startswith(setting)]

    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('name = "Not A Name"', "lower-case letters"),
        ('zone = "Mars/Base"', "not a time zone"),
        ('zone = "../../etc/passwd"', "not a time zone"),
        ('zone = "Europe"', "not a time zone"),
        ('first_period = "2023-13"', "a month such as 2023-04"),
        ('lists = ["people", "people"]', "twice"),
    ],
)
def test_values_of_a_digest_say_what_they_must_look_like(tmp_path: Path, line: str, words: str) -> None:
    key = line.split(" = ", maxsplit=1)[0]
    digest = "\n".join(one for one in DIGEST.splitlines() if not one.startswith(f"{key} ="))

    (found,) = problems(tmp_path, MINIMAL + LIST + digest + "\n" + line)

    assert found.startswith(f"digests[0].{key} (line ")
    assert words in found


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "localhost", "SMTP.example.org"])
def test_a_relay_is_named_by_host_or_address(tmp_path: Path, host: str) -> None:
    settings = read(tmp_path, MINIMAL + SMTP.replace("smtp.example.org", host))

    assert settings.relay_options().host == host.lower()


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    found = problems(
        tmp_path, 'secret_keys = ["hunter2", 7]\n[smtp]\npassword = 123456\npassword_file = "hunter2"'
    )

    assert len(found) == 5
    assert not [text for text in found if "hunter2" in text or "123456" in text]
    settings = read(tmp_path, MINIMAL + f'secret_keys = ["{SECRET}"]')
    assert SECRET not in repr(settings.config)
    assert SECRET not in str(settings.config.model_dump())


# ---------------------------------------------------------------- what must fit together


def test_what_does_not_fit_together_is_told_together(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        MINIMAL
        + f'secret_keys = ["{SECRET}", "short", "{"ab" * 20}"]\nsecret_keys_file = "k"\n'
        + LIST
        + LIST
        + DIGEST.replace('"people"', '"people", "staff"').replace('"News"', '{ fr = "N", ar = "N" }')
        + 'themes = ["youth", "sports"]\nlanguages = ["fr", "es"]\n'
        + SMTP
        + 'username = "news"\n'
        + """
[[sources]]
name = "a"
kind = "html"
url = "https://www.example.org/"
path = "a.html"
[[sources]]
name = "a"
kind = "text"
preset = "ilo"
[[sources]]
name = "b"
kind = "pigeon"
path = "x"
[[sources]]
name = "c"
kind = "html"
path = "x"
preset = "new"
[[sources]]
name = "d"
kind = "html"
path = "x"
preset = "ilo"
selectors = { item = "li" }
[[sources]]
name = "e"
kind = "html"
path = "x"
selectors = { title = "h2", links = "a", date = "p[" }
[[sources]]
name = "f"
kind = "table"
path = "x"
selectors = { item = "li" }
[[sources]]
name = "g"
kind = "html"
url = "https://example.org/"
next_url = "https://example.org/2"
[[sources]]
name = "h"
kind = "html"
url = "https://example.org/"
base_url = "https://example.org/2"
""",
    )

    told = {text.split(" ", 1)[0] + ": " + text.split(") ", 1)[1] for text in found}
    assert {one for one in told if one.startswith("sources")} == {
        "sources[0].url: or path must be set, but not both",
        "sources[3].preset: must be one of ilo, ilo-classic for kind html",
        "sources[5].selectors: must have item, the selector of one piece of news",
        f"sources[5].selectors: has an unknown field 'links'; the fields are: {', '.join(FIELDS)}",
        "sources[5].selectors: has 'p[' for date, which is not a CSS selector that this program can use",
        "sources[6].selectors: is only for kind html",
        "sources[8].base_url: is only for a file (path); links of a page are relative to its url",
        "sources[7].next_url: must contain {page} or {offset}; otherwise all pages would be the same",
        "sources[1].name: is 'a', which another block has already; each must be different",
        "sources[1].url: or path must be set, but not both",
        "sources[1].preset: is only for kind html",
        "sources[2].kind: must be one of text, html, feed, folder, table",
    }
    assert {one for one in told if one.startswith("digests")} == {
        "digests[0].lists: has 'staff', which is not a list; known: people",
        f"digests[0].themes: has 'sports', which is not a theme; known: {THEMES}",
        "digests[0].default_language: must be one of its languages: fr, es",
        "digests[0].title: needs a title in the default language 'en'",
        "digests[0].title: has 'ar', which is not among the digest's languages",
    }
    assert {one for one in told if one.startswith(("lists", "secret", "smtp"))} == {
        "lists[1].name: is 'people', which another block has already; each must be different",
        "lists[1].list_id: is 'people.example.org', which another block has already; each must be different",
        "secret_keys: and secret_keys_file are both set; keep one",
        "secret_keys[1]: has 5 characters; a secret needs at least 32 random ones",
        "secret_keys[2]: is not random; `sse-digest init` generates good ones",
        "smtp.username: is set without a password; set password_file",
    }


def test_a_digest_without_any_list_block_is_told_what_to_add(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, MINIMAL + DIGEST)

    assert found.endswith("has 'people', which is not a list; known: none; add a [[lists]] block")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            'password = "a"\npassword_file = "b"\nusername = "c"',
            "smtp.password (line 5) and password_file are both",
        ),
        ('password_file = "b"', "smtp.username (line 2) is missing, but a password is set"),
    ],
)
def test_user_and_password_belong_together(tmp_path: Path, lines: str, words: str) -> None:
    text = f'{MINIMAL}[smtp]\nhost = "a.example.org"\nenvelope_from = "b@example.org"\n{lines}'

    assert [one for one in problems(tmp_path, text) if one.startswith(words)]


# ---------------------------------------------------------------- rules for themes


def test_rules_for_themes_are_extended_by_files_and_in_place(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text('[themes.sports]\nrank = 1\nlabels = { en = "Sports" }\n')

    settings = read(
        tmp_path,
        MINIMAL + '[themes]\nfiles = ["more.toml"]\n[themes.youth.labels]\nen = "Young people"\n',
    )

    labels = {theme.key: theme.labels["en"] for theme in settings.theme_rules().themes}
    assert labels["sports"] == "Sports"
    assert labels["youth"] == "Young people"


def test_wrong_rules_are_told_with_the_other_problems(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text("[themes.youth]\nrank = true\n")

    found = problems(
        tmp_path,
        MINIMAL
        + 'secret_keys = ["short"]\n'
        + LIST
        + DIGEST
        + 'themes = ["youth"]\n[themes]\nfiles = ["more.toml"]\n[themes.all]\nrank = 3\n',
    )

    assert [text.split(" ", 1)[0] for text in found] == ["secret_keys[0]", *(["themes"] * (len(found) - 1))]
    assert [text for text in found if "more.toml: themes.youth.rank" in text]
    assert [text for text in found if "themes.all" in text]


def test_a_theme_cannot_be_named_all(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, MINIMAL + '[themes.all]\nrank = 3\nlabels = { en = "All" }\n')

    assert found == "themes.all (line 2) must have another name, because all means every theme"


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("[", "not a TOML file"), (b"\xff", "not a TOML file")]
)
def test_a_file_of_rules_that_cannot_be_read_is_told(
    tmp_path: Path, content: str | bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "more.toml").write_bytes(content if isinstance(content, bytes) else content.encode())

    (found,) = problems(tmp_path, MINIMAL + '[themes]\nfiles = ["more.toml"]\n')

    assert words in found
    assert "more.toml" in found
