// SHA-1 (FIPS 180-4) of many short messages at once, each in a lane of its own. In: messages.
// Out: the first two of the five words of each digest, which is what 32 and 64 bits are made of.
// No protection is meant: SHA-1 names shingles as datasketch does. Twin: hashlib, in core/pure.py.
#pragma once
#include <algorithm>
#include <map>
#include <vector>

#include "cpu.h"
#include "hash.h"

namespace dedup {

struct Message {
  const u8* data;
  std::size_t size;

  // Blocks of 64 bytes, with the mark and the length behind the message.
  std::size_t blocks() const { return (size + 8) / 64 + 1; }
};

// Block n of a message as 64 bytes: `room` is used for the last one or two.
inline const u8* sha1_block(const Message& message, std::size_t n, u8* room) {
  const std::size_t begin = n * 64;
  if (begin + 64 <= message.size) return message.data + begin;
  std::memset(room, 0, 64);
  if (begin < message.size) std::memcpy(room, message.data + begin, message.size - begin);
  if (begin <= message.size) room[message.size - begin] = 0x80;
  if (n + 1 == message.blocks())
    for (unsigned i = 0; i < 8; ++i)
      room[56 + i] = static_cast<u8>(static_cast<u64>(message.size) * 8 >> (56 - 8 * i));
  return room;
}

// Words of several messages side by side: the vectors of GCC and Clang, on any processor.
struct Lanes4 {
  typedef u32 Vec __attribute__((vector_size(16)));
};
struct Lanes8 {
  typedef u32 Vec __attribute__((vector_size(32)));
};
struct Lanes16 {
  typedef u32 Vec __attribute__((vector_size(64)));
};

template <class Lanes>
struct Sha1Lanes {
  using Vec = typename Lanes::Vec;
  static constexpr unsigned kLanes = sizeof(Vec) / 4;

  // The rounds kFirst to kFirst + 19: one of the four functions, one of the four constants.
  template <unsigned kFirst>
  [[gnu::always_inline]] static inline void rounds(Vec* w, Vec* s) {
    constexpr u32 constants[4] = {0x5A827999u, 0x6ED9EBA1u, 0x8F1BBCDCu, 0xCA62C1D6u};
    Vec a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
#pragma GCC unroll 20
    for (unsigned t = kFirst; t < kFirst + 20; ++t) {
      if (t >= 16) {
        const Vec x = w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ w[t & 15];
        w[t & 15] = x << 1 | x >> 31;
      }
      Vec f;
      if constexpr (kFirst == 0) f = d ^ (b & (c ^ d));
      else if constexpr (kFirst == 40) f = (b & c) | (d & (b | c));
      else f = b ^ c ^ d;
      const Vec next = (a << 5 | a >> 27) + f + e + w[t & 15] + constants[kFirst / 20];
      e = d;
      d = c;
      c = b << 30 | b >> 2;
      b = a;
      a = next;
    }
    s[0] = a, s[1] = b, s[2] = c, s[3] = d, s[4] = e;
  }

  // Messages of one number of blocks; a missing one is filled up with the last.
  [[gnu::always_inline]] static inline void digest(const Message* messages,
                                                   const std::size_t* chosen, std::size_t n,
                                                   std::size_t blocks, u64* out) {
    constexpr u32 start[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
    Vec h[5], s[5], w[16];
    for (unsigned i = 0; i < 5; ++i) h[i] = Vec{} + start[i];
    u8 room[64];
    for (std::size_t block = 0; block < blocks; ++block) {
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        const std::size_t which = chosen[std::min<std::size_t>(lane, n - 1)];
        const u8* bytes = sha1_block(messages[which], block, room);
        for (unsigned i = 0; i < 8; ++i) {  // big-endian, two words at a time
          const u64 pair = __builtin_bswap64(load64(bytes + 8 * i));
          w[2 * i][lane] = static_cast<u32>(pair >> 32);
          w[2 * i + 1][lane] = static_cast<u32>(pair);
        }
      }
      for (unsigned i = 0; i < 5; ++i) s[i] = h[i];
      rounds<0>(w, s);
      rounds<20>(w, s);
      rounds<40>(w, s);
      rounds<60>(w, s);
      for (unsigned i = 0; i < 5; ++i) h[i] += s[i];
    }
    // The first eight bytes of the digest as a little-endian number.
    for (unsigned lane = 0; lane < std::min<std::size_t>(kLanes, n); ++lane)
      out[chosen[lane]] = static_cast<u64>(__builtin_bswap32(h[1][lane])) << 32 |
                          __builtin_bswap32(h[0][lane]);
  }

  [[gnu::always_inline]] static inline void all(const Message* messages,
                                                const std::vector<std::size_t>& chosen,
                                                std::size_t blocks, u64* out) {
    for (std::size_t i = 0; i < chosen.size(); i += kLanes)
      digest(messages, chosen.data() + i, std::min<std::size_t>(kLanes, chosen.size() - i), blocks,
             out);
  }
};

using Chosen = std::vector<std::size_t>;

#ifdef DEDUP_HAS_LEVELS
[[gnu::target("avx2")]] inline void sha1_avx2(const Message* messages, const Chosen& chosen,
                                              std::size_t blocks, u64* out) {
  Sha1Lanes<Lanes8>::all(messages, chosen, blocks, out);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] inline void sha1_avx512(
    const Message* messages, const Chosen& chosen, std::size_t blocks, u64* out) {
  Sha1Lanes<Lanes16>::all(messages, chosen, blocks, out);
}
#endif

// The first eight bytes of each digest as a little-endian number.
inline void sha1(const std::vector<Message>& messages, unsigned most, u64* out) {
  std::map<std::size_t, Chosen> by_blocks;
  for (std::size_t i = 0; i < messages.size(); ++i) by_blocks[messages[i].blocks()].push_back(i);
  const CpuLevel level = cpu_level(most);
  for (const auto& [blocks, chosen] : by_blocks) {
#ifdef DEDUP_HAS_LEVELS
    if (level == kAvx512) {
      sha1_avx512(messages.data(), chosen, blocks, out);
      continue;
    }
    if (level == kAvx2) {
      sha1_avx2(messages.data(), chosen, blocks, out);
      continue;
    }
#endif
    Sha1Lanes<Lanes4>::all(messages.data(), chosen, blocks, out);
  }
  static_cast<void>(level);
}

}  // namespace dedup
