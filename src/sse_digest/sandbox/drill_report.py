"""What a drill found, compared with what sending promises: nobody missed, nobody doubled beyond K.

Pure: gets what the relay counted and what the ledger says at the end. It never asks either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sse_digest.model.deliveries import Account, DoubtPolicy, State
from sse_digest.store.sending.accounts import DeliveryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """The end of a drill."""

    people: int
    kills_wanted: int
    kills: int  # senders that were killed; the send may have been done before all were
    in_doubt_limit: int  # K
    policy: DoubtPolicy
    copies: Mapping[str, int]  # of the issue, by address, as the relay took them
    worst: int  # second copies after one kill, at most
    account: Account
    told: Sequence[DeliveryRow]  # every delivery
    unbalanced: int = 0  # after how many kills the account did not balance

    @property
    def accepted(self) -> int:
        """How many deliveries the ledger has as accepted."""
        return sum(one.state is State.ACCEPTED for one in self.told)

    @property
    def doubts(self) -> int:
        """How many deliveries were found in doubt, all kills together."""
        return sum(one.doubts > 0 for one in self.told)

    @property
    def held(self) -> int:
        """How many are in doubt still, listed for `resolve`."""
        return sum(one.held for one in self.told)

    @property
    def twice(self) -> int:
        """How many people have two copies or more."""
        return sum(count > 1 for count in self.copies.values())

    @property
    def missed(self) -> int:
        """How many people have no copy."""
        return self.people - len(self.copies)

    @property
    def missed_unlisted(self) -> int:
        """How many people have no copy, and the ledger does not list them as in doubt."""
        return sum(not one.held and one.address not in self.copies for one in self.told)

    def broken(self) -> Iterator[str]:
        """Return which parts of the promise were not kept; nothing: all were."""
        calm = {one.address for one in self.told if not one.doubts}
        most = max(self.copies.values(), default=0)
        findings = (
            (self.missed_unlisted, "have no copy, and are not listed as in doubt"),
            (
                sum(count > 1 for address, count in self.copies.items() if address in calm),
                "got a second copy though they were never in doubt",
            ),
            (
                self.twice if self.policy is DoubtPolicy.HOLD else 0,
                'got a second copy with in_doubt = "hold"',
            ),
            (sum(count > 2 for count in self.copies.values()), f"got a third copy or more (up to {most})"),
            (max(0, self.account.open - self.held), "are still open after the last send"),
        )
        yield from (f"{count} people {text}." for count, text in findings if count)
        if self.worst > self.in_doubt_limit:
            yield f"{self.worst} second copies after one kill; K is {self.in_doubt_limit}."
        if self.unbalanced or not self.account.balances or self.account.total != self.people:
            yield "The account does not balance."
