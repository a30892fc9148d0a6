// Which fingerprints of articles are boilerplate? In: fingerprints with positions, lists of
// boilerplate, which list holds for whom. Out: a mark for each fingerprint, and how many articles
// hold each marked value. docs/method.md, step 3; twin: core/pure_keys.py.
#pragma once
#include <algorithm>
#include <vector>

#include "holders.h"
#include "known.h"

namespace dedup {

struct MarkParams {
  u32 words, window;  // of a shingle; and of the winnowing
};

class Marker {
 public:
  // `values`: what the lists hold, rising, each once.
  Marker(const Known& known, const u64* values, std::size_t size, MarkParams params)
      : known_(known), values_(values), size_(size), p_(params), last_(size, ~u32{0}) {}

  // Marks the n fingerprints of the article that is `number`th to be marked; true where what is
  // boilerplate everywhere would be most of it, and so does not count.
  bool mark(u32 number, const u64* hashes, const u32* positions, std::size_t n, u32 tokens,
            u32 list, u8* marks, u32* counts) {
    const std::size_t covered = mark_common(hashes, positions, n, marks);
    // What is most of an article is no furniture (see prepare.h, which counts words; here they are
    // known but for those at the borders, so in doubt nothing is hidden).
    const bool is_most = 2 * (covered + 2 * std::size_t{p_.window}) >= tokens;
    if (is_most) std::fill(marks, marks + n, u8{0});
    for (std::size_t i = 0; i < n; ++i) {
      marks[i] = marks[i] || (list && known_.maybe(hashes[i]) && known_.lists[list].has(hashes[i]));
      if (!marks[i]) continue;
      const auto place = static_cast<std::size_t>(
          std::lower_bound(values_, values_ + size_, hashes[i]) - values_);
      counts[place] += last_[place] != number;
      last_[place] = number;
    }
    return is_most;
  }

 private:
  // Marks what is boilerplate everywhere; gives the words inside runs of it.
  std::size_t mark_common(const u64* hashes, const u32* positions, std::size_t n, u8* marks) {
    std::size_t covered = 0, before = n;
    for (std::size_t i = 0; i < n; ++i) {
      marks[i] = known_.maybe(hashes[i]) && known_.lists[0].has(hashes[i]);
      if (!marks[i]) continue;
      if (before < n) {
        const u32 gap = positions[i] - positions[before];
        covered += gap <= 2 * p_.window ? gap : p_.words;
      }
      before = i;
    }
    return covered + (before < n ? p_.words : 0);
  }

  const Known& known_;
  const u64* values_;
  std::size_t size_;
  MarkParams p_;
  std::vector<u32> last_;  // of each value the article that was counted last
};

// Holders of fingerprints without those for whom the fingerprint is boilerplate; what fewer than
// two are left of is left out. `lists` and `spared` (what `mark` gave) are those of the holders.
inline void leave_marked(const u64* keys, std::size_t size, const std::int64_t* offsets,
                         const u32* articles, const Known& known, const u32* lists,
                         const u8* spared, Holders& out) {
  out.offsets.push(0);
  for (std::size_t n = 0; n < size; ++n) {
    const u64 key = keys[n];
    const std::size_t before = out.articles.size();
    const auto many = static_cast<std::size_t>(offsets[n + 1] - offsets[n]);
    const u32* const who = articles + offsets[n];
    u32* place = out.articles.room(many);
    if (!known.maybe(key)) {
      place = std::copy(who, who + many, place);
    } else {
      const bool everywhere = known.lists[0].has(key);
      for (std::size_t h = 0; h < many; ++h) {
        const u32 a = who[h];
        const bool marked = (everywhere && !spared[a]) || (lists[a] && known.lists[lists[a]].has(key));
        if (!marked) *place++ = a;
      }
    }
    const auto left = static_cast<std::size_t>(place - (out.articles.data() + before));
    if (left < 2) continue;
    out.articles.add(left);
    out.keys.push(key);
    out.offsets.push(static_cast<std::int64_t>(out.articles.size()));
  }
}

}  // namespace dedup
