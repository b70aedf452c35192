"""The lines for people who write in a language the bot does not speak."""

import re

from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES
from bot.yaml_files import read_yaml

LINES = read_yaml(PROJECT_ROOT / "data" / "other_languages.yml")


def test_every_line_names_the_phone_once_and_the_language_in_english():
    for line in LINES.values():
        assert line.count("{phone}") == 1
        assert line.format(phone="800-318-6022").count("800-318-6022") == 1
        assert re.search("[A-Z][a-z]{2,}", line.split("{phone}")[1])


def test_no_line_is_for_a_language_the_bot_speaks():
    assert not set(LINES) & set(LANGUAGES)
