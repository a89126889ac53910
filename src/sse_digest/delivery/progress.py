"""Count what a run has done so far, and decide whether it must pause. No effects."""

from dataclasses import dataclass, field

from sse_digest.delivery.options import SendOptions
from sse_digest.model.deliveries import Blame, Outcome, Verdict, pauses_for_dead, pauses_for_ours
from sse_digest.store.sending.deliveries import explain


def dead_alarm(dead: int) -> str:
    """Return the alarm for an admin when too many addresses seem not to exist."""
    return (
        f"The relay says that {dead} addresses do not exist, which is too many to be true of a real list."
        " No address was suppressed. If the relay is right, run `sse-digest suppressions confirm`. If it is"
        " wrong, fix it, then run `sse-digest suppressions take-back --why TEXT`."
    )


@dataclass(slots=True)
class Progress:
    """What this run has done so far. Changes while it runs."""

    attempted: int = 0
    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    skipped: int = 0
    expired: int = 0  # deferred deliveries whose deadline had passed
    refused_ours: int = 0
    refused_dead: int = 0  # dead addresses; their deliveries are held until the send ends
    total: int = 0  # deliveries of the issue
    suppressed: int = 0  # addresses suppressed when the run ended
    recovered: int = 0  # deliveries of a dead sender that were planned again
    doubtful: int = 0  # deliveries of a dead sender that were found in doubt
    alarm: str | None = None  # why sending was paused
    relay_away: str | None = None  # the last reply of an unreachable relay, or why there was none
    paced: str | None = None  # why no message may begin now although no relay is unreachable

    def count(self, outcome: Outcome, options: SendOptions) -> None:
        """Count an outcome; set `alarm` if sending must pause."""
        self.attempted += 1
        self.verdicts[outcome.verdict] += 1
        if outcome.verdict is Verdict.ACCEPTED:
            return
        self.refused_ours += outcome.blame is Blame.OURS
        self.refused_dead += outcome.verdict is Verdict.REJECTED and outcome.blame is Blame.DEAD
        in_doubt, limit = self.verdicts[Verdict.UNKNOWN], 2 * options.in_doubt_limit
        if in_doubt > limit:
            self.alarm = (
                f"{in_doubt} messages were handed over, but the relay did not reply. It may have accepted"
                " them. Check the relay before you continue with `sse-digest send`."
            )
        elif self._pauses_for_ours(options):
            self.alarm = (
                f"Messages refused for a fault on our side: {self.refused_ours}. The last reply:"
                f" {explain(outcome)}."
                " Fix the fault, then run `sse-digest send` again. No subscriber was changed."
            )
        elif pauses_for_dead(dead=self.refused_dead, attempted=self.attempted, total=self.total):
            self.alarm = dead_alarm(self.refused_dead)

    def _pauses_for_ours(self, options: SendOptions) -> bool:
        return pauses_for_ours(
            refused=self.refused_ours,
            attempted=self.attempted,
            limit_count=options.ours_limit_count,
            limit_share=options.ours_limit_share,
        )
