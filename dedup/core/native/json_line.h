// One JSON line checked and its wanted values found, as they stand in the line. Escapes are left
// to json_fields.h.
// Rules: find_fields in core/__init__.py; twin: core/pure_read.py.
#pragma once
#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "tokenize.h"

namespace dedup {

// Kinds of values, as bits; kMore: a later name of the column holds something acceptable too.
enum Kind : u8 { kNone = 0, kString = 1, kInteger = 2, kNumber = 4, kMore = 8 };

// Nested values of a line, itself included; lines that go deeper are handed back.
constexpr int kDeepest = 64;
// Characters of an integer that every reader takes for the same number.
constexpr std::ptrdiff_t kLongestInteger = 18;

// A value as it stands in the line: a string without its quotes, a number with all its digits.
struct Slot {
  const u8* begin;
  const u8* end;
  u8 kind;
};

inline bool is_in_string(u8 byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// The first byte from `p` on that is a quote, a backslash, a control or not ASCII; or `end`.
inline const u8* find_special_serial(const u8* p, const u8* end) {
  constexpr u64 ones = 0x0101010101010101u, high = 0x8080808080808080u;
  for (; end - p >= 8; p += 8) {
    u64 word;
    std::memcpy(&word, p, 8);
    const u64 quote = word ^ ones * '"', slash = word ^ ones * '\\';
    if (((quote - ones) | (slash - ones) | (word - ones * 0x20) | word) & high) break;
  }
  while (p < end && is_in_string(*p)) ++p;
  return p;
}

#if defined(__SSE2__) && defined(__GNUC__)
inline const u8* find_special(const u8* p, const u8* end) {
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(0x20);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Signed: what is not ASCII is below a space too.
    const __m128i found = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
        _mm_cmplt_epi8(bytes, space));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (mask) return p + __builtin_ctz(mask);
  }
  return find_special_serial(p, end);
}
#else
inline const u8* find_special(const u8* p, const u8* end) { return find_special_serial(p, end); }
#endif

inline bool is_tail(u8 byte) { return (byte & 0xC0) == 0x80; }

// Moves `p` behind the characters that are not ASCII; false if they are not UTF-8.
inline bool skip_multibyte(const u8*& p, const u8* end) {
  do {
    const u8 lead = *p;
    const std::ptrdiff_t left = end - p;
    if (lead >= 0xC2 && lead < 0xE0) {
      if (left < 2 || !is_tail(p[1])) return false;
      p += 2;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      if (left < 3 || !is_tail(p[1]) || !is_tail(p[2])) return false;
      if ((lead == 0xE0 && p[1] < 0xA0) || (lead == 0xED && p[1] > 0x9F)) return false;
      p += 3;
    } else if (lead >= 0xF0 && lead < 0xF5) {
      if (left < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3])) return false;
      if ((lead == 0xF0 && p[1] < 0x90) || (lead == 0xF4 && p[1] > 0x8F)) return false;
      p += 4;
    } else {
      return false;
    }
  } while (p < end && *p >= 0x80);
  return true;
}

inline int hex_digit(u8 byte) {
  if (static_cast<u8>(byte - '0') < 10) return byte - '0';
  const u8 lower = byte | 0x20;
  return static_cast<u8>(lower - 'a') < 6 ? lower - 'a' + 10 : -1;
}

inline u32 four_digits(const u8* p) {
  u32 code = 0;
  for (int n = 0; n < 4; ++n) code = code << 4 | static_cast<u32>(hex_digit(p[n]));
  return code;
}

// Reads one line and keeps the values whose names are wanted.
class JsonLine {
 public:
  explicit JsonLine(const std::vector<std::string_view>& names)
      : names_(names), by_length_(kLengths) {
    for (std::size_t n = 0; n < names.size(); ++n)
      by_length_[std::min(names[n].size(), kLengths - 1)].push_back(n);
    slots_.resize(names.size());
  }
  // Whether it is one object without anything unusual; then `slot(n)` holds the value of name n.
  bool read(const u8* begin, const u8* end) {
    p_ = begin;
    end_ = end;
    std::fill(slots_.begin(), slots_.end(), Slot{});
    skip_space();
    if (!take('{') || !members(true, 1)) return false;
    skip_space();
    return p_ == end_;
  }
  const Slot& slot(std::size_t n) const { return slots_[n]; }

 private:
  static constexpr std::size_t kLengths = 32;

  void skip_space() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r')) ++p_;
  }
  bool take(u8 byte) {
    if (p_ == end_ || *p_ != byte) return false;
    ++p_;
    return true;
  }
  bool take_word(const char* word) {
    for (; *word; ++word)
      if (!take(static_cast<u8>(*word))) return false;
    return true;
  }
  // From behind the opening brace to behind the closing one.
  bool members(bool is_top, int depth) {
    skip_space();
    if (take('}')) return true;
    do {
      skip_space();
      if (!take('"')) return false;
      const u8* key = p_;
      bool is_plain = true;
      if (!string(is_plain) || (is_top && !is_plain)) return false;
      const std::string_view name(reinterpret_cast<const char*>(key),
                                  static_cast<std::size_t>(p_ - key - 1));
      skip_space();
      if (!take(':')) return false;
      Slot found{};
      if (!value(found, depth)) return false;
      if (is_top) keep(name, found);
      skip_space();
    } while (take(','));
    return take('}');
  }
  bool elements(int depth) {
    skip_space();
    if (take(']')) return true;
    do {
      Slot found{};
      if (!value(found, depth)) return false;
      skip_space();
    } while (take(','));
    return take(']');
  }
  // The last value of a name counts, as in Python.
  void keep(std::string_view name, const Slot& found) {
    for (const std::size_t n : by_length_[std::min(name.size(), kLengths - 1)])
      if (names_[n] == name) slots_[n] = found;
  }
  bool value(Slot& found, int depth) {
    skip_space();
    if (p_ == end_) return false;
    found.begin = p_;
    found.kind = kNone;
    switch (*p_) {
      case '"': {
        ++p_;
        bool is_plain = true;
        if (!string(is_plain)) return false;
        found = {found.begin + 1, p_ - 1, kString};
        return true;
      }
      case '{': ++p_; return depth < kDeepest && members(false, depth + 1);
      case '[': ++p_; return depth < kDeepest && elements(depth + 1);
      case 't': return take_word("true");
      case 'f': return take_word("false");
      case 'n': return take_word("null");
      default:
        if (!number(found.kind)) return false;
        found.end = p_;
        return true;
    }
  }
  bool number(u8& kind) {
    kind = kNumber;
    if (p_ < end_ && *p_ == 'N') return take_word("NaN");
    take('-');
    if (p_ < end_ && *p_ == 'I') return take_word("Infinity");
    if (!take('0') && !digits()) return false;
    const bool has_fraction = take('.');
    if (has_fraction && !digits()) return false;
    const bool has_exponent = take('e') || take('E');
    if (has_exponent) {
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    if (!has_fraction && !has_exponent) kind = kInteger;
    return true;
  }
  bool digits() {
    const u8* first = p_;
    while (p_ < end_ && static_cast<u8>(*p_ - '0') < 10) ++p_;
    return p_ > first;
  }
  // From behind the opening quote to behind the closing one.
  bool string(bool& is_plain) {
    for (;;) {
      p_ = find_special(p_, end_);
      if (p_ == end_ || *p_ < 0x20) return false;
      if (take('"')) return true;
      if (*p_ == '\\') {
        is_plain = false;
        if (!escape()) return false;
      } else if (!skip_multibyte(p_, end_)) {
        return false;
      }
    }
  }
  bool escape() {
    if (end_ - p_ < 2) return false;
    const u8 letter = p_[1];
    p_ += 2;
    if (letter != 'u')
      return letter == 'n' || letter == '"' || letter == '\\' || letter == '/' || letter == 't' ||
             letter == 'r' || letter == 'b' || letter == 'f';
    if (end_ - p_ < 4) return false;
    for (int n = 0; n < 4; ++n)
      if (hex_digit(p_[n]) < 0) return false;
    p_ += 4;
    return true;
  }

  const std::vector<std::string_view>& names_;
  std::vector<std::vector<std::size_t>> by_length_;
  std::vector<Slot> slots_;
  const u8* p_ = nullptr;
  const u8* end_ = nullptr;
};

}  // namespace dedup
