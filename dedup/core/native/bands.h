// Keys of the bands of signatures: equal rows of one band give equal keys. In: signatures, and which
// of them. Out: a key for each of some bands. An index on disk rests on these bits. Twin:
// core/pure_keys.py.
#pragma once
#include <cstddef>
#include <type_traits>

#include "hash.h"

namespace dedup {

struct BandCut {
  std::size_t slots;  // of a signature
  u32 first, bands, rows;
};

// The key of one band; `any` gathers the bits of its values.
template <class Rows>
u64 band_key(const std::uint16_t* values, u64 band, Rows rows, unsigned& any) {
  u64 key = (band + 1) * 0x9E3779B97F4A7C15u;
  for (u32 row = 0; row < rows; ++row) {
    any |= values[row];
    key = (key ^ values[row]) * 0xBF58476D1CE4E5B9u;
    key ^= key >> 32;
  }
  return key;
}

// Writes `bands` keys; false where the signature is empty.
inline bool band_keys(const std::uint16_t* signature, const BandCut& cut, u64* out) {
  const std::uint16_t* values = signature + std::size_t{cut.first} * cut.rows;
  unsigned any = 0;
  const auto all = [&](auto rows) {
    for (u32 band = 0; band < cut.bands; ++band)
      out[band] = band_key(values + std::size_t{band} * rows, u64{cut.first} + band, rows, any);
  };
  // Loops of the lengths that scans use are unrolled.
  if (cut.rows == 4) all(std::integral_constant<u32, 4>{});
  else if (cut.rows == 8) all(std::integral_constant<u32, 8>{});
  else all(cut.rows);
  // Other slots are asked only where these are empty: they lie in another line of the cache.
  for (std::size_t n = 0; !any && n < cut.slots; ++n) any |= signature[n];
  return any != 0;
}

}  // namespace dedup
