// Sorting records by a key that is a hash: a scatter by its highest bits into more buckets than
// records, and insertion for the little that is left. Stable, and right for keys that are no hashes
// too. In: records with a key of 64 bits. Out: the same, sorted.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "hash.h"

namespace dedup {

using Located = std::pair<u64, u32>;  // hash and where it stands

struct KeyRecord {
  u64 key;
  u32 article;
};

inline u64 key_of(u64 key) { return key; }
inline u64 key_of(const KeyRecord& record) { return record.key; }
inline u64 key_of(const Located& located) { return located.first; }

template <class Record>
class HashSorter {
 public:
  // Sorts `n` records (fewer than 2^32) into `to`, which must not overlap them. The first `known` bits of all keys
  // are the same.
  void sort(const Record* from, std::size_t n, unsigned known, Record* to) {
    unsigned bits = 1;
    while (bits < kMostBits && (std::size_t{1} << bits) <= n) ++bits;
    const unsigned shift = 64 - bits - known;
    const u64 last = (u64{1} << bits) - 1;
    starts_.assign(static_cast<std::size_t>(last) + 2, 0);
    for (std::size_t i = 0; i < n; ++i) ++starts_[(key_of(from[i]) >> shift & last) + 1];
    const u32 fullest = *std::max_element(starts_.begin(), starts_.end());
    for (std::size_t d = 1; d <= last + 1; ++d) starts_[d] += starts_[d - 1];
    for (std::size_t i = 0; i < n; ++i) to[starts_[key_of(from[i]) >> shift & last]++] = from[i];
    if (fullest <= kFew) {
      insert(to, n);
      return;
    }
    for (std::size_t d = 0, begin = 0; d <= last; begin = starts_[d++])
      if (starts_[d] - begin <= kFew)
        insert(to + begin, starts_[d] - begin);
      else
        std::stable_sort(to + begin, to + starts_[d], [](const Record& x, const Record& y) {
          return key_of(x) < key_of(y);
        });
  }

 private:
  static constexpr unsigned kMostBits = 16;
  static constexpr u32 kFew = 24;  // records of a bucket that are sorted by insertion

  static void insert(Record* records, std::size_t n) {
    for (std::size_t i = 1; i < n; ++i) {
      if (key_of(records[i - 1]) <= key_of(records[i])) continue;
      const Record record = records[i];
      std::size_t j = i;
      for (; j > 0 && key_of(record) < key_of(records[j - 1]); --j) records[j] = records[j - 1];
      records[j] = record;
    }
  }

  std::vector<u32> starts_;
};

}  // namespace dedup
