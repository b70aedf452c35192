"""Letters without their accents."""

from __future__ import annotations

from bot.accents import without_accents


def test_accents_and_tildes_are_left_out_however_they_were_typed() -> None:
    composed, decomposed = "¿Año qué viene, pingüino?", "¿An\u0303o que\u0301 viene, pingu\u0308ino?"
    assert without_accents(composed) == without_accents(decomposed) == "¿Ano que viene, pinguino?"


def test_capitals_and_letters_without_an_accent_stay() -> None:
    assert without_accents("ÁRBOL Straße 45%") == "ARBOL Straße 45%"
