// What a word of up to 16 bytes is masked and begun with, by its size.
#pragma once
#include "hash.h"

namespace dedup {

struct WordKey {
  u64 mask[2];  // the first `size` bytes, as two little-endian values
  u64 begin;    // what the hash of such a word begins with
};

struct WordKeys {
  WordKey of[17];
};

constexpr WordKeys make_word_keys() {
  WordKeys keys{};
  const auto first = [](unsigned bytes) { return bytes ? ~u64{0} >> (64 - 8 * bytes) : 0; };
  for (unsigned size = 0; size <= 16; ++size)
    keys.of[size] = {{first(size < 8 ? size : 8), first(size < 8 ? 0 : size - 8)},
                     kGolden * (size + 1)};
  return keys;
}

inline constexpr WordKeys kWordKeys = make_word_keys();

}  // namespace dedup
