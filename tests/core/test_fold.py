"""The fold tables, on every code point there is."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from dedup.core import _native, make_tables, pure, unicode_tables

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
EVERY = [chr(code) for code in range(0x110000)]


def words(texts: list[str]) -> list[tuple[bytes, ...]]:
    """Folded words of each text, by the compiled kernel."""
    offsets, _, _, _, _, letters, ends = _native.tokenize(texts)
    letters = bytes(letters)
    bounds = np.frombuffer(ends, np.int64)
    starts = np.frombuffer(offsets, np.int64)
    parts = [letters[b:e] for b, e in pairwise(bounds)]
    return [tuple(parts[b:e]) for b, e in pairwise(starts)]


def known(char: str) -> bool:
    """Whether both this Python and the table's Unicode version have assigned a code point."""
    return unicodedata.category(char) != "Cn" and ord(char) in pure.fold_table()


@pytest.mark.parametrize("form", FORMS)
def test_every_code_point_gives_the_same_words_in_every_normal_form(form: Form) -> None:
    changed = [c for c in EVERY if known(c) and unicodedata.normalize(form, c) != c]
    assert len(changed) > 500
    plain = words([f"x{c}y" for c in changed])
    normal = words([unicodedata.normalize(form, f"x{c}y") for c in changed])
    assert [c for c, a, b in zip(changed, plain, normal, strict=True) if a != b] == []


def test_both_backends_fold_every_code_point_alike() -> None:
    native = words([f"a{c}b" for c in EVERY])
    for char, found in zip(EVERY, native, strict=True):
        expected = tuple(t.letters.encode() for t in pure.tokens_of(f"a{char}b"))
        assert found == expected, hex(ord(char))


def test_folding_folded_words_changes_nothing() -> None:
    folded = [b" ".join(w).decode() for w in words([f"a{c}b" for c in EVERY])]
    again = [b" ".join(w).decode() for w in words(folded)]
    assert folded == again


@pytest.mark.skipif(
    unicodedata.unidata_version != make_tables.VERSION,
    reason=f"the tables are made by a Python with Unicode {make_tables.VERSION} (3.13)",
)
def test_the_committed_tables_are_what_the_generator_makes() -> None:
    entries = make_tables.build()
    core = Path(pure.__file__).parent
    assert (core / "unicode_tables.py").read_text() == make_tables.python_module(entries)
    header = core / "native" / "unicode_tables.h"
    assert header.read_text() == make_tables.cpp_header(entries)


def test_the_tables_name_their_unicode_version() -> None:
    assert unicode_tables.VERSION == make_tables.VERSION


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straße", ["strasse"]),
        ("NAÏVE Äpfel", ["naive", "apfel"]),
        ("co\u00adoperate", ["cooperate"]),
        ("zero\u200bwidth", ["zerowidth"]),
        ("ﬁnd ①½", ["find", "11", "2"]),
        ("l'été—déjà_vu", ["l", "ete", "deja", "vu"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("ガ", ["カ"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("한국어 NEWS", ["한국어", "news"]),
        ("می‌خواهم", ["میخواهم"]),
        ("İstanbul ΣΊΣΥΦΟΣ", ["istanbul", "σισυφοσ"]),
        ("\ud800lone\udc00", ["lone"]),
        ("", []),
        ("—…!\n\t🎉", []),
    ],
)
def test_known_texts_fold_to_known_words(text: str, expected: list[str]) -> None:
    # The expected words are written composed; folding keeps letters decomposed.
    decomposed = tuple(unicodedata.normalize("NFKD", word).encode() for word in expected)
    assert words([text]) == [decomposed]
