// One article made ready for verification: tokens with letters and spans, sorted shingles.
// Made once per article and reused for all its pairs; its memory is used again for the next one.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "shingle.h"
#include "sort.h"
#include "tokenize.h"

namespace dedup {

// What fuzzy_equal asks of a word first; found out when it is asked.
struct Spelling {
  u64 set = 0;    // which letters (modulo 64) it has; 0: not known yet
  u32 count = 0;  // of its letters
  bool number = false;
};

// Where the shingles of an article begin: key n at positions[starts[n] .. starts[n + 1]).
struct Places {
  std::vector<u64> keys;  // distinct, rising
  std::vector<u32> starts, positions;

  u32 count(u32 n) const { return starts[n + 1] - starts[n]; }
  u32 first(u32 n) const { return positions[starts[n]]; }
};

struct Article {
  std::vector<u64> hashes;
  std::vector<u32> begins, ends;       // code points
  std::vector<u32> sums;               // quarter-words before each token
  Letters letters;                     // folded letters of all tokens, UTF-8
  std::vector<u32> letter_starts;      // one longer than the tokens
  mutable std::vector<Spelling> spellings;
  std::vector<u64> shingle_set;        // distinct shingle hashes of k words, rising
  Places seeds;                        // shingles of seed_words
  std::vector<u8> masked;              // 1: boilerplate; empty when nothing is
  std::vector<u32> clear_sums;         // as sums, without masked tokens
  u64 digest[2] = {0, 0};

  std::size_t size() const { return hashes.size(); }
  u32 weight() const { return sums.back(); }
  u32 clear_weight() const { return clear_sums.back(); }
  bool is_masked(std::size_t i) const { return !masked.empty() && masked[i]; }
  std::size_t bytes() const {
    return hashes.size() * 57 + letters.size() + shingle_set.size() * 8 + seeds.keys.size() * 12;
  }
};

// Places of all shingles of `words` words.
class Locator {
 public:
  void locate(const Article& article, u32 words, Places& out) {
    hash_shingles(article.hashes.data(), article.sums, words, hashes_);
    const u32 n = static_cast<u32>(hashes_.size());
    located_.resize(n);
    sorted_.resize(n);
    for (u32 i = 0; i < n; ++i) located_[i] = {hashes_[i], i};
    sorter_.sort(located_.data(), n, 0, sorted_.data());
    out.positions.resize(n);
    out.keys.resize(n);
    out.starts.resize(n + 1);
    u32 distinct = 0;
    for (u32 i = 0; i < n; ++i) {
      const bool again = i > 0 && sorted_[i].first == sorted_[i - 1].first;
      out.positions[i] = sorted_[i].second;
      out.keys[distinct] = sorted_[i].first;
      out.starts[distinct] = i;
      distinct += !again;
    }
    out.keys.resize(distinct);
    out.starts.resize(distinct + 1);
    out.starts[distinct] = n;
  }

 private:
  std::vector<u64> hashes_;
  std::vector<Located> located_, sorted_;
  HashSorter<Located> sorter_;
};

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

class Preparer {
 public:
  Preparer(u32 k, u32 seed_words) : k_(k), seed_words_(seed_words) {}

  void prepare(const Text& text, Article& out) {
    out.hashes.clear();
    out.begins.clear();
    out.ends.clear();
    out.letters.clear();
    out.letter_starts.clear();
    weights_.clear();
    tokenize(text, out.letters, [&](std::size_t first, std::size_t end, u32 b, u32 e, u8 weight) {
      out.hashes.push_back(hash_word(out.letters.data() + first, end - first));
      out.begins.push_back(b);
      out.ends.push_back(e);
      out.letter_starts.push_back(static_cast<u32>(first));
      weights_.push_back(weight);
    });
    out.letter_starts.push_back(static_cast<u32>(out.letters.size()));
    out.spellings.assign(out.size(), {});
    sum_weights(weights_.data(), weights_.size(), out.sums);
    digest_values(out.hashes.data(), out.size(), out.digest);
    hash_shingles(out.hashes.data(), out.sums, k_, shingles_);
    out.shingle_set.resize(shingles_.size());
    sorter_.sort(shingles_.data(), shingles_.size(), 0, out.shingle_set.data());
    out.shingle_set.erase(std::unique(out.shingle_set.begin(), out.shingle_set.end()),
                          out.shingle_set.end());
    locator_.locate(out, seed_words_, out.seeds);
  }

 private:
  u32 k_, seed_words_;
  std::vector<u8> weights_;
  std::vector<u64> shingles_;
  HashSorter<u64> sorter_;
  Locator locator_;
};

struct Shared {
  u32 a, b;  // places of one hash in two lists
};

// One step of merging: without branches, since which list is behind is a coin toss.
inline void merge_step(const u64* a, const u64* b, u32& i, u32& j, Shared*& out) {
  const u64 x = a[i], y = b[j];
  *out = {i, j};
  out += x == y;
  i += x <= y;
  j += y <= x;
}

// What two lists of rising, distinct hashes share. Both halves of the hashes are merged at a time,
// since each step has to wait for the one before it.
inline void intersect(const std::vector<u64>& a, const std::vector<u64>& b,
                      std::vector<Shared>& out) {
  const auto middle = [](const std::vector<u64>& list) {
    return static_cast<u32>(std::lower_bound(list.begin(), list.end(), u64{1} << 63) -
                            list.begin());
  };
  const u32 a_middle = middle(a), b_middle = middle(b);
  const u32 a_end = static_cast<u32>(a.size()), b_end = static_cast<u32>(b.size());
  if (out.size() < a.size()) out.resize(a.size());
  const u64 *x = a.data(), *y = b.data();
  u32 i = 0, j = 0, k = a_middle, l = b_middle;
  Shared *low = out.data(), *const upper = low + a_middle, *high = upper;
  while (i < a_middle && j < b_middle && k < a_end && l < b_end) {
    merge_step(x, y, i, j, low);
    merge_step(x, y, k, l, high);
  }
  while (i < a_middle && j < b_middle) merge_step(x, y, i, j, low);
  while (k < a_end && l < b_end) merge_step(x, y, k, l, high);
  out.resize(static_cast<std::size_t>(std::copy(upper, high, low) - out.data()));
}

}  // namespace dedup
