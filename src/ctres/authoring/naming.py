"""Names for what is new: local names in the style of the house, and the next free number of a source."""

from __future__ import annotations

import re
import unicodedata

from ..errors import CtresError


def local_name(label: str, *, of_class: bool = False) -> str:
    """The name that a label gives: letters and digits, `UpperCamelCase` for a class, else `lowerCamelCase` or the symbol.

    A plural becomes a singular. A symbol stays as it is written (PTEN, miR-21 as miR21, MCF-7 as MCF7); where words follow
    it, it is written small (mTOR signaling as mtorSignaling). Raises CtresError for a label that begins with no letter.
    """
    words: list[str] = re.findall(r"[A-Za-z0-9]+", _spelled(label))
    if not words or not words[0][0].isalpha():
        raise CtresError(f"no name can be made of “{label}”: a name begins with a letter. Give one with --name")
    words[-1] = _singular(words[-1])
    first, *others = words
    rest = "".join(word[0].upper() + word[1:] for word in others)
    if of_class:
        return first[0].upper() + first[1:] + rest
    is_prose = any(len(word) > 3 and word.isalpha() and word.islower() for word in others)
    is_word = first[1:].islower()
    return (first.lower() if (is_prose and first.isalpha()) or is_word else first) + rest


def generic_name(class_name: str) -> str:
    """The name of the individual that stands for a class: that of the class, beginning small (PD1Inhibitor: pd1Inhibitor)."""
    return re.sub(r"^(?:[A-Z0-9]+(?=[A-Z][a-z]|$)|[A-Z])", lambda match: match[0].lower(), class_name)


def next_number(stem: str, iris: set[str]) -> str:
    """`stem` and the number, of four digits or more, after the highest that any of `iris` has behind it."""
    used = (iri.removeprefix(stem) for iri in iris if iri.startswith(stem))
    return f"{stem}{max((int(number) for number in used if re.fullmatch('[0-9]+', number)), default=0) + 1:04}"


def _singular(word: str) -> str:
    """A word without the s of its plural (pathways: pathway; therapies: therapy); symbols and words such as metastasis stay."""
    if not re.fullmatch(r"[A-Z]?[a-z]{3,}s", word) or re.search(r"(?:[aiosu]s|(?:[sx]|ch)es)$", word):
        return word
    return re.sub(r"(?:(ie)|)s$", lambda match: "y" if match[1] else "", word)


def _spelled(label: str) -> str:
    """A label without accents and apostrophes, with Greek letters spelled out (TGF-β: TGF-beta)."""
    spelled = []
    for character in unicodedata.normalize("NFKD", label):
        name = unicodedata.name(character, "")
        greek = re.fullmatch(r"GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)", name)
        spelled.append(greek[1].lower() if greek else "" if character in "'’" or unicodedata.combining(character) else character)
    return "".join(spelled)
