"""Make docs/cli.md and docs/settings.md from the code; `python docs/reference.py` rewrites both.

A test compares them with the code.
"""

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).resolve().parent
NOTE = "<!-- made by docs/reference.py; do not edit -->"
ENVIRONMENT = (
    "You can give each setting in the file or in the environment: "
    "`SSE_DIGEST__SMTP__PASSWORD` is `password` in the table `smtp`."
)
TYPE_NAMES = {"integer": "whole number", "number": "number", "boolean": "true or false", "password": "text"}
Schema = Mapping[str, Any]  # a JSON Schema or a part of one, as pydantic gives it


# -------------------------------------------------------------------- commands


def cli_page(group: click.Group, program: str = "sse-digest") -> str:
    """Return the page of all verbs, in the order of the program's own help."""
    head = ["# Commands", NOTE, paragraphs(group.help)]
    context = click.Context(group, info_name=program)
    return "\n\n".join([*head, *options(context), *verbs(context)]) + "\n"


def verbs(parent: click.Context) -> Iterator[str]:
    """Yield the text of every verb below a group, depth first."""
    group = parent.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        if command is None or command.hidden:
            continue
        context = click.Context(command, info_name=name, parent=parent)
        depth = context.command_path.count(" ")
        yield f"{'#' * (depth + 1)} {context.command_path}"
        if not isinstance(command, click.Group):
            usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
            yield f"```console\n$ {usage}\n```"
        yield paragraphs(command.help)
        yield from options(context)
        yield from verbs(context)


def options(context: click.Context) -> Iterator[str]:
    """Yield the table of a command's options, if it has any besides --help."""
    rows = []
    for option in context.command.get_params(context):
        record = option.get_help_record(context)
        if record is not None and record[1] and "--help" not in option.opts:
            rows.append("| `{}` | {} |".format(*(cell.replace("|", "\\|") for cell in record)))
    if rows:
        yield "\n".join(["| Option | Meaning |", "|---|---|", *rows])


def paragraphs(text: str | None) -> str:
    """Return a help text as paragraphs, as click would show it."""
    plain = inspect.cleandoc((text or "").replace("\b", ""))
    return click.wrap_text(plain, width=10_000, preserve_paragraphs=True)


# -------------------------------------------------------------------- settings


def settings_page(schema: Schema) -> str:
    """Return the page of all settings, a section for each table of the configuration file."""
    return "\n\n".join(["# Settings", NOTE, ENVIRONMENT, *tables(schema, schema, "")]) + "\n"


def tables(schema: Schema, root: Schema, name: str, heading: str = "") -> Iterator[str]:
    """Yield the section of one table and of those inside it."""
    below: list[tuple[Schema, str, str]] = []
    rows = []
    for key, field in schema.get("properties", {}).items():
        full = f"{name}.{key}" if name else key
        inner, inner_name, inner_heading = table_inside(field, root, full)
        if inner is not None:
            below.append((inner, inner_name, inner_heading))
        else:
            told = "required" if key in schema.get("required", ()) else default(field)
            cells = (f"`{key}`", kind(field, root), told, field.get("description", ""))
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    if heading:
        yield f"## `{heading}`"
        yield " ".join(schema.get("description", "").split())
    if rows:
        yield "\n".join(["| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows])
    for inner, inner_name, inner_heading in below:
        yield from tables(inner, root, inner_name, inner_heading)


def table_inside(field: Schema, root: Schema, name: str) -> tuple[Schema | None, str, str]:
    """Return the table a field holds, its name and its heading in TOML; None if it holds a plain value."""
    for part in (field, *field.get("anyOf", ())):
        found = resolve(part, root)
        if "properties" in found:
            return found, name, f"[{name}]"
        several = resolve(found.get("items", {}), root)
        if "properties" in several:
            return several, name, f"[[{name}]]"
        named = found.get("additionalProperties")
        if isinstance(named, Mapping) and "properties" in resolve(named, root):
            return resolve(named, root), f"{name}.NAME", f"[{name}.NAME]"
    return None, name, ""


def resolve(part: Schema, root: Schema) -> Schema:
    """Follow a reference into the schema's definitions."""
    reference = part.get("$ref")
    return root["$defs"][reference.rpartition("/")[2]] if reference else part


def kind(field: Schema, root: Schema) -> str:
    """Return the type of a plain value in words."""
    found = resolve(field, root)
    if "anyOf" in found:
        return " or ".join(kind(part, root) for part in found["anyOf"] if part.get("type") != "null")
    if "const" in found or "enum" in found:
        return " or ".join(f"`{value}`" for value in found.get("enum", [found.get("const")]))
    if found.get("type") == "array":
        return f"list of {kind(found['items'], root)}" if "items" in found else "list"
    if isinstance(found.get("additionalProperties"), Mapping):
        return f"table of {kind(found['additionalProperties'], root)}"
    given = str(found.get("format", found.get("type", "text")))
    return TYPE_NAMES.get(given, given).replace("string", "text")


def default(field: Schema) -> str:
    """Return the default as it is written in the file; empty if there is none."""
    value = field.get("default")
    return "" if value is None or value in ("", [], {}) else f"`{json.dumps(value, ensure_ascii=False)}`"


# -------------------------------------------------------------------- both


def pages() -> dict[str, str]:
    """Return the pages by file name, made from the installed program."""
    from sse_digest.cli import cli  # noqa: PLC0415  only this function needs the whole program
    from sse_digest.settings.configuration import Configuration  # noqa: PLC0415  as above

    return {"cli.md": cli_page(cli), "settings.md": settings_page(Configuration.model_json_schema())}


if __name__ == "__main__":
    for page, text in pages().items():
        (HERE / page).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{HERE / page}\n")
