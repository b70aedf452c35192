"""Settings come from the environment, are checked, and stand in the documents."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bot.database import make_engine
from bot.settings import PROJECT_ROOT, Settings, SettingsError

PAGES = [PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").glob("*.md")]
DOCUMENTED = "".join(page.read_text(encoding="utf-8") for page in PAGES if page.exists())


@pytest.mark.parametrize("env", [spec.metadata["env"] for spec in fields(Settings)])
def test_every_setting_is_documented(env: str) -> None:
    assert f"`{env}`" in DOCUMENTED


def test_defaults_hold_when_the_environment_says_nothing() -> None:
    assert Settings.from_environment({}) == Settings()


def test_an_empty_value_counts_as_unset() -> None:
    assert Settings.from_environment({"PORT": ""}).port == 8080


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "many"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"ENVIRONMENT": "staging"}, "ENVIRONMENT"),
        ({"SECURE_COOKIES": "maybe"}, "SECURE_COOKIES"),
        ({"REPLY_TIMEOUT": "soon"}, "REPLY_TIMEOUT"),
    ],
)
def test_a_value_that_can_not_be_used_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_environment(environ)


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_a_database_address_that_would_lose_messages_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        make_engine(url)
