"""What each role may do at the console: the one table that every check reads."""

from __future__ import annotations

from bot.stores.vocabulary import Role, Word


class Right(Word):
    """Something a signed-in person may or may not do."""

    DESK = "desk"
    """Take, answer, resolve and note; search the transcripts of their own and of open conversations; work on the
    intakes of their own programs."""
    ALL_INTAKES = "all_intakes"
    """Work on the intakes of every program, and put back one that a colleague has."""
    ALL_TRANSCRIPTS = "all_transcripts"
    """Search and open every transcript."""
    BOARD = "board"
    """See who has how much, and take over a colleague's conversation."""
    REPORTS = "reports"
    """Read and download reports."""
    EXAMPLES = "examples"
    """Turn unanswered questions into training examples."""
    AUDIT = "audit"
    """See sign-ins, claims viewed and transcripts searched."""
    SKILLS = "skills"
    """Set what specialists are offered: their programs, languages and how many at once."""
    ACCOUNTS = "accounts"
    """See the accounts, end their sessions and disable them."""


_SPECIALIST = frozenset({Right.DESK})
_SUPERVISOR = _SPECIALIST | {
    *(Right.ALL_INTAKES, Right.ALL_TRANSCRIPTS, Right.BOARD, Right.REPORTS, Right.EXAMPLES, Right.AUDIT),
    Right.SKILLS,
}
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.SPECIALIST: _SPECIALIST,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _SUPERVISOR | {Right.ACCOUNTS},
}


def has(role: Role, right: Right) -> bool:
    """Whether an account of this role may do it."""
    return right in RIGHTS[role]
