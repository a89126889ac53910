"""Read the columns in which other programs record who unsubscribed (Mailchimp, Ghost, Brevo and others).

An imported file must never make people active who unsubscribed elsewhere. If a column's name or values look
like consent and are not understood, the whole file is refused and the column named.
"""

# ruff: noqa: E501 # patterns and lists of words are harder to read in pieces

import re
from collections.abc import Mapping
from enum import Enum

from sse_digest.audience.column_names import plain_name
from sse_digest.model.subscribers import Status


class ConsentColumn(Enum):
    """What the values of a column mean."""

    LEFT = "left"  # a true value or a date means that the person left
    STAYS = "stays"  # a true value means that the person wants mail
    STATUS = "status"  # the value is a word for the status


_NAMES: Mapping[ConsentColumn, str] = {
    ConsentColumn.LEFT: (
        r"unsub\w*( .*)?|un ?subscribe[dr]?\b.*|opt(ed)? ?out\b.*|(\w+ )*opt ?out( .*)?|.*\bopted out\b.*|(email )?black ?listed|block(ed|listed)"
        r"|(hard |soft )?bounced?( at| time| date)?|clean(ed)?( time| campaign)?|suppressed|disabled|email disabled|deleted( at)?"
        r"|complain(ed|t)|spam ?reported?|cancel(l?ed)?( at| time| date)?|removed( at)?|do not (mail|email|contact|send).*|no ?mail"
        r"|abgemeldet( .*)?|abmeld\w*( .*)?|austrag\w*|ausgetragen|gesperrt|widerruf\w*|d[eé]sabonn\w*|d[eé]sinscri\w*|d[eé]sactiv\w*"
        r"|baja|dad[oa] de baja|fecha de baja|cancelad[oa]|disiscritt[oa]|cancellat[oa]|descadastrad[oa]|afgemeld|uitgeschreven"
        r"|отписан\w*|отписал\w*|заблокирован\w*|ألغى الاشتراك|ملغى|退订|已退订|退訂"
    ),
    ConsentColumn.STAYS: (
        r"(is )?subscribed( to .*)?|opt(ed)? ?in( status)?|email (opt ?in|consent|permission|subscribed)|consent( given)?|permission"
        r"|(is )?(active|enabled|confirmed|verified)|accepts?( \w+)? marketing|marketing (consent|permission|opt ?in)|newsletter"
        r"|gdpr( consent)?|(double )?opt ?in( confirmed)?|receives? (mail|email|newsletter)s?|mailing"
        r"|abonniert|einwilligung|zustimmung|aktiv|best[aä]tigt|angemeldet|abonn[eé]|consentement|inscrite?|actif|confirm[eé]e?"
        r"|suscrit[oa]|consentimiento|activ[oa]|confirmad[oa]|iscritt[oa]|consenso|attiv[oa]|confermat[oa]|inscrit[oa]|ativ[oa]"
        r"|consentimento|geabonneerd|toestemming|подписан\w*|согласие|активен|مشترك|موافقة|نشط|订阅|同意|已订阅|訂閱"
    ),
    ConsentColumn.STATUS: (
        r"(\w+ )?(status|state|subscription status|email status|marketing status|email marketing status|contact status"
        r"|marketing contact status|zustand|statut|[eé]tat|estado|stato|situa[cç][aã]o|статус|состояние|الحالة|状态|狀態)"
    ),
}
_PATTERNS = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _NAMES.items()}

_YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "on",
        "ok",
        "ja",
        "j",
        "wahr",
        "oui",
        "o",
        "vrai",
        "sí",
        "sì",
        "si",
        "s",
        "verdadero",
        "vero",
        "sim",
        "да",
        "д",
        "истина",
        "نعم",
        "صح",
        "是",
        "对",
        "真",
        "checked",
    ]
)
_NO = frozenset(
    [
        "no",
        "n",
        "false",
        "f",
        "0",
        "-",
        "off",
        "nein",
        "falsch",
        "non",
        "faux",
        "falso",
        "não",
        "nao",
        "нет",
        "ложь",
        "لا",
        "خطأ",
        "否",
        "假",
        "unchecked",
        "none",
        "null",
    ]
)

_STATUS_WORDS: Mapping[Status, frozenset[str]] = {
    Status.ACTIVE: frozenset(
        [
            "active",
            "subscribed",
            "confirmed",
            "enabled",
            "opted-in",
            "aktiv",
            "abonniert",
            "actif",
            "abonné",
            "inscrit",
            "activo",
            "suscrito",
            "attivo",
            "iscritto",
            "ativo",
            "inscrito",
            "активен",
            "подписан",
            "نشط",
            "مشترك",
            "已订阅",
            "订阅",
            "有效",
        ]
    )
    | {"opted in", "marketing contact", "single opt-in", "double opt-in", "member"},
    Status.PENDING: frozenset(
        ["pending", "unconfirmed", "ausstehend", "unbestätigt", "pendiente", "pendente"]
    )
    | {"not confirmed", "en attente", "in attesa", "не подтвержден", "待确认"},
    Status.ENDED: frozenset(
        [
            "ended",
            "unsubscribed",
            "removed",
            "left",
            "disabled",
            "inactive",
            "suppressed",
            "blocked",
            "blocklisted",
            "blacklisted",
            "bounced",
            "cleaned",
            "complained",
            "deleted",
            "archived",
            "cancelled",
            "canceled",
            "nonsubscribed",
            "non-subscribed",
            "transactional",
            "abgemeldet",
            "inaktiv",
            "gesperrt",
            "désabonné",
            "désinscrit",
            "inactif",
            "baja",
            "inactivo",
            "cancelado",
            "disiscritto",
            "inattivo",
            "cancellato",
            "descadastrado",
            "inativo",
            "отписан",
            "отписался",
            "неактивен",
            "ملغى",
            "退订",
            "已退订",
        ]
    )
    | {
        "opted out",
        "opted-out",
        "not subscribed",
        "hard bounced",
        "soft bounced",
        "non-marketing contact",
        "reported spam",
        "spam",
    },
}


def kind_of(name: str) -> ConsentColumn | None:
    """Return what a column means by its name, or None if it does not look like consent."""
    words = plain_name(name)
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(words)), None)


def meaning(kind: ConsentColumn, value: str) -> Status | None:
    """Return the status that a value means, or None if it is not understood; an empty value means active."""
    word = " ".join(value.casefold().split())
    if not word:
        return Status.ACTIVE
    if (status := _status(word)) is not None and not (kind is ConsentColumn.LEFT and word in _YES | _NO):
        return Status.ENDED if kind is ConsentColumn.LEFT and status is Status.ACTIVE else status
    if kind is ConsentColumn.LEFT:
        return (
            Status.ACTIVE if word in _NO else Status.ENDED
        )  # a date or reason: only people who left have one
    if kind is ConsentColumn.STAYS and (word in _YES or word in _NO or _is_date(word)):
        return Status.ENDED if word in _NO else Status.ACTIVE
    return None


def is_status_word(value: str) -> bool:
    """Return whether a value is a word for a status."""
    return _status(" ".join(value.casefold().split())) is not None


def _status(word: str) -> Status | None:
    return next((status for status, words in _STATUS_WORDS.items() if word in words), None)


def _is_date(word: str) -> bool:
    return re.match(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}", word) is not None
