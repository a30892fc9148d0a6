// Fingerprints: robust winnowing (Schleimer, Wilkerson, Aiken 2003) of shingle hashes, so that
// any shared run of k + w - 1 words shares one. In: shingle hashes, sums of token weights,
// window in words. Out: (hash, token position) pairs in order of position. Twin: core/pure.py.
#pragma once
#include <vector>

#include "kernel.h"

namespace dedup {

// A window at i ends with the first position that brings the weight of i.. to `window` words.
// In each whole window the last choice stays while it is inside and still minimal; else the
// rightmost minimum is chosen. Without a whole window the rightmost minimum of all is chosen.
// `sums(i)` is the weight before token i; `queue` is work space: positions of candidate minima,
// their hashes rising.
template <class Sums>
void winnow(const u64* shingles, std::size_t n, Sums&& sums, u32 window, std::vector<u32>& queue,
            Fingerprints& out) {
  if (n == 0) return;
  queue.clear();
  std::size_t head = 0, end = 0;
  u32 chosen = 0;
  bool any = false;
  for (std::size_t i = 0; i < n; ++i) {
    while (end < n && (end == i || sums(end) - sums(i) < 4 * window)) {
      while (queue.size() > head && shingles[queue.back()] >= shingles[end]) queue.pop_back();
      queue.push_back(static_cast<u32>(end++));
    }
    if (sums(end) - sums(i) < 4 * window && any) break;
    while (queue[head] < i) ++head;
    const u32 minimum = queue[head];
    if (any && chosen >= i && shingles[chosen] == shingles[minimum]) continue;
    chosen = minimum;
    any = true;
    out.push(shingles[chosen], chosen);
    if (sums(end) - sums(i) < 4 * window) break;
  }
}

}  // namespace dedup
