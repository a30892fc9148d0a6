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
  std::vector<Shared> shared;    // shingles both have
  std::vector<u32> shared_at;    // for each token of a: 1 + which of them begins there, or 0
  std::vector<u32> reached;      // per diagonal: where its last run ends in a
  std::vector<u32> met;          // of each shared shingle: r of the r-th place
  std::vector<Located> firsts;   // places of long shingles in a and b
  Places of_a, of_b;
  Locator locator;
};

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
  intersect(a.seeds.keys, b.seeds.keys, seeds.shared);
  if (seeds.shared.empty()) return;
  seeds.reached.assign(a.size() + b.size(), 0);
  seeds.shared_at.assign(a.size(), 0);
  const auto pairs = [&](const Shared& shared) {
    return std::size_t{a.seeds.count(shared.a)} * b.seeds.count(shared.b);
  };
  bool left_out = false;
  for (u32 n = 0; n < seeds.shared.size(); ++n) {
    const Shared& shared = seeds.shared[n];
    for (u32 x = a.seeds.starts[shared.a]; x < a.seeds.starts[shared.a + 1]; ++x)
      seeds.shared_at[a.seeds.positions[x]] = n + 1;
    left_out |= pairs(shared) > kAllPairs;
  }
  // In the order of a, so that a diagonal is met from its beginning.
  seeds.met.assign(left_out ? seeds.shared.size() : 0, 0);
  for (u32 i = 0; i < a.size(); ++i) {
    if (!seeds.shared_at[i]) continue;
    const u32 n = seeds.shared_at[i] - 1;
    const Shared& shared = seeds.shared[n];
    const u32 begin = b.seeds.starts[shared.b], end = b.seeds.starts[shared.b + 1];
    if (!left_out || pairs(shared) <= kAllPairs) {
      for (u32 y = begin; y < end; ++y) add_run(a, b, i, b.seeds.positions[y], seeds, runs);
    } else if (const u32 r = seeds.met[n]++; r < end - begin) {
      add_run(a, b, i, b.seeds.positions[begin + r], seeds, runs);
    }
  }
  if (left_out) {
    seeds.locator.locate(a, p.min_passage, seeds.of_a);
    seeds.locator.locate(b, p.min_passage, seeds.of_b);
    intersect(seeds.of_a.keys, seeds.of_b.keys, seeds.shared);
    seeds.firsts.clear();
    for (const Shared& shared : seeds.shared)
      seeds.firsts.emplace_back(seeds.of_a.first(shared.a), seeds.of_b.first(shared.b));
    std::sort(seeds.firsts.begin(), seeds.firsts.end());
    seeds.reached.assign(a.size() + b.size(), 0);
    for (const auto& [i, j] : seeds.firsts) add_run(a, b, static_cast<u32>(i), j, seeds, runs);
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

// Chains of runs, best first: chain c is runs[starts[c] .. starts[c + 1]).
struct Chains {
  std::vector<Run> runs;
  std::vector<std::size_t> starts;
  // Work space of chain_runs.
  std::vector<long> score;
  std::vector<u32> previous, order;
  std::vector<u8> used;

  std::size_t size() const { return starts.size() - 1; }
};

// Step 2. Every run is in one chain.
inline void chain_runs(const Article& a, const Article& b, const std::vector<Run>& runs,
                       const Params& p, Chains& out) {
  constexpr u32 kNone = ~u32{0};
  const u32 n = static_cast<u32>(runs.size()), widest = 4 * p.max_gap;
  out.score.resize(n);
  out.previous.assign(n, kNone);
  for (u32 x = 0; x < n; ++x) {
    const Run& run = runs[x];
    const u32 end = a.sums[run.i + run.length];
    const long own = 50 * static_cast<long>(end - a.sums[run.i]);
    long best = own;
    for (u32 y = x; y-- > (x > kLookBack ? x - kLookBack : 0);) {
      if (out.score[y] + own <= best) continue;  // a gap and a trim can only cost
      const Run& before = runs[y];
      if (before.i >= run.i || before.j >= run.j) continue;
      const u32 i_end = before.i + before.length, j_end = before.j + before.length;
      const u32 trim = overlap(run, i_end, j_end);
      if (trim >= run.length) continue;
      const u32 ga = a.sums[run.i + trim] - a.sums[i_end], gb = b.sums[run.j + trim] - b.sums[j_end];
      if (ga > widest || gb > widest) continue;
      const long total = out.score[y] - gap_cost(ga, gb) +
                         50 * static_cast<long>(end - a.sums[run.i + trim]);
      if (total > best) {
        best = total;
        out.previous[x] = y;
      }
    }
    out.score[x] = best;
  }
  out.order.resize(n);
  for (u32 x = 0; x < n; ++x) out.order[x] = x;
  std::sort(out.order.begin(), out.order.end(), [&](u32 x, u32 y) {
    return out.score[x] != out.score[y] ? out.score[x] > out.score[y] : x < y;
  });
  out.used.assign(n, 0);
  out.runs.clear();
  out.starts.assign(1, 0);
  for (u32 x : out.order) {
    if (out.used[x]) continue;
    for (u32 y = x; y != kNone && !out.used[y]; y = out.previous[y]) {
      out.used[y] = 1;
      out.runs.push_back(runs[y]);
    }
    std::reverse(out.runs.begin() + static_cast<std::ptrdiff_t>(out.starts.back()), out.runs.end());
    out.starts.push_back(out.runs.size());
  }
}

}  // namespace dedup
