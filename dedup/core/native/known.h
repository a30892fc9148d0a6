// Lists of known boilerplate, with a quick answer for what is on none of them: nearly all
// fingerprints. In: rising lists. Out: whether a hash may be, or is, on a list.
#pragma once
#include <cstddef>
#include <vector>

#include "prepare.h"

namespace dedup {

struct Known {
  std::vector<Flags> lists;  // everywhere, then those that texts name

  explicit Known(std::vector<Flags> all) : lists(std::move(all)) {
    std::size_t size = 0;
    for (const Flags& list : lists) size += list.size;
    if (size == 0) return;
    // 16 bits a hash: one in 16 of all others is looked up in vain.
    while (shift_ > 32 && (u64{1} << (64 - shift_)) < 16 * size) --shift_;
    bits_.assign((u64{1} << (64 - shift_)) / 64, 0);
    for (const Flags& list : lists)
      for (std::size_t n = 0; n < list.size; ++n) {
        const u64 place = list.hashes[n] >> shift_;
        bits_[place / 64] |= u64{1} << place % 64;
      }
  }
  bool empty() const { return bits_.empty(); }
  bool maybe(u64 hash) const {
    if (bits_.empty()) return false;
    const u64 place = hash >> shift_;
    return bits_[place / 64] >> place % 64 & 1;
  }

 private:
  unsigned shift_ = 64 - 10;
  std::vector<u64> bits_;
};

}  // namespace dedup
