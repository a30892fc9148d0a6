// Words that are equal but for a few letters, as in scanned text. In: two tokens. Out: yes or no.
// Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <vector>

#include "prepare.h"

namespace dedup {

class Speller {
 public:
  // Letter for letter within max(length) / fuzzy_letters edits; short words and numbers must be
  // equal.
  bool fuzzy_equal(const Article& a, std::size_t i, const Article& b, std::size_t j,
                   u32 fuzzy_letters) {
    if (fuzzy_letters == 0) return false;
    const Spelling &x = spelling(a, i), &y = spelling(b, j);
    const u32 longer = std::max(x.count, y.count), shorter = std::min(x.count, y.count);
    if (shorter < 4 || x.number || y.number) return false;
    const u32 limit = longer / fuzzy_letters;
    if (longer - shorter > limit) return false;
    // One edit changes at most two members of the letter sets.
    if (static_cast<u32>(__builtin_popcountll(x.set ^ y.set)) > 2 * limit) return false;
    read(a, i, x_);
    read(b, j, y_);
    return within(limit);
  }

 private:
  static void read(const Article& article, std::size_t i, std::vector<u32>& out) {
    out.clear();
    const Text token{article.letters.data(), article.letter_starts[i + 1]};
    for (std::size_t at = article.letter_starts[i]; at < token.size;)
      out.push_back(token.data[at] < 0x80 ? token.data[at++] : decode_multibyte(token, at));
  }

  const Spelling& spelling(const Article& article, std::size_t i) {
    Spelling& known = article.spellings[i];
    if (known.set == 0) {
      read(article, i, x_);
      known.count = static_cast<u32>(x_.size());
      known.number = std::all_of(x_.begin(), x_.end(), [](u32 c) { return c - '0' < 10u; });
      for (u32 code : x_) known.set |= u64{1} << (code & 63);
    }
    return known;
  }

  // Whether the edit distance of x_ and y_ is at most `limit`.
  bool within(u32 limit) {
    const u32 m = static_cast<u32>(y_.size());
    row_.resize(m + 1);
    for (u32 q = 0; q <= m; ++q) row_[q] = q;
    for (u32 p = 1; p <= x_.size(); ++p) {
      u32 corner = row_[0], lowest = row_[0] = p;
      for (u32 q = 1; q <= m; ++q) {
        const u32 substituted = corner + (x_[p - 1] != y_[q - 1]);
        corner = row_[q];
        row_[q] = std::min({substituted, row_[q] + 1, row_[q - 1] + 1});
        lowest = std::min(lowest, row_[q]);
      }
      if (lowest > limit) return false;
    }
    return row_[m] <= limit;
  }

  std::vector<u32> x_, y_, row_;
};

}  // namespace dedup
