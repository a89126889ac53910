"""Make the Jinja environment in which mails, feeds and pages are rendered.

Values are escaped in all templates except .txt and .css, a missing variable is an error, and visible words
come from a catalogue. The clock is never read, so the same input yields the same bytes.
"""

from dataclasses import fields
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sse_digest.rendering.design import Appearance, design_of
from sse_digest.rendering.translations import Catalogue

_PLAIN = (".txt", ".css")


def make_environment(folder: Path, catalogue: Catalogue, appearance: Appearance) -> Environment:
    """Return an environment for the templates in `folder`, with the words of `catalogue`.

    In templates, `catalogue` provides dates, numbers, `direction` and the sides `start` and `end`.
    `{% trans %}` and `gettext()` take their variables by name. The values of the design have the names of
    the fields of `Design`.

    Raises:
        ColourError: a colour of the appearance cannot be read.
        SseDigestError: the tokens of the design are missing.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=is_escaped,  # noqa: S701 # stricter than select_autoescape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    environment.globals["catalogue"] = catalogue
    design = design_of(appearance)
    environment.globals |= {field.name: getattr(design, field.name) for field in fields(design)}
    return environment


def is_escaped(template: str | None) -> bool:
    """Return whether a template's values are escaped; only plain text and style sheets are not."""
    return template is None or not template.endswith(_PLAIN)
