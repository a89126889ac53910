"""Published step by step it is what one publish of everything would give, and costs only what changed."""

import asyncio
import os
import random
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from sse_digest.errors import FeedError
from sse_digest.feeds.options import EntryContent, FeedOptions
from sse_digest.feeds.output.build import Build, BuildReport
from sse_digest.feeds.output.compression import packed
from sse_digest.feeds.output.draft import PendingDocuments
from sse_digest.feeds.output.generations import published_names, roll_back, take_turn
from sse_digest.feeds.publish import publish as publish_batches
from sse_digest.feeds.validation.validate import ValidationContext, approve
from sse_digest.model.issues import IssuePage, Period
from sse_digest.model.items import Item, Precision, ThemeDecision
from sse_digest.model.tag_uri import TagAuthority
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG
from tests.feeds.whole import HTML, NOW, publish_items

SMALL = replace(OPTIONS, range_length=5, newest=3)


def seen(number: int, **changes: object) -> Item:
    """An item first seen in the hour of its number."""
    moment = NOON + timedelta(hours=number)
    values: dict[str, object] = {
        "first_seen": moment,
        "updated": moment,
        "published": date(2023, 1 + number % 4, 1 + number % 28),
        "language": ("en", "fr", "ar", None)[number % 4],
        "themes": (("youth",), ("cooperatives",), ("cooperatives", "youth"), ("other",))[number % 4],
    }
    return make_item(number, **{**values, **changes})


def standing(folder: Path) -> dict[str, tuple[bytes, int]]:
    found = (folder / "current").iterdir()
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def bodies(folder: Path) -> dict[str, bytes]:
    found = standing(folder).items()
    return {name: body for name, (body, _) in found if not name.endswith((".gz", ".br"))}


# ---- any sequence of changes


@dataclass
class World:
    """All that may change between two publishes."""

    chance: random.Random
    items: list[Item] = field(default_factory=list)
    options: FeedOptions = SMALL
    issues: list[IssuePage] = field(default_factory=list)
    program: bytes = b"one"
    clock: int = 0

    def change(self) -> None:
        """Let one thing happen."""
        self.clock += 1
        self.chance.choice(
            (self.add, self.add, self.add, self.edit, self.retouch, self.configure, self.come_out)
        )()

    def add(self) -> None:
        """Some new items are read."""
        first = len(self.items)
        self.items += [seen(number) for number in range(first, first + self.chance.randint(1, 7))]

    def edit(self) -> None:
        """An item's words change, and with them its `updated`."""
        self._replace(title=f"Edited {self.clock}", updated=NOON + timedelta(days=60, hours=self.clock))

    def retouch(self) -> None:
        """Something changes by which no item becomes new."""
        themes = self.chance.choice((("youth",), ("cooperatives", "other"), ("unknown",)))
        self._replace(
            **self.chance.choice(
                (
                    {"hidden": self.chance.random() < 0.7},
                    {"gone_at": self.chance.choice((None, NOON))},
                    {"decision": ThemeDecision(themes=themes, primary=themes[0])},
                    {"language": self.chance.choice(("en", "fr", "de", None))},
                    {"published": date(2022, 12, 3)},
                    {"published": None, "precision": Precision.NONE, "date_text": "lately"},
                    {"credit": f"© {self.clock}", "image_url": "https://a.example/b.png"},
                    {"body": f"<p>Body {self.clock}</p>"},
                    {"link": None},
                    {"place": f"Place {self.clock}"},
                )
            )
        )

    def configure(self) -> None:
        """The operator changes settings, or installs another version."""
        address = "https://other.example/{format}"
        changes: Mapping[str, object] = self.chance.choice(
            (
                {"title": f"Title {self.clock}"},
                {"themes": {"youth": {"en": f"Youth {self.clock}"}, "other": {}}},
                {"themes": OPTIONS.themes},
                {"moved_to": self.chance.choice(({}, {"youth": address}, {"all": address}))},
                {"gone": self.chance.choice((frozenset(), frozenset({"cooperatives.fr"})))},
                {"hub": self.chance.choice((None, "https://hub.example/"))},
                {"content": self.chance.choice(tuple(EntryContent))},
                {"newest": self.chance.randint(1, 6)},
                {"public_url": self.chance.choice(("https://a.example", "https://b.example"))},
            )
        )
        self.options = replace(self.options, **changes)  # type: ignore[arg-type] # fields of it
        self.program = self.chance.choice((self.program, b"one", b"two"))

    def come_out(self) -> None:
        """An issue comes out."""
        month = len(self.issues) % 12 + 1
        self.issues.append(
            IssuePage(
                digest="monthly",
                digest_title="Monthly",
                period=Period(2023 + len(self.issues) // 12, month),
                language=self.chance.choice(("en", "ar")),
                title=f"Issue {len(self.issues)}",
                summary="News.",
                html="<h1>Issue</h1>",
                came_out=NOON + timedelta(days=len(self.issues)),
            )
        )

    def _replace(self, **changes: object) -> None:
        if self.items:
            place = self.chance.randrange(len(self.items))
            self.items[place] = replace(self.items[place], **changes)  # type: ignore[arg-type] # fields of it


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_published_step_by_step_is_published_at_once(
    tmp_path: Path, seed: int, effort: str, proof: Callable[[str, str], None]
) -> None:
    """One folder is published into by its record, the other never; what stands is judged as a whole."""
    steps = 150 if effort == "full" else 6
    world = World(random.Random(seed))
    stepwise, anew = tmp_path / "stepwise", tmp_path / "anew"
    before: dict[str, bytes] = {}
    for _ in range(steps):
        world.change()
        kept = published_names(stepwise)

        one = publish_items(stepwise, world.items, world.options, program=world.program, issues=world.issues)
        other = publish_items(anew, world.items, world.options, issues=world.issues, anew=True)

        found = bodies(stepwise)
        wanted = documents_for(world.items, world.options, TAG, kept=kept, issues=world.issues)
        assert {name: body for name, body in found.items() if name in wanted} == wanted
        assert all(name.startswith("issues_") for name in found.keys() - wanted.keys())
        assert found == bodies(anew)
        assert standing(stepwise).keys() == standing(anew).keys(), "packed forms stand beside the same ones"
        assert (one.built.changed, one.built.removed) == (other.built.changed, other.built.removed)
        assert set(one.built.changed) == {name for name in found if found[name] != before.get(name)}
        approve(found, before.get, ValidationContext(known=_Everything(), now=NOW))
        before = found
    proof("Published step by step and at once", f"{steps} changes each in 4 orders, always the same bytes")


class _Everything:
    def __contains__(self, _: object) -> bool:
        return True


@dataclass
class Vandal:
    """Whatever somebody may do to the folder between two publishes."""

    folder: Path
    chance: random.Random

    def strike(self) -> None:
        """Do one thing, most often nothing."""
        current = self.folder / "current"
        if not current.exists() or self.chance.random() < 0.4:
            return
        victim = current / self.chance.choice(sorted(path.name for path in current.iterdir()))
        meddle = partial(self.meddle, victim)
        self.chance.choice((self.roll_back, self.stray, self.lose, meddle, meddle, meddle))()

    def roll_back(self) -> None:
        with suppress(FeedError):
            roll_back(self.folder)

    def stray(self) -> None:
        (self.folder / "current" / "stray.html").write_text("no feed")
        (self.folder / "current" / ".well-known").mkdir(exist_ok=True)

    def lose(self) -> None:
        (self.folder / "current" / "stray.html").unlink(missing_ok=True)  # without a record it would be ours
        record_of(self.folder).unlink(missing_ok=True)

    def meddle(self, victim: Path) -> None:
        if victim.is_dir():
            return  # of a generation that was meddled with before
        body = victim.read_bytes()
        victim.unlink()
        deed = self.chance.choice(("gone", "turned", "link", "folder"))
        if deed == "turned":
            victim.write_bytes(body[::-1])
        elif deed == "link":
            elsewhere = self.folder / f"elsewhere-{victim.name}"
            elsewhere.write_bytes(body)
            victim.symlink_to(elsewhere)
        elif deed == "folder":
            victim.mkdir()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_somebody_does_to_the_folder_the_next_publish_is_whole(
    tmp_path: Path, seed: int, effort: str, proof: Callable[[str, str], None]
) -> None:
    """A digest leaves the settings and comes back, too; nothing is reported that did not change."""
    steps, chance = 60 if effort == "full" else 5, random.Random(seed)
    world, vandal = World(chance), Vandal(tmp_path, chance)
    world.add()
    for _ in range(steps):
        for _ in range(chance.randint(0, 2)):
            world.change()
        issues = chance.choice(([], world.issues))
        vandal.strike()
        kept = published_names(tmp_path) - {"stray.html"}
        anew = chance.random() < 0.15

        publish_items(tmp_path, world.items, world.options, program=world.program, issues=issues, anew=anew)

        found, files = bodies(tmp_path), standing(tmp_path)
        wanted = documents_for(world.items, world.options, TAG, kept=kept, issues=issues)
        assert {name: body for name, body in found.items() if name in wanted} == wanted
        assert {name for name in kept if name.startswith("issues_")} <= found.keys()
        assert all(name.startswith("issues_") for name in found.keys() - wanted.keys())
        for name, body in found.items():
            beside = {end: files[name + end][0] for end in (".br", ".gz") if name + end in files}
            assert beside == packed(body)
        again = publish_items(tmp_path, world.items, world.options, program=world.program, issues=issues)
        assert (again.asked, again.built.changed, standing(tmp_path)) == (NOTHING, (), files)
    proof("Published into a folder that was meddled with", f"{steps} times each in 3 orders, always whole")


# ---- it costs what changed


def test_where_nothing_changed_no_item_is_looked_into(tmp_path: Path) -> None:
    items = [seen(number) for number in range(23)]
    publish_items(tmp_path, items, SMALL)
    before = standing(tmp_path)

    again = publish_items(tmp_path, items, SMALL)

    assert (again.asked, again.built.changed, again.built.unchanged) == (NOTHING, (), len(bodies(tmp_path)))
    assert standing(tmp_path) == before


def test_of_a_new_item_only_what_stands_beside_it_is_looked_into(tmp_path: Path) -> None:
    items = [seen(number, published=date(2023, 1 + number // 20, 1)) for number in range(63)]
    publish_items(tmp_path, items[:-1], SMALL)

    found = publish_items(tmp_path, items, SMALL)

    shown = {item.id for item in items[60:]}  # not archived yet
    month = {item.id for item in items if item.published == items[-1].published}
    newest = {item.id for item in items[-14:]}  # the three newest of its theme in its language
    assert shown <= found.asked <= shown | month | newest


def test_an_edited_item_lets_only_its_own_archives_be_written(tmp_path: Path) -> None:
    items = [seen(number, published=date(2023, 1 + number // 20, 1)) for number in range(63)]
    publish_items(tmp_path, items, SMALL)
    items[11] = replace(items[11], credit="© Somebody", image_url="https://a.example/b.png")

    found = publish_items(tmp_path, items, SMALL)

    assert found.asked <= {items[number].id for number in (*range(10, 15), *range(20))}
    archives = {name.partition(".archive-")[2] for name in found.built.changed if ".archive-" in name}
    assert archives == {"3.atom", "3.rss", "3.json"}


def test_a_feed_that_moved_lets_no_other_be_written(tmp_path: Path) -> None:
    items = [seen(number, language="fr", themes=("youth",)) for number in range(10)]
    items += [seen(number, language="en", themes=("cooperatives",)) for number in range(10, 20)]
    options = replace(SMALL, moved_to={"cooperatives": "https://other.example/{format}"})
    publish_items(tmp_path, items, options)
    youth = {item.id for item in items[:10]}

    found = publish_items(tmp_path, [*items, seen(20, language="en", themes=("cooperatives",))], options)

    assert "cooperatives.atom" in found.built.changed
    newest_of_all = {item.id for item in items[-3:]}
    month = {item.id for item in items if item.published and item.published.month == 1}
    assert not found.asked & youth - newest_of_all - month


def test_of_issues_only_what_is_written_is_read(tmp_path: Path) -> None:
    world = World(random.Random(0))
    for _ in range(3):
        world.come_out()
    whole = [replace(issue, language="en", html=HTML) for issue in world.issues]
    unread = [replace(issue, html=None, mark=b"1") for issue in whole]

    first = publish_items(tmp_path / "unread", ITEMS, SMALL, issues=unread)
    publish_items(tmp_path / "whole", ITEMS, SMALL, issues=whole)
    again = publish_items(tmp_path / "unread", ITEMS, SMALL, issues=unread)
    unread[1] = replace(unread[1], mark=b"2")
    other = publish_items(tmp_path / "unread", ITEMS, SMALL, issues=unread)

    assert bodies(tmp_path / "unread") == bodies(tmp_path / "whole")
    assert (sorted(first.read), again.read, other.read) == (
        ["2023-01", "2023-02", "2023-03"],
        (),
        ("2023-02",),
    )
    with pytest.raises(ValueError, match="its HTML was not loaded"):
        documents_for(ITEMS, SMALL, TAG, issues=unread)


# ---- the record is believed no more than it should be


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a generation of 23 items."""
    publish_items(tmp_path, ITEMS, SMALL)
    return tmp_path


ITEMS = tuple(seen(number) for number in range(23))
EVERY_ID, NOTHING = frozenset(item.id for item in ITEMS), frozenset[str]()


def record_of(folder: Path) -> Path:
    return folder / "generations" / f"{(folder / 'current').readlink().name}.record"


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "turned", "of another", "other form"])
def test_without_a_record_that_can_be_trusted_everything_is_looked_into_and_stays(
    folder: Path, damage: str
) -> None:
    record, before = record_of(folder), standing(folder)
    body = record.read_bytes()
    record.unlink()
    if damage != "missing":
        damaged = {
            "empty": b"",
            "cut": body[: len(body) // 2],
            "turned": body.replace(b"youth", b"south", 1),
            "of another": body.replace(record.name.partition(".")[0].encode(), b"0" * 32),
            "other form": body.replace(b"record-1", b"record-0"),
        }
        record.write_bytes(damaged[damage])

    found = publish_items(folder, ITEMS, SMALL)

    assert (found.asked, found.built.changed) == (EVERY_ID, ())
    assert standing(folder) == before
    assert record_of(folder).read_bytes() == body
    assert publish_items(folder, ITEMS, SMALL).asked == set()


def test_another_program_looks_into_everything_and_leaves_what_is_the_same(folder: Path) -> None:
    before = standing(folder)

    found = publish_items(folder, ITEMS, SMALL, program=b"another")

    assert (found.asked, found.built.changed) == (EVERY_ID, ())
    assert standing(folder) == before
    assert publish_items(folder, ITEMS, SMALL, program=b"another").asked == set()


def test_whoever_asks_gets_everything_looked_into(folder: Path) -> None:
    assert publish_items(folder, ITEMS, SMALL, anew=True).asked == EVERY_ID


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", ".gz", ".br"])
@pytest.mark.parametrize("name", ["all.atom", "youth.archive-2.rss", "all.2023-02.html", "feeds.opml"])
@pytest.mark.parametrize("damage", ["same size", "longer", "empty", "gone", "a link"])
def test_a_file_that_somebody_changed_is_put_right(folder: Path, name: str, ending: str, damage: str) -> None:
    victim, before = folder / "current" / (name + ending), standing(folder)
    body = victim.read_bytes()
    if damage in {"gone", "a link"}:
        victim.unlink()
    if damage == "a link":
        victim.symlink_to("all.html")
    elif damage != "gone":
        victim.write_bytes({"same size": body[::-1], "longer": body + b" ", "empty": b""}[damage])

    report = publish_items(folder, ITEMS, SMALL).built

    assert report.changed == (name,)
    after = standing(folder)
    assert {file: body for file, (body, _) in after.items()} == {
        file: body for file, (body, _) in before.items()
    }
    assert {file for file in after if after[file] != before[file]} <= {name, f"{name}.gz", f"{name}.br"}
    assert after[name][1] > before[name][1]


def test_a_file_that_was_only_touched_is_looked_into_and_stays(folder: Path) -> None:
    (folder / "current" / "youth.archive-2.rss").touch()

    found = publish_items(folder, ITEMS, SMALL)

    assert found.built.changed == ()
    assert set() < found.asked < EVERY_ID
    assert publish_items(folder, ITEMS, SMALL).asked == set()


def test_a_file_that_is_none_of_ours_goes_with_the_next_publish(folder: Path) -> None:
    before = bodies(folder)
    (folder / "current" / "stranger.txt").write_text("no feed")

    found = publish_items(folder, ITEMS, SMALL)

    assert (found.asked, found.built.changed) == (NOTHING, ())
    assert bodies(folder) == before


@pytest.mark.parametrize("anew", [False, True])
def test_a_stray_document_becomes_no_feed(folder: Path, anew: bool) -> None:
    before = bodies(folder)
    (folder / "current" / "stray.html").write_text("no feed")

    publish_items(folder, ITEMS, SMALL, anew=anew)

    assert bodies(folder) == before


def test_a_link_never_counts_as_what_it_leads_to(folder: Path) -> None:
    victim, elsewhere = folder / "current" / "all.atom", folder / "elsewhere.atom"
    body = victim.read_bytes()
    victim.rename(elsewhere)
    victim.symlink_to(elsewhere)
    publish_items(folder, ITEMS, SMALL)
    elsewhere.write_text("no feed")

    publish_items(folder, ITEMS, SMALL)

    assert victim.read_bytes() == body
    assert not victim.is_symlink()


@pytest.mark.slow
def test_a_digest_that_leaves_the_settings_and_comes_back_loses_nothing(folder: Path) -> None:
    world = World(random.Random(0), items=list(ITEMS))
    world.come_out()

    def of_issues() -> set[str]:
        return {name for name in bodies(folder) if name.startswith("issues_")}

    publish_items(folder, world.items, SMALL, issues=world.issues)
    before = of_issues()
    for issues in ([], [], [], world.issues, [], world.issues, world.issues):
        world.add()
        publish_items(folder, world.items, SMALL, issues=issues)
        assert of_issues() == before, "addresses are permanent"


def test_after_rolling_back_a_publish_goes_by_the_record_of_what_stands(folder: Path) -> None:
    first = bodies(folder)
    more = [*ITEMS, seen(23)]
    publish_items(folder, more, SMALL)
    second = bodies(folder)
    roll_back(folder)
    assert bodies(folder) == first
    assert publish_items(folder, ITEMS, SMALL).asked == set()

    found = publish_items(folder, more, SMALL)

    assert set() < found.asked < EVERY_ID | {more[-1].id}
    assert bodies(folder) == second


def test_other_authority_of_the_ids_is_another_feed_and_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(folder)
    monkeypatch.setattr("tests.feeds.whole.TAG", TagAuthority(authority="other.example", year=2023))

    with pytest.raises(FeedError, match="id-of-feed"):
        publish_items(folder, ITEMS, SMALL)

    assert standing(folder) == before
    assert not (folder / "generations" / ".next").exists()


def test_a_file_changed_with_its_time_set_back_is_found_where_everything_is_written_anew(
    folder: Path,
) -> None:
    victim = folder / "current" / "youth.archive-2.rss"
    body, at = victim.read_bytes(), victim.stat()
    victim.write_bytes(body[::-1])
    os.utime(victim, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert publish_items(folder, ITEMS, SMALL).built.changed == ()

    assert publish_items(folder, ITEMS, SMALL, anew=True).built.changed == ("youth.archive-2.rss",)

    assert victim.read_bytes() == body


def test_a_database_that_lost_items_is_refused_by_record_too(folder: Path) -> None:
    before = standing(folder)

    with pytest.raises(FeedError, match="id-lost"):
        publish_items(folder, ITEMS[:-1], SMALL)

    assert standing(folder) == before
    assert publish_items(folder, [*ITEMS[:-1], replace(ITEMS[-1], hidden=True)], SMALL).built.changed


def test_a_draft_that_leads_to_what_is_not_published_is_refused(tmp_path: Path) -> None:
    one = PendingDocuments(
        names=("one.html",), revision=b"1" * 16, leads_to=("two.html",), write=lambda _: {"one.html": b"1"}
    )
    two = PendingDocuments(names=("two.html",), revision=b"2" * 16, write=lambda _: {"two.html": b"2"})

    def items_of(_: Collection[str]) -> Mapping[str, Item]:
        return {}

    def publish(*drafts: PendingDocuments) -> BuildReport:
        with take_turn(tmp_path) as turn, Build(turn) as build:
            gate = ValidationContext(known=_Everything(), now=NOW)
            return asyncio.run(publish_batches(build, [lambda: drafts], items_of, gate))

    with pytest.raises(FeedError, match=r"one.html.*two.html, which is not published"):
        publish(one)
    assert publish(one, two).changed == ("one.html", "two.html")
    with pytest.raises(FeedError, match="which is not published"):
        publish(one)
