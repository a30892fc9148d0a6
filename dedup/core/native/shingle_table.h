// Shingle hashes of one article by where they stand: a table of first places, each with the later
// places of the same hash behind it. In: hashes by place. Out: places of a hash, in rising order.
#pragma once
#include "buffer.h"
#include "hash.h"

namespace dedup {

class ShingleTable {
 public:
  static constexpr u32 kNone = ~u32{0};

  // Where the hashes of `n` places are to be written before `build`, with room for `spare` more.
  u64* room(std::size_t n, std::size_t spare) {
    hashes_.cut(0);
    u64* out = hashes_.room(n + spare);
    hashes_.add(n);
    return out;
  }

  void build() {
    const u32 n = size();
    // Four slots a place: nine of ten hashes are found at the first slot that is looked at.
    shift_ = 62;
    while (shift_ > 1 && (u64{1} << (64 - shift_)) < 4 * u64{n}) --shift_;
    const std::size_t slots = std::size_t{1} << (64 - shift_);
    slots_.cut(0);
    std::memset(slots_.room(slots), 0, slots * sizeof(u32));
    slots_.add(slots);
    next_.cut(0);
    counts_.cut(0);
    u32* const next = next_.room(n);
    u32* const counts = counts_.room(n);
    u32* const table = slots_.data();
    const u64* const hashes = hashes_.data();
    const unsigned shift = shift_;
    u32 distinct = n, most = n > 0;
    for (u32 place = n; place-- > 0;) {
      const u64 hash = hashes[place];
      std::size_t at = static_cast<std::size_t>(hash >> shift);
      while (table[at] && hashes[table[at] - 1] != hash) at = (at + 1) & (slots - 1);
      const u32 later = table[at] - 1;
      table[at] = place + 1;
      next[place] = later;
      counts[place] = 1;
      if (later != kNone) {
        counts[place] += counts[later];
        counts[later] = 0;
        --distinct;
        if (counts[place] > most) most = counts[place];
      }
    }
    next_.add(n);
    counts_.add(n);
    distinct_ = distinct;
    most_ = most;
  }

  u32 size() const { return static_cast<u32>(hashes_.size()); }
  u64 hash(u32 place) const { return hashes_.data()[place]; }
  const u64* hashes() const { return hashes_.data(); }
  // How many different hashes there are, and how often the most frequent one.
  u32 distinct() const { return distinct_; }
  u32 most() const { return most_; }
  // First place of a hash, or kNone.
  u32 first(u64 hash) const {
    const u32* slots = slots_.data();
    const std::size_t last = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash >> shift_);
    while (slots[at] && hashes_.data()[slots[at] - 1] != hash) at = (at + 1) & last;
    return slots[at] - 1;
  }
  // The place behind `place` that has the same hash, or kNone.
  u32 next(u32 place) const { return next_.data()[place]; }
  // How often the hash at `place` stands in the article; 0 where it is not the first time.
  u32 count(u32 place) const { return counts_.data()[place]; }

  std::size_t bytes() const { return slots_.size() * 4 + hashes_.size() * 16; }

 private:
  Buffer<u64> hashes_;
  Buffer<u32> slots_, next_, counts_;
  unsigned shift_ = 62;
  u32 distinct_ = 0, most_ = 0;
};

// How many different hashes two articles share.
inline u32 count_shared(const ShingleTable& a, const ShingleTable& b) {
  u32 shared = 0;
  for (u32 place = 0; place < a.size(); ++place)
    shared += a.count(place) && b.first(a.hash(place)) != ShingleTable::kNone;
  return shared;
}

}  // namespace dedup
