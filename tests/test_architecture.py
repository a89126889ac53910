"""The rules of the code: imports, sizes, names, and what no tracked file may contain."""

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.proofs import git

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "sse_digest"
MODULE_LINES = 400
FUNCTION_LINES = 50
FOLDER_ENTRIES = 20
# Module names that mean the same in each room that has one.
SAME_EVERYWHERE = {
    "deliveries",
    "html",
    "issue_edits",
    "issues",
    "items",
    "json_feed",
    "options",
    "subscribers",
}
SHORTEST_REASON = 5  # letters
OURS = sorted([*PACKAGE.rglob("*.py"), ROOT / "run.py", *ROOT.glob("bench/**/*.py")])
ALL_PYTHON = sorted([*OURS, *ROOT.glob("tests/**/*.py"), ROOT / "docs" / "conf.py"])
# Names that say nothing, and words that the glossary refuses.
REFUSED = {"base", "common", "misc", "util", "utils", "helper", "helpers", "manager", "managers", "service"}
REFUSED |= {"services", "campaign", "blast", "post", "article", "task", "tasks", "mailer"}
# A folder of one machine, or the address of a package registry: neither belongs in a public project.
PRIVATE = re.compile(
    r"(?<![\w./-])/(?:work|root|home)(?![\w-])"
    r"|pypi\.(?:org|python)|python[h]osted|registry\.[n]pmjs|npmjs\.(?:com|org)|crates\.[i]o"
    r"|deb\.debian\.[o]rg|archive\.ubuntu\.[c]om|/simple/?[\"']"
)
DIRECTIVE = re.compile(
    r"#?\s*(?:noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?"
    r"|type:\s*ignore(?:\[[^\]]*\])?|pragma:\s*no\s+(?:cover|branch))"
)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked_files() -> list[Path]:
    """Return every file of the project; without git, what is not made by a run."""
    listed = git(ROOT, "ls-files", "-z")
    if listed:
        return [ROOT / name for name in listed.split("\0") if (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not is_made(path.relative_to(ROOT))]


def is_made(path: Path) -> bool:
    """Return whether a run made this file; only asked where git cannot tell."""
    return any(
        part in {"__pycache__", "_build", "dist", "generations", "current", "demo"}
        or (
            part.startswith(".")
            and part not in {".ci", ".github", ".gitignore", ".editorconfig", ".pre-commit-config.yaml"}
        )
        for part in path.parts
    )


def imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_imports_only_point_down() -> None:
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_model_and_errors_import_only_the_standard_library() -> None:
    foreign = {
        (named(path), module)
        for path in (*PACKAGE.glob("model/**/*.py"), PACKAGE / "errors.py")
        for module in imported_modules(tree_of(path))
        if module.split(".")[0] not in sys.stdlib_module_names
        and not module.startswith(("sse_digest.model", "sse_digest.errors"))
    }

    assert foreign == set()


def names_of_distributions(modules: set[str]) -> set[str]:
    """Return what has to be installed for these modules, by the normalised names of packages."""
    known = packages_distributions()
    return {
        re.sub(r"[-_.]+", "-", name).lower() for module in modules for name in known.get(module, [module])
    }


def test_every_dependency_is_declared_and_used() -> None:
    imported = {
        module.split(".")[0]
        for path in PACKAGE.rglob("*.py")
        for module in imported_modules(tree_of(path))
        if module
    }
    newer = {"compression"}  # in the standard library since 3.14
    foreign = {module for module in imported - sys.stdlib_module_names - newer - {"sse_digest"} if module}
    used = names_of_distributions(foreign)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^\w-]", requirement)[0].lower() for requirement in project["dependencies"]}

    # The first two are brought by jinja2 and by pydantic; the last is the extra `speed`.
    assert used - declared == {"markupsafe", "pydantic-core", "uvloop"}
    # httptools is named to uvicorn only; tzdata is read by the standard library.
    assert declared - used == {"httptools", "tzdata"}


def test_no_module_is_too_long() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in OURS}

    assert {name: length for name, length in lengths.items() if length > MODULE_LINES} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{named(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in OURS
        if path.parent.name != "versions"  # a migration is one list that Alembic wrote, in its order
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [named(path) for path in OURS if {*path.relative_to(ROOT).parts, path.stem} & REFUSED] == []


def test_no_class_name_ends_with_a_refused_word() -> None:
    endings = tuple(word.capitalize() for word in REFUSED)
    classes = [
        (named(path), node.name)
        for path in OURS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    ]

    assert classes
    assert [found for found in classes if found[1].endswith(endings)] == []


def test_no_two_public_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(named(path))

    assert len(places) > 200
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_module_name_is_used_twice_within_a_room() -> None:
    places: dict[tuple[str, str], list[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        room, *inside = path.relative_to(PACKAGE).parts
        if inside and path.stem not in {"__init__", "env"}:
            places.setdefault((room, path.stem), []).append(named(path))

    assert len(places) > 200
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def packages() -> list[Path]:
    return [path.parent for path in sorted(PACKAGE.rglob("__init__.py"))]


def test_every_package_has_a_map_that_names_its_modules() -> None:
    missing = {}
    for package in packages():
        docstring = ast.get_docstring(tree_of(package / "__init__.py")) or ""
        modules = {
            path.stem
            for path in package.iterdir()
            if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").is_file())
        }
        missing[named(package)] = {module for module in modules if f"`{module}" not in docstring}

    assert len(missing) > 30
    assert {name: modules for name, modules in missing.items() if modules} == {}


def test_a_module_name_is_used_in_several_rooms_only_if_it_means_the_same() -> None:
    rooms: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        room, *inside = path.relative_to(PACKAGE).parts
        if inside and room != "cli" and path.stem != "__init__":  # a verb's file is named after the verb
            rooms.setdefault(path.stem, set()).add(room)

    assert {
        name: found for name, found in rooms.items() if len(found) > 1 and name not in SAME_EVERYWHERE
    } == {}
    assert {name for name in SAME_EVERYWHERE if len(rooms.get(name, ())) < 2} == set()


def test_no_folder_has_too_many_entries() -> None:
    folders = [
        PACKAGE,
        *(path for path in PACKAGE.rglob("*") if path.is_dir() and path.name != "__pycache__"),
    ]
    sizes = {
        named(folder): len([entry for entry in folder.iterdir() if entry.name != "__pycache__"])
        for folder in folders
    }

    assert {name: size for name, size in sizes.items() if size > FOLDER_ENTRIES} == {}


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{named(path)}: {match.group()}" for match in PRIVATE.finditer(text)]

    assert found == []


@pytest.mark.parametrize(
    "text", ["cd /{}work", "in /{}home/x", "'/{}root/.pip'", "https://p{}ypi.org", "c{}rates.io"]
)
def test_private_addresses_are_recognised(text: str) -> None:
    assert PRIVATE.search(text.format(""))  # put together here, or this file would be found


@pytest.mark.parametrize("text", ["https://example.org/home/", "and/or", "/homes", "a/work/b", "rework"])
def test_addresses_that_only_look_private_are_accepted(text: str) -> None:
    assert not PRIVATE.search(text)


def unreasoned(source: str) -> list[str]:
    """Return the comments that silence a tool and do not say why."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and DIRECTIVE.search(token.string):
            letters = re.findall(r"[^\W\d_]", DIRECTIVE.sub(" ", token.string))
            found += [token.string] if len(letters) < SHORTEST_REASON else []
    return found


def test_every_silenced_finding_says_why() -> None:
    found = {named(path): unreasoned(path.read_text(encoding="utf-8")) for path in ALL_PYTHON}

    assert {name: comments for name, comments in found.items() if comments} == {}


def test_a_silenced_finding_without_a_reason_is_seen() -> None:
    source = "a = 1  # no" + "qa: S101\nb = 2  # type: " + "ignore[misc] # the stub is wrong\n"

    assert unreasoned(source) == ["# no" + "qa: S101"]


def test_every_ignored_rule_says_why() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    codes = [line for line in lines if re.match(r'\s*"[A-Z]+[0-9]+",', line)]

    assert codes
    assert [line for line in codes if not re.search(r"# \S+", line)] == []


def test_no_test_uses_mocks() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ALL_PYTHON}

    assert [
        named(path) for path, tree in trees.items() if "unittest.mock" in set(imported_modules(tree))
    ] == []
