"""How relays stand, for `status`: their pace and why they wait."""

from collections.abc import Iterator, Sequence

from sse_digest.delivery.relays.relay_status import RelayStatus


def standing_lines(standings: Sequence[RelayStatus]) -> Iterator[str]:
    """Write how relays stand, a line for each."""
    for one in standings:
        rate = "any rate" if one.per_second is None else f"at most {one.per_second:.3g} messages a second"
        parts = [rate, f"{one.connections} connection{'s' * (one.connections != 1)}"]
        if one.per_hour is not None:
            parts.append(f"{one.begun_in_hour} of {one.per_hour} in the last hour")
        if one.per_day is not None:
            parts.append(f"{one.begun_in_day} of {one.per_day} in the last 24 hours")
        line = f"Relay {one.relay}: {', '.join(parts)}"
        if one.waits_until is not None:
            line += f"; waits until {one.waits_until:%Y-%m-%d %H:%M:%S} UTC"
        yield f"{line} ({one.why})" if one.why else line
