// The wanted fields of JSON lines: a block of lines in, columns with one row for each plain line
// out. A line that is not plain is left out, for a slow reader to decide about.
// Rules: find_fields in core/__init__.py; twin: core/pure_read.py.
#pragma once
#include "json_line.h"

namespace dedup {

inline u8* put_utf8(u32 code, u8* out) {
  if (code < 0x80) {
    *out++ = static_cast<u8>(code);
    return out;
  }
  if (code < 0x800) {
    *out++ = static_cast<u8>(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      *out++ = static_cast<u8>(0xE0 | code >> 12);
    } else {
      *out++ = static_cast<u8>(0xF0 | code >> 18);
      *out++ = static_cast<u8>(0x80 | (code >> 12 & 0x3F));
    }
    *out++ = static_cast<u8>(0x80 | (code >> 6 & 0x3F));
  }
  *out++ = static_cast<u8>(0x80 | (code & 0x3F));
  return out;
}

// Copies up to the next backslash; `out` has room for 16 bytes more than there are. Moves both.
inline void copy_plain(const u8*& p, const u8* end, u8*& out) {
#if defined(__SSE2__) && defined(__GNUC__)
  const __m128i slash = _mm_set1_epi8('\\');
  for (; end - p >= 16; p += 16, out += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, slash)));
    if (mask) {
      p += __builtin_ctz(mask);
      out += __builtin_ctz(mask);
      return;
    }
  }
#endif
  while (p < end && *p != '\\') *out++ = *p++;
}

// Appends the text a valid string stands for; false if it holds a lone surrogate, which becomes
// three bytes.
inline bool unescape(const u8* p, const u8* end, std::vector<u8>& values) {
  const std::size_t before = values.size();
  values.resize(before + static_cast<std::size_t>(end - p) + 16);
  u8* out = values.data() + before;
  bool is_unicode = true;
  for (;;) {
    copy_plain(p, end, out);
    if (p == end) break;
    const u8 letter = p[1];
    p += 2;
    switch (letter) {
      case 'b': *out++ = '\b'; break;
      case 'f': *out++ = '\f'; break;
      case 'n': *out++ = '\n'; break;
      case 'r': *out++ = '\r'; break;
      case 't': *out++ = '\t'; break;
      case 'u': {
        u32 code = four_digits(p);
        p += 4;
        if (code >= 0xD800 && code < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
          const u32 low = four_digits(p + 2);
          if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            p += 6;
          }
        }
        is_unicode = is_unicode && (code < 0xD800 || code > 0xDFFF);
        out = put_utf8(code, out);
        break;
      }
      default: *out++ = letter;
    }
  }
  values.resize(static_cast<std::size_t>(out - values.data()));
  return is_unicode;
}

// White space as Python's str.isspace has it.
inline bool is_space(u32 code) {
  return (code >= 9 && code <= 13) || (code >= 28 && code <= 32) || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

// Whether a text is empty or only white space, a byte order mark aside.
inline bool is_blank(const u8* data, std::size_t size) {
  const Text text{data, size};
  std::size_t i = size >= 3 && std::memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  while (i < size) {
    const u32 code = data[i] < 0x80 ? data[i++] : decode_multibyte(text, i);
    if (!is_space(code)) return false;
  }
  return true;
}

// What the fields are called: names of one column in their order of preference. Column 0 is the
// text: there must be one that is not blank.
struct Wanted {
  std::vector<std::string_view> names;
  std::vector<std::size_t> starts;  // of the columns among the names, one longer than the columns
  std::vector<u8> accepted;         // kinds of each column
  std::size_t columns() const { return accepted.size(); }
};

// One column of values, laid out as Arrow does, with their kinds.
struct Column {
  std::vector<u8> values;
  std::vector<std::int64_t> offsets{0};
  std::vector<u8> kinds;

  void close(u8 kind) {
    kinds.push_back(kind);
    offsets.push_back(static_cast<std::int64_t>(values.size()));
  }
  void cut(std::size_t rows) {
    kinds.resize(rows);
    offsets.resize(rows + 1);
    values.resize(static_cast<std::size_t>(offsets.back()));
  }
};

struct FoundFields {
  std::vector<std::int64_t> starts{0};  // of the lines, one longer than the lines
  std::vector<u32> taken;               // the lines that have a row in the columns
  std::vector<Column> columns;
};

// Lines to rows. A line is taken whole or not at all.
class FieldFinder {
 public:
  FieldFinder(const Wanted& wanted, std::size_t longest)
      : wanted_(wanted), longest_(longest), line_(wanted.names) {}

  void find(const u8* data, std::size_t size, FoundFields& out) {
    out.columns.resize(wanted_.columns());
    std::vector<u8>& texts = out.columns[0].values;
    texts.reserve(size + 16);
    for (std::size_t at = 0; at < size;) {
      const void* feed = std::memchr(data + at, '\n', size - at);
      const u8* end = feed ? static_cast<const u8*>(feed) : data + size;
      if (take(data + at, end, out.columns))
        out.taken.push_back(static_cast<u32>(out.starts.size() - 1));
      else
        for (Column& column : out.columns) column.cut(out.taken.size());
      at = static_cast<std::size_t>(end - data) + (feed ? 1 : 0);
      out.starts.push_back(static_cast<std::int64_t>(at));
    }
    // Texts are kept; the room for all else in their lines must not be kept with them.
    if (texts.capacity() / 4 > texts.size() / 3) texts.shrink_to_fit();
  }

 private:
  bool take(const u8* begin, const u8* end, std::vector<Column>& columns) {
    const u8* last = begin < end && end[-1] == '\r' ? end - 1 : end;
    if (static_cast<std::size_t>(last - begin) > longest_ || !line_.read(begin, end)) return false;
    for (std::size_t n = 0; n < columns.size(); ++n) {
      const Slot found = choose(n);
      std::vector<u8>& values = columns[n].values;
      const std::size_t before = values.size();
      if (found.kind & kString) {
        const bool is_unicode = unescape(found.begin, found.end, values);
        if (!is_unicode && n > 0) return false;
      } else if (found.kind) {
        if (found.kind & kInteger && is_odd(found)) return false;
        values.insert(values.end(), found.begin, found.end);
      }
      if (n == 0 && is_blank(values.data() + before, values.size() - before)) return false;
      columns[n].close(found.kind);
    }
    return true;
  }
  // The first value of a column that is accepted; no kind if there is none.
  Slot choose(std::size_t column) const {
    Slot chosen{};
    for (std::size_t n = wanted_.starts[column]; n < wanted_.starts[column + 1]; ++n) {
      const Slot& found = line_.slot(n);
      const bool is_empty = column > 0 && found.kind == kString && found.begin == found.end;
      if (is_empty || !(found.kind & wanted_.accepted[column])) continue;
      if (chosen.kind) {
        chosen.kind |= kMore;
        break;
      }
      chosen = found;
    }
    return chosen;
  }
  // Integers that are not written back as they were read, or may be too long for some reader.
  static bool is_odd(const Slot& found) {
    const std::ptrdiff_t length = found.end - found.begin;
    return length > kLongestInteger ||
           (length == 2 && found.begin[0] == '-' && found.begin[1] == '0');
  }

  const Wanted& wanted_;
  std::size_t longest_;
  JsonLine line_;
};

}  // namespace dedup
