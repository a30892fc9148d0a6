// Which keys may be held by several articles? In: keys of articles, block by block, and a table of
// two bits a slot. Out: the table after a first pass, and after a second one the few records (key,
// article) whose slot was met twice. Most keys are held by one article alone, so what follows
// (join.h, holders.h) has little to sort. Twin: core/pure_keys.py.
#pragma once
#include <cstddef>

#include "buffer.h"
#include "hash.h"

namespace dedup {

// The keys of article `articles[a]`: keys[begins[a] .. ends[a]) without those that are hidden.
struct KeyBlock {
  const u64* keys;
  const u8* hidden;  // of each key, or null
  const std::int64_t *begins, *ends;
  const u32* articles;
  std::size_t size;

  static constexpr bool is_whole = true;  // its keys are from anywhere

  template <class F>
  void each(F&& take) const {
    for (std::size_t a = 0; a < size; ++a)
      for (std::int64_t n = begins[a]; n < ends[a]; ++n)
        if (!hidden || !hidden[n]) take(keys[n], articles[a]);
  }
};

// The slots lie in the order of the keys, so that the records of a range of keys can be bounded by
// what was met there. Keys are hashes; of others too many are taken, and none is left out.
struct KeyTable {
  u8* bits;
  u64 slots;  // 4 in a byte

  u64 slot(u64 key) const {
#if defined(__SIZEOF_INT128__)
    return static_cast<u64>((static_cast<unsigned __int128>(key) * slots) >> 64);
#else
    const u64 low = key & 0xFFFFFFFF, high = key >> 32, few = slots & 0xFFFFFFFF, many = slots >> 32;
    const u64 middle = high * few + (low * few >> 32), other = low * many + (middle & 0xFFFFFFFF);
    return high * many + (middle >> 32) + (other >> 32);
#endif
  }
};

constexpr unsigned kHitBits = 12;  // hits are counted by so many highest bits of the key

inline void fetch_ahead(const void* place) {
#if defined(__GNUC__)
  __builtin_prefetch(place, 1);
#else
  (void)place;
#endif
}

// Calls look(key, slot, article) for each key from `low` to `high`, some time after its slot was
// asked for: the table does not fit the cache, and a miss costs as much as 20 keys.
template <class F>
void each_slot(const KeyBlock& block, const KeyTable& table, u64 low, u64 high, F&& look) {
  constexpr std::size_t kLag = 32;
  struct {
    u64 key, slot;
    u32 article;
  } waiting[kLag];
  std::size_t met = 0;
  const u64 width = high - low;
  for (std::size_t a = 0; a < block.size; ++a)
    for (std::int64_t n = block.begins[a]; n < block.ends[a]; ++n) {
      const u64 key = block.keys[n];
      if (key - low > width || (block.hidden && block.hidden[n])) continue;
      const u64 slot = table.slot(key);
      fetch_ahead(table.bits + (slot >> 2));
      auto& place = waiting[met % kLag];
      if (met++ >= kLag) look(place.key, place.slot, place.article);
      place = {key, slot, block.articles[a]};
    }
  for (std::size_t n = met < kLag ? 0 : met - kLag; n < met; ++n) {
    const auto& place = waiting[n % kLag];
    look(place.key, place.slot, place.article);
  }
}

// First pass. `hits` counts the keys whose slot was met before, by their highest bits: of a range
// of those at most twice as many records, and two for each of its ends, are taken in the second.
inline void note_keys(const KeyBlock& block, KeyTable table, u64* hits) {
  each_slot(block, table, 0, ~u64{0}, [&](u64 key, u64 slot, u32) {
    u8& bits = table.bits[slot >> 2];
    const unsigned shift = 2 * (slot & 3), met = bits >> shift & 1u;
    bits = static_cast<u8>(bits | (1u | met << 1) << shift);
    hits[key >> (64 - kHitBits)] += met;
  });
}

struct KeyRecords {
  Buffer<u64> keys;
  Buffer<u32> articles;
};

// Second pass: the records from `low` to `high` that are worth sorting, in the order of the block.
inline void pick_keys(const KeyBlock& block, KeyTable table, u64 low, u64 high, KeyRecords& out) {
  each_slot(block, table, low, high, [&](u64 key, u64 slot, u32 article) {
    // Written in any case: a third or a half is taken, which no processor can foresee.
    *out.keys.room(1) = key;
    *out.articles.room(1) = article;
    const unsigned taken = table.bits[slot >> 2] >> (2 * (slot & 3) + 1) & 1u;
    out.keys.add(taken);
    out.articles.add(taken);
  });
}

}  // namespace dedup
