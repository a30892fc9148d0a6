// Shingles: runs of tokens of k word-equivalents, hashed. In: token hashes and weights.
// Out: one hash per position where a whole shingle begins. Twin: core/pure.py.
#pragma once
#include <vector>

#include "hash.h"

namespace dedup {

// Sums of weights before each token, in quarter-words; one longer than the tokens.
inline void sum_weights(const u8* weights, std::size_t n, std::vector<u32>& sums) {
  sums.resize(n + 1);
  sums[0] = 0;
  for (std::size_t i = 0; i < n; ++i) sums[i + 1] = sums[i] + weights[i];
}

// Hash of tokens i..end-1: XOR of their hashes, each rotated by 13 bits per place, finished.
inline u64 hash_tokens(const u64* hashes, std::size_t i, std::size_t end) {
  u64 x = 0;
  for (std::size_t j = i; j < end; ++j) x ^= rotate_left(hashes[j], 13 * (j - i) & 63);
  return finish_shingle(x);
}

// Shingles of k words: the one at i ends with the first token that brings its weight to k words.
inline void hash_shingles(const u64* hashes, const std::vector<u32>& sums, u32 k,
                          std::vector<u64>& out) {
  const std::size_t n = sums.size() - 1;
  out.clear();
  out.reserve(n);
  std::size_t end = 0;
  for (std::size_t i = 0; i < n; ++i) {
    while (end < n && sums[end] - sums[i] < 4 * k) ++end;
    if (sums[end] - sums[i] < 4 * k) break;
    out.push_back(hash_tokens(hashes, i, end));
  }
}

}  // namespace dedup
