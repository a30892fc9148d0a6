// Words that are equal but for a few letters, as in scanned text. In: two tokens. Out: yes or no.
// Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <vector>

#include "prepare.h"

namespace dedup {

class Speller {
 public:
  // One edit for each `fuzzy_letters` letters of the longer word; none at all for 0.
  explicit Speller(u32 fuzzy_letters) : fuzzy_letters_(fuzzy_letters) {}

  const Spelling& spelling(const Article& article, std::size_t i) {
    if (article.spellings.empty()) article.spellings.resize(article.size());
    Spelling& known = article.spellings[i];
    if (known.set == 0) look_at(article, i, known);
    return known;
  }

  // Letter for letter within the limit of the longer word; short words and numbers must be equal.
  // `x` and `y` are the spellings of both words.
  bool fuzzy_equal(const Article& a, std::size_t i, const Spelling& x, const Article& b,
                   std::size_t j, const Spelling& y) {
    const bool first_longer = x.count >= y.count;
    const u32 limit = first_longer ? x.limit : y.limit;
    const u32 longer = first_longer ? x.count : y.count, shorter = first_longer ? y.count : x.count;
    if (shorter == 0 || longer - shorter > limit) return false;
    // One edit changes at most two members of the letter sets.
    if (count_bits(x.set ^ y.set) > 2 * limit) return false;
    read(a, i, x_);
    read(b, j, y_);
    return within(limit);
  }

 private:
  static constexpr u32 kShort = 4;  // letters of the shortest word that need not be equal

  // Bits that are set; the builtin is a call where the processor may lack the instruction.
  static u32 count_bits(u64 x) {
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    return static_cast<u32>(((x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
  }

  void look_at(const Article& article, std::size_t i, Spelling& out) {
    const u8* word = article.letters.data() + article.spans.first_letter(i);
    const u8* end = article.letters.data() + article.spans.letters_end(i);
    u8 all = 0;
    for (const u8* at = word; at != end; ++at) {
      out.set |= u64{1} << (*at & 63);
      all |= *at;
    }
    u32 count = static_cast<u32>(end - word);
    bool number = true;
    if (all < 0x80) {
      for (const u8* at = word; at != end; ++at) number &= static_cast<u8>(*at - '0') < 10;
    } else {
      read(article, i, x_);
      count = static_cast<u32>(x_.size());
      number = false;
      out.set = 0;
      for (u32 code : x_) out.set |= u64{1} << (code & 63);
    }
    out.count = count < kShort || number ? 0 : count;
    out.limit = fuzzy_letters_ ? count / fuzzy_letters_ : 0;
    if (fuzzy_letters_ == 0) out.count = 0;
  }

  static void read(const Article& article, std::size_t i, std::vector<u32>& out) {
    out.clear();
    const Text token{article.letters.data(), article.spans.letters_end(i)};
    for (std::size_t at = article.spans.first_letter(i); at < token.size;)
      out.push_back(token.data[at] < 0x80 ? token.data[at++] : decode_multibyte(token, at));
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

  u32 fuzzy_letters_;
  std::vector<u32> x_, y_, row_;
};

}  // namespace dedup
