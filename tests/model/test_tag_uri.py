"""Ids outlive addresses."""

import pytest

from sse_digest.model.tag_uri import TagAuthority


def test_an_item_has_one_id_made_of_authority_year_and_its_own() -> None:
    tag = TagAuthority(authority="news.example.org", year=2023)

    assert tag.item("abc") == "tag:news.example.org,2023:item/abc"


@pytest.mark.parametrize(
    "authority", ["", "News.example.org", "news.example.org:8080", "müller.example", "a..b", "-a"]
)
def test_an_authority_that_rfc_4151_does_not_allow_is_refused(authority: str) -> None:
    with pytest.raises(ValueError, match="domain name"):
        TagAuthority(authority=authority, year=2023)


@pytest.mark.parametrize("year", [0, 999, 10000])
def test_a_year_without_four_digits_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match="four digits"):
        TagAuthority(authority="example.org", year=year)
