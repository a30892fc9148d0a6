// Which articles hold some keys, and which of them are the best candidates? In: keys, segments
// and sorted columns. Out: holders of each key, oldest first; then, of each article that asks,
// candidates, best first. Rule: docs/method.md, step 4. Twin: core/pure_postings.py.
#pragma once
#include "join.h"
#include "postings.h"

namespace dedup {

// Postings that were not packed: columns in the order of key and article.
struct Plain {
  const u64* keys;
  const u32* articles;
  std::size_t postings;
};

struct HeldKeys {
  std::vector<std::int64_t> offsets;  // one longer than the keys
  std::vector<u32> articles;          // rising for each key
  std::vector<u64> totals;            // postings of each key, read or not
};

// Of each key the first (with `newest`: last) `most` holders of each source, without those gone.
class Lookup {
 public:
  Lookup(const u64* keys, std::size_t n, std::size_t most, bool newest, const u32* gone,
         std::size_t num_gone)
      : n_(n), most_(most), newest_(newest), gone_(gone), gone_end_(gone + num_gone),
        totals_(n, 0) {
    std::vector<KeyRecord> order;
    for (std::size_t k = 0; k < n; ++k) order.push_back({keys[k], static_cast<u32>(k)});
    // In order, what one key has read is near what the next one needs.
    std::sort(order.begin(), order.end(),
              [](const KeyRecord& x, const KeyRecord& y) { return x.key < y.key; });
    for (const KeyRecord& one : order) {
      keys_.push_back(one.key);
      places_.push_back(one.article);
    }
  }

  // Three passes, so that what one reads has been fetched when the next one needs it.
  void add(const Plain& from) {
    if (!from.postings) return;
    const auto value = [&](std::size_t i) { return from.keys[i]; };
    const u64 first = from.keys[0], last = from.keys[from.postings - 1];
    const double density =
        last > first ? static_cast<double>(from.postings) / static_cast<double>(last - first) : 0;
    std::size_t guesses[kChunkKeys];
    for (std::size_t begin = 0; begin < n_; begin += kChunkKeys) {
      const std::size_t end = std::min(begin + kChunkKeys, n_);
      for (std::size_t k = begin; k < end; ++k) {
        guesses[k - begin] = guess_place(first, last, from.postings, keys_[k]);
        __builtin_prefetch(from.keys + guesses[k - begin]);
      }
      for (std::size_t k = begin; k < end; ++k) {
        std::size_t& guess = guesses[k - begin];
        if (guess == from.postings) continue;
        guess = refine_guess(from.keys[guess], density, guess, from.postings, keys_[k]);
        __builtin_prefetch(from.keys + guess);
      }
      for (std::size_t k = begin; k < end; ++k) {
        const std::size_t low =
            search_near(from.postings, guesses[k - begin], keys_[k], false, value);
        if (low == from.postings || from.keys[low] != keys_[k]) continue;
        const std::size_t high = search_near(from.postings, low, keys_[k], true, value);
        take(k, low, high, [&](std::size_t i) { return from.articles[i]; });
      }
    }
  }

  void add(const Packed& from) {
    if (!from.blocks) return;
    std::size_t blocks[kChunkKeys];
    for (std::size_t begin = 0; begin < n_; begin += kChunkKeys) {
      const std::size_t end = std::min(begin + kChunkKeys, n_);
      for (std::size_t k = begin; k < end; ++k) {
        blocks[k - begin] = from.guess_block(keys_[k]);
        __builtin_prefetch(from.fences + blocks[k - begin]);
      }
      for (std::size_t k = begin; k < end; ++k) {
        const std::size_t b = from.find_block(keys_[k], blocks[k - begin], false);
        blocks[k - begin] = b;
        __builtin_prefetch(from.begins + b);
        __builtin_prefetch(from.checked + b);
        if (from.checked[b])
          __builtin_prefetch(from.keys_of(b) +
                             (from.guess_inside(b, keys_[k]) * from.key_bits[b] >> 3));
      }
      for (std::size_t k = begin; k < end; ++k) find(from, k, blocks[k - begin]);
    }
  }

  void finish(HeldKeys& out) {
    out.offsets.assign(n_ + 1, 0);
    for (const KeyRecord& hit : hits_) ++out.offsets[hit.key + 1];
    for (std::size_t k = 0; k < n_; ++k) out.offsets[k + 1] += out.offsets[k];
    std::vector<std::int64_t> next(out.offsets.begin(), out.offsets.end() - 1);
    out.articles.resize(hits_.size());
    for (const KeyRecord& hit : hits_)
      out.articles[static_cast<std::size_t>(next[hit.key]++)] = hit.article;
    for (std::size_t k = 0; k < n_; ++k)
      std::sort(out.articles.begin() + out.offsets[k], out.articles.begin() + out.offsets[k + 1]);
    out.totals = std::move(totals_);
  }

 private:
  static constexpr std::size_t kChunkKeys = 256;

  void find(const Packed& from, std::size_t k, std::size_t b) {
    const u64 key = keys_[k];
    std::size_t low = from.find_inside(b, key, false);
    if (low == from.postings) return;
    if (low / from.block != b) {  // behind the block: then it is the first key of the next one
      if (from.fences[++b] != key) return;
      from.check(b);
    } else if (from.key(b, low % from.block) != key) {
      return;
    }
    const std::size_t last = from.find_block(key, b, true);
    const std::size_t high = from.find_inside(last, key, true);
    take(k, low, high, [&](std::size_t i) {
      from.check(i / from.block);
      return from.article(i / from.block, i % from.block);
    });
  }

  template <class F>
  void take(std::size_t k, std::size_t low, std::size_t high, F&& article) {
    totals_[places_[k]] += high - low;
    std::size_t taken = 0;
    for (std::size_t n = 0; n < high - low && taken < most_; ++n) {
      const u32 one = article(newest_ ? high - 1 - n : low + n);
      if (std::binary_search(gone_, gone_end_, one)) continue;
      hits_.push_back({places_[k], one});
      ++taken;
    }
  }

  std::vector<u64> keys_;    // in order,
  std::vector<u32> places_;  // and the place of each among those that were asked for
  std::size_t n_, most_;
  bool newest_;
  const u32 *gone_, *gone_end_;
  std::vector<u64> totals_;
  std::vector<KeyRecord> hits_;  // the number of a key, and an article
};

struct Bounds {
  std::size_t read_cap, most, depth;
};

// What an article asks: its keys are those from begin to end, and it meets articles below `before`.
struct Asking {
  std::size_t begin, end;
  u64 before;
};

// Appends the candidates of an article; `allowed` says of each holder whether it may be met.
// Of each key the first `read_cap` that may be met count, each with bit_length(before / (holders +
// 1))^2. The `depth` oldest come first, then the others; each part by score, older first on ties.
inline void best_holders(const Asking& asking, const std::int64_t* offsets, const u32* articles,
                         const u64* totals, const u8* allowed, const Bounds& bounds,
                         std::vector<u32>& out, std::vector<u8>& first) {
  struct Candidate {
    u32 article;
    u64 score;
  };
  std::vector<Candidate> met;
  for (std::size_t k = asking.begin; k < asking.end; ++k) {
    const u64 rarity = bit_length(asking.before / (totals[k] + 1));
    std::size_t taken = 0;
    for (std::int64_t h = offsets[k]; h < offsets[k + 1] && taken < bounds.read_cap; ++h) {
      if (articles[h] >= asking.before || !allowed[h]) continue;
      met.push_back({articles[h], rarity * rarity});
      ++taken;
    }
  }
  std::sort(met.begin(), met.end(),
            [](const Candidate& x, const Candidate& y) { return x.article < y.article; });
  std::size_t n = 0;
  for (const Candidate& one : met) {
    if (n && met[n - 1].article == one.article) met[n - 1].score += one.score;
    else met[n++] = one;
  }
  met.resize(n);
  const auto better = [](const Candidate& x, const Candidate& y) {
    return x.score != y.score ? x.score > y.score : x.article < y.article;
  };
  const auto rest = met.begin() + static_cast<std::ptrdiff_t>(std::min(bounds.depth, n));
  std::sort(met.begin(), rest, better);
  std::sort(rest, met.end(), better);
  for (std::size_t i = 0; i < std::min(n, std::max(bounds.most, bounds.depth)); ++i) {
    out.push_back(met[i].article);
    first.push_back(i < 2 * bounds.depth);
  }
}

}  // namespace dedup
