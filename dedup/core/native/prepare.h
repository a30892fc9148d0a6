// One article made ready for verification: words with letters, places of its shingles, its mask.
// Made once per article and reused for all its pairs; its memory is used again for the next one.
#pragma once
#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "shingle.h"
#include "shingle_table.h"
#include "spans.h"
#include "stream.h"

namespace dedup {

// What fuzzy_equal asks of a word first; found out when it is asked.
struct Spelling {
  u64 set = 0;    // which letters (modulo 64) it has; 0: not known yet
  u32 count = 0;  // of its letters; 0: it must be equal, as short words and numbers must
  u32 limit = 0;  // edits it may be away from another word that is not longer
};

struct Article {
  Buffer<u64> hashes;            // of words, with Words::kSpare zeros behind them
  std::vector<u32> sums;         // quarter-words before each token
  std::vector<u8> letters;       // of all words, with zeros between them
  mutable Spans spans;
  mutable std::vector<Spelling> spellings;  // empty as long as none is asked for
  ShingleTable shingles;         // of k words
  ShingleTable seeds;            // of seed_words
  bool weighted = false;         // some tokens weigh less than a word
  std::vector<u8> masked;        // 1: boilerplate; empty when nothing is
  std::vector<u32> clear_sums;   // as sums, without masked tokens; empty when nothing is masked
  u64 digest[2] = {0, 0};

  std::size_t size() const { return hashes.size(); }
  u64 hash(std::size_t i) const { return hashes.data()[i]; }
  u32 weight() const { return sums.back(); }
  u32 clear_weight() const { return masked.empty() ? weight() : clear_sums.back(); }
  bool is_masked(std::size_t i) const { return !masked.empty() && masked[i]; }
  // Quarter-words before token i that are not masked.
  u32 clear_before(std::size_t i) const { return masked.empty() ? sums[i] : clear_sums[i]; }
  std::size_t bytes() const {
    return size() * 12 + letters.size() + spans.bytes() + shingles.bytes() + seeds.bytes() +
           (masked.size() + spellings.size()) * 5;
  }
};

// Longer shingles are hashed one by one.
constexpr u32 kMostWords = 64;

// Hashes all shingles of an article, `words` words each, by the place where they begin.
inline void hash_shingles(Kernel& kernel, const Article& article, u32 words, ShingleTable& out,
                          std::vector<u64>& work) {
  const std::size_t n = article.size();
  if (article.weighted || words > kMostWords) {
    hash_shingles(article.hashes.data(), article.sums, words, work);
    std::copy(work.begin(), work.end(), out.room(work.size(), 0));
  } else {
    const std::size_t count = n >= words ? n - words + 1 : 0;
    kernel.hash_words(article.hashes.data(), count, words, out.room(count, Words::kSpare));
  }
}

// Shingle hashes of known boilerplate, rising.
struct Flags {
  const u64* hashes = nullptr;
  std::size_t size = 0;

  bool has(u64 hash) const { return std::binary_search(hashes, hashes + size, hash); }
};

// Which hashes are in no list of boilerplate for sure: a bit for each value of their upper bits.
class FlagFilter {
 public:
  FlagFilter(const u64* hashes, std::size_t n) {
    while (shift_ > 40 && (u64{1} << (64 - shift_)) < 16 * u64{n}) --shift_;
    bits_.assign(std::size_t{1} << (58 - shift_), 0);
    for (std::size_t i = 0; i < n; ++i) bits_[hashes[i] >> (shift_ + 6)] |= bit(hashes[i]);
  }
  bool may_have(u64 hash) const { return bits_[hash >> (shift_ + 6)] & bit(hash); }

 private:
  u64 bit(u64 hash) const { return u64{1} << (hash >> shift_ & 63); }

  unsigned shift_ = 56;
  std::vector<u64> bits_;
};

// Masks boilerplate in articles.
class Masker {
 public:
  // `words`: how long the shingles of boilerplate are; `filter`: of all its lists.
  Masker(Kernel& kernel, u32 words, const FlagFilter& filter)
      : kernel_(kernel), words_(words), filter_(filter) {}

  // Masks the boilerplate of the article's own list, and that of all sites where it is less than
  // half of the article: what is most of an article is no furniture.
  void mask(Article& article, const Flags& everywhere, const Flags& own) {
    const std::size_t n = article.size();
    article.masked.clear();
    article.clear_sums.clear();
    if (n == 0 || everywhere.size + own.size == 0) return;
    hash_shingles(kernel_, article, words_, shingles_, work_);
    maybe_.clear();
    for (u32 i = 0; i < shingles_.size(); ++i)
      if (filter_.may_have(shingles_.hash(i))) maybe_.push_back(i);
    if (maybe_.empty()) return;
    article.masked.assign(n, 0);
    const u32 common = mark(article, everywhere);
    if (2 * common >= article.weight()) article.masked.assign(n, 0);
    mark(article, own);
    if (std::find(article.masked.begin(), article.masked.end(), 1) == article.masked.end()) {
      article.masked.clear();
      return;
    }
    article.clear_sums.assign(n + 1, 0);
    for (std::size_t i = 0; i < n; ++i)
      article.clear_sums[i + 1] =
          article.clear_sums[i] + (article.masked[i] ? 0 : article.sums[i + 1] - article.sums[i]);
  }

 private:
  // Marks every token inside a shingle of the list; gives the weight of those it marked anew.
  u32 mark(Article& article, const Flags& list) {
    u32 weight = 0;
    std::size_t done = 0;
    for (const u32 i : maybe_) {
      if (!list.has(shingles_.hash(i))) continue;
      for (std::size_t j = std::max<std::size_t>(i, done);
           j < article.size() && article.sums[j] - article.sums[i] < 4 * words_; ++j) {
        if (!article.masked[j]) weight += article.sums[j + 1] - article.sums[j];
        article.masked[j] = 1;
        done = j + 1;
      }
    }
    return weight;
  }

  Kernel& kernel_;
  u32 words_;
  const FlagFilter& filter_;
  ShingleTable shingles_;
  std::vector<u64> work_;
  std::vector<u32> maybe_;
};

class Preparer {
 public:
  Preparer(Kernel& kernel, u32 k, u32 seed_words)
      : kernel_(kernel), k_(k), seed_words_(seed_words) {}

  // All that verification needs but the mask. `text` is kept, for its spans.
  void prepare(const Text& text, Article& out) {
    const Words words = read(text, out);
    out.letters.assign(words.letters, words.letters + words.letter_bytes);
    out.spans.start(text, words);
    out.spellings.clear();
    digest_values(out.hashes.data(), out.size(), out.digest);
    hash_shingles(kernel_, out, k_, out.shingles, work_);
    out.shingles.build();
    hash_shingles(kernel_, out, seed_words_, out.seeds, work_);
    out.seeds.build();
  }

  // Words and shingles of k words, and nothing else.
  void prepare_shingles(const Text& text, Article& out) {
    read(text, out);
    hash_shingles(kernel_, out, k_, out.shingles, work_);
    out.shingles.build();
  }

 private:
  Words read(const Text& text, Article& out) {
    const Words words = kernel_.read(text);
    const std::size_t n = words.count;
    out.hashes.cut(0);
    std::copy_n(words.hashes, n + Words::kSpare, out.hashes.room(n + Words::kSpare));
    out.hashes.add(n);
    out.weighted = words.weighted;
    out.sums.resize(n + 1);
    if (words.weighted) {
      out.sums[0] = 0;
      for (std::size_t i = 0; i < n; ++i)
        out.sums[i + 1] = out.sums[i] + weight_of(words.letters + words.edges[2 * i]);
    } else {
      for (std::size_t i = 0; i <= n; ++i) out.sums[i] = static_cast<u32>(4 * i);
    }
    return words;
  }

  Kernel& kernel_;
  u32 k_, seed_words_;
  std::vector<u64> work_;
};

// Whether two articles have the same words.
inline bool same_words(const Article& a, const Article& b) {
  return a.size() == b.size() &&
         std::equal(a.hashes.data(), a.hashes.data() + a.size(), b.hashes.data());
}

// Prepared articles of one call; beyond `limit_bytes` the one that came first goes.
class Shelf {
 public:
  Shelf(std::size_t num_texts, std::size_t limit_bytes) : limit_(limit_bytes), shelf_(num_texts) {}

  // The article, made by `make(article)` where it is not there. It stays until others are asked
  // for; `neighbour`, which was asked for before, stays as well.
  template <class Make>
  const Article& get(u32 index, u32 neighbour, Make&& make) {
    if (shelf_[index]) return *shelf_[index];
    std::unique_ptr<Article> article = std::move(spare_);
    if (!article) article = std::make_unique<Article>();
    make(*article);
    bytes_ += article->bytes();
    for (std::size_t tries = order_.size(); bytes_ > limit_ && tries > 0; --tries) {
      const u32 oldest = order_.front();
      order_.pop_front();
      if (oldest == neighbour) {
        order_.push_back(oldest);
        continue;
      }
      bytes_ -= shelf_[oldest]->bytes();
      spare_ = std::move(shelf_[oldest]);
    }
    order_.push_back(index);
    shelf_[index] = std::move(article);
    return *shelf_[index];
  }

 private:
  std::size_t limit_, bytes_ = 0;
  std::vector<std::unique_ptr<Article>> shelf_;
  std::deque<u32> order_;  // as they came
  std::unique_ptr<Article> spare_;
};

}  // namespace dedup
