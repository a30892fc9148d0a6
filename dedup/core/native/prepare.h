// One article made ready for verification: tokens with letters and spans, sorted shingles.
// Made once per article and reused for all its pairs.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "shingle.h"
#include "tokenize.h"

namespace dedup {

using Located = std::pair<u64, u32>;  // shingle hash, token position

struct Article {
  std::vector<u64> hashes;
  std::vector<u32> begins, ends;       // code points
  std::vector<u32> sums;               // quarter-words before each token
  std::vector<u32> letters;            // folded code points of all tokens
  std::vector<u32> letter_starts;      // one longer than the tokens
  std::vector<u64> letter_sets;        // which letters (modulo 64) a token has
  std::vector<u64> shingle_set;        // distinct shingle hashes of k words, rising
  std::vector<Located> seeds;          // shingles of seed_words, sorted
  std::vector<u8> masked;              // 1: boilerplate; empty when nothing is
  std::vector<u32> clear_sums;         // as sums, without masked tokens
  u64 digest[2] = {0, 0};

  std::size_t size() const { return hashes.size(); }
  u32 weight() const { return sums.back(); }
  u32 clear_weight() const { return clear_sums.back(); }
  bool is_masked(std::size_t i) const { return !masked.empty() && masked[i]; }
  std::size_t bytes() const {
    return hashes.size() * 53 + letters.size() * 4 + shingle_set.size() * 8 + seeds.size() * 16;
  }
};

inline void locate_shingles(const Article& article, u32 words, std::vector<Located>& out) {
  std::vector<u64> hashes;
  hash_shingles(article.hashes.data(), article.sums, words, hashes);
  out.resize(hashes.size());
  for (u32 i = 0; i < hashes.size(); ++i) out[i] = {hashes[i], i};
  std::sort(out.begin(), out.end());
}

// Shingle hashes of known boilerplate, rising, and how long its shingles are in words.
struct Flags {
  const u64* hashes = nullptr;
  std::size_t size = 0;

  bool has(u64 hash) const { return std::binary_search(hashes, hashes + size, hash); }
};

// Marks every token inside a shingle of the list; gives the weight of the tokens it marked anew.
inline u32 mark(const Article& article, const std::vector<u64>& shingles, const Flags& list,
                u32 words, std::vector<u8>& marks) {
  u32 weight = 0;
  for (std::size_t i = 0, done = 0; i < shingles.size(); ++i) {
    if (!list.has(shingles[i])) continue;
    for (std::size_t j = std::max(i, done);
         j < article.size() && article.sums[j] - article.sums[i] < 4 * words; ++j) {
      if (!marks[j]) weight += article.sums[j + 1] - article.sums[j];
      marks[j] = 1;
      done = j + 1;
    }
  }
  return weight;
}

// Masks the boilerplate of the article's own list, and that of all sites where it is less than
// half of the article: what is most of an article is no furniture.
inline void mask(Article& article, const Flags& everywhere, const Flags& own, u32 words) {
  const std::size_t n = article.size();
  article.masked.clear();
  if (n && everywhere.size + own.size) {
    std::vector<u64> shingles;
    hash_shingles(article.hashes.data(), article.sums, words, shingles);
    article.masked.assign(n, 0);
    const u32 common = mark(article, shingles, everywhere, words, article.masked);
    if (2 * common >= article.weight()) article.masked.assign(n, 0);
    mark(article, shingles, own, words, article.masked);
    if (std::find(article.masked.begin(), article.masked.end(), 1) == article.masked.end())
      article.masked.clear();
  }
  article.clear_sums.assign(n + 1, 0);
  for (std::size_t i = 0; i < n; ++i)
    article.clear_sums[i + 1] =
        article.clear_sums[i] + (article.is_masked(i) ? 0 : article.sums[i + 1] - article.sums[i]);
}

inline void prepare(const Text& text, u32 k, u32 seed_words, Article& out) {
  Letters letters;
  std::vector<u8> weights;
  out.letter_starts.assign(1, 0);
  tokenize(text, letters, [&](std::size_t first, std::size_t end, u32 b, u32 e, u8 weight) {
    const u8* word = letters.data();
    out.hashes.push_back(hash_word(word + first, end - first));
    out.begins.push_back(b);
    out.ends.push_back(e);
    weights.push_back(weight);
    u64 set = 0;
    const Text token{word, end};
    for (std::size_t i = first; i < end;) {
      const u32 code = word[i] < 0x80 ? word[i++] : decode_multibyte(token, i);
      out.letters.push_back(code);
      set |= u64{1} << (code & 63);
    }
    out.letter_starts.push_back(static_cast<u32>(out.letters.size()));
    out.letter_sets.push_back(set);
    letters.clear();
  });
  sum_weights(weights.data(), weights.size(), out.sums);
  digest_values(out.hashes.data(), out.hashes.size(), out.digest);
  hash_shingles(out.hashes.data(), out.sums, k, out.shingle_set);
  std::sort(out.shingle_set.begin(), out.shingle_set.end());
  out.shingle_set.erase(std::unique(out.shingle_set.begin(), out.shingle_set.end()),
                        out.shingle_set.end());
  locate_shingles(out, seed_words, out.seeds);
}

inline std::size_t count_shared(const std::vector<u64>& a, const std::vector<u64>& b) {
  // Steps without branches: which list is behind is a coin toss.
  std::size_t i = 0, j = 0, shared = 0;
  while (i < a.size() && j < b.size()) {
    const u64 x = a[i], y = b[j];
    shared += x == y;
    i += x <= y;
    j += y <= x;
  }
  return shared;
}

// Letter for letter within max(length) / fuzzy_letters edits; short words and numbers must be equal.
inline bool fuzzy_equal(const Article& a, std::size_t i, const Article& b, std::size_t j,
                        u32 fuzzy_letters, std::vector<u32>& row) {
  if (fuzzy_letters == 0) return false;
  const u32* x = a.letters.data() + a.letter_starts[i];
  const u32* y = b.letters.data() + b.letter_starts[j];
  const u32 n = a.letter_starts[i + 1] - a.letter_starts[i];
  const u32 m = b.letter_starts[j + 1] - b.letter_starts[j];
  if (n < 4 || m < 4) return false;
  const u32 limit = std::max(n, m) / fuzzy_letters;
  if (std::max(n, m) - std::min(n, m) > limit) return false;
  // One edit changes at most two members of the letter sets.
  const u64 differing = a.letter_sets[i] ^ b.letter_sets[j];
  if (static_cast<u32>(__builtin_popcountll(differing)) > 2 * limit) return false;
  const auto is_digit = [](u32 c) { return c - '0' < 10u; };
  if (std::all_of(x, x + n, is_digit) || std::all_of(y, y + m, is_digit)) return false;
  row.resize(m + 1);
  for (u32 q = 0; q <= m; ++q) row[q] = q;
  for (u32 p = 1; p <= n; ++p) {
    u32 corner = row[0], lowest = row[0] = p;
    for (u32 q = 1; q <= m; ++q) {
      const u32 substituted = corner + (x[p - 1] != y[q - 1]);
      corner = row[q];
      row[q] = std::min({substituted, row[q] + 1, row[q - 1] + 1});
      lowest = std::min(lowest, row[q]);
    }
    if (lowest > limit) return false;
  }
  return row[m] <= limit;
}

}  // namespace dedup
