"""Everything a message says in details: the one list of steps."""

from datetime import date
from typing import Any

from bot.nlu.detail import Detail, overlaps
from bot.nlu.details_claims import find_claim_numbers, find_hours
from bot.nlu.details_classes import ClassNames, find_levels, levels_before_years
from bot.nlu.details_dates import find_dates
from bot.nlu.details_durations import find_durations, find_experience_areas
from bot.nlu.details_money import find_money
from bot.nlu.details_names import NameMatcher
from bot.nlu.folding import fold


class DetailReader:
    """Reads details from text; `classes` are the class files as read from YAML."""

    def __init__(self, classes: list[dict[str, Any]]) -> None:
        self._classes = ClassNames(classes)
        self._names = NameMatcher(self._classes.titles)

    def read(self, text: str, language: str, today: date) -> list[Detail]:
        """Details in the order of the text; what an earlier step has read, a later one leaves alone.

        Args:
            text: what the visitor typed.
            language: ISO 639-1 of the message.
            today: what relative dates are relative to.
        """
        folded = fold(text)
        found = find_claim_numbers(folded)
        levels = levels_before_years(folded)
        durations = [detail for detail in find_durations(folded) if not overlaps(detail, levels)]
        steps = [
            find_money(folded),
            self._classes.find_codes(folded),
            find_dates(folded, today, language),
            durations,
            find_hours(folded),
            self._names.find(folded),
        ]
        for step in steps:
            found += [detail for detail in step if not overlaps(detail, found)]
        found += find_levels(folded, found_without_titles(found))
        found += find_experience_areas(folded, [d for d in durations if d in found])
        found += _college_without_degree(found)
        return sorted(found, key=lambda detail: (detail.start, detail.end))


def found_without_titles(found: list[Detail]) -> list[Detail]:
    """The details a level may not overlap: a level stands inside or right after a class title."""
    return [detail for detail in found if detail.entity != "class_title"]


def _college_without_degree(found: list[Detail]) -> list[Detail]:
    """Years of college count as some college where no degree is named."""
    if any(detail.entity == "degree" for detail in found):
        return []
    college = [detail for detail in found if detail.entity == "duration" and detail.role == "college"]
    return [Detail("degree", "some_college", detail.start, detail.end) for detail in college[:1]]
