// What the levels of x86-64 share, compiled for every machine. Levels are limited to g++: each
// has its own target between pragmas, which other compilers spell differently.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "kernel.h"
#include "minhash.h"
#include "stream.h"
#include "tokenize.h"
#include "weighted.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define DEDUP_X86_LEVELS
#include <immintrin.h>

namespace dedup {

struct ByteTables {
  alignas(64) u8 iota[65];     // 0, 1, 2, ...
  alignas(64) u64 places[256]; // for each byte: places of its set bits, one byte each
};

constexpr ByteTables make_byte_tables() {
  ByteTables tables{};
  for (unsigned i = 0; i < 65; ++i) tables.iota[i] = static_cast<u8>(i);
  for (unsigned byte = 0; byte < 256; ++byte)
    for (unsigned bit = 0, n = 0; bit < 8; ++bit)
      if (byte >> bit & 1) tables.places[byte] |= static_cast<u64>(bit) << (8 * n++);
  return tables;
}

inline constexpr ByteTables kTables = make_byte_tables();

}  // namespace dedup
#endif
