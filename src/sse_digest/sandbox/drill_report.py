"""Compare a drill with the promises of sending: nobody is missed, and at most K people get two copies.

Pure: the caller passes what the relay counted and the deliveries stored at the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sse_digest.model.deliveries import Account, DoubtPolicy, State
from sse_digest.store.sending.accounts import DeliveryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """The result of a drill."""

    people: int
    kills_wanted: int
    kills: int  # senders that were killed; fewer than wanted if the send ended first
    in_doubt_limit: int  # K
    policy: DoubtPolicy
    copies: Mapping[str, int]  # of the issue, by address, as counted by the relay
    worst: int  # the most second copies after one kill
    account: Account
    told: Sequence[DeliveryRow]  # every delivery
    unbalanced: int = 0  # number of kills after which the account did not balance

    @property
    def accepted(self) -> int:
        """The number of accepted deliveries."""
        return sum(one.state is State.ACCEPTED for one in self.told)

    @property
    def doubts(self) -> int:
        """The number of deliveries that were in doubt after any kill."""
        return sum(one.doubts > 0 for one in self.told)

    @property
    def held(self) -> int:
        """The number of deliveries still in doubt, which `resolve` lists."""
        return sum(one.held for one in self.told)

    @property
    def twice(self) -> int:
        """The number of people with two or more copies."""
        return sum(count > 1 for count in self.copies.values())

    @property
    def missed(self) -> int:
        """The number of people without a copy."""
        return self.people - len(self.copies)

    @property
    def missed_unlisted(self) -> int:
        """The number of people without a copy whose delivery is not listed as in doubt."""
        return sum(not one.held and one.address not in self.copies for one in self.told)

    def broken(self) -> Iterator[str]:
        """Yield a sentence for each promise that was broken."""
        calm = {one.address for one in self.told if not one.doubts}
        most = max(self.copies.values(), default=0)
        findings = (
            (self.missed_unlisted, "got no copy without being listed as in doubt"),
            (
                sum(count > 1 for address, count in self.copies.items() if address in calm),
                "got a second copy without ever being in doubt",
            ),
            (
                self.twice if self.policy is DoubtPolicy.HOLD else 0,
                'got a second copy with in_doubt = "hold"',
            ),
            (sum(count > 2 for count in self.copies.values()), f"got a third copy or more (up to {most})"),
            (max(0, self.account.open - self.held), "had an open delivery after the last send"),
        )
        yield from (
            f"{count} {'person' if count == 1 else 'people'} {text}." for count, text in findings if count
        )
        if self.worst > self.in_doubt_limit:
            yield f"{self.worst} second copies after one kill; K is {self.in_doubt_limit}."
        if self.unbalanced or not self.account.balances or self.account.total != self.people:
            yield "The account does not balance."
