// Articles that share a band, from signatures in memory: what join.h does with keys that were cut
// before, in half the memory and half the time. A record is one number, the highest bits of a
// key and the place of an article; where those bits are equal, whole keys are compared. In:
// signatures, the row of each article. Out: groups. Twin: core/pure_keys.py.
#pragma once
#include "bands.h"
#include "join.h"

namespace dedup {

class BandJoiner {
 public:
  // Article a has row rows[a] of the signatures, none where that is negative.
  BandJoiner(const std::uint16_t* signatures, const std::int64_t* rows, std::size_t articles)
      : signatures_(signatures), rows_(rows), articles_(articles) {}

  // Cuts the keys of some bands of all articles that have any.
  void cut(const BandCut& cut) {
    u64* const keys = keys_.room(articles_ * cut.bands);
    u32* const who = who_.room(articles_);
    some_.resize(cut.bands);
    size_ = 0;
    const auto signature = [&](std::size_t a) {
      return signatures_ + static_cast<std::size_t>(rows_[a]) * cut.slots;
    };
    for (std::size_t a = 0; a < articles_; ++a) {
      if (a + kAhead < articles_ && rows_[a + kAhead] >= 0)
        fetch_ahead(signature(a + kAhead) + std::size_t{cut.first} * cut.rows);
      if (rows_[a] < 0 || !band_keys(signature(a), cut, some_.data())) continue;
      for (u32 band = 0; band < cut.bands; ++band) keys[band * articles_ + size_] = some_[band];
      who[size_++] = static_cast<u32>(a);
    }
    bits_ = chunk_bits(size_);
  }

  // Calls take(holders, n) for each key of one of those bands that several articles have, keys and
  // holders rising. A record holds at most `most_bits` bits of a key.
  template <class F>
  void each_shared(u32 band, unsigned most_bits, F&& take) {
    const u64* const keys = keys_.data() + band * articles_;
    const std::size_t chunks = std::size_t{1} << bits_;
    ends_.assign(chunks + 1, 0);
    for (std::size_t i = 0; i < size_; ++i) ++ends_[chunk_of(keys[i]) + 1];
    const std::size_t largest = *std::max_element(ends_.begin(), ends_.end());
    for (std::size_t c = 1; c <= chunks; ++c) ends_[c] += ends_[c - 1];
    // What all keys of a chunk have in common needs no room in a record.
    unsigned place_bits = 1;
    while (size_ >> place_bits) ++place_bits;
    const unsigned cut_off = std::max(place_bits, 64 - std::min(most_bits, 64u));
    const u64 low = (u64{1} << place_bits) - 1, kept = cut_off < 64 ? ~u64{0} << cut_off : 0;
    u64* const records = records_.room(size_);
    for (std::size_t i = 0; i < size_; ++i)
      records[ends_[chunk_of(keys[i])]++] = (keys[i] << bits_ & kept) | i;
    u64* const run = run_.room(largest);
    const auto is_like = [run, kept](std::size_t i, std::size_t j) { return !((run[i] ^ run[j]) & kept); };
    for (std::size_t c = 0, begin = 0; c < chunks; begin = ends_[c++]) {
      const std::size_t left = filter_.filter(records + begin, ends_[c] - begin, 0);
      sorter_.sort(records + begin, left, 0, run);
      for (std::size_t i = 1; i < left; ++i)
        if (is_like(i - 1, i))
          for (std::size_t j = i - 1; j <= i; ++j) {
            fetch_ahead(keys + (run[j] & low));
            fetch_ahead(who_.data() + (run[j] & low));
          }
      for (std::size_t i = 0, end = 0; i < left; i = end) {
        for (end = i + 1; end < left && is_like(i, end); ++end) {}
        if (end == i + 1) continue;
        for (std::size_t j = i; j < end; ++j) run[j] &= low;
        give(keys, run + i, end - i, take);
      }
    }
  }

 private:
  u64 chunk_of(u64 key) const { return bits_ ? key >> (64 - bits_) : 0; }

  // Takes the places of equal records, rising: they are of one key nearly always.
  template <class F>
  void give(const u64* keys, u64* places, std::size_t n, F&& take) {
    const auto is_before = [keys](u64 x, u64 y) { return keys[x] < keys[y]; };
    if (std::any_of(places + 1, places + n, [&](u64 x) { return keys[x] != keys[*places]; }))
      std::stable_sort(places, places + n, is_before);
    for (std::size_t i = 0, end = 0; i < n; i = end) {
      holders_.clear();
      for (end = i; end < n && keys[places[end]] == keys[places[i]]; ++end)
        holders_.push_back(who_.data()[places[end]]);
      if (holders_.size() > 1) take(holders_.data(), holders_.size());
    }
  }

  static constexpr std::size_t kAhead = 16;  // signatures that are asked for before they are read

  const std::uint16_t* signatures_;
  const std::int64_t* rows_;
  std::size_t articles_, size_ = 0;
  unsigned bits_ = 0;
  std::vector<u64> some_;
  Buffer<u64> keys_, records_, run_;
  Buffer<u32> who_;
  std::vector<std::size_t> ends_;
  std::vector<u32> holders_;
  ChunkFilter filter_;
  HashSorter<u64> sorter_;
};

// Bands that lie in one line of the cache are cut together; memory is used again for the next ones.
inline void find_band_groups(const std::uint16_t* signatures, const BandCut& cut,
                             const std::int64_t* rows, std::size_t articles, u32 read_cap,
                             unsigned most_bits, Groups& out) {
  constexpr u32 kLineSlots = 32;
  BandJoiner joiner(signatures, rows, articles);
  GroupMaker maker(articles, read_cap, out);
  const u32 together = std::max(kLineSlots / std::max(cut.rows, u32{1}), u32{1});
  for (u32 begin = 0; begin < cut.bands; begin += together) {
    const u32 bands = std::min(together, cut.bands - begin);
    joiner.cut({cut.slots, cut.first + begin, bands, cut.rows});
    for (u32 band = 0; band < bands; ++band)
      joiner.each_shared(band, most_bits, [&](const u32* holders, std::size_t n) { maker.add(holders, n); });
  }
  maker.close();
}

}  // namespace dedup
