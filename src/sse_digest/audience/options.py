"""The options of a list, made from the settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceOptions:
    """One list and what its subscribers can choose."""

    list_name: str
    themes: tuple[str, ...]  # keys, in the order in which choices are stored
    languages: tuple[str, ...]  # primary tags, lower case
    default_language: str  # a member of `languages`
