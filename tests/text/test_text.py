"""Words and their spans in the text as published."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dedup.text import tokenize, utf8_offsets

ALPHABET = (
    "abcXYZ09 \n.,-_'»äöüßÉéñ\u0301\u0323\u00ad\u200b\ufeff½①ﬁ漢字東かなカー\u3099ไทยกำ한국어 "
    "ابتмва\U0001f600\ud800"
)
texts = st.one_of(st.text(st.sampled_from(ALPHABET), max_size=80), st.text(max_size=40))


def letters(text: str) -> list[str]:
    return [word.letters for word in tokenize(text)]


@given(texts)
def test_spans_lie_inside_the_text_and_rise(text: str) -> None:
    last = 0
    for word in tokenize(text):
        assert 0 <= word.begin < word.end <= len(text)
        assert word.begin >= last - 1  # several words may come from one code point
        last = word.end


@given(texts, st.data())
def test_a_slice_from_word_to_word_holds_these_words(text: str, data: st.DataObject) -> None:
    words = tokenize(text)
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    inside = letters(text[words[first].begin : words[last].end])
    wanted = [word.letters for word in words[first : last + 1]]
    # A code point that unfolds to several words may bring its neighbours along.
    joined = "\0".join(inside)
    assert "\0".join(wanted) in joined


@given(texts.filter(lambda t: all(unicodedata.category(c) != "Cn" for c in t)))
def test_normal_forms_case_and_white_space_change_no_word(text: str) -> None:
    plain = letters(text)
    assert letters(unicodedata.normalize("NFC", text)) == plain
    assert letters(unicodedata.normalize("NFD", text)) == plain
    assert letters(unicodedata.normalize("NFKC", text)) == plain
    assert letters(unicodedata.normalize("NFKD", text)) == plain
    assert letters(text.replace(" ", "\u00a0\r\n")) == plain


def test_upper_case_quotes_and_soft_hyphens_change_no_word() -> None:
    plain = "Der »größte« Zusammen-Schluss, sagt sie."
    other = "DER \u201cGRÖßTE\u201d ZU\u00adSAMMEN\u2014SCHLUSS\u200b sagt sie\ufeff"
    assert letters(plain) == letters(other)


def test_marks_that_follow_a_word_belong_to_its_span() -> None:
    text = "cafe\u0301 noir"
    assert text[tokenize(text)[0].begin : tokenize(text)[0].end] == "cafe\u0301"


def test_weights_are_in_words() -> None:
    assert [word.weight for word in tokenize("wort 漢 カ ไ")] == [1.0, 0.5, 0.25, 0.25]


@given(st.text(max_size=50), st.data())
def test_utf8_offsets_are_lengths_of_encoded_prefixes(text: str, data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    expected = [len(text[:p].encode("utf-8", "surrogatepass")) for p in positions]
    assert utf8_offsets(text, positions) == expected
