"""Main text of a page: the article without menus, footers and comments.

In: a decoded page and the name of an extractor. Out: its text, paragraphs apart by line ends; ""
when there is none. Two libraries are known and live here alone: trafilatura for `precise`,
resiliparse for `fast`. What they cost and find: docs/choices/0019-main-text.md.
Both take minutes for some pages and cannot be interrupted, so they run in processes of their own
(`workers`), behind the bounds of `html`.
"""

from __future__ import annotations

import re

from dedup.settings import EXTRACTORS

#: Parts of a page that are no article, for resiliparse.
_SKIPPED = ["nav", "footer", "aside", "form", "figure", "header"]
#: Code points from which a line counts as prose even without the end of a sentence.
_SHORT_LINE = 40
_SENTENCE_END = re.compile(r"[.!?…:;。！？।۔][\"'”’»›)\]]*\s*$")


def extract_text(page: str, extractor: str) -> str:
    """The main text of a page; "" if there is none.

    Args:
        page: HTML.
        extractor: one of `EXTRACTORS`.

    Raises:
        ValueError: the page cannot be parsed.
    """
    if extractor == EXTRACTORS[0]:
        import trafilatura  # type: ignore[import-untyped,import-not-found,unused-ignore]

        text = trafilatura.extract(page, fast=True, include_comments=False)
        return str(text or "")
    from resiliparse.extract.html2text import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
        extract_plain_text,
    )

    text = extract_plain_text(
        page, main_content=True, comments=False, skip_elements=_SKIPPED, alt_texts=False
    )
    return "\n".join(line for line in text.splitlines() if _is_prose(line))


def _is_prose(line: str) -> bool:
    """Short lines without the end of a sentence are menus, tags and captions."""
    return len(line) >= _SHORT_LINE or _SENTENCE_END.search(line) is not None
