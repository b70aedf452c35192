"""Degrees, programs and class titles: names kept as data and matched word by word with spaCy."""

import re
from pathlib import Path

import spacy
import yaml
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from bot.nlu.detail import Detail

_DATA = Path(__file__).parent / "data"
_DEGREES: dict[str, list[str]] = yaml.safe_load((_DATA / "degrees.yml").read_text(encoding="utf-8"))
_PROGRAMS: dict[str, list[str]] = yaml.safe_load((_DATA / "programs.yml").read_text(encoding="utf-8"))
_NEGATED = re.compile(
    r"(?:\b(?:no|not|without|dont|don't|doesnt|doesn't|didnt|didn't|never|havent|haven't|lack|instead of"
    r"|in place of|in lieu of|rather than"
    r"|sin|ni|nunca|en lugar de|en vez de|no tengo|no termine|no acabe)\b)(?:\s+\w+){0,3}\s+$"
)
# A degree asked about ("do I need a bachelor's") is not one the visitor has.
_REQUIRED = re.compile(
    r"(?:\b(?:need|needs|needed|require|requires|required|requirement|must have|have to have|necesito|necesita"
    r"|requiere|piden|exigen|hace falta|ocupo|ocupa"
    r"|getting|get|studying for|working on|working toward|finish|estudiando|sacando)\b)(?:\s+\w+){0,4}\s+$"
)


class NameMatcher:
    """Finds the names in a folded text.

    Args:
        titles: canonical class title by folded name.
    """

    def __init__(self, titles: dict[str, str]) -> None:
        self._language = spacy.blank("en")
        self._matcher = PhraseMatcher(self._language.vocab, attr="ORTH")
        self._values: dict[str, str] = {}
        self._add("degree", _DEGREES)
        self._add("program", _PROGRAMS)
        names: dict[str, list[str]] = {}
        for name, title in titles.items():
            names.setdefault(title, []).append(name)
        self._add("class_title", names)

    def _add(self, entity: str, names: dict[str, list[str]]) -> None:
        for value, phrases in names.items():
            key = f"{entity}={value}"
            self._matcher.add(key, [self._language.make_doc(phrase) for phrase in phrases])

    def find(self, folded: str) -> list[Detail]:
        """Longest names first, no overlaps; degrees that are denied are left out, degrees asked about get a role."""
        doc: Doc = self._language.make_doc(folded)
        found: list[Detail] = []
        for span in filter_spans(self._matcher(doc, as_spans=True)):
            entity, _, value = span.label_.partition("=")
            role = None
            if entity == "degree" and value != "none":
                before = folded[: span.start_char]
                if _NEGATED.search(before) and value not in ("some_college",):
                    continue
                role = "required" if _REQUIRED.search(before) else None
            found.append(Detail(entity, value, span.start_char, span.end_char, role))
        return found
