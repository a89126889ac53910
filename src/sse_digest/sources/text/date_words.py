"""The words of dates, in the languages of our sources.

Tables only. All words are stored as `fold` returns them: lower case, without accents or hamza.
"""

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Return a word in lower case without accents: `Février`, `FEVRIER` and `fevrier` become one word."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.casefold())
    return "".join(mark for mark in parts if unicodedata.category(mark) != "Mn")


# One row for each language: the twelve months in order, with "|" between the spellings of a month.
# A month may be two words (Arabic). Arabic has three rows: Egypt, Levant, Maghreb.
_MONTH_ROWS = """
en: january|jan, february|feb|febr, march|mar, april|apr, may, june|jun, july|jul, august|aug,
    september|sep|sept, october|oct, november|nov, december|dec
fr: janvier|janv|jan, février|fév|févr, mars, avril|avr, mai, juin, juillet|juil|juill, août,
    septembre|sept|sep, octobre|oct, novembre|nov, décembre|déc
es: enero|ene, febrero|feb, marzo|mar, abril|abr, mayo|may, junio|jun, julio|jul, agosto|ago,
    septiembre|setiembre|sep|sept|set, octubre|oct, noviembre|nov, diciembre|dic
pt: janeiro|jan, fevereiro|fev, março|mar, abril|abr, maio|mai, junho|jun, julho|jul, agosto|ago,
    setembro|set, outubro|out, novembro|nov, dezembro|dez
de: januar|jänner|jan|jän, februar|feber|feb, märz|maerz|mär|mrz, april|apr, mai, juni|jun, juli|jul,
    august|aug, september|sept|sep, oktober|okt, november|nov, dezember|dez
it: gennaio|gen, febbraio|feb, marzo|mar, aprile|apr, maggio|mag, giugno|giu, luglio|lug, agosto|ago,
    settembre|set|sett, ottobre|ott, novembre|nov, dicembre|dic
ru: январь|января|янв, февраль|февраля|фев|февр, март|марта|мар, апрель|апреля|апр, май|мая,
    июнь|июня|июн, июль|июля|июл, август|августа|авг, сентябрь|сентября|сен|сент,
    октябрь|октября|окт, ноябрь|ноября|ноя|нояб, декабрь|декабря|дек
ar: يناير, فبراير, مارس, أبريل, مايو, يونيو|يونيه, يوليو|يوليه, أغسطس, سبتمبر, أكتوبر, نوفمبر, ديسمبر
ar: كانون الثاني, شباط, آذار, نيسان, أيار, حزيران, تموز, آب, أيلول, تشرين الأول, تشرين الثاني, كانون الأول
ar: جانفي, فيفري, مارس, أفريل, ماي, جوان, جويلية|يوليوز, أوت|غشت, شتنبر, أكتوبر, نونبر, دجنبر
zh: 一月, 二月, 三月, 四月, 五月, 六月, 七月, 八月, 九月, 十月, 十一月, 十二月
"""

_WEEKDAYS = (
    "monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun "
    "lundi lun mardi mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim "
    "lunes martes miércoles mié jueves jue viernes vie sábado sáb domingo dom "
    "segunda feira seg terça ter quarta qua quinta qui sexta sex "
    "montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag sa sonnabend sonntag so "
    "lunedì martedì mercoledì giovedì gio venerdì sabato domenica "
    "понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс "
    "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد اثنين ثلاثاء أربعاء خميس جمعة سبت أحد "
    "星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 "
    "曜日 火曜日 水曜日 木曜日 金曜日 土曜日 火 水 木 金 土"
)
# A short form of both a weekday and a month: "mar. 12 mars 2024", "Mar 12, 2024".
_WEEKDAY_OR_MONTH = "mar"

_ORDINALS = "st nd rd th er ère re ème º ª o"
_JOINING = "of the de del du do da di der den la im г года année ano anno año عام سنة"
_LEADING = (
    "on date dated published posted updated publication event events le el am em en il "
    "publié publiée publicado publicada publicação fecha data datum veröffentlicht stand "
    "发布时间 发布日期 发布于 发布 更新时间 更新于 更新 日期 时间 "
    "pubblicato в опубликовано تاريخ نشر في يوم بتاريخ "
    "release released issued added created publicación ligne mis mise erstellt eingestellt "
    "inserito дата публикации размещено добавлено النشر"
)
_RANGING = "to until till through and et y und e a à au al ate até bis по и 至 到 إلى حتى و"
_OPENING = "from since vom von between entre desde des depuis seit с من منذ dal"
_ONGOING = (
    "ongoing present today now current cours jour présent heute laufend actualidad "
    "presente curso hoy hoje الآن"
)


def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for row in re.split(r"\b[a-z]{2}:", _MONTH_ROWS)[1:]:
        for number, names in enumerate(row.split(","), start=1):
            for name in names.split("|"):
                found[" ".join(map(fold, name.split()))] = number
    return found


MONTHS: dict[str, int] = _months()
"""The number of the month, 1 to 12, by folded name or common abbreviation."""


def _kinds() -> dict[str, str]:
    rows = (
        ("w", _WEEKDAYS),
        ("l", _LEADING),
        ("c", _JOINING),
        ("f", _OPENING),
        ("r", _RANGING),
        ("g", _ONGOING),
        ("o", _ORDINALS),
        ("m", " ".join(name for name in MONTHS if " " not in name)),
        ("b", _WEEKDAY_OR_MONTH),
        ("J", "年"),
        ("G", "月"),
        ("R", "日 号"),
    )
    return {fold(word): kind for kind, words in rows for word in words.split()}


KINDS: dict[str, str] = _kinds()
"""The role of a folded word in a date, as one letter.

w weekday, l before a date ("published on"), c between its parts ("of", "de"), f start of a span ("from"),
r between the ends of a span ("to", "and"), g a span without an end ("ongoing"), o ordinal ("st"), m month,
b weekday or month ("mar"), J G R the Chinese and Japanese characters for year, month and day. If a word is in
several rows of `_kinds`, the last row counts.
"""
