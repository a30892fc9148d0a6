"""Count and name what could not be used: file, offset, reason.

In: one call of `add` for each piece of input a reader gives up on. Out: the pieces in the order
they were met, and how many there are of each reason.
Showing them is left to `cli`; whether any of them fails a run is left to the caller.
"""

from __future__ import annotations

from collections import Counter

from dedup.records import Reject

#: Every reason there is, with what it says to people. A new reader adds its own here.
REASONS: dict[str, str] = {
    "bad-charset": "no charset fits the bytes of the page",
    "bad-http": "the capture is no HTTP response, or its body cannot be unpacked",
    "bad-json": "the line is not JSON",
    "bad-length": "the record has another length than it says",
    "bad-record": "where a record of the crawl file must begin there is none, or of no known type",
    "bad-row": "the row has other cells than the first, or a quote that does not end",
    "bad-table": "the table file is damaged",
    "crashed-page": "the extractor failed on the page",
    "cut-file": "the file ends too early or is damaged; what came before is kept",
    "damaged-part": "a part of the packed file is damaged; reading goes on behind it",
    "deep-page": "the elements of the page lie too deep in each other",
    "empty-text": "the text is empty or only white space",
    "http-status": "the server answered without a page",
    "huge-file": "the text file is longer than one article may be",
    "huge-line": "the line is longer than one article may be",
    "huge-page": "the page is longer, or has more tags, than one may have",
    "huge-record": "the record of the crawl file is longer than one may be",
    "huge-row": "a cell of the row is longer than one article may be",
    "no-articles": "the folder holds no file of a known kind",
    "no-such-path": "there is no such file or folder",
    "no-text": "there is no text field, or it is not a string",
    "not-a-page": "the capture is of another media type than HTML",
    "not-an-article": "the item is neither text, (id, text), a mapping nor an Article",
    "not-an-object": "the line is JSON, but not an object",
    "not-utf8": "the bytes are not UTF-8, and of no charset that was named or detected",
    "packed-table": "the table is on standard input or compressed as a whole",
    "revisit": "the record says only that the page was the same as before",
    "slow-page": "the extractor took too long on the page and was stopped",
    "unknown-format": "the file is of no known kind",
    "unreadable": "the file or folder could not be opened or read",
}


class Rejects:
    """The books of one run's rejects. An empty one is false, like an empty list."""

    def __init__(self) -> None:
        """Begin with none."""
        self.entries: list[Reject] = []
        #: Articles that are not in UTF-8, by the charset in which they were read.
        self.charsets: Counter[str] = Counter()

    def add(self, file: str, offset: int, reason: str, detail: str) -> None:
        """Note one piece of input that could not be used.

        Args:
            file: the path as given by the user, "-" or "<memory>".
            offset: byte in the decompressed file (or position of the item) where it begins.
            reason: one of `REASONS`.
            detail: what was expected and found.

        Raises:
            ValueError: `reason` is not in the table.
        """
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not in dedup.read.rejects.REASONS; add it there.")
        self.entries.append(Reject(file, offset, reason, detail))

    def take(self) -> list[Reject]:
        """The pieces noted so far, and forget them: for passing them on in order."""
        taken, self.entries = self.entries, []
        return taken

    def take_charsets(self) -> dict[str, int]:
        """Charsets of the file that was read last, and forget them."""
        taken, self.charsets = self.charsets, Counter()
        return dict(sorted(taken.items()))

    @property
    def counts(self) -> dict[str, int]:
        """How many rejects there are of each reason met, sorted by reason."""
        return dict(sorted(Counter(entry.reason for entry in self.entries).items()))

    def __len__(self) -> int:
        """How many pieces of input could not be used."""
        return len(self.entries)
