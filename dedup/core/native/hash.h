// 64-bit hashes of words, shingles and token streams: docs/formats/hashing.md, bit for bit.
// In: bytes or hashes. Out: 64-bit values, the same on every machine. No state.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dedup {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Odd constants of splitmix64 (Steele, Lea, Flood 2014).
constexpr u64 kGolden = 0x9E3779B97F4A7C15u;
constexpr u64 kMulA = 0xBF58476D1CE4E5B9u;
constexpr u64 kMulB = 0x94D049BB133111EBu;

constexpr u64 rotate_left(u64 x, unsigned n) { return n ? (x << n) | (x >> (64 - n)) : x; }

// Little-endian load on any machine.
inline u64 load64(const u8* p) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  u64 x;
  std::memcpy(&x, p, 8);
  return x;
#else
  u64 x = 0;
  for (unsigned i = 0; i < 8; ++i) x |= static_cast<u64>(p[i]) << (8 * i);
  return x;
#endif
}

// The state of a word's hash behind 16 more bytes.
inline u64 hash_block(u64 h, u64 first, u64 second) {
  h = (h ^ first) * kMulA;
  h ^= h >> 32;
  h = (h ^ second) * kMulB;
  return h ^ (h >> 29);
}

// Hash of a folded word. `word` must be readable up to the next multiple of 16 bytes and hold
// zeros there (the tokenizer's buffer does).
inline u64 hash_word(const u8* word, std::size_t size) {
  u64 h = kGolden * (static_cast<u64>(size) + 1);
  for (std::size_t i = 0; i < size; i += 16) h = hash_block(h, load64(word + i), load64(word + i + 8));
  return h;
}

// Spreads the rotated XOR of word hashes; one multiplication, since its input is random already.
inline u64 finish_shingle(u64 x) {
  x = (x ^ (x >> 32)) * kMulA;
  return x ^ (x >> 29);
}

// The r-th further hash of a shingle hash, for slots that the first throw left empty.
inline u64 rehash(u64 x, u64 r) {
  x += r * kGolden;
  x = (x ^ (x >> 32)) * kMulB;
  return x ^ (x >> 29);
}

constexpr u64 kXxhPrime1 = 0x9E3779B185EBCA87u, kXxhPrime2 = 0xC2B2AE3D27D4EB4Fu,
              kXxhPrime3 = 0x165667B19E3779F9u, kXxhPrime4 = 0x85EBCA77C2B2AE63u,
              kXxhPrime5 = 0x27D4EB2F165667C5u;

// XXH64 (Collet, xxHash specification 0.2) of 64-bit values laid out little-endian, with seeds
// 0 and 1 at once: a third of the multiplications is common to both.
inline void digest_values(const u64* values, std::size_t n, u64 digest[2]) {
  constexpr u64 p1 = kXxhPrime1, p2 = kXxhPrime2, p4 = kXxhPrime4;
  u64 lanes[2][4], h[2];
  std::size_t i = 0;
  if (n >= 4) {
    for (u64 seed = 0; seed < 2; ++seed) {
      lanes[seed][0] = seed + p1 + p2;
      lanes[seed][1] = seed + p2;
      lanes[seed][2] = seed;
      lanes[seed][3] = seed - p1;
    }
    for (; i + 4 <= n; i += 4)
      for (std::size_t l = 0; l < 4; ++l) {
        const u64 product = values[i + l] * p2;
        lanes[0][l] = rotate_left(lanes[0][l] + product, 31) * p1;
        lanes[1][l] = rotate_left(lanes[1][l] + product, 31) * p1;
      }
    for (u64 seed = 0; seed < 2; ++seed) {
      const u64* lane = lanes[seed];
      h[seed] = rotate_left(lane[0], 1) + rotate_left(lane[1], 7) + rotate_left(lane[2], 12) +
                rotate_left(lane[3], 18);
      for (std::size_t l = 0; l < 4; ++l)
        h[seed] = (h[seed] ^ (rotate_left(lane[l] * p2, 31) * p1)) * p1 + p4;
    }
  } else {
    h[0] = kXxhPrime5;
    h[1] = kXxhPrime5 + 1;
  }
  for (u64 seed = 0; seed < 2; ++seed) {
    u64 x = h[seed] + static_cast<u64>(n) * 8;
    for (std::size_t rest = i; rest < n; ++rest)
      x = rotate_left(x ^ (rotate_left(values[rest] * p2, 31) * p1), 27) * p1 + p4;
    x = (x ^ (x >> 33)) * p2;
    x = (x ^ (x >> 29)) * kXxhPrime3;
    digest[seed] = x ^ (x >> 32);
  }
}

}  // namespace dedup
