from pathlib import Path

import pytest
from jinja2 import UndefinedError

from sse_digest.rendering.design import DEFAULT_APPEARANCE
from sse_digest.rendering.environment import make_environment
from sse_digest.rendering.translations import load

SCRIPT = "<script>alert(1)</script> & \"quotes'"


def render(folder: Path, name: str, source: str, language: str = "en", **values: object) -> str:
    (folder / name).write_text(source, encoding="utf-8")
    return make_environment(folder, load(language), DEFAULT_APPEARANCE).get_template(name).render(values)


@pytest.mark.parametrize("name", ["page.html", "page.html.j2", "feed.xml", "page.HTML", "nothing"])
def test_everything_is_escaped_that_is_not_known_to_be_plain(tmp_path: Path, name: str) -> None:
    written = render(tmp_path, name, "{{ value }}", value=SCRIPT)

    assert "<" not in written
    assert '"' not in written


@pytest.mark.parametrize("name", ["mail.txt", "mail.css"])
def test_plain_text_and_style_sheets_are_not_escaped(tmp_path: Path, name: str) -> None:
    assert render(tmp_path, name, "{{ value }}", value=SCRIPT) == SCRIPT


def test_a_template_made_from_a_string_is_escaped(tmp_path: Path) -> None:
    template = make_environment(tmp_path, load("en"), DEFAULT_APPEARANCE).from_string("{{ value }}")

    assert template.render(value="<b>") == "&lt;b&gt;"


def test_values_inside_translated_words_are_escaped(tmp_path: Path) -> None:
    source = "{{ gettext('See the top story above: %(title)s', title=value) }}"
    block = "{% trans title=value %}See the top story above: {{ title }}{% endtrans %}"

    written = render(tmp_path, "a.html", source, value=SCRIPT)

    assert written.startswith("See the top story above: &lt;script&gt;")
    assert render(tmp_path, "b.html", block, value=SCRIPT) == written


def test_words_come_from_the_catalogue_in_the_form_the_number_asks_for(tmp_path: Path) -> None:
    source = (
        "{{ ngettext('%(number)s news item from %(period)s: %(themes)s.',"
        " '%(number)s news items from %(period)s: %(themes)s.', n, number=n, period='P', themes='T') }}"
    )

    assert render(tmp_path, "a.txt", source, "ar", n=2).startswith("خبران")
    assert render(tmp_path, "b.txt", source, "fr", n=2).startswith("2 actualités")


def test_a_variable_nobody_gave_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError, match="nobody"):
        render(tmp_path, "a.txt", "{{ nobody }}")


def test_templates_find_the_catalogue(tmp_path: Path) -> None:
    source = (
        "{{ catalogue.direction }} {{ catalogue.start }} {{ catalogue.end }} {{ catalogue.number(1234) }}"
    )

    assert render(tmp_path, "a.txt", source, "ar") == "rtl right left 1,234"
    assert render(tmp_path, "b.txt", source, "es") == "ltr left right 1.234"
