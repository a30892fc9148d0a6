// What the block kernels know of ASCII, of the two-byte letters U+00C0 to U+00FF, and of the
// separators U+0080 to U+00BF and U+2000 to U+203F. Made from the fold tables when compiled.
// All other code points go through fold.h, one at a time.
#pragma once
#include "fold.h"

namespace dedup {

constexpr u8 kLatinLead = 0xC3;        // U+00C0 to U+00FF: this byte, then 80 to BF
constexpr u8 kSignLead = 0xC2;         // U+0080 to U+00BF
constexpr u8 kPunctuationLead = 0xE2;  // U+2000 to U+203F: this byte, 80, then 80 to BF
constexpr u8 kHardSign = 1, kHardPunctuation = 2;

struct LatinTables {
  // ASCII folded; 0: separator.
  u8 ascii[128];
  // By the lowest 6 bits of the second byte of U+00C0 to U+00FF: what stands in its place, and
  // in that of the first byte. 0 for the first byte: nothing, the place vanishes.
  u8 second[64];
  u8 first[64];
  // By the lowest 6 bits of a last byte: kHardSign where U+0080.. is no separator,
  // kHardPunctuation where U+2000.. is none.
  u8 hard[64];
  bool complete;  // all of U+00C0 to U+00FF are in the tables
};

constexpr LatinTables make_latin_tables() {
  LatinTables t{};
  for (u32 code = 0; code < 128; ++code) {
    const u32 entry = fold_entry(code), tag = entry & 0xFF;
    t.ascii[code] = static_cast<u8>(tag == kWord ? code : tag == kMapped ? entry >> 8 : 0);
  }
  t.complete = true;
  for (u32 i = 0; i < 64; ++i) {
    const u32 entry = fold_entry(0xC0 + i), tag = entry & 0xFF, payload = entry >> 8;
    const u32 letter = tag == kWord ? 0xC0 + i : tag == kMapped ? payload : 0;
    if (tag == kExpanded && (payload & 31) == 2) {
      t.first[i] = static_cast<u8>(kFoldPool[payload >> 5]);
      t.second[i] = static_cast<u8>(kFoldPool[(payload >> 5) + 1]);
      t.complete = t.complete && kFoldPool[payload >> 5] < 0x80 &&
                   kFoldPool[(payload >> 5) + 1] < 0x80;
    } else if (letter >= 0xC0 && letter < 0x100) {
      t.first[i] = kLatinLead;
      t.second[i] = static_cast<u8>(letter - 0x40);
    } else {
      t.second[i] = static_cast<u8>(letter);
      t.complete = t.complete && (tag == kSeparator || (letter > 0 && letter < 0x80));
    }
    if (fold_entry(0x80 + i) != kSeparator) t.hard[i] |= kHardSign;
    if (fold_entry(0x2000 + i) != kSeparator) t.hard[i] |= kHardPunctuation;
  }
  return t;
}

inline constexpr LatinTables kLatin = make_latin_tables();
static_assert(kLatin.complete);

}  // namespace dedup
