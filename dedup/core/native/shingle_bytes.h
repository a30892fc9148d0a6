// Shingles as bytes: the folded letters of k word-equivalents, one space between words.
// In: a text. Out: all its words with one space between them, and where each shingle lies in
// them; shingles overlap, so no letter is copied twice. Twin: core/pure.py.
#pragma once
#include <vector>

#include "shingle.h"
#include "tokenize.h"

namespace dedup {

struct ShingleBytes {
  std::vector<u8> letters;
  std::vector<std::int64_t> begins, ends;
};

// Appends the shingles of one text; the same ones that `hash_shingles` hashes.
class ShingleSpeller {
 public:
  explicit ShingleSpeller(u32 k) : k_(k) {}

  void spell(const Text& text, ShingleBytes& out) {
    letters_.clear();
    weights_.clear();
    begins_.clear();
    ends_.clear();
    const std::size_t before = out.letters.size();
    tokenize(text, letters_, [&](std::size_t first, std::size_t end, u32, u32, u8 weight) {
      begins_.push_back(static_cast<std::int64_t>(before + first));
      ends_.push_back(static_cast<std::int64_t>(before + end));
      weights_.push_back(weight);
      letters_.append_byte(' ');
    });
    out.letters.insert(out.letters.end(), letters_.data(), letters_.data() + letters_.size());
    sum_weights(weights_.data(), weights_.size(), sums_);
    for (std::size_t i = 0, end = 0; i < weights_.size(); ++i) {
      while (end < weights_.size() && sums_[end] - sums_[i] < 4 * k_) ++end;
      if (sums_[end] - sums_[i] < 4 * k_) break;
      out.begins.push_back(begins_[i]);
      out.ends.push_back(ends_[end - 1]);
    }
  }

 private:
  u32 k_;
  Letters letters_;
  std::vector<u8> weights_;
  std::vector<u32> sums_;
  std::vector<std::int64_t> begins_, ends_;
};

}  // namespace dedup
