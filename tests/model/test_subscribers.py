"""What is shown of an address."""

import pytest

from sse_digest.model.subscribers import masked


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna@readers.example", "a•••@readers.example"),
        ("a@readers.example", "•••@readers.example"),
        ('"a@b"@readers.example', '"•••@readers.example'),
    ],
)
def test_a_masked_address_is_recognised_by_its_owner_alone(address: str, shown: str) -> None:
    assert masked(address) == shown
