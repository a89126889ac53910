"""Recognise the columns of a CSV file of people by the names that other programs use, in many languages."""

import re

COLUMNS = ("address", "name", "language", "themes", "status")
FIRST, LAST = "first name", "last name"  # together the name, if there is no column for it
_ALSO_CALLED = {
    **dict.fromkeys(
        (
            *(
                "email",
                "e mail",
                "mail",
                "email address",
                "e mail address",
                "mail address",
                "subscriber email",
            ),
            *(
                "e mail adresse",
                "email adresse",
                "mailadresse",
                "adresse e mail",
                "adresse email",
                "courriel",
                "adresse mail",
            ),
            *(
                "correo",
                "correo electrónico",
                "correo electronico",
                "dirección de correo",
                "indirizzo email",
                "indirizzo e mail",
            ),
            *(
                "endereço de e mail",
                "e mailadres",
                "emailadres",
                "почта",
                "электронная почта",
                "эл почта",
                "адрес",
            ),
            *("البريد الإلكتروني", "البريد", "邮箱", "电子邮件", "电子邮箱", "電子郵件"),
        ),
        "address",
    ),
    **dict.fromkeys(
        (
            *(
                "full name",
                "display name",
                "contact name",
                "nom",
                "nom complet",
                "nombre",
                "nombre completo",
                "nome",
            ),
            *("nome completo", "naam", "имя", "фио", "الاسم", "姓名", "名字", "名前"),
        ),
        "name",
    ),
    **dict.fromkeys(
        (
            "lang",
            "locale",
            "sprache",
            "langue",
            "idioma",
            "lengua",
            "lingua",
            "taal",
            "язык",
            "اللغة",
            "语言",
        ),
        "language",
    ),
    **dict.fromkeys(
        ("theme", "topics", "themen", "thèmes", "temas", "temi", "темы", "المواضيع", "主题"), "themes"
    ),
    **dict.fromkeys(("first name", "firstname", "fname", "given name", "vorname", "prénom", "prenom"), FIRST),
    **dict.fromkeys(
        ("last name", "lastname", "lname", "surname", "family name", "nachname", "nom de famille"), LAST
    ),
}


def our_name(column: str) -> str:
    """Return our name for a column, or its own name in lower case if it is unknown."""
    words = plain_name(column)
    return _ALSO_CALLED.get(words, words)


def plain_name(name: str) -> str:
    """Return a column's name in lower case, with spaces instead of punctuation."""
    return " ".join(re.sub(r"[_\-.:/()*?]+", " ", name.casefold()).split())
