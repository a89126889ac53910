"""Files of other programs make nobody active who said no."""

from pathlib import Path

import pytest

from sse_digest.errors import AudienceError
from sse_digest.model.subscribers import Status
from sse_digest.store import Store
from tests.audience.test_import_csv import everybody, take

LEFT, STAYS = "left@example.org", "stays@example.org"


@pytest.mark.parametrize(
    ("column", "says_left", "says_stays"),
    [
        ("subscribed_to_emails", "false", "true"),  # Ghost
        ("UNSUB_TIME", "2023-05-01 10:00:00", ""),  # Mailchimp
        ("CLEAN_TIME", "2023-05-01 10:00:00", ""),
        ("EMAIL_BLACKLISTED", "Yes", "No"),  # Brevo
        ("Email Disabled", "True", "False"),  # Substack
        ("Unsubscribed from all email", "true", ""),  # HubSpot
        ("hs_email_optout", "TRUE", "FALSE"),
        ("Marketing contact status", "Non-marketing contact", "Marketing contact"),
        ("blacklisted", "1", "0"),  # phpList
        ("confirmed", "0", "1"),
        ("Email Marketing Status", "unsubscribed", "subscribed"),
        ("accepts_marketing", "no", "yes"),
        ("opt-in", "off", "on"),
        ("Consent", "N", "Y"),
        ("abonniert", "nein", "ja"),
        ("Einwilligung", "nein", "ja"),
        ("abgemeldet am", "1.5.2023", ""),
        ("désabonné", "oui", "non"),
        ("consentement", "non", "oui"),
        ("inscrit", "non", "oui"),
        ("suscrito", "no", "sí"),
        ("baja", "sí", "no"),
        ("iscritto", "no", "sì"),
        ("disiscritto", "vero", "falso"),
        ("inscrito", "não", "sim"),
        ("estado", "cancelado", "activo"),
        ("статус", "отписан", "подписан"),
        ("согласие", "нет", "да"),
        ("الحالة", "ملغى", "نشط"),
        ("موافقة", "لا", "نعم"),
        ("已退订", "是", "否"),
        ("状态", "退订", "订阅"),
    ],
)
def test_who_left_elsewhere_is_not_active_here(
    store: Store, tmp_path: Path, column: str, says_left: str, says_stays: str
) -> None:
    report = take(store, tmp_path, f'email,"{column}"\n{LEFT},"{says_left}"\n{STAYS},"{says_stays}"\n')

    assert {address: one.status for address, one in everybody(store).items()} == {
        LEFT: Status.ENDED,
        STAYS: Status.ACTIVE,
    }
    assert (report.added, report.unknown_columns) == (2, ())
    assert [name.casefold() for name in report.consent_columns] == [column.casefold()]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("consent", ("maybe", "yes")),
        ("subscribed", ("weekly", "never")),
        ("status in the old program", ("subscribed", "unsubscribed")),
        ("x7", ("active", "bounced")),
        ("stav", ("unsubscribed", "")),
    ],
)
def test_what_looks_like_consent_and_is_not_understood_is_refused_whole(
    store: Store, tmp_path: Path, column: str, values: tuple[str, str]
) -> None:
    rows = f"email,{column}\n{LEFT},{values[0]}\n{STAYS},{values[1]}\n"
    with pytest.raises(AudienceError, match=rf"column '{column}' looks like consent.*rename it status"):
        take(store, tmp_path, rows)
    assert everybody(store) == {}


@pytest.mark.parametrize(
    "rows",
    [
        f"email,state,city\n{STAYS},California,Fresno\n",
        f"email,note,labels\n{STAYS},wants the print edition,\n",
        f"email,active subscription,email disabled\n{STAYS},,FALSE\n",
    ],
)
def test_other_columns_are_left_alone(store: Store, tmp_path: Path, rows: str) -> None:
    take(store, tmp_path, rows)
    assert everybody(store)[STAYS].status is Status.ACTIVE


def test_the_lowest_of_several_columns_counts(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, f"email,status,subscribed,bounced\n{LEFT},active,yes,1\n{STAYS},active,yes,0\n")
    assert [everybody(store)[one].status for one in (LEFT, STAYS)] == [Status.ENDED, Status.ACTIVE]
