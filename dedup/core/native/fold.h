// Fold: one code point of UTF-8 at a time to its folded code points, each with its tag.
// Rules: docs/method.md, "Fold and tokens"; tags: docs/formats/hashing.md; twin: core/pure.py.
#pragma once
#include "hash.h"
#include "unicode_tables.h"

namespace dedup {

struct Text {
  const u8* data;
  std::size_t size;
};

// Thrown when a text is not UTF-8 (lone surrogates of three bytes are accepted).
struct InvalidText {
  std::size_t offset;
};

enum Tag : u32 { kSeparator, kIgnored, kDroppedMark, kWord, kHan, kChar, kMark, kMapped,
                 kExpanded, kHangul };

// Weights in quarter-words.
constexpr u8 kWeightWord = 4, kWeightHan = 2, kWeightChar = 1;

// Tag in the lowest 8 bits, payload above.
constexpr u32 fold_entry(u32 code) {
  const u32 block = kFoldStage1[code >> kFoldShift];
  return kFoldStage2[(block << kFoldShift) + (code & ((1u << kFoldShift) - 1))];
}

// Decodes one code point that begins with a byte >= 0x80 and moves `i` behind it.
inline u32 decode_multibyte(const Text& text, std::size_t& i) {
  const u8 lead = text.data[i];
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + length > text.size) throw InvalidText{i};
  u32 code = lead & (0x7Fu >> length);
  for (std::size_t n = 1; n < length; ++n) {
    const u8 byte = text.data[i + n];
    if ((byte & 0xC0) != 0x80) throw InvalidText{i};
    code = code << 6 | (byte & 0x3Fu);
  }
  if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)))
    throw InvalidText{i};
  i += length;
  return code;
}

// Writes a code point as UTF-8 (at most 4 bytes) and gives the place behind it.
inline u8* encode(u32 code, u8* out) {
  const auto last = [&](unsigned shift) { return static_cast<u8>(0x80 | (code >> shift & 0x3F)); };
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
      *out++ = last(12);
    }
    *out++ = last(6);
  }
  *out++ = last(0);
  return out;
}

// Calls unit(code, tag) for each folded code point; the tag is none of kMapped and above.
template <class Unit>
void fold_code(u32 code, Unit&& unit) {
  const u32 entry = fold_entry(code), payload = entry >> 8;
  switch (entry & 0xFF) {
    case kMapped:
      unit(payload, fold_entry(payload));
      break;
    case kExpanded:
      for (u32 n = 0; n < (payload & 31); ++n) {
        const u32 part = kFoldPool[(payload >> 5) + n];
        unit(part, fold_entry(part));
      }
      break;
    case kHangul: {  // Unicode 15.1, section 3.12: arithmetic decomposition of syllables.
      const u32 s = code - 0xAC00;
      unit(0x1100 + s / 588, kWord);
      unit(0x1161 + s % 588 / 28, kWord);
      if (s % 28) unit(0x11A7 + s % 28, kWord);
      break;
    }
    default:
      unit(code, entry);
  }
}

}  // namespace dedup
