"""How job classes are said: sources, durations, buttons, and requirements spelled out from their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from bot import clock, qualifications
from bot.stores import job_classes
from bot.stores.tables import JobClass, JobFamily
from bot.words import Words, say

MAX_BUTTONS = 6


class JobWords(Words):
    """The words of this topic, with the small pieces its answers are put together from."""

    def __init__(self, language: str) -> None:
        super().__init__("job_classes", language)
        self.quotes = False

    def local(self, texts: Mapping[str, str] | None, fallback: str = "") -> str:
        """The text in this language; as the agency printed it, in English, when that is all there is."""
        texts = texts or {}
        said = texts.get(self.language) or texts.get("en")
        if not said and texts.get("text"):
            self.quotes = True
            return texts["text"]
        return said or fallback

    def duration(self, months: int | Fraction) -> str:
        """Whole years and months ("1 year and 6 months"); a part of a month is left out."""
        years, rest = divmod(int(months), 12)
        year = self("dur.year") if years == 1 else self("dur.years", n=years)
        month = self("dur.month") if rest == 1 else self("dur.months", n=rest)
        if years and rest:
            return self("dur.both", years=year, months=month)
        return year if years else month if rest else self("dur.none")

    def joined(self, items: Iterable[str], *, last: str = "list.and") -> str:
        """A list as it is written in a sentence."""
        parts = list(items)
        if len(parts) < 2:
            return "".join(parts)
        word = self(last)
        if self.language == "es" and word == "y" and job_classes.plain(parts[-1]).startswith(("i", "hi")):
            word = "e"
        return f"{', '.join(parts[:-1])} {word} {parts[-1]}"

    def lines(self, items: Iterable[str]) -> str:
        """A list in lines, readable in every channel."""
        return "\n".join(f"• {item}" for item in items)

    def code(self, row: JobClass) -> str:
        """The code in brackets after a title; nothing when the specification prints none."""
        return f" ({row.code})" if row.code else ""

    def document(self, family: JobFamily) -> str:
        """What the agency calls its document."""
        key = "doc." + family.document_type.replace(" ", "_")
        return self(key) if key in self else str(family.document_type)

    def ask_where(self, family: JobFamily) -> str:
        """Where to ask what the specification does not say."""
        said = self.local(family.details.get("where_to_ask"))
        contact = family.details.get("contact") or {}
        ways = [contact[name] for name in ("email", "phone") if contact.get(name)]
        return said or (self("ask.at", ways=self.joined(ways, last="list.or")) if ways else self("ask.posting"))

    def period_range(self, period: str, low: Any, high: Any) -> str:
        """ "$12.08 to $22.15 an hour"."""
        return self(f"pay.{period}", low=low, high=high)

    def day(self, iso: str | date) -> str:
        """A day said in the language."""
        return str(say(date.fromisoformat(iso) if isinstance(iso, str) else iso, self.language))


def dated(family: JobFamily) -> date:
    """The day of the family's newest revision."""
    return date.fromisoformat(family.details["source"]["dated"])


def years_old(family: JobFamily) -> int:
    """Whole years since the newest revision."""
    today, then = clock.now().date(), dated(family)
    return today.year - then.year - ((today.month, today.day) < (then.month, then.day))


def source(w: JobWords, family: JobFamily) -> dict[str, Any]:
    """The source of an answer: the specification's title and revision date."""
    held = family.details["source"]
    kind = f"source.{held.get('date_kind', 'dated')}"
    title = w(kind if kind in w else "source.dated", title=held["title"], date=dated(family))
    return {"title": title, "effective": held["dated"], **({"url": held["url"]} if held.get("url") else {})}


def payload(intent: str, row: JobClass) -> str:
    """A button's payload that names one class beyond doubt."""
    if row.code:
        return f'/{intent}{{"class_code":"{row.code}"}}'
    title, level = job_classes.split_title(row.title)
    level_part = f',"class_level":"{level}"' if level else ""
    return f'/{intent}{{"class_title":"{title}"{level_part}}}'


def choice_buttons(intent: str, rows: Iterable[JobClass]) -> list[dict[str, str]]:
    """A button for each class, titled as the store titles it."""
    return [{"title": row.title, "payload": payload(intent, row)} for row in list(rows)[:MAX_BUTTONS]]


def topic_buttons(w: JobWords, row: JobClass, *topics: str) -> list[dict[str, str]]:
    """Buttons that lead on to other questions about the same class."""
    titles = {
        "job_pay": "button.pay", "job_min_qualifications": "button.requirements", "job_duties": "button.duties",
        "job_ksa": "button.ksa", "job_level_difference": "button.compare", "job_do_i_qualify": "button.qualify",
        "job_apply": "button.apply",
    }  # fmt: skip
    return [{"title": w(titles[topic]), "payload": payload(topic, row)} for topic in topics]


# ------------------------------------------------------------------ requirements


def areas_said(w: JobWords, family: JobFamily) -> str:
    """The kinds of work that count, as the specification names them."""
    return w.local((family.details.get("experience_areas") or {}).get("says"), w("req.any_field"))


def rules_of(session: Session, row: JobClass) -> list[dict[str, Any]] | None:
    """The minimum qualifications of a class with every reference to another level followed."""
    return qualifications.resolve(job_classes.requirements(session, row), row.level or row.id)


def rule_said(w: JobWords, family: JobFamily, rule: Mapping[str, Any]) -> str:
    """One alternative of a rule in words, with its exact figures."""
    if "text" in rule:
        w.quotes = True
        return w("req.as_printed", text=rule["text"].rstrip("."))
    if "combination" in rule:
        mixed = rule["combination"] == "education_and_experience"
        return w("req.education_and_experience" if mixed else "req.equivalent")
    experience = w.duration(12 * (rule.get("experience_years") or 0))
    if "in_class" in rule:
        return w("req.in_class", experience=experience, title=rule["in_class"])
    areas = areas_said(w, family)
    if not rule.get("degree"):
        return w("req.experience_only", experience=experience, areas=areas)
    degree = w(f"degree.a.{rule['degree']}")
    if not rule.get("experience_years"):
        said = w("req.degree_only", degree=degree)
    else:
        said = w("req.degree_experience", degree=degree, experience=experience, areas=areas)
    if rule.get("experience_for_degree"):
        said += "; " + w("req.or_mix", experience=w.duration(12 * rule["experience_for_degree"]))
    return said


def worked_years(w: JobWords, rule: Mapping[str, Any]) -> dict[str, str] | None:
    """Experience needed with the degree, with two years of college and with none; None when nothing replaces it."""
    if not rule.get("experience_for_degree"):
        return None
    months = [
        qualifications.months_needed(rule, held) for held in (qualifications.DEGREE_MONTHS[rule["degree"]], 24, 0)
    ]
    with_degree, two_years, no_college = (w.duration(m or 0) for m in months)
    return {"with_degree": with_degree, "two_years": two_years, "no_college": no_college}


def years_needed(w: JobWords, rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """The experience a bachelor's rule comes to with and without college, as a line; none where nothing replaces it."""
    worked = worked_years(w, rules[0]) if rules and rules[0].get("degree") == "bachelor" else None
    return [w("req.worked", **worked)] if worked else []


def legal_lines(w: JobWords, row: JobClass) -> list[str]:
    """The legal requirements of a class, or that it lists none."""
    legal = row.details.get("legal_requirements")
    if not legal:
        return [w("req.no_legal")]
    return [w("req.legal_head"), *(f"• {w.local(item)}" for item in legal["items"])]


def inherited(w: JobWords, row: JobClass) -> str:
    """ "That is what Level I asks for plus one year": how the specification itself puts it; empty when it doesn't."""
    stored = row.details.get("minimum_qualifications") or {}
    if "same_as" not in stored:
        return ""
    extra = stored.get("additional_experience_years") or 0
    if not extra:
        return w("req.same_as", level=stored["same_as"])
    return w("req.same_as_plus", level=stored["same_as"], extra=w.duration(12 * extra))


# ------------------------------------------------------------------ pay and abilities


def pay_note(w: JobWords, family: JobFamily) -> str:
    """What document the figures come from, how old it is, and where to check."""
    as_of = w("pay.as_of", document=w.document(family), date=dated(family))
    key = "pay.old" if years_old(family) >= 2 else "pay.check"
    return f"{as_of} {w(key, year=dated(family).year, ask=w.ask_where(family))}"


def pay_cells(w: JobWords, row: JobClass) -> dict[str, str]:
    pay = job_classes.pay_of(row)
    return {
        p: w("pay.range", low=pay[p][0], high=pay[p][1]) if p in pay else w("not_stated") for p in job_classes.PERIODS
    }


def added(w: JobWords, row: JobClass) -> str:
    """The knowledge and abilities a level states itself, in one line."""
    parts = []
    for kind, key in (("knowledge", "ksa.know"), ("abilities", "ksa.able")):
        items = [w.local(item) for item in row.details.get(kind) or []]
        if items:
            parts.append(w(key, items="; ".join(items)))
    return ". ".join(parts) or w("compare.nothing_added")
