// XXH32, XXH64 and XXH3 of bytes (Collet, xxHash specification 0.2), seed 0. In: bytes.
// Out: 32 or 64 bits. Twin: the package xxhash, in core/pure.py.
#pragma once
#include "hash.h"

namespace dedup {

constexpr u32 kXxh32[5] = {0x9E3779B1u, 0x85EBCA77u, 0xC2B2AE3Du, 0x27D4EB2Fu, 0x165667B1u};
constexpr u64 kXxh64[5] = {0x9E3779B185EBCA87u, 0xC2B2AE3D27D4EB4Fu, 0x165667B19E3779F9u,
                           0x85EBCA77C2B2AE63u, 0x27D4EB2F165667C5u};

inline u32 load32(const u8* p) {
  return static_cast<u32>(p[0]) | static_cast<u32>(p[1]) << 8 | static_cast<u32>(p[2]) << 16 |
         static_cast<u32>(p[3]) << 24;
}

inline u32 rotate_left32(u32 x, unsigned n) { return x << n | x >> (32 - n); }

inline u32 xxh32(const u8* p, std::size_t size) {
  const u8* const end = p + size;
  const u32* const k = kXxh32;
  u32 h = k[4];
  if (size >= 16) {
    u32 lanes[4] = {k[0] + k[1], k[1], 0, 0u - k[0]};
    for (; end - p >= 16; p += 16)
      for (unsigned l = 0; l < 4; ++l)
        lanes[l] = rotate_left32(lanes[l] + load32(p + 4 * l) * k[1], 13) * k[0];
    h = rotate_left32(lanes[0], 1) + rotate_left32(lanes[1], 7) + rotate_left32(lanes[2], 12) +
        rotate_left32(lanes[3], 18);
  }
  h += static_cast<u32>(size);
  for (; end - p >= 4; p += 4) h = rotate_left32(h + load32(p) * k[2], 17) * k[3];
  for (; p < end; ++p) h = rotate_left32(h + *p * k[4], 11) * k[0];
  h = (h ^ h >> 15) * k[1];
  h = (h ^ h >> 13) * k[2];
  return h ^ h >> 16;
}

inline u64 xxh64_avalanche(u64 h) {
  h = (h ^ h >> 33) * kXxh64[1];
  h = (h ^ h >> 29) * kXxh64[2];
  return h ^ h >> 32;
}

inline u64 xxh64(const u8* p, std::size_t size) {
  const u8* const end = p + size;
  const u64* const k = kXxh64;
  const auto round = [k](u64 acc, u64 value) { return rotate_left(acc + value * k[1], 31) * k[0]; };
  u64 h = k[4];
  if (size >= 32) {
    u64 lanes[4] = {k[0] + k[1], k[1], 0, u64{0} - k[0]};
    for (; end - p >= 32; p += 32)
      for (unsigned l = 0; l < 4; ++l) lanes[l] = round(lanes[l], load64(p + 8 * l));
    h = rotate_left(lanes[0], 1) + rotate_left(lanes[1], 7) + rotate_left(lanes[2], 12) +
        rotate_left(lanes[3], 18);
    for (const u64 lane : lanes) h = (h ^ round(0, lane)) * k[0] + k[3];
  }
  h += size;
  for (; end - p >= 8; p += 8) h = rotate_left(h ^ round(0, load64(p)), 27) * k[0] + k[3];
  if (end - p >= 4) {
    h = rotate_left(h ^ load32(p) * k[0], 23) * k[1] + k[2];
    p += 4;
  }
  for (; p < end; ++p) h = rotate_left(h ^ *p * k[4], 11) * k[0];
  return xxh64_avalanche(h);
}

constexpr u8 kXxh3Secret[192] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e};

inline u64 xxh3_avalanche(u64 h) {
  h = (h ^ h >> 37) * 0x165667919E3779F9u;
  return h ^ h >> 32;
}

__extension__ typedef unsigned __int128 u128;

// Both halves of the product of 128 bits, folded.
inline u64 multiply_fold(u64 a, u64 b) {
  const u128 product = static_cast<u128>(a) * b;
  return static_cast<u64>(product) ^ static_cast<u64>(product >> 64);
}

inline u64 xxh3_mix(const u8* p, const u8* secret) {
  return multiply_fold(load64(p) ^ load64(secret), load64(p + 8) ^ load64(secret + 8));
}

inline u64 xxh3_up_to_16(const u8* p, std::size_t size) {
  const u8* const s = kXxh3Secret;
  if (size > 8) {
    const u64 low = load64(p) ^ load64(s + 24) ^ load64(s + 32);
    const u64 high = load64(p + size - 8) ^ load64(s + 40) ^ load64(s + 48);
    return xxh3_avalanche(size + __builtin_bswap64(low) + high + multiply_fold(low, high));
  }
  if (size >= 4) {
    u64 h = (load32(p + size - 4) | static_cast<u64>(load32(p)) << 32) ^ load64(s + 8) ^
            load64(s + 16);
    constexpr u64 multiplier = 0x9FB21C651E98DF25u;
    h = (h ^ rotate_left(h, 49) ^ rotate_left(h, 24)) * multiplier;
    h = (h ^ ((h >> 35) + size)) * multiplier;
    return h ^ h >> 28;
  }
  if (size == 0) return xxh64_avalanche(load64(s + 56) ^ load64(s + 64));
  const u32 all = static_cast<u32>(p[0]) << 16 | static_cast<u32>(p[size >> 1]) << 24 |
                  p[size - 1] | static_cast<u32>(size) << 8;
  return xxh64_avalanche(all ^ load32(s) ^ load32(s + 4));
}

inline u64 xxh3_up_to_240(const u8* p, std::size_t size) {
  const u8* const s = kXxh3Secret;
  u64 h = size * kXxh64[0];
  if (size <= 128) {
    for (std::size_t i = (size - 1) / 32 + 1; i-- > 0;)
      h += xxh3_mix(p + 16 * i, s + 32 * i) + xxh3_mix(p + size - 16 * (i + 1), s + 32 * i + 16);
    return xxh3_avalanche(h);
  }
  for (std::size_t i = 0; i < 8; ++i) h += xxh3_mix(p + 16 * i, s + 16 * i);
  h = xxh3_avalanche(h);
  for (std::size_t i = 8; i < size / 16; ++i) h += xxh3_mix(p + 16 * i, s + 16 * (i - 8) + 3);
  return xxh3_avalanche(h + xxh3_mix(p + size - 16, s + 119));
}

inline u64 xxh3_long(const u8* p, std::size_t size) {
  const u8* const s = kXxh3Secret;
  u64 acc[8] = {kXxh32[2], kXxh64[0], kXxh64[1], kXxh64[2],
                kXxh64[3], kXxh32[1], kXxh64[4], kXxh32[0]};
  const auto stripe = [&acc](const u8* bytes, const u8* secret) {
    for (unsigned i = 0; i < 8; ++i) {
      const u64 value = load64(bytes + 8 * i), key = value ^ load64(secret + 8 * i);
      acc[i ^ 1] += value;
      acc[i] += (key & 0xFFFFFFFFu) * (key >> 32);
    }
  };
  const std::size_t stripes = (size - 1) / 64;
  for (std::size_t n = 0; n < stripes; ++n) {
    stripe(p + 64 * n, s + 8 * (n % 16));
    if (n % 16 != 15) continue;
    for (unsigned i = 0; i < 8; ++i)
      acc[i] = (acc[i] ^ acc[i] >> 47 ^ load64(s + 128 + 8 * i)) * kXxh32[0];
  }
  stripe(p + size - 64, s + 121);
  u64 h = size * kXxh64[0];
  for (unsigned i = 0; i < 4; ++i)
    h += multiply_fold(acc[2 * i] ^ load64(s + 11 + 16 * i),
                       acc[2 * i + 1] ^ load64(s + 19 + 16 * i));
  return xxh3_avalanche(h);
}

inline u64 xxh3(const u8* p, std::size_t size) {
  return size <= 16 ? xxh3_up_to_16(p, size)
                    : size <= 240 ? xxh3_up_to_240(p, size) : xxh3_long(p, size);
}

}  // namespace dedup
