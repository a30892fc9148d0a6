// One article's sketch in one pass over its text: signature, digest, fingerprints.
#pragma once
#include <vector>

#include "minhash.h"
#include "shingle.h"
#include "tokenize.h"
#include "winnow.h"

namespace dedup {

class Sketcher {
 public:
  Sketcher(u32 k, u32 slots, u32 fingerprint_k, u32 window)
      : k_(k), slots_(slots), fingerprint_k_(fingerprint_k), window_(window) {}

  // Writes `slots` values to `signature`, two to `digest`; appends to `fingerprints`.
  void sketch(const Text& text, u16* signature, u64* digest, Fingerprints& fingerprints) {
    hashes_.clear();
    weights_.clear();
    letters_.clear();
    tokenize(text, letters_, [this](std::size_t first, std::size_t end, u32, u32, u8 weight) {
      hashes_.push_back(hash_word(letters_.data() + first, end - first));
      weights_.push_back(weight);
      letters_.clear();
    });
    sum_weights(weights_.data(), weights_.size(), sums_);
    digest[0] = xxh64_of_values(hashes_.data(), hashes_.size(), 0);
    digest[1] = xxh64_of_values(hashes_.data(), hashes_.size(), 1);
    hash_shingles(hashes_.data(), sums_, k_, shingles_);
    sign(shingles_.data(), shingles_.size(), slots_, work_, signature);
    hash_shingles(hashes_.data(), sums_, fingerprint_k_, shingles_);
    winnow(shingles_, sums_, window_, fingerprints);
  }

  u32 tokens() const { return static_cast<u32>(hashes_.size()); }
  u32 weight() const { return sums_.back(); }

 private:
  u32 k_, slots_, fingerprint_k_, window_;
  Letters letters_;
  std::vector<u64> hashes_, shingles_, work_;
  std::vector<u8> weights_;
  std::vector<u32> sums_;
};

}  // namespace dedup
