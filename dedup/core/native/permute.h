// MinHash values by permutations, as datasketch defines them (docs/formats/datasketch.md).
// In: hash values of one article, the parameters a and b of each permutation. Out: the lowest
// permuted value for each permutation. Twin: core/pure.py.
#pragma once
#include <vector>

#include "cpu.h"
#include "hash.h"

namespace dedup {

// a h + b modulo 2^32, after the finalizer of MurmurHash3 (Appleby), a bijection.
struct Affine32 {
  using Value = u32;
  static constexpr u32 kEmpty = ~u32{0};
  [[gnu::always_inline]] static inline u32 mix(u64 hash) {
    u32 h = static_cast<u32>(hash);
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
    h = (h ^ (h >> 13)) * 0xC2B2AE35u;
    return h ^ (h >> 16);
  }
  [[gnu::always_inline]] static inline u32 permute(u32 h, u32 a, u32 b) { return h * a + b; }
};

struct Affine64 {
  using Value = u64;
  static constexpr u64 kEmpty = ~u64{0};
  [[gnu::always_inline]] static inline u64 mix(u64 h) {
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDu;
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53u;
    return h ^ (h >> 33);
  }
  [[gnu::always_inline]] static inline u64 permute(u64 h, u64 a, u64 b) { return h * a + b; }
};

// The lowest 32 bits of (a h + b modulo 2^64) modulo the Mersenne prime 2^61 - 1.
struct Legacy {
  using Value = u64;
  static constexpr u64 kEmpty = 0xFFFFFFFFu;
  [[gnu::always_inline]] static inline u64 mix(u64 h) { return h; }
  [[gnu::always_inline]] static inline u64 permute(u64 h, u64 a, u64 b) {
    constexpr u64 prime = (u64{1} << 61) - 1;
    const u64 sum = h * a + b;
    u64 rest = (sum & prime) + (sum >> 61);
    rest = rest >= prime ? rest - prime : rest;
    return rest & 0xFFFFFFFFu;
  }
};

// Values of a batch of articles: article t has the hashes offsets[t] to offsets[t + 1].
template <class Scheme>
struct Permutations {
  using Value = typename Scheme::Value;
  std::vector<Value> a, b;

  Permutations(const u64* first, const u64* second, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      a.push_back(static_cast<Value>(first[i]));
      b.push_back(static_cast<Value>(second[i]));
    }
  }

  [[gnu::always_inline]] inline void lowest_of(const u64* hashes, std::size_t n, u64* out) const {
    constexpr std::size_t kBlock = 256 / sizeof(Value);  // values that stay in the registers or beside them
    for (std::size_t first = 0; first < a.size(); first += kBlock) {
      alignas(64) Value x[kBlock] = {}, y[kBlock] = {}, lowest[kBlock];
      const std::size_t size = a.size() - first < kBlock ? a.size() - first : kBlock;
      for (std::size_t i = 0; i < size; ++i) x[i] = a[first + i], y[i] = b[first + i];
      for (std::size_t i = 0; i < kBlock; ++i) lowest[i] = Scheme::kEmpty;
      for (std::size_t j = 0; j < n; ++j) {
        const Value h = Scheme::mix(hashes[j]);
        for (std::size_t i = 0; i < kBlock; ++i) {
          const Value value = Scheme::permute(h, x[i], y[i]);
          lowest[i] = value < lowest[i] ? value : lowest[i];
        }
      }
      for (std::size_t i = 0; i < size; ++i) out[first + i] = lowest[i];
    }
  }

#ifdef DEDUP_HAS_LEVELS
  [[gnu::target("avx2")]] void lowest_avx2(const u64* hashes, std::size_t n, u64* out) const {
    lowest_of(hashes, n, out);
  }
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void lowest_avx512(
      const u64* hashes, std::size_t n, u64* out) const {
    lowest_of(hashes, n, out);
  }
#endif

  void lowest(CpuLevel level, const u64* hashes, std::size_t n, u64* out) const {
#ifdef DEDUP_HAS_LEVELS
    if (level == kAvx512) return lowest_avx512(hashes, n, out);
    if (level == kAvx2) return lowest_avx2(hashes, n, out);
#endif
    static_cast<void>(level);
    lowest_of(hashes, n, out);
  }
};

}  // namespace dedup
