// What a word of up to 16 bytes is masked and begun with, by its size.
#pragma once
#include "hash.h"

namespace dedup {

struct WordKey {
  u64 mask[2];   // the first `size` bytes, as two little-endian values
  u64 begin[2];  // what its hash begins with, and zero
};

struct WordKeys {
  alignas(32) WordKey of[17];
};

constexpr WordKeys make_word_keys() {
  WordKeys keys{};
  for (unsigned size = 0; size <= 16; ++size) {
    const auto low = [](unsigned bytes) { return bytes ? ~u64{0} >> (64 - 8 * bytes) : 0; };
    keys.of[size].mask[0] = low(size < 8 ? size : 8);
    keys.of[size].mask[1] = low(size < 8 ? 0 : size - 8);
    keys.of[size].begin[0] = kGolden * (size + 1);
  }
  return keys;
}

inline constexpr WordKeys kWordKeys = make_word_keys();

}  // namespace dedup
