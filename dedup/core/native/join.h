// Candidates: which articles share keys (fingerprints or bands)? In: records (key, article) of keys
// that several may hold (share.h), articles numbered from the oldest on. Out: groups of holders,
// and from them pairs (older, newer), best first by rarity of what they share, bounded per key and
// per article. Sorting, no dictionaries; linear. Twin: core/pure_keys.py.
#pragma once
#include <algorithm>
#include <stdexcept>
#include <vector>

#include "share.h"
#include "sort.h"

namespace dedup {

constexpr std::size_t kChunk = std::size_t{1} << 14;  // records that are sorted in the cache

// The number of highest bits by which `n` keys fall into chunks that fit the cache.
inline unsigned chunk_bits(std::size_t n) {
  unsigned bits = 0;
  while (bits < 14 && (n >> bits) > kChunk) ++bits;
  return bits;
}

// Records as a second pass has picked them.
struct Picked {
  const u64* keys;
  const u32* articles;
  std::size_t size;
  static constexpr bool is_whole = false;

  template <class F>
  void each(F&& take) const {
    for (std::size_t n = 0; n < size; ++n) take(keys[n], articles[n]);
  }
};

// What is the same in all keys of a chunk is no sign, so the bits behind it tell records apart: a
// table of the first-level cache says whether a record may have an equal one, and most have none.
class ChunkFilter {
 public:
  // Moves the records that may be shared to the front; gives how many they are. The first `known`
  // bits of all keys are the same.
  template <class Record>
  std::size_t filter(Record* records, std::size_t n, unsigned known) {
    unsigned bits = 6;
    while (bits < kMostBits && (std::size_t{1} << bits) < 8 * n) ++bits;
    const std::size_t words = std::size_t{1} << (bits - 6);
    once_.assign(words, 0);
    twice_.assign(words, 0);
    const auto slot = [known, bits](u64 key) { return key << known >> (64 - bits); };
    for (std::size_t i = 0; i < n; ++i) {
      const u64 at = slot(key_of(records[i])), bit = u64{1} << at % 64;
      twice_[at / 64] |= once_[at / 64] & bit;
      once_[at / 64] |= bit;
    }
    std::size_t left = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const Record record = records[i];
      const u64 at = slot(key_of(record));
      records[left] = record;
      left += twice_[at / 64] >> at % 64 & 1;
    }
    return left;
  }

 private:
  static constexpr unsigned kMostBits = 17;  // 16 KiB each
  std::vector<u64> once_, twice_;
};

// Calls take(holders, n, key) for each key that two articles at least hold, keys rising; holders
// rise too, each once. Sources give records: source.each(take(key, article)).
template <class Source, class F>
void each_shared(const std::vector<Source>& sources, F&& take) {
  std::size_t total = 0;
  u64 lowest = Source::is_whole ? 0 : ~u64{0}, highest = ~lowest;
  for (const Source& source : sources)
    source.each([&](u64 key, u32) {
      ++total;
      if (Source::is_whole) return;
      lowest = std::min(lowest, key);
      highest = std::max(highest, key);
    });
  // Bits that all keys have in common, as far as a chunk and its sorter have room for others.
  unsigned common = 0;
  while (common < 32 && !((lowest ^ highest) >> (63 - common))) ++common;
  const unsigned bits = chunk_bits(total), known = common + bits;
  const u64 last = (u64{1} << bits) - 1;
  const auto chunk = [&](u64 key) { return known ? key >> (64 - known) & last : 0; };
  std::vector<std::size_t> ends(static_cast<std::size_t>(last) + 2, 0);
  for (const Source& source : sources) source.each([&](u64 key, u32) { ++ends[chunk(key) + 1]; });
  const std::size_t largest = *std::max_element(ends.begin(), ends.end());
  for (std::size_t c = 1; c < ends.size(); ++c) ends[c] += ends[c - 1];
  Buffer<KeyRecord> scattered, sorted;
  KeyRecord* const records = scattered.room(total);
  for (const Source& source : sources)
    source.each([&](u64 key, u32 article) { records[ends[chunk(key)]++] = {key, article}; });
  KeyRecord* const run = sorted.room(largest);
  ChunkFilter filter;
  HashSorter<KeyRecord> sorter;
  std::vector<u32> holders;
  for (std::size_t c = 0, begin = 0; c <= last; begin = ends[c++]) {
    const std::size_t n = filter.filter(records + begin, ends[c] - begin, known);
    sorter.sort(records + begin, n, known, run);
    for (std::size_t i = 0, end = 0; i < n; i = end) {
      for (end = i + 1; end < n && run[end].key == run[i].key; ++end) {}
      if (end == i + 1) continue;
      holders.clear();
      bool rising = true;
      for (std::size_t h = i; h < end; ++h) {
        if (h > i && run[h].article == run[h - 1].article) continue;
        rising = rising && (holders.empty() || holders.back() < run[h].article);
        holders.push_back(run[h].article);
      }
      if (!rising) {
        std::sort(holders.begin(), holders.end());
        holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
      }
      if (holders.size() > 1) take(holders.data(), holders.size(), run[i].key);
    }
  }
}

inline u32 bit_length(u64 x) {
#if defined(__GNUC__)
  return x ? 64 - static_cast<u32>(__builtin_clzll(x)) : 0;
#else
  u32 n = 0;
  for (; x; x >>= 1) ++n;
  return n;
#endif
}

// Keys with several holders, as the pairing needs them.
struct Groups {
  Buffer<u32> stored;     // of each group: how many are listed, weight, so many oldest holders
  Buffer<u32> newer;      // rising: holders that are not the oldest of their group,
  Buffer<u32> heads;      // and where their group begins in `stored`
  u64 common_keys = 0;    // keys held by more articles than are read
};

// Takes groups of holders in any order.
class GroupMaker {
 public:
  GroupMaker(std::size_t num_articles, u32 read_cap, Groups& out)
      : num_articles_(num_articles), read_cap_(read_cap), starts_(num_articles + 1, 0), out_(out) {}

  void add(const u32* holders, std::size_t n) {
    const std::size_t head = out_.stored.size(), listed = std::min<std::size_t>(n, read_cap_);
    if (head + listed + 2 > ~u32{0} || newer_.size() + n > ~u32{0})
      throw std::length_error("too many shared keys for one part");
    const u32 rarity = bit_length(num_articles_ / n);
    u32* const group = out_.stored.room(listed + 2);
    group[0] = static_cast<u32>(listed);
    group[1] = rarity * rarity;
    std::copy(holders, holders + listed, group + 2);
    out_.stored.add(listed + 2);
    out_.common_keys += n > read_cap_;
    std::copy(holders + 1, holders + n, newer_.room(n));
    std::fill_n(heads_.room(n), n, static_cast<u32>(head));
    newer_.add(n - 1);
    heads_.add(n - 1);
    for (std::size_t h = 1; h < n; ++h) ++starts_[holders[h] + 1];
  }

  // Puts the holders in order of age; no more groups may be added then.
  void close() {
    for (std::size_t a = 0; a < num_articles_; ++a) starts_[a + 1] += starts_[a];
    const std::size_t n = newer_.size();
    u32 *const newer = out_.newer.room(n), *const heads = out_.heads.room(n);
    for (std::size_t i = 0; i < n; ++i) {
      const u32 place = starts_[newer_.data()[i]]++;
      newer[place] = newer_.data()[i];
      heads[place] = heads_.data()[i];
    }
    out_.newer.add(n);
    out_.heads.add(n);
  }

 private:
  std::size_t num_articles_;
  u32 read_cap_;
  std::vector<u32> starts_;
  Buffer<u32> newer_, heads_;
  Groups& out_;
};

template <class Source>
void find_groups(const std::vector<Source>& sources, std::size_t num_articles, u32 read_cap,
                 Groups& out) {
  GroupMaker maker(num_articles, read_cap, out);
  each_shared(sources, [&](const u32* holders, std::size_t n, u64) { maker.add(holders, n); });
  maker.close();
}

// The same from holders that are known already (holders.h).
inline void find_groups(const std::int64_t* offsets, std::size_t keys, const u32* articles,
                        std::size_t num_articles, u32 read_cap, Groups& out) {
  GroupMaker maker(num_articles, read_cap, out);
  for (std::size_t n = 0; n < keys; ++n)
    maker.add(articles + offsets[n], static_cast<std::size_t>(offsets[n + 1] - offsets[n]));
  maker.close();
}

// Groups that were found from a part of the keys; `newer` and `heads` hold those of some articles.
struct GroupPart {
  const u32 *stored, *newer, *heads;
  std::size_t size;
};

struct Joined {
  std::vector<u32> older, newer;
  std::vector<u8> first;    // 1: among the oldest or the best of its newer article
  u64 crowded_articles = 0; // articles with more candidates than max_candidates
};

// Of each key's holders the newer ones meet those that are listed. Of an article's partners the
// `depth` oldest stay, and those with the highest sum of bit_length(articles / holders)^2, older
// first on ties, up to `max_candidates` in all. The oldest and the `depth` best of the others are
// marked as first; they come before the others, each part in the order of age. Only the newer
// articles begin .. end are looked at.
inline void pair_groups(const std::vector<GroupPart>& parts, u32 begin, u32 end,
                        u32 max_candidates, u32 depth, Joined& out) {
  std::vector<u32> score(end, 0), partners;
  std::vector<std::size_t> next(parts.size(), 0);
  for (u32 b = begin; b < end; ++b) {
    partners.clear();
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const GroupPart& part = parts[p];
      std::size_t& n = next[p];
      for (; n < part.size && part.newer[n] <= b; ++n) {
        const u32* group = part.stored + part.heads[n];
        const u32* const stop = group + 2 + group[0];
        for (const u32* holder = group + 2; holder < stop && *holder < b; ++holder) {
          if (score[*holder] == 0) partners.push_back(*holder);
          score[*holder] += group[1];
        }
      }
    }
    if (partners.empty()) continue;
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
      out.newer.push_back(b);
      out.first.push_back(n < first);
    }
  }
}

}  // namespace dedup
