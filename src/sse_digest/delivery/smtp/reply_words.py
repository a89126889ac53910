"""Find out what the words of a reply are about: our pace, us, a missing address or one person's mailbox.

Relays use codes loosely, so the words decide if a code is too general or contradicts them. The patterns
cover English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish, Russian, Chinese,
Japanese and Arabic.
"""

# ruff: noqa: E501 # a pattern that is split is harder to read

import re
from enum import Enum
from re import Pattern


class ReplySubject(Enum):
    """What a refusal is about."""

    RATE = "rate"  # we send too fast or too much
    LATER = "later"  # a temporary problem: try again later
    US = "us"  # our address, server, content, reputation or settings
    MISSING = "missing"  # the address does not exist
    PERSON = "person"  # the address exists, but its owner cannot or will not take this mail


def _any_of(*words: str) -> Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE | re.DOTALL)


_PERSON = _any_of(
    r"(mail ?box|inbox|account|user|recipient|quota|storage|disk|postfach|bo[iî]te|buz[oó]n|casella|caixa)\b.{0,60}"
    r"\b(is )?(full|over ?quota|exceed(s|ed)?( (the|its|his))?( (storage|mailbox|disk|size))?( (quota|limit|allowance))?)",
    r"\b(over ?quota|quota exceeded|mail ?box (size )?limit|insufficient (disk|storage|space))",
    r"\b(voll|pleine|llen[oa]|pien[ao]|chei[ao]|vol|pełn[ay])\b(?=.{0,40}$)",
    r"(disabled|inactive|suspended|deactivated|locked|frozen|dormant|blocked) (account|user|mail ?box|recipient)",
    r"(account|user|mail ?box|recipient)\b.{0,40}\b(disabled|inactive|suspended|deactivated|locked|frozen|dormant)",
    r"(group|list|distribution|recipient|user|address|mail ?box)\b.{0,60}\b(closed|moderated|members? only|restricted"
    r"|only accepts?|not accept|does(n.t| not) accept|refuses)",
    r"\b(only|not) (members|authori[sz]ed|allowed|permitted)\b.{0,30}\b(post|send|write)\b.{0,30}\b(group|list)",
    r"(recipient|user|address)\b.{0,20}\b(has|have) (blocked|rejected)|recipient preferences|\brecipient address rejected: access",
)

_LATER = _any_of(
    r"gr[ae]y-? ?list",
    r"\b(temporar(y|ily)|resources?|currently|at this time|right now)\b.{0,40}"
    r"\b(unavailable|deferred|insufficient|busy|overload|problem|failure|not available|rejected|blocked)",
    r"\b(server|system|service)\b.{0,20}\b(busy|overload)",
    r"\b(try|send|retry|come back|connect)\b.{0,30}\b(again )?(later|in \d+ ?(s|sec|min|hour))",
    r"\btry again\b",
    r"\bsp[aä]ter (noch ?mal|erneut|wieder)|erneut versuchen|r[eé]essayez|plus tard|m[aá]s tarde|pi[uù] tardi|mais tarde",
    r"попробуйте позже|позднее|稍后|请稍後|後ほど|しばらく",
)

_RATE = _any_of(
    r"\btoo many (recipients|messages|mails|e-?mails|connections|sessions|errors|concurrent|attempts|requests|sends)",
    r"\btoo (fast|quickly|frequent|much mail)",
    r"\b(rate|frequency|velocity)\b.{0,25}\b(limit|control|exceed|high|too)",
    r"\b(rate[- ]?limit|throttl|slow down)",
    r"\b(hourly|daily|per[- ](hour|day|minute|second)|an hour|a day|this hour|today)\b.{0,60}"
    r"\b(limit|quota|exceed|maximum|max|reached)",
    r"\b(limit|quota|exceed(ed|s)?|maximum|max|reached|recipients|messages|e?mails?)\b.{0,60}"
    r"\b(hourly|daily|per[- ](hour|day|minute|second)|/ ?h(our|r)?\b|an hour|a day|this hour|today|within (the )?last)",
    r"\b(sending|send|outgoing|submission|receiving|delivery|message|recipient)s? (user )?(limit|quota|rate|volume)\b",
    r"\breceiving (mail )?(at a rate|too)|\bat a rate that",
    r"limit (has been )?(reached|exceeded)|exceeded (the|its|your) (max|limit|allow)",
)

_US = _any_of(
    r"\brelay(ing)?\b.{0,30}\b(denied|access|prohibited|not (permitted|allowed)|disallowed|refused)",
    r"\b(not (permitted|allowed|authori[sz]ed)|unable|denied|refus(ed|e)|unauthori[sz]ed)( to)?\b.{0,20}\brelay",
    r"\bwe do(n.t| not) relay|kein relay|relais",
    r"\b(sender|originator|return[- ]path|envelope from|mail from|from address|from header|absender|exp[eé]diteur"
    r"|remitente|mittente|remetente)\b.{0,60}\b(reject|denied|verif|unknown|invalid|blocked|not (allowed|permitted|exist|found"
    r"|accepted)|does(n.t| not)|refus|fail|unresolv|missing|no mx|abgelehnt|unbekannt)",
    r"\bverif(y|ication) (of .{0,40})?(failed|failure)|\bcallout|\bsend ?as ?denied|not allowed to send|may not send (as|from)",
    r"\b(spf|dkim|dmarc|arc|ptr|rdns|fcrdns|helo|ehlo|tls|starttls)\b|reverse (dns|lookup)|hostname (lookup|required)",
    r"\bauth(entication|enticated|orization)?\b.{0,30}\b(required|failed|fail|needed|first|error|not)|\bunauthenticated",
    r"black[- ]?list|block[- ]?list|deny[- ]?list|\b(rbl|dnsbl|spamhaus|barracuda|spamcop|sorbs|proofpoint|cloudmark"
    r"|senderscore|uceprotect|abusix|invaluement)\b|\blisted (at|in|by|on)\b",
    r"\b(spam|junk|unsolicited|bulk|phish|virus|malware|infected|suspicious|abuse|malicious)",
    r"\b(content|attachment|message|mail|body|header|subject|url|link)s? (was |is |has been |contains? )?(rejected|blocked|refused"
    r"|denied|banned|prohibited|forbidden|not (accepted|allowed))",
    r"\b(ip|host|server|client|domain|network|address \[?\d|\d+\.\d+\.\d+\.\d+)\b.{0,50}\b(blocked|banned|denied|rejected"
    r"|refused|reputation|not (allowed|authori[sz]ed|accepted|permitted)|blacklisted)",
    r"\b(poor|bad|low) reputation|\breputation|\bpolicy|\bpolicies|richtlinie|politique|pol[ií]tica",
    r"(message|mail|size)\b.{0,30}\b(too (large|big)|exceeds? (the )?(maximum )?(message )?size)|maximum message size",
    r"\b(bad sequence|unrecogni[sz]ed command|command (not|un)|syntax error|not implemented|pipelining|bare (lf|cr)|line too long"
    r"|non-?ascii|8bit|smtputf8)",
    r"^access denied|\bnot on our (white|allow)|unauthori[sz]ed|垃圾|拒绝.{0,6}(连接|IP)|スパム|спам|спама",
)

_THING = (
    r"(user|recipient|mail ?box|address|account|alias|receiver|addressee|customer|person|member|name|login|id|rcpt"
    r"|benutzer|empf[aä]nger|postfach|konto|adresse|utilisateur|destinataire|bo[iî]te|usuario|usu[aá]rio|destinat[aá]rio"
    r"|destinatario|buz[oó]n|cuenta|conta|caixa|utente|casella|indirizzo|gebruiker|ontvanger|postbus|u[zż]ytkownik|adresat"
    r"|skrzynk|adres|kullan[iı]c[iı]|al[iı]c[iı]|пользовател\w*|получател\w*|адрес\w*|ящик\w*)"
)
_MISSING = _any_of(
    _THING
    + r"\b.{0,60}\b(unknown|not (be )?found|not (listed|known|recogni[sz]ed|exist\w*|valid|a valid|local)|does(n.t| not) (exist"
    r"|have)|no longer (exists?|valid|here|active|available|employed|on)|non-?exist\w*|invalid|unavailable|undeliverable|no such"
    r"|has left|unbekannt|existiert nicht|nicht (gefunden|vorhanden|bekannt)|inconnue?|n.existe pas|inexistante?|introuvable"
    r"|desconocid[oa]|no existe|inexistente|inesistente|no encontrad[oa]|sconosciut[oa]|non esiste|non trovat[oa]|desconhecid[oa]|n[aã]o existe"
    r"|n[aã]o encontrad[oa]|onbekend|bestaat niet|niet gevonden|nieznany|nie istnieje|bulunamad[iı]|yok|ge[cç]ersiz"
    r"|не найден\w*|не существует|неизвест\w*)",
    r"\b(unknown|no such|invalid|non-?existent|not a known|bad|no valid|unbekannte[rs]?|kein|ung[uü]ltige[rs]?|aucun|onbekende"
    r"|nieznany|geen)\b.{0,25}\b" + _THING,
    r"нет такого|неизвестный (пользователь|получатель)|(用户|收件人|邮箱|地址|帐户|账户|用戶).{0,8}(不存在|无效|未知|找不到)"
    r"|(无此|没有此|無此)(用户|收件人|邮箱|用戶)|(宛先|ユーザー?|アドレス|メールボックス).{0,12}(存在しません|見つかりません|不明|ありません)"
    r"|(المستخدم|العنوان|المستلم|البريد).{0,20}(غير موجود|غير معروف)",
    r"\bno (one|body) (here|by that name)|\bno mail ?box (here|by that name)|\buser .{0,40} doesn.t have|\bdoes(n.t| not) exist here",
    r"\b(host|domain)\b.{0,40}\b(unknown|not found|does(n.t| not) exist)|\bno such (host|domain)",
)

_SUBJECTS = (
    (ReplySubject.PERSON, _PERSON),
    (ReplySubject.RATE, _RATE),
    (ReplySubject.LATER, _LATER),
    (ReplySubject.US, _US),
    (ReplySubject.MISSING, _MISSING),
)


def subjects_of(text: str) -> frozenset[ReplySubject]:
    """Return everything that the words of a reply are about. Addresses in it are ignored."""
    words = re.sub(r"<[^<>\s]*@[^<>\s]*>|[^\s<>()]+@[^\s<>()]+|https?://\S+", " address ", text)
    return frozenset(subject for subject, pattern in _SUBJECTS if pattern.search(words))
