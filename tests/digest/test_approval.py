"""An approved issue is sent as it was approved, or not at all."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sse_digest.digest.approval import approve_issue, content_hash, refuse_unapproved, withdraw
from sse_digest.digest.compose import compose, load_issue
from sse_digest.digest.editing import Change, edit_issue
from sse_digest.digest.edition import render_edition
from sse_digest.digest.options import Letterhead
from sse_digest.errors import DigestError
from sse_digest.model.issues import Digest, Issue
from sse_digest.rendering.resources import folder
from sse_digest.store import Store
from sse_digest.store.issues.issue_edits import Approval, read_approval
from sse_digest.store.news.items import edit_item
from tests.composing import APRIL, MARCH, dated, make_digest, put_items
from tests.digest.issues import LETTERHEAD, TEMPLATES

DIGEST = make_digest()
STRICT = replace(DIGEST, require_approval=True)
NOW = datetime(2023, 6, 2, 8, tzinfo=UTC)
ITEM = dated(1, date(2023, 4, 20), id="first")
OTHER = dated(2, date(2023, 4, 10), id="second", themes=("youth",))


def hash_of(issue: Issue, *, letterhead: Letterhead = LETTERHEAD, templates: Path = TEMPLATES) -> str:
    edition = render_edition(
        issue,
        DIGEST,
        language="en",
        themes=(),
        theme_labels={},
        letterhead=letterhead,
        templates=templates,
        secret_key=b"a key of the tests",
    )
    return content_hash([(edition, letterhead)])


def begin(store: Store) -> None:
    with store.writing() as connection:
        put_items(connection, ITEM, OTHER)
    compose(store, DIGEST, APRIL, now=NOW)


def approve(store: Store) -> Approval:
    return approve_issue(store, DIGEST, APRIL, hash_of=hash_of, by="Ana", now=NOW)


def refuse(
    store: Store, digest: Digest = DIGEST, *, letterhead: Letterhead = LETTERHEAD, templates: Path = TEMPLATES
) -> None:
    with store.reading() as connection:
        issue = load_issue(connection, DIGEST.name, APRIL)
        assert issue is not None
        refuse_unapproved(
            connection,
            digest,
            issue,
            hash_of=lambda found: hash_of(found, letterhead=letterhead, templates=templates),
        )


def approval(store: Store) -> Approval | None:
    with store.reading() as connection:
        return read_approval(connection, DIGEST.name, APRIL)


def test_without_approval_an_issue_goes_out_unless_the_digest_asks_for_one(store: Store) -> None:
    begin(store)

    refuse(store)
    with pytest.raises(DigestError, match="sse-digest approve 2023-04 --digest monthly"):
        refuse(store, STRICT)


def test_an_approved_issue_is_frozen_and_goes_out(store: Store) -> None:
    begin(store)

    given = approve(store)

    assert given == approval(store)
    assert (given.by, given.at) == ("Ana", NOW)
    refuse(store, STRICT)
    with store.reading() as connection:
        issue = load_issue(connection, DIGEST.name, APRIL)
    assert issue is not None
    assert issue.frozen


def test_other_templates_void_an_approval(store: Store, tmp_path: Path) -> None:
    begin(store)
    approve(store)
    for path in (folder("templates") / "email").rglob("*.*"):
        copy = tmp_path / path.relative_to(folder("templates") / "email")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    refuse(store, templates=tmp_path)

    css = tmp_path / "digest.css"
    css.write_text(css.read_text(encoding="utf-8").replace("light.accent", "light.ink"), encoding="utf-8")

    with pytest.raises(DigestError, match=r"what Ana approved on 2023-06-02.*templates or settings changed"):
        refuse(store, templates=tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"from_name": "Somebody else"},
        {"reply_to": None},
        {"postal_address": "Elsewhere"},
        {"list_title": "x"},
    ],
)
def test_another_sender_voids_an_approval(store: Store, changed: dict[str, str | None]) -> None:
    begin(store)
    approve(store)

    with pytest.raises(DigestError, match="templates or settings changed"):
        refuse(store, letterhead=replace(LETTERHEAD, **changed))  # type: ignore[arg-type] # fields of the letterhead


@pytest.mark.parametrize(
    ("change", "said"), [({"hidden": True}, "taken out"), ({"title": "Corrected"}, "edited")]
)
def test_news_that_was_hidden_or_corrected_voids_an_approval(
    store: Store, change: dict[str, object], said: str
) -> None:
    begin(store)
    approve(store)
    with store.writing() as connection:
        edit_item(connection, "first", now=NOW, **change)  # type: ignore[arg-type] # the test's own values

    with pytest.raises(DigestError, match=rf"news changed \(Item number 1: {said}\)"):
        refuse(store)

    approve(store)
    refuse(store)


def test_an_edit_withdraws_an_approval_and_says_so(store: Store) -> None:
    begin(store)
    approve(store)

    change = Change(language="en", title="Spring")
    report = edit_issue(store, DIGEST, APRIL, change, now=NOW)

    assert report.approval_withdrawn
    assert approval(store) is None
    assert report.composed.issue is not None
    assert not report.composed.issue.frozen
    with pytest.raises(DigestError, match="is not approved"):
        refuse(store, STRICT)


def test_a_withdrawn_approval_lets_the_issue_be_composed_anew(store: Store) -> None:
    begin(store)
    approve(store)
    with store.writing() as connection:
        put_items(connection, dated(3, date(2023, 4, 25), id="third"))
    frozen = compose(store, DIGEST, APRIL, now=NOW)

    assert withdraw(store, DIGEST, APRIL)
    anew = compose(store, DIGEST, APRIL, now=NOW)

    assert frozen.issue is not None
    assert anew.issue is not None
    assert (frozen.issue.item_count, anew.issue.item_count) == (2, 3)
    assert not withdraw(store, DIGEST, APRIL)


def test_what_was_never_composed_cannot_be_approved_or_withdrawn(store: Store) -> None:
    with pytest.raises(DigestError, match="sse-digest compose 2023-03"):
        approve_issue(store, DIGEST, MARCH, hash_of=hash_of, by="Ana", now=NOW)
    with pytest.raises(DigestError, match="sse-digest compose 2023-03"):
        withdraw(store, DIGEST, MARCH)


def test_what_is_being_sent_is_neither_approved_nor_withdrawn(store: Store) -> None:
    begin(store)
    approve(store)
    with store.writing() as connection:
        connection.execute("UPDATE issues SET total = 3")

    with pytest.raises(DigestError, match="cannot be approved any more"):
        approve(store)
    with pytest.raises(DigestError, match="cannot be withdrawn"):
        withdraw(store, DIGEST, APRIL)
