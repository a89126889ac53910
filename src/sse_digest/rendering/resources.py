"""Find the files that come with the program: templates, catalogues, examples.

In an installed wheel they are inside the package; in a source tree they are at its root. The root is tried
first, because a build may have left an outdated copy inside the package.
"""

import tomllib
from pathlib import Path
from typing import Literal

from sse_digest.errors import SseDigestError

_PACKAGE = Path(__file__).resolve().parents[1]


def folder(name: Literal["templates", "locales", "examples"], *, package: Path = _PACKAGE) -> Path:
    """Return a folder that belongs to this copy of the program.

    `package` is the folder of the package; only tests pass a different one.

    Raises:
        SseDigestError: neither the source tree nor the package has the folder.
    """
    root = package.parents[1]
    if package.parent.name == "src" and _is_our_project(root / "pyproject.toml") and (root / name).is_dir():
        return root / name
    if (package / name).is_dir():
        return package / name
    raise SseDigestError(f"The folder {name!r} is missing in {package}. Install sse-digest again.")


def _is_our_project(pyproject: Path) -> bool:
    try:
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(project.get("project", {}).get("name") == "sse-digest")
