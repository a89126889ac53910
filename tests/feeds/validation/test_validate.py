"""The gate: what a generation must keep, and what is found in feeds of others."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sse_digest.errors import FeedError
from sse_digest.feeds.validation.findings import RULES, FeedFinding, Severity
from sse_digest.feeds.validation.validate import ValidationContext, approve, check, worst
from sse_digest.model.items import Item
from tests.builders import NOON, make_item
from tests.feeds.documents import documents_for
from tests.feeds.feeds import OPTIONS, TAG

NOW = datetime(2023, 5, 1, tzinfo=UTC)
ITEMS = (make_item(1, themes=("youth",)), make_item(2, language="fr"), make_item(3, link=None))
DOCUMENTS = documents_for(ITEMS, OPTIONS, TAG)
KNOWN = frozenset(TAG.item(item.id) for item in ITEMS)


def pass_gate(
    documents: Mapping[str, bytes],
    before: Mapping[str, bytes] | None = None,
    known: Collection[str] = KNOWN,
    *,
    accept: bool = False,
) -> None:
    approve(documents, (before or {}).get, ValidationContext(known=known, now=NOW, accept_changed_ids=accept))


def refusal(
    documents: Mapping[str, bytes], before: Mapping[str, bytes] | None = None, known: Collection[str] = KNOWN
) -> str:
    with pytest.raises(FeedError) as error:
        pass_gate(documents, before, known)
    return str(error.value)


def broken(name: str, old: str, new: str) -> dict[str, bytes]:
    body = DOCUMENTS[name].decode()
    assert old in body
    return {**DOCUMENTS, name: body.replace(old, new).encode()}


def documents_of(*items: Item) -> dict[str, bytes]:
    return documents_for(items, OPTIONS, TAG, kept=DOCUMENTS)


def rules_of(body: str | bytes) -> set[str]:
    data = body.encode() if isinstance(body, str) else body
    return {finding.rule for finding in check("feed", data, now=NOW)}


# ---- the gate


def test_what_the_code_writes_passes_at_first_and_again() -> None:
    pass_gate(DOCUMENTS)
    pass_gate(DOCUMENTS, DOCUMENTS)


def test_a_feed_that_became_empty_passes() -> None:
    pass_gate(documents_of(*(replace(item, hidden=True) for item in ITEMS)), DOCUMENTS)


def test_an_update_a_new_item_and_a_hidden_one_pass() -> None:
    later = replace(ITEMS[0], title="Changed", updated=NOON + timedelta(hours=1))
    fresh = make_item(9, first_seen=NOON + timedelta(hours=1))
    after = documents_of(later, replace(ITEMS[1], hidden=True), ITEMS[2], fresh)

    pass_gate(after, DOCUMENTS, KNOWN | {TAG.item(fresh.id)})


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        ("all.atom", "<updated>2023", "<updated>yesterday ", "date"),
        ("all.atom", 'href="https://news.example.org/items/1"', 'href="/items/1"', "address"),
        ("all.atom", 'rel="self"', 'rel="other"', "self"),
        ("all.atom", "tag:news.example.org,2023:item", "urn:item", "house-id"),
        ("all.atom", 'xml:lang="fr"', "", "house-language"),
        ("all.atom", "<generator>sse-digest</generator>", "", "house-parts"),
        ("all.atom", "Item number 1<", "Item &amp; number 1<", "house-numbers"),
        ("all.atom", "<title>Item number 1</title>", "", "grammar"),
        ("all.atom", "<title>Item number 1</title>", "<title> </title>", "blank"),
        ("all.atom", "</feed>", "", "well-formed"),
        ("all.rss", "2023 12:00:00 GMT", "99 12:00", "date"),
        ("all.rss", 'isPermaLink="false"', "", "address"),
        ("all.rss", "<dc:language>fr</dc:language>", "", "house-language"),
        ("all.rss", "<generator>sse-digest</generator>", "", "house-parts"),
        ("all.rss", "<title>Item number 1</title>", "", "house-parts"),
        ("all.json", '"date_modified": "2023', '"date_modified": "2024', "plausible-date"),
        ("all.json", '"url": "https://news.example.org/items/1"', '"url": 7', "type"),
        ("all.json", '"title": "Item number 1",', "", "house-parts"),
        ("all.json", "1.1", "2", "format"),
        ("all.json", '"items": [', '"items": [[', "well-formed"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_by_name(name: str, old: str, new: str, rule: str) -> None:
    message = refusal(broken(name, old, new))

    assert name in message
    assert f": {rule})" in message
    assert RULES[rule][1] in message
    assert "the previous generation stays" in message


def test_formats_that_hold_different_entries_are_refused() -> None:
    other = documents_for(ITEMS[:2], OPTIONS, TAG)

    assert "all.rss: its entries are not those of all.atom" in refusal(
        {**DOCUMENTS, "all.rss": other["all.rss"]}
    )


def test_an_id_that_the_database_no_longer_knows_is_refused_unless_accepted() -> None:
    fewer = documents_of(*ITEMS[1:])
    known = KNOWN - {TAG.item(ITEMS[0].id)}

    assert "id-lost" in refusal(fewer, DOCUMENTS, known)
    pass_gate(fewer, DOCUMENTS, known, accept=True)
    pass_gate(fewer, DOCUMENTS)  # hidden: still known


def test_a_feed_whose_id_would_change_is_refused_unless_accepted() -> None:
    moved = documents_for(ITEMS, OPTIONS, replace(TAG, year=2024))
    known = {replace(TAG, year=2024).item(item.id) for item in ITEMS} | KNOWN

    assert "id-of-feed" in refusal(moved, DOCUMENTS, known)
    with pytest.raises(FeedError, match="updated-back"):  # another item's slot: no readers' business here
        pass_gate(documents_of(replace(ITEMS[0], updated=NOON - timedelta(days=1))), DOCUMENTS)
    pass_gate(moved, DOCUMENTS, known, accept=True)


def test_updated_never_goes_back() -> None:
    earlier = documents_of(replace(ITEMS[0], updated=NOON - timedelta(days=1)), *ITEMS[1:])

    message = refusal(earlier, DOCUMENTS)

    assert "updated-back" in message
    assert TAG.item(ITEMS[0].id) in message


def test_an_archive_that_is_named_and_not_published_is_refused() -> None:
    link = '<link rel="prev-archive" href="https://news.example.org/feeds/none.atom"/></feed>'
    generator = "<generator>sse-digest</generator>"
    message = refusal(broken("all.atom", generator, link.removesuffix("</feed>") + generator))

    assert "prev-archive is https://news.example.org/feeds/none.atom, which is not published" in message


def test_a_document_that_says_it_stands_elsewhere_is_refused() -> None:
    message = refusal(broken("all.atom", "feeds/all.atom", "feeds/other.atom"))

    assert "its self link is https://news.example.org/feeds/other.atom" in message


def test_many_findings_are_counted_and_the_first_told() -> None:
    message = refusal(dict.fromkeys(DOCUMENTS, b"<"))

    assert message.count("well-formed") == 10
    assert "more" in message.splitlines()[-1]


# ---- feeds of others

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:a</id><title>A</title>
<updated>2023-01-01T00:00:00Z</updated><author><name>Me</name></author>
<link rel="self" href="https://a.example/feed"/>{}</feed>"""
ENTRY = """<entry><id>urn:b</id><title>B</title><updated>2023-01-01T00:00:00Z</updated>
<link href="https://a.example/b"/><summary>b</summary>{}</entry>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>
<link>https://a.example/</link><description>d</description>
<atom:link rel="self" href="https://a.example/feed"/>{}</channel></rss>"""
JSON = {
    "version": "https://jsonfeed.org/version/1",
    "title": "A",
    "feed_url": "https://a.example/feed.json",
    "items": [{"id": "1", "content_html": "<p>x"}],
}


def json_feed(**changes: object) -> str:
    return json.dumps({**JSON, **changes})


def item(**changes: object) -> str:
    return json_feed(items=[{"id": "1", "content_text": "x", **changes}])


@pytest.mark.parametrize(
    "body",
    [
        ATOM.format(""),
        ATOM.format(ENTRY.format("")),
        ATOM.format(ENTRY.format('<content type="html">&lt;p>x</content>')),
        RSS.format("<item><title>x</title></item>"),
        RSS.format("<item><description>x</description><guid>https://a.example/1</guid></item>"),
        json_feed(),
        "\ufeff" + json_feed(),
        item(attachments=[{"url": "https://a.example/a.mp3", "mime_type": "audio/mpeg"}], tags=["a"]),
        json_feed(hubs=[{"type": "WebSub", "url": "https://a.example/hub"}], authors=[{"name": "Me"}]),
    ],
)
def test_a_plain_feed_of_others_has_no_finding(body: str) -> None:
    assert check("feed", body.encode(), now=NOW) == ()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("", "well-formed"),
        ("<html/>", "well-formed"),
        ("{", "well-formed"),
        ("{" * 100_000, "well-formed"),
        ('{"a":' * 100_000, "well-formed"),
        ("{}", "format"),
        (ATOM.format(ENTRY.format("")).replace("<author><name>Me</name></author>", ""), "author"),
        (ATOM.format(ENTRY.format("<dir/>")), "grammar"),
        (ATOM.format(ENTRY.format("") * 2), "unique-id"),
        (ATOM.format(ENTRY.format("") * 2), "unique-updated"),
        (ATOM.format(ENTRY.format('<link href="https://a.example/c"/>')), "links"),
        (ATOM.format(ENTRY.format("").replace('<link href="https://a.example/b"/>', "")), "alternate"),
        (ATOM.format(ENTRY.format("").replace("<summary>b</summary>", "")), "summary"),
        (ATOM.format(ENTRY.format("")).replace("2023-01-01", "1919-01-01"), "plausible-date"),
        (ATOM.format(ENTRY.format("")).replace("2023-01-01", "2031-01-01"), "plausible-date"),
        (ATOM.format(ENTRY.format("")).replace("2023-01-01", "2023-02-30"), "date"),
        (ATOM.format(ENTRY.format("<rights>a</rights><rights>b</rights>")), "grammar"),
        (ATOM.format("<subtitle>&lt;b>x&lt;/b></subtitle>"), "markup"),
        (ATOM.format("<subtitle>caf\ufffd</subtitle>"), "characters"),
        (ATOM.format("<subtitle>cafÃ©</subtitle>"), "characters"),
        (ATOM.format('<category term="a" scheme="a b"/>'), "uri"),
        (ATOM.format('<category term="a" label=""/>'), "blank"),
        (ATOM.format("").replace("<feed ", '<feed xml:lang="english language" '), "language"),
        (ATOM.format(ENTRY.format("") + "<icon>https://a.example/i</icon>"), "order"),
        ('<rss version="0.91"><channel/></rss>', "format"),
        (RSS.format("").replace("<title>A</title>", ""), "required"),
        (RSS.format("").replace("<title>A</title>", "<title>A</title>" * 2), "once"),
        (RSS.format("").replace(' rel="self"', ""), "self"),
        (RSS.format("<item/>"), "required"),
        (RSS.format("<item><title>x</title><title>x</title></item>"), "once"),
        (RSS.format("<item><title>x</title><guid>1</guid></item>"), "address"),
        (RSS.format("<item><title>x</title><link>/x</link></item>"), "address"),
        (RSS.format("<item><title>x</title><pubDate>Mon, 40 Jan 2023 00:00:00 GMT</pubDate></item>"), "date"),
        (RSS.format("<item><title>x</title><pubDate>Sun, 01 Jan 1989 00:00:00 -0000</pubDate></item>"),
         "plausible-date"),
        (RSS.format('<item><title>x</title><enclosure url="https://a.example/"/></item>'), "type"),
        (RSS.format("<language>en_us!</language>"), "language"),
        (json_feed(version="2"), "format"),
        (json_feed(items="none"), "type"),
        (json_feed(items=["none"]), "type"),
        (json_feed(items=[{"id": 7, "content_text": "x"}]), "type"),
        (json_feed(items=[{"content_text": "x"}]), "required"),
        (json_feed(items=[{"id": "1"}]), "required"),
        (json_feed(items=[JSON["items"][0]] * 2), "unique-id"),
        (json_feed(authors=[{}]), "required"),
        (json_feed(hubs=[{"type": "WebSub"}]), "address"),
        (item(url="/x"), "address"),
        (item(date_published="today"), "date"),
        (item(language="?"), "language"),
        (item(content_text=" "), "blank"),
        (item(tags=[1]), "type"),
        (item(attachments=[{"url": "https://a.example/"}]), "required"),
        (item(title="a\x07"), "characters"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_feed_of_others_is_found(body: str, rule: str) -> None:
    assert rule in rules_of(body)


def test_what_we_promise_beyond_the_standard_is_not_asked_of_others() -> None:
    body = ATOM.format(ENTRY.format("")).encode()

    assert check("feed", body, now=NOW) == ()
    assert {finding.level for finding in check("feed", body, now=NOW, ours=True)} == {Severity.HOUSE}


def test_a_document_of_others_is_never_expanded_or_fetched() -> None:
    bomb = '<!DOCTYPE feed [<!ENTITY a "x"><!ENTITY b SYSTEM "file:///etc/passwd">]>' + ATOM.format(
        "<subtitle>&a;&b;</subtitle>"
    )

    assert "root:" not in "".join(finding.problem for finding in check("feed", bomb.encode(), now=NOW))


def test_a_finding_shows_a_strangers_text_without_what_steers_a_terminal() -> None:
    (found,) = [
        finding for finding in check("feed", item(url="\x1b[31m" + "x" * 500).encode(), now=NOW)
        if finding.rule == "address"
    ]  # fmt: skip

    assert "\x1b" not in str(found)
    assert len(found.problem) < 120


def test_the_gravest_level_is_told() -> None:
    found = [FeedFinding(document="a", entry=None, rule=rule, problem="") for rule in ("house-id", "self")]

    assert worst(found) is Severity.WARNING
    assert worst([]) is None
