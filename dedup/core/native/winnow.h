// Fingerprints: robust winnowing (Schleimer, Wilkerson, Aiken 2003) of shingle hashes, so that
// any shared run of k + w - 1 words shares one. In: shingle hashes, sums of token weights,
// window in words. Out: (hash, token position) pairs in order of position. Twin: core/pure.py.
#pragma once
#include <vector>

#include "hash.h"

namespace dedup {

struct Fingerprints {
  std::vector<u64> hashes;
  std::vector<u32> positions;
  std::vector<u32> queue;  // positions of candidate minima, their hashes rising: work space

  void add(u64 hash, u32 position) {
    hashes.push_back(hash);
    positions.push_back(position);
  }
};

// A window at i ends with the first position that brings the weight of i.. to `window` words.
// In each whole window the last choice stays while it is inside and still minimal; else the
// rightmost minimum is chosen. Without a whole window the rightmost minimum of all is chosen.
inline void winnow(const std::vector<u64>& shingles, const std::vector<u32>& sums, u32 window,
                   Fingerprints& out) {
  const std::size_t n = shingles.size();
  if (n == 0) return;
  out.queue.clear();
  std::size_t head = 0, end = 0;
  u32 chosen = 0;
  bool any = false;
  for (std::size_t i = 0; i < n; ++i) {
    while (end < n && (end == i || sums[end] - sums[i] < 4 * window)) {
      while (out.queue.size() > head && shingles[out.queue.back()] >= shingles[end])
        out.queue.pop_back();
      out.queue.push_back(static_cast<u32>(end++));
    }
    if (sums[end] - sums[i] < 4 * window && any) break;
    while (out.queue[head] < i) ++head;
    const u32 minimum = out.queue[head];
    if (any && chosen >= i && shingles[chosen] == shingles[minimum]) continue;
    chosen = minimum;
    any = true;
    out.add(shingles[chosen], chosen);
    if (sums[end] - sums[i] < 4 * window) break;
  }
}

}  // namespace dedup
