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
  explicit Seeds(Kernel& k) : kernel(k) {}

  Kernel& kernel;
  std::vector<u32> reached;      // per diagonal: where its last run ends in a
  std::vector<u32> to_meet;      // of each frequent shingle of b, at its first place: its next place
  std::vector<u64> work;
  ShingleTable of_a, of_b;
};

// Adds the exact run around a[i] = b[j], unless it is known.
inline void add_run(const Article& a, const Article& b, u32 i, u32 j, Seeds& seeds,
                    std::vector<Run>& runs) {
  u32& reached = seeds.reached[j + a.size() - i];
  if (i < reached) return;
  const u64 *x = a.hashes.data(), *y = b.hashes.data();
  u32 before = 0, length = 0;
  while (before < i && before < j && x[i - before - 1] == y[j - before - 1]) ++before;
  const u32 most = static_cast<u32>(std::min(a.size() - i, b.size() - j));
  while (length < most && x[i + length] == y[j + length]) ++length;
  reached = i + length;
  if (length) runs.push_back({i - before, j - before, before + length});
}

// Runs around the places of shingles that both have, in the order of a, so that a diagonal is met
// from its beginning. Says whether a shingle is so frequent that pairs were left out.
inline bool add_seeded(const Article& a, const Article& b, Seeds& seeds, std::vector<Run>& runs) {
  const ShingleTable &of_a = a.seeds, &of_b = b.seeds;
  const bool may_leave_out = std::size_t{of_a.most()} * of_b.most() > kAllPairs;
  bool left_out = false;
  for (u32 i = 0; i < of_a.size(); ++i) {
    const u32 first = of_b.first(of_a.hash(i));
    if (first == ShingleTable::kNone) continue;
    if (seeds.reached.empty()) seeds.reached.assign(a.size() + b.size(), 0);
    if (may_leave_out) {
      const std::size_t count = of_a.count(of_a.first(of_a.hash(i)));
      if (count * of_b.count(first) > kAllPairs) {  // the r-th place meets the r-th
        left_out = true;
        if (seeds.to_meet.empty()) {
          seeds.to_meet.resize(of_b.size());
          for (u32 j = 0; j < of_b.size(); ++j) seeds.to_meet[j] = j;
        }
        u32& j = seeds.to_meet[first];
        if (j == ShingleTable::kNone) continue;
        add_run(a, b, i, j, seeds, runs);
        j = of_b.next(j);
        continue;
      }
    }
    for (u32 j = first; j != ShingleTable::kNone; j = of_b.next(j)) add_run(a, b, i, j, seeds, runs);
  }
  return left_out;
}

// Step 1. Where a shingle is so frequent that pairs are left out, the first places of every
// shared shingle of min_passage words are added: a shared run of that length always seeds.
inline void find_runs(const Article& a, const Article& b, const Params& p, Seeds& seeds,
                      std::vector<Run>& runs) {
  runs.clear();
  seeds.reached.clear();
  seeds.to_meet.clear();
  if (add_seeded(a, b, seeds, runs)) {
    const auto locate = [&](const Article& article, ShingleTable& out) {
      hash_shingles(seeds.kernel, article, p.min_passage, out, seeds.work);
      out.build();
    };
    locate(a, seeds.of_a);
    locate(b, seeds.of_b);
    seeds.reached.assign(a.size() + b.size(), 0);
    for (u32 i = 0; i < seeds.of_a.size(); ++i) {
      if (seeds.of_a.count(i) == 0) continue;
      const u32 j = seeds.of_b.first(seeds.of_a.hash(i));
      if (j != ShingleTable::kNone) add_run(a, b, i, j, seeds, runs);
    }
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
