// Verification, steps 1 and 2: maximal exact matches of two articles and the colinear chains
// they form (as minimap2, Li 2018, with our costs). In: two prepared articles. Out: chains of
// exact runs. All scores are integers, so that every machine takes the same turn.
// Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <vector>

#include "prepare.h"

namespace dedup {

struct Params {
  u32 k, seed_words, max_gap, x_drop, fuzzy_letters, min_passage;
  double min_density;
};

struct Run {  // a[i .. i+length) equals b[j .. j+length)
  u32 i, j, length;
};

constexpr std::size_t kAllPairs = 256;  // of equal shingles; above it r-th meets r-th only
constexpr std::size_t kLookBack = 60;   // runs looked at before each

// The distance of a run's diagonal, shifted so that it is never negative.
inline u64 diagonal(u32 i, u32 j) { return (u64{1} << 32) + j - i; }

// Adds the places where both lists hold the same shingle; true when some were left out.
inline bool pair_up(const std::vector<Located>& a, const std::vector<Located>& b, bool first_only,
                    std::vector<std::pair<u64, u32>>& out) {
  bool left_out = false;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].first != b[j].first) {
      if (a[i].first < b[j].first) ++i;
      else ++j;
      continue;
    }
    std::size_t i_end = i, j_end = j;
    while (i_end < a.size() && a[i_end].first == a[i].first) ++i_end;
    while (j_end < b.size() && b[j_end].first == b[j].first) ++j_end;
    const std::size_t n = i_end - i, m = j_end - j;
    if (first_only) {
      out.emplace_back(diagonal(a[i].second, b[j].second), a[i].second);
    } else if (n * m <= kAllPairs) {
      for (std::size_t x = i; x < i_end; ++x)
        for (std::size_t y = j; y < j_end; ++y)
          out.emplace_back(diagonal(a[x].second, b[y].second), a[x].second);
    } else {
      left_out = true;
      for (std::size_t r = 0; r < std::min(n, m); ++r)
        out.emplace_back(diagonal(a[i + r].second, b[j + r].second), a[i + r].second);
    }
    i = i_end;
    j = j_end;
  }
  return left_out;
}

// Step 1. Where a shingle is so frequent that pairs are left out, the first places of every
// shared shingle of min_passage words are added: a shared run of that length always seeds.
inline void find_runs(const Article& a, const Article& b, const Params& p,
                      std::vector<std::pair<u64, u32>>& seeds, std::vector<Run>& runs) {
  seeds.clear();
  runs.clear();
  if (pair_up(a.seeds, b.seeds, false, seeds)) {
    std::vector<Located> of_a, of_b;
    locate_shingles(a, p.min_passage, of_a);
    locate_shingles(b, p.min_passage, of_b);
    pair_up(of_a, of_b, true, seeds);
  }
  std::sort(seeds.begin(), seeds.end());
  for (const auto& [diag, i] : seeds) {
    const u32 j = static_cast<u32>(diag + i - (u64{1} << 32));
    if (!runs.empty()) {
      const Run& last = runs.back();
      if (diagonal(last.i, last.j) == diag && i < last.i + last.length) continue;
    }
    u32 before = 0, length = 0;
    while (before < i && before < j && a.hashes[i - before - 1] == b.hashes[j - before - 1])
      ++before;
    while (i + length < a.size() && j + length < b.size() &&
           a.hashes[i + length] == b.hashes[j + length])
      ++length;
    if (length) runs.push_back({i - before, j - before, before + length});
  }
  std::sort(runs.begin(), runs.end(), [](const Run& x, const Run& y) {
    return x.i != y.i ? x.i < y.i : x.j != y.j ? x.j < y.j : x.length < y.length;
  });
}

// By how many tokens `next` overlaps what ends before (i_end, j_end).
inline u32 overlap(const Run& next, u32 i_end, u32 j_end) {
  return std::max(i_end > next.i ? i_end - next.i : 0, j_end > next.j ? j_end - next.j : 0);
}

// Cost of a gap of ga and gb quarter-words, in 1/200 word:
// 0.5 min + 0.02 |difference| + 0.5 log2(1 + |difference| in words) + 0.5 if there is any gap.
inline long gap_cost(u32 ga, u32 gb) {
  if (ga == 0 && gb == 0) return 0;
  const u32 difference = std::max(ga, gb) - std::min(ga, gb);
  long log2 = -1;
  for (u32 x = difference / 4 + 1; x; x >>= 1) ++log2;
  return 25 * static_cast<long>(std::min(ga, gb)) + static_cast<long>(difference) + 100 * log2 + 100;
}

// Step 2. Every run is in one chain; chains come best first.
inline void chain_runs(const Article& a, const Article& b, const std::vector<Run>& runs,
                       const Params& p, std::vector<std::vector<Run>>& chains) {
  const std::size_t n = runs.size();
  const u32 widest = 4 * p.max_gap;
  std::vector<long> score(n);
  std::vector<std::ptrdiff_t> previous(n, -1);
  for (std::size_t x = 0; x < n; ++x) {
    const Run& run = runs[x];
    const u32 end = a.sums[run.i + run.length];
    score[x] = 50 * static_cast<long>(end - a.sums[run.i]);
    for (std::size_t y = x; y-- > (x > kLookBack ? x - kLookBack : 0);) {
      const Run& before = runs[y];
      if (before.i >= run.i || before.j >= run.j) continue;
      const u32 i_end = before.i + before.length, j_end = before.j + before.length;
      const u32 trim = overlap(run, i_end, j_end);
      if (trim >= run.length) continue;
      const u32 ga = a.sums[run.i + trim] - a.sums[i_end], gb = b.sums[run.j + trim] - b.sums[j_end];
      if (ga > widest || gb > widest) continue;
      const long total =
          score[y] - gap_cost(ga, gb) + 50 * static_cast<long>(end - a.sums[run.i + trim]);
      if (total > score[x]) {
        score[x] = total;
        previous[x] = static_cast<std::ptrdiff_t>(y);
      }
    }
  }
  std::vector<std::size_t> order(n);
  for (std::size_t x = 0; x < n; ++x) order[x] = x;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t x, std::size_t y) { return score[x] > score[y]; });
  std::vector<bool> used(n, false);
  chains.clear();
  for (std::size_t x : order) {
    if (used[x]) continue;
    chains.emplace_back();
    for (std::ptrdiff_t y = static_cast<std::ptrdiff_t>(x); y >= 0 && !used[static_cast<std::size_t>(y)];
         y = previous[static_cast<std::size_t>(y)]) {
      used[static_cast<std::size_t>(y)] = true;
      chains.back().push_back(runs[static_cast<std::size_t>(y)]);
    }
    std::reverse(chains.back().begin(), chains.back().end());
  }
}

}  // namespace dedup
