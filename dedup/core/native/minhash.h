// Signatures for resemblance: one-permutation hashing whose empty slots are filled as in fast
// similarity sketching (Dahlgaard, Knudsen, Thorup 2017), here with three more random throws and
// then one hash per slot. In: hashes of a set of shingles (repeats do not matter).
// Out: `slots` values of 16 bits. Twin: core/pure.py.
#pragma once
#include <algorithm>
#include <vector>

#include "hash.h"

namespace dedup {

constexpr u32 kThrows = 4;
constexpr u32 kThrowMultipliers[kThrows] = {0, 0x9E3779B1u, 0x85EBCA77u, 0xC2B2AE3Du};

// Which of 64 shingles fall into an open slot in a throw; a bit each, as in `open`.
inline u64 find_open_slots(const u64* shingles, u32 multiplier, unsigned bits, const u64* open) {
  u64 hits = 0;
  for (unsigned i = 0; i < 64; ++i) {
    const u32 slot = (static_cast<u32>(shingles[i] >> 16) * multiplier) >> (32 - bits);
    hits |= (open[slot / 64] >> (slot & 63) & 1) << i;
  }
  return hits;
}

// `slots` is a power of two, at least 2. Without shingles the signature is all zeros.
inline void sign(const u64* shingles, std::size_t n, u32 slots, std::vector<u64>& work, u16* out) {
  constexpr u64 empty = ~u64{0};
  unsigned bits = 0;
  while ((1u << bits) < slots) ++bits;
  std::fill(out, out + slots, u16{0});
  if (n == 0) return;
  // work: value of each slot; a value found in this throw carries bit 32 until the throw ends.
  work.assign(slots, empty);
  for (std::size_t i = 0; i < n; ++i) {
    u64& slot = work[shingles[i] >> (64 - bits)];
    slot = std::min(slot, shingles[i] & 0xFFFFFFFFu);
  }
  std::size_t left = static_cast<std::size_t>(std::count(work.begin(), work.end(), empty));
  for (u32 t = 1; t < kThrows && left; ++t) {
    constexpr u64 fresh = u64{1} << 32;
    for (std::size_t i = 0; i < n; ++i) {
      const u32 thrown = static_cast<u32>(shingles[i] >> 16) * kThrowMultipliers[t];
      u64& slot = work[thrown >> (32 - bits)];
      if (slot < fresh) continue;  // filled by an earlier throw
      slot = std::min(slot, fresh | (rehash(shingles[i], t) & 0xFFFFFFFFu));
    }
    left = 0;
    for (u64& slot : work) {
      if (slot == empty) ++left;
      else slot &= 0xFFFFFFFFu;
    }
  }
  for (u32 s = 0; s < slots; ++s) {
    u64 value = work[s];
    if (value == empty)
      for (std::size_t i = 0; i < n; ++i)
        value = std::min(value, rehash(shingles[i], kThrows + s) & 0xFFFFFFFFu);
    out[s] = static_cast<u16>(value);
  }
}

}  // namespace dedup
