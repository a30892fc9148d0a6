// The rest of a sketch for texts whose words do not all weigh the same, and the oracle of the
// fast paths in rare cases: shingles, signature and fingerprints by the weights of the tokens.
#pragma once
#include <vector>

#include "minhash.h"
#include "shingle.h"
#include "winnow.h"

namespace dedup {

struct Weighted {
  std::vector<u8> weights;
  std::vector<u32> sums, queue;
  std::vector<u64> shingles, work;

  // `weights` holds the weight of each of the `hashes`; gives their sum.
  u32 sketch(const u64* hashes, const SketchParams& p, u16* signature, Fingerprints& out) {
    sum_weights(weights.data(), weights.size(), sums);
    hash_shingles(hashes, sums, p.k, shingles);
    dedup::sign(shingles.data(), shingles.size(), p.slots, work, signature);
    if (p.fingerprint_k == 0) return sums.back();
    hash_shingles(hashes, sums, p.fingerprint_k, shingles);
    winnow(shingles.data(), shingles.size(), [this](std::size_t i) { return sums[i]; }, p.window,
           queue, out);
    return sums.back();
  }

  // Winnows the shingles of words that weigh the same.
  void winnow_words(const u64* hashes, std::size_t n, u32 window, Fingerprints& out) {
    const auto sums_of_words = [](std::size_t i) { return static_cast<u32>(4 * i); };
    winnow(hashes, n, sums_of_words, window, queue, out);
  }
};

}  // namespace dedup
