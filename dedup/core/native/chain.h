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
  u32 k, seed_words, max_gap, x_drop, fuzzy_letters, min_passage, flag_words;
  double min_density;
};

struct Run {  // a[i .. i+length) equals b[j .. j+length)
  u32 i, j, length;
};

constexpr std::size_t kAllPairs = 256;  // of equal shingles; above it r-th meets r-th only
constexpr std::size_t kLookBack = 60;   // runs looked at before each

// Work space of find_runs.
struct Seeds {
  struct Group {  // places of one shared shingle: parts of both sorted lists
    u32 a_begin, a_end, b_begin, b_end;
  };
  std::vector<Group> groups;
  std::vector<u32> group_of;     // for each token of a: 1 + group of the shingle there, or 0
  std::vector<u32> reached;      // per diagonal: where its last run ends in a
};

// Shingles both lists hold. Steps without branches: which list is behind is a coin toss.
inline void match_shingles(const std::vector<Located>& a, const std::vector<Located>& b,
                           std::vector<Seeds::Group>& groups) {
  groups.clear();
  const u32 n = static_cast<u32>(a.size()), m = static_cast<u32>(b.size());
  for (u32 i = 0, j = 0; i < n && j < m;) {
    const u64 x = a[i].first, y = b[j].first;
    if (x == y) {
      const u32 i0 = i, j0 = j;
      while (i < n && a[i].first == x) ++i;
      while (j < m && b[j].first == x) ++j;
      groups.push_back({i0, i, j0, j});
    } else {
      i += x < y;
      j += y < x;
    }
  }
}

// Adds the exact run around a[i] = b[j], unless it is known.
inline void add_run(const Article& a, const Article& b, u32 i, u32 j, Seeds& seeds,
                    std::vector<Run>& runs) {
  u32& reached = seeds.reached[j + a.size() - i];
  if (i < reached) return;
  u32 before = 0, length = 0;
  while (before < i && before < j && a.hashes[i - before - 1] == b.hashes[j - before - 1]) ++before;
  while (i + length < a.size() && j + length < b.size() &&
         a.hashes[i + length] == b.hashes[j + length])
    ++length;
  reached = i + length;
  if (length) runs.push_back({i - before, j - before, before + length});
}

// Step 1. Where a shingle is so frequent that pairs are left out, the first places of every
// shared shingle of min_passage words are added: a shared run of that length always seeds.
inline void find_runs(const Article& a, const Article& b, const Params& p, Seeds& seeds,
                      std::vector<Run>& runs) {
  runs.clear();
  match_shingles(a.seeds, b.seeds, seeds.groups);
  if (seeds.groups.empty()) return;
  seeds.reached.assign(a.size() + b.size(), 0);
  seeds.group_of.assign(a.size(), 0);
  bool left_out = false;
  for (u32 g = 0; g < seeds.groups.size(); ++g) {
    const Seeds::Group& group = seeds.groups[g];
    for (u32 x = group.a_begin; x < group.a_end; ++x) seeds.group_of[a.seeds[x].second] = g + 1;
    left_out |= std::size_t{group.a_end - group.a_begin} * (group.b_end - group.b_begin) > kAllPairs;
  }
  // In the order of a, so that a diagonal is met from its beginning.
  std::vector<u32> met(left_out ? seeds.groups.size() : 0, 0);  // r of the r-th place
  for (u32 i = 0; i < a.size(); ++i) {
    if (!seeds.group_of[i]) continue;
    const u32 g = seeds.group_of[i] - 1;
    const Seeds::Group& group = seeds.groups[g];
    const u32 count = group.b_end - group.b_begin;
    if (std::size_t{group.a_end - group.a_begin} * count <= kAllPairs) {
      for (u32 y = group.b_begin; y < group.b_end; ++y)
        add_run(a, b, i, b.seeds[y].second, seeds, runs);
    } else if (const u32 r = met[g]++; r < count) {
      add_run(a, b, i, b.seeds[group.b_begin + r].second, seeds, runs);
    }
  }
  if (left_out) {
    std::vector<Located> of_a, of_b;
    locate_shingles(a, p.min_passage, of_a);
    locate_shingles(b, p.min_passage, of_b);
    match_shingles(of_a, of_b, seeds.groups);
    // Not in the order of a: a run may be met twice, once from behind its beginning.
    seeds.reached.assign(a.size() + b.size(), 0);
    for (const Seeds::Group& group : seeds.groups)
      add_run(a, b, of_a[group.a_begin].second, of_b[group.b_begin].second, seeds, runs);
  }
  std::sort(runs.begin(), runs.end(), [](const Run& x, const Run& y) {
    return x.i != y.i ? x.i < y.i : x.j != y.j ? x.j < y.j : x.length < y.length;
  });
  const auto same = [](const Run& x, const Run& y) { return x.i == y.i && x.j == y.j; };
  runs.erase(std::unique(runs.begin(), runs.end(), same), runs.end());
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
