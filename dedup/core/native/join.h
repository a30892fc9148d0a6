// Candidates: which articles share keys (fingerprints or bands)? In: the keys of each article,
// articles oldest first. Out: pairs (older, newer), best first by rarity of what they share,
// bounded per key and per article. Sorting, no dictionaries; linear. Twin: core/pure.py.
//
// The way there: keys become records of one size (key, article); records become runs, sorted by
// key and then by article; equal keys of one run, or of several that are merged, become groups of
// holders; groups become pairs. Only what lies in groups is needed at the end.
#pragma once
#include <algorithm>
#include <vector>

#include "sort.h"

namespace dedup {

constexpr std::size_t kChunk = std::size_t{1} << 14;  // records that are sorted in the cache

// The number of highest bits by which `n` keys fall into chunks that fit the cache.
inline unsigned chunk_bits(std::size_t n) {
  unsigned bits = 0;
  while (bits < 14 && (n >> bits) > kChunk) ++bits;
  return bits;
}

// Sorts by key, keeping the order of articles inside a key.
inline void sort_records(std::vector<KeyRecord>& records) {
  const unsigned bits = chunk_bits(records.size());
  std::vector<KeyRecord> other(records.size());
  std::vector<std::size_t> ends((std::size_t{1} << bits) + 1, 0);
  const auto chunk = [bits](u64 key) { return bits ? key >> (64 - bits) : 0; };
  for (const KeyRecord& r : records) ++ends[chunk(r.key) + 1];
  for (std::size_t c = 1; c < ends.size(); ++c) ends[c] += ends[c - 1];
  for (const KeyRecord& r : records) other[ends[chunk(r.key)]++] = r;
  HashSorter<KeyRecord> sorter;
  for (std::size_t c = 0, begin = 0; c + 1 < ends.size(); begin = ends[c++])
    sorter.sort(other.data() + begin, ends[c] - begin, bits, records.data() + begin);
}

// The keys of article a: keys[begins[a] .. ends[a]). An article may have keys in several columns.
struct KeyColumn {
  const u64* keys;
  const std::int64_t *begins, *ends;
};

// Calls run(records, n) for one sorted run after the other, all keys of one before those of the
// next. At most about `most` records are held at a time: if there are more, the keys are read
// several times, each time another part of them.
template <class F>
void sorted_runs(const std::vector<KeyColumn>& columns, std::size_t num_articles,
                 std::size_t most, F&& run) {
  std::size_t total = 0;
  for (const KeyColumn& column : columns)
    for (std::size_t a = 0; a < num_articles; ++a)
      total += static_cast<std::size_t>(column.ends[a] - column.begins[a]);
  unsigned part_bits = 0;
  while (part_bits < 16 && (total >> part_bits) > most) ++part_bits;
  const unsigned bits = chunk_bits(total >> part_bits), known = part_bits + bits;
  const u64 last = (u64{1} << bits) - 1;
  std::vector<KeyRecord> records, sorted;
  std::vector<std::size_t> ends;
  HashSorter<KeyRecord> sorter;
  for (u64 part = 0; part < u64{1} << part_bits; ++part) {
    const auto each = [&](auto&& take) {
      for (std::size_t a = 0; a < num_articles; ++a)
        for (const KeyColumn& column : columns)
          for (std::int64_t n = column.begins[a]; n < column.ends[a]; ++n)
            if (part_bits == 0 || column.keys[n] >> (64 - part_bits) == part)
              take(column.keys[n], static_cast<u32>(a));
    };
    const auto chunk = [&](u64 key) { return known ? key >> (64 - known) & last : 0; };
    ends.assign(static_cast<std::size_t>(last) + 2, 0);
    each([&](u64 key, u32) { ++ends[chunk(key) + 1]; });
    std::size_t largest = 0;
    for (std::size_t c = 1; c < ends.size(); ++c) {
      largest = std::max(largest, ends[c]);
      ends[c] += ends[c - 1];
    }
    records.resize(ends.back());
    each([&](u64 key, u32 article) { records[ends[chunk(key)]++] = {key, article}; });
    if (sorted.size() < largest) sorted.resize(largest);
    for (std::size_t c = 0, begin = 0; c <= last; begin = ends[c++]) {
      sorter.sort(records.data() + begin, ends[c] - begin, known, sorted.data());
      run(sorted.data(), ends[c] - begin);
    }
  }
}

inline u32 bit_length(u64 x) {
  u32 n = 0;
  for (; x; x >>= 1) ++n;
  return n;
}

// Keys with several holders. Takes sorted runs; each holder but the oldest of its group will want
// to know where the group is.
class Groups {
 public:
  Groups(std::size_t num_articles, u32 read_cap)
      : num_articles_(num_articles), read_cap_(read_cap), starts_(num_articles + 1, 0) {}

  // Equal keys must not be parted between runs; repeats of a key in an article count once.
  void add(const KeyRecord* records, std::size_t n) {
    for (std::size_t i = 0; i < n;) {
      const std::size_t begin = i;
      while (++i < n && records[i].key == records[begin].key) {}
      if (records[begin].article == records[i - 1].article) continue;
      const std::size_t head = stored_.size();
      stored_.resize(head + 2);
      for (std::size_t h = begin; h < i; ++h)
        if (h == begin || records[h].article != records[h - 1].article)
          stored_.push_back(records[h].article);
      const u32 size = static_cast<u32>(stored_.size() - head - 2);
      const u32 rarity = bit_length(num_articles_ / size);
      stored_[head] = size;
      stored_[head + 1] = rarity * rarity;
      for (std::size_t h = head + 3; h < stored_.size(); ++h) ++starts_[stored_[h] + 1];
      common_keys_ += size > read_cap_;
    }
  }

  // Lists for each article the groups it is in; no more groups may be added then.
  void close() {
    for (std::size_t a = 0; a < num_articles_; ++a) starts_[a + 1] += starts_[a];
    seen_.resize(starts_.back());
    std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
    for (std::size_t head = 0; head < stored_.size(); head += stored_[head] + 2)
      for (std::size_t h = head + 3; h < head + 2 + stored_[head]; ++h)
        seen_[next[stored_[h]]++] = head;
  }

  // Calls met(article, weight) for the older holders of the keys of `b`, as far as they are read.
  template <class F>
  void each_older(std::size_t b, F&& met) const {
    for (std::size_t n = starts_[b]; n < starts_[b + 1]; ++n) {
      const u32* group = stored_.data() + seen_[n];
      const u32* end = group + 2 + std::min(group[0], read_cap_);
      for (const u32* holder = group + 2; holder < end && *holder < b; ++holder)
        met(*holder, group[1]);
    }
  }

  u64 common_keys() const { return common_keys_; }

 private:
  std::size_t num_articles_;
  u32 read_cap_;
  std::vector<u32> stored_;          // of each group: size, weight, holders from the oldest on
  std::vector<std::size_t> starts_, seen_;  // of each article: where its groups are in stored_
  u64 common_keys_ = 0;
};

struct Joined {
  std::vector<u32> older, newer;
  std::vector<u8> first;    // 1: among the oldest or the best of its newer article
  u64 common_keys = 0;      // keys held by more articles than read_cap
  u64 crowded_articles = 0; // articles with more candidates than max_candidates
};

// Of each key's holders the newer ones meet the first `read_cap`. Of an article's partners the
// `depth` oldest stay, and those with the highest sum of bit_length(articles / holders)^2, older
// first on ties, up to `max_candidates` in all. The oldest and the `depth` best of the others are
// marked as first; they come before the others, each part in the order of age.
inline void shared_keys(const std::vector<KeyColumn>& columns, std::size_t num_articles,
                        u32 read_cap, u32 max_candidates, u32 depth, std::size_t most_records,
                        Joined& out) {
  Groups groups(num_articles, read_cap);
  sorted_runs(columns, num_articles, most_records,
              [&](const KeyRecord* records, std::size_t n) { groups.add(records, n); });
  groups.close();
  out.common_keys = groups.common_keys();
  std::vector<u32> score(num_articles, 0), partners;
  for (std::size_t b = 0; b < num_articles; ++b) {
    partners.clear();
    groups.each_older(b, [&](u32 a, u32 weight) {
      if (score[a] == 0) partners.push_back(a);
      score[a] += weight;
    });
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
