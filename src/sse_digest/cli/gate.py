"""`gate`: whether the mails of an issue keep every rule, before anybody gets one."""

import click

from sse_digest.app import App
from sse_digest.cli.frame import Frame, digest_option, emit, end, json_option, pass_frame
from sse_digest.cli.issue import period_argument
from sse_digest.digest.approval import sample_mail
from sse_digest.digest.gate import Fault, faults_of
from sse_digest.model.issues import Period


@click.command()
@period_argument
@digest_option
@json_option
@pass_frame
def gate(frame: Frame, period: Period, digest_name: str | None, as_json: bool) -> None:
    """Judge the mails of PERIOD as `send` does: rule, place and what to do."""

    async def work(app: App) -> tuple[dict[Fault, str], int]:
        digest = app.digest(digest_name)
        stationery = app.stationery(digest)
        first: dict[Fault, str] = {}
        judged = 0
        for edition, letterhead in stationery.samples(await app.issue(digest, period)):
            judged += 1
            for fault in faults_of(sample_mail(edition, letterhead)):
                first.setdefault(fault, f"{edition.language}: {', '.join(edition.themes)}")
        return first, judged

    first, judged = frame.run(work)
    faults = [
        {"rule": fault.rule, "place": fault.place, "fix": fault.fix, "edition": name}
        for fault, name in first.items()
    ]
    lines = [f"{fault.rule} ({name}): {fault.place}. {fault.fix}" for fault, name in first.items()]
    emit({"mails": judged, "faults": faults}, lines or [f"{judged} mails keep every rule."], as_json=as_json)
    end(attention=bool(first))
