"""Find out in which charset a page or a text is written, and decode it.

In: the bytes of a page and its Content-Type, or of a text. Out: the text, and the charset that was
used. A text that is not UTF-8 is read in the charset that the user names, or else that is detected.
Of pages, what servers and pages say is wrong often enough that it is weighed against the bytes:

1. a byte order mark;
2. UTF-8, if all bytes are: what is valid UTF-8 beyond ASCII is hardly ever anything else;
3. what Content-Type says, then what `<meta>` says, if all bytes can be read so;
4. UTF-8 with replacement characters, where nearly all of it is UTF-8;
5. detection (faust-cchardet);
6. windows-1252, which reads nearly everything, if there are no NULs.

Names of charsets mean what browsers make of them.
Source: WHATWG, Encoding Standard (labels; latin1 is windows-1252) and HTML, section 13.2.3.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_IN_TYPE = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.I)
_IN_META = re.compile(
    rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?([\w.:+-]{1,40})|"
    rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{1,40})",
    re.I,
)
#: Bytes in which a page must say its charset; browsers look at 1,024, pages at more.
_LOOKED_AT = 1 << 13
#: Labels that mean a larger charset than they say.
_LARGER = {
    "ascii": "cp1252", "us-ascii": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "l1": "cp1252",
    "iso-8859-9": "cp1254", "iso8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "big5": "big5hkscs", "x-euc-jp": "euc-jp",
    "unicode": "utf-16-le", "x-user-defined": "cp1252",
}  # fmt: skip
#: Charsets of 7-bit bytes: valid as ASCII whatever they say.
_SEVEN_BIT = ("iso2022_jp", "iso2022_kr", "hz")
#: Charsets of more than one byte to every character, and their byte order where none is said.
_WIDE = ("utf-16", "utf-32")
_WITH_ORDER = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
#: What is meant where a text has letters in places that are empty in the charset detected.
_WINDOWS = {
    "iso8859-2": "cp1250", "iso8859-5": "cp1251", "iso8859-7": "cp1253", "iso8859-8": "cp1255",
    "iso8859-6": "cp1256", "iso8859-13": "cp1257",
}  # fmt: skip
#: Codecs that read text and are no charsets of pages.
_NO_CHARSETS = ("unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf_7", "undefined")
#: Most replacement characters to each valid character beyond ASCII.
_BROKEN_SHARE = 0.1
#: Bytes of UTF-8 beyond ASCII, lone surrogates too; and bytes that are not ASCII.
_LIKE_UTF8 = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
#: Bytes from which on a charset is detected: letters must be counted.
_SHORTEST = 40
#: Bytes of lines from which the charset of a file is told.
_EVIDENCE = 1 << 16
#: Charsets of old systems, which detectors find in short texts and nearly never are there.
_DOUBTFUL = ("cp437", "cp7", "cp85", "cp86", "cp1258", "mac")
#: Least confidence of the detector; bytes of no charset get 0.25.
_CONFIDENCE = 0.5
#: Letters of control that no text holds; 0x80-0x9f are letters in the larger charset.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")


class Decoded(NamedTuple):
    """The text of a page and the charset it was read in (a name of Python's codecs)."""

    text: str
    charset: str


def decode_page(body: bytes, content_type: str) -> Decoded | None:
    """Decode a page; None where no charset fits.

    Args:
        body: the bytes of the page; the end may be cut inside a character.
        content_type: the field of the response, "" if there is none.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), name)
    codecs_said = map(find_codec, _find_labels(body, content_type))
    said = [name for name in codecs_said if name]
    for name in said:
        is_wide = name.startswith(("utf-16", "utf-32")) and b"\0" in body
        if is_wide or (name in _SEVEN_BIT and body.isascii()):
            text = _try(body, name)
            if text is not None:
                return Decoded(text, name)
    for name in ("utf-8", *said):
        text = _try(body, name)
        if text is not None and "\0" not in text:
            return Decoded(text, name)
    broken = body.decode("utf-8", "replace")
    num_good = sum(1 for c in broken if c > "\x7f" and c != "\ufffd")
    if broken.count("\ufffd") <= _BROKEN_SHARE * num_good:
        return Decoded(broken, "utf-8")
    for name in (_detect(body) or "cp1252", "cp1252"):
        text = _try(body, name)
        if text is not None and "\0" not in text:
            return Decoded(text, name)
    return None


def decode_text(
    data: bytes, charsets: tuple[str, ...], likely: tuple[str, ...] = ()
) -> Decoded | None:
    """Decode bytes that are not UTF-8; None where no charset fits.

    Args:
        data: a text, a line or a row.
        likely: the charset of the file, as far as that is known; tried before anything is detected.
        charsets: those to try, in this order. If there are none the charset is detected; not that
            of a few bytes, and not that of broken UTF-8, which detectors take for letters of
            eastern Europe.
    """
    if charsets:
        for name in filter(None, map(find_codec, charsets)):
            text = _try_whole(data, name)
            if text is not None:
                return Decoded(text, name)
        return None
    is_broken = 2 * sum(map(len, _LIKE_UTF8.findall(data))) > len(_HIGH.findall(data))
    if is_broken:
        return None
    found = _detect(data, _CONFIDENCE) or "" if len(data) >= _SHORTEST else ""
    if found.startswith(_DOUBTFUL):
        found = ""
    for name in filter(None, (*likely, found, _WINDOWS.get(found))):
        text = _try_whole(data, name)
        if text is not None and not _CONTROLS.search(text):
            return Decoded(text, name)
    return None


def find_likely(head: bytes) -> tuple[str, ...]:
    """The charset of a file of lines, by all lines in its beginning that are not UTF-8.

    A single line says little: of 206 rows in windows-1252 only 106 were taken for that, and 68
    for nothing.
    """
    lines: list[bytes] = []
    size = 0
    # The last line may be cut inside a character.
    for line in (head[: head.rfind(b"\n") + 1] or head).split(b"\n"):
        if not line.isascii() and _try_whole(line, "utf-8") is None:
            lines.append(line)
            size += len(line)
            if size >= _EVIDENCE:
                break
    try:
        decoded = decode_text(b"\n".join(lines), ()) if lines else None
    except ImportError:
        return ()
    return (decoded.charset,) if decoded else ()


def decode_piece(
    data: bytes, charsets: tuple[str, ...], likely: tuple[str, ...] = ()
) -> tuple[bytes, str, str]:
    """Bytes of a text as UTF-8, the text, and its charset; "" if that is UTF-8.

    Raises:
        UnicodeDecodeError: no charset fits, or the library that detects them is missing.
    """
    try:
        return data, data.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        try:
            decoded = decode_text(data, charsets, likely)
        except ImportError:
            error.reason = "detecting charsets needs pip install 'dedup[charset]'"
            raise error from None
        if decoded is None:
            raise
        return decoded.text.encode(), *decoded


def name_bad_byte(error: UnicodeDecodeError) -> str:
    """What is wrong with bytes that are not UTF-8, and of no other charset."""
    why = f"; {error.reason}" if "dedup[" in error.reason else ""
    return f"byte {error.start + 1} is 0x{error.object[error.start]:02x}{why}"


def find_stream_codec(head: bytes, charsets: tuple[str, ...]) -> str | None:
    """The codec of a file that must be decoded as a whole: UTF-16, UTF-32, shifts; else None.

    Args:
        head: the first bytes of the file, four or more.
        charsets: those the user names; the first one counts.
    """
    for mark, name in _WIDE_BOMS:
        if head.startswith(mark):
            return name
    name = (find_codec(charsets[0]) or "") if charsets else ""
    is_whole = name.startswith(_WIDE) or name.startswith(_SEVEN_BIT)
    return (
        _WITH_ORDER.get(name, name) if is_whole and not head.startswith(codecs.BOM_UTF8) else None
    )


def find_codec(label: str) -> str | None:
    """The codec of Python a label means, or None."""
    label = label.strip().lower()
    try:
        codec = codecs.lookup(_LARGER.get(label, label))
    except (LookupError, ValueError):
        return None
    # Python also has codecs from bytes to bytes.
    is_text = getattr(codec, "_is_text_encoding", True)
    name = codec.name.replace("-", "_")
    return None if not is_text or name in _NO_CHARSETS else codec.name


def _find_labels(body: bytes, content_type: str) -> list[str]:
    labels = [match[1]] if (match := _IN_TYPE.search(content_type)) else []
    if found := _IN_META.search(body, 0, _LOOKED_AT):
        labels.append((found[1] or found[2]).decode("ascii", "replace"))
    return labels


def _try(body: bytes, name: str) -> str | None:
    """The text, its last character dropped if it is cut; None if it is not in this charset."""
    try:
        return codecs.getincrementaldecoder(name)().decode(body)
    except (UnicodeError, ValueError):
        return None


def _try_whole(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None


def _detect(body: bytes, confidence: float = 0.0) -> str | None:
    import cchardet  # type: ignore[import-untyped,import-not-found,unused-ignore]

    found = cchardet.detect(body)
    label = found["encoding"]
    return find_codec(label) if label and (found["confidence"] or 0.0) >= confidence else None
