// Candidates: which articles share keys (fingerprints or bands)? In: the keys of each article,
// articles oldest first. Out: pairs (older, newer), best first by rarity of what they share,
// bounded per key and per article. Sorting, no dictionaries; linear. Twin: core/pure.py.
#pragma once
#include <algorithm>
#include <vector>

#include "hash.h"

namespace dedup {

struct KeyRecord {
  u64 key;
  u32 article;
};

// Sorts by key, keeping the order of articles inside a key: least significant digit first over
// the top 33 bits, then insertion over what is left (nearly nothing: keys are hashes).
inline void sort_records(std::vector<KeyRecord>& records) {
  constexpr unsigned digit_bits = 11, digits = 3;
  std::vector<KeyRecord> other(records.size());
  for (unsigned d = 0; d < digits; ++d) {
    const unsigned shift = 64 - digit_bits * (digits - d);
    std::vector<std::size_t> starts((std::size_t{1} << digit_bits) + 1, 0);
    const auto digit = [shift](u64 key) { return key >> shift & ((1u << digit_bits) - 1); };
    for (const KeyRecord& r : records) ++starts[digit(r.key) + 1];
    for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    for (const KeyRecord& r : records) other[starts[digit(r.key)]++] = r;
    records.swap(other);
  }
  // Equal top bits with different keys: sort each such run (stable, so articles stay in order).
  constexpr unsigned rest = 64 - digit_bits * digits;
  for (std::size_t i = 0; i < records.size();) {
    std::size_t end = i + 1;
    bool mixed = false;
    while (end < records.size() && records[end].key >> rest == records[i].key >> rest)
      mixed |= records[end++].key != records[i].key;
    if (mixed)
      std::stable_sort(records.begin() + static_cast<std::ptrdiff_t>(i),
                       records.begin() + static_cast<std::ptrdiff_t>(end),
                       [](const KeyRecord& a, const KeyRecord& b) { return a.key < b.key; });
    i = end;
  }
}

struct Joined {
  std::vector<u32> older, newer;
  std::vector<u8> first;    // 1: among the oldest or the best of its newer article
  u64 common_keys = 0;      // keys held by more articles than read_cap
  u64 crowded_articles = 0; // articles with more candidates than max_candidates
};

inline u32 bit_length(u64 x) {
  u32 n = 0;
  for (; x; x >>= 1) ++n;
  return n;
}

// keys[offsets[a] .. offsets[a+1]) are those of article a; repeats inside an article count once.
// Of each key's holders the newer ones meet the first `read_cap`. Of an article's partners the
// `depth` oldest stay, and those with the highest sum of bit_length(articles / holders)^2, older
// first on ties, up to `max_candidates` in all. The oldest and the `depth` best of the others are
// marked as first; they come before the others, each part in the order of age.
inline void shared_keys(const u64* keys, const std::size_t* offsets, std::size_t num_articles,
                        u32 read_cap, u32 max_candidates, u32 depth, Joined& out) {
  std::vector<KeyRecord> records;
  records.reserve(offsets[num_articles] - offsets[0]);
  std::vector<u64> own;
  for (std::size_t a = 0; a < num_articles; ++a) {
    own.assign(keys + offsets[a], keys + offsets[a + 1]);
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    for (u64 key : own) records.push_back({key, static_cast<u32>(a)});
  }
  sort_records(records);
  // Keys with several holders: `holders` lists them key by key; `seen` lists for each article
  // where in `holders` it stands.
  struct Run {
    std::size_t begin;
    u32 size;
  };
  std::vector<Run> runs;
  std::vector<u32> holders;
  std::vector<std::size_t> starts(num_articles + 1, 0);
  for (std::size_t i = 0; i < records.size();) {
    std::size_t end = i + 1;
    while (end < records.size() && records[end].key == records[i].key) ++end;
    if (end - i > 1) {
      if (end - i > read_cap) ++out.common_keys;
      runs.push_back({holders.size(), static_cast<u32>(end - i)});
      for (; i < end; ++i) {
        holders.push_back(records[i].article);
        ++starts[records[i].article + 1];
      }
    }
    i = end;
  }
  records = {};
  for (std::size_t a = 0; a < num_articles; ++a) starts[a + 1] += starts[a];
  std::vector<u32> seen(holders.size());
  for (u32 r = 0; r < runs.size(); ++r)
    for (u32 h = 0; h < runs[r].size; ++h) seen[starts[holders[runs[r].begin + h]]++] = r;
  std::vector<u32> score(num_articles, 0), partners;
  std::size_t from = 0;
  for (std::size_t b = 0; b < num_articles; ++b) {
    partners.clear();
    for (; from < starts[b]; ++from) {
      const Run run = runs[seen[from]];
      const u32 rarity = bit_length(num_articles / run.size), weight = rarity * rarity;
      const u32 limit = std::min(run.size, read_cap);
      for (u32 h = 0; h < limit && holders[run.begin + h] < b; ++h) {
        const u32 a = holders[run.begin + h];
        if (score[a] == 0) partners.push_back(a);
        score[a] += weight;
      }
    }
    // The oldest come first, then the best; whoever had a text first is never left out.
    const auto at = [&](std::size_t n) { return partners.begin() + static_cast<std::ptrdiff_t>(n); };
    const std::size_t oldest = std::min<std::size_t>(depth, partners.size());
    std::sort(partners.begin(), partners.end());
    std::sort(at(oldest), partners.end(), [&](u32 x, u32 y) {
      return score[x] != score[y] ? score[x] > score[y] : x < y;
    });
    for (u32 a : partners) score[a] = 0;
    const std::size_t most = std::max<std::size_t>(max_candidates, depth);
    if (partners.size() > most) {
      ++out.crowded_articles;
      partners.resize(most);
    }
    const std::size_t first = std::min(2 * std::size_t{depth}, partners.size());
    std::sort(at(oldest), at(first));
    std::sort(at(first), partners.end());
    for (std::size_t n = 0; n < partners.size(); ++n) {
      out.older.push_back(partners[n]);
      out.newer.push_back(static_cast<u32>(b));
      out.first.push_back(n < first);
    }
  }
}

}  // namespace dedup
