"""Facts are set once."""

import pytest

from sse_digest.errors import StoreError
from sse_digest.model.tag_uri import TagAuthority
from sse_digest.store import Store
from sse_digest.store.installation import tag_facts


def test_the_first_authority_and_year_stay_when_the_host_changes(store: Store) -> None:
    with store.writing() as connection:
        first = tag_facts(connection, authority="news.example.org", year=2023)
    with store.writing() as connection:
        later = tag_facts(connection, authority="other.example", year=2026)

    assert first == later == TagAuthority(authority="news.example.org", year=2023)


def test_an_authority_that_cannot_be_one_is_not_stored(store: Store) -> None:
    with store.writing() as connection:
        with pytest.raises(ValueError, match="domain name"):
            tag_facts(connection, authority="not a host", year=2023)
        stored = tag_facts(connection, authority="news.example.org", year=2024)

    assert stored.year == 2024


@pytest.mark.parametrize("value", ["news.example.org", "news.example.org,", "NEWS,2023", ",2023"])
def test_a_damaged_fact_is_told_and_never_replaced(store: Store, value: str) -> None:
    with store.writing() as connection:
        connection.insert("facts", {"key": "tag", "value": value})
        with pytest.raises(StoreError, match="AUTHORITY,YEAR"):
            tag_facts(connection, authority="news.example.org", year=2023)
