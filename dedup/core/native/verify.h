// Verification, steps 5 to 7: passages, and everything that is counted about a pair. A pure
// function of two texts and the parameters; the same for (a, b) and (b, a).
// Kinds are decided in dedup/verify, not here. Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <vector>

#include "align.h"

namespace dedup {

struct Passage {
  u32 a_first, a_last, b_first, b_last;  // tokens, both ends included
  u32 matched, span;                     // quarter-words; span: the longer side's
};

struct Outcome {
  bool identical = false;
  u32 weight_a = 0, weight_b = 0;    // quarter-words of all tokens that are not masked
  u32 matched_a = 0, matched_b = 0;  // quarter-words inside passages, each token once
  u32 shingles_a = 0, shingles_b = 0, shared = 0;
  u32 longest = 0;      // quarter-words matched in the longest passage, reported or not
  u32 longest_run = 0;  // tokens
  u32 raw = 0;          // as longest, boilerplate included
  std::vector<Passage> passages;

  void clear() {
    std::vector<Passage> none = std::move(passages);
    none.clear();
    *this = Outcome{};
    passages = std::move(none);
  }
};

class Verifier {
 public:
  Verifier(Kernel& kernel, const Params& p) : p_(p), seeds_(kernel), aligner_(p) {}

  void verify(const Article& a, const Article& b, Outcome& out) {
    out.clear();
    const bool swap = b.digest[0] != a.digest[0] ? b.digest[0] < a.digest[0]
                                                 : b.digest[1] < a.digest[1];
    if (swap) {
      ordered(b, a, out);
      std::swap(out.weight_a, out.weight_b);
      std::swap(out.matched_a, out.matched_b);
      std::swap(out.shingles_a, out.shingles_b);
      for (Passage& q : out.passages) {
        std::swap(q.a_first, q.b_first);
        std::swap(q.a_last, q.b_last);
      }
    } else {
      ordered(a, b, out);
    }
    std::sort(out.passages.begin(), out.passages.end(), [](const Passage& x, const Passage& y) {
      return x.a_first != y.a_first ? x.a_first < y.a_first : x.b_first < y.b_first;
    });
  }

 private:
  void ordered(const Article& a, const Article& b, Outcome& out) {
    out.weight_a = a.clear_weight();
    out.weight_b = b.clear_weight();
    out.shingles_a = a.shingles.distinct();
    out.shingles_b = b.shingles.distinct();
    out.shared = count_shared(a.shingles, b.shingles);
    if (a.size() == 0 || b.size() == 0) return;
    if (a.digest[0] == b.digest[0] && same_words(a, b)) {
      const u32 last = static_cast<u32>(a.size() - 1);
      out.identical = true;  // masked or not
      out.weight_a = out.weight_b = out.matched_a = out.matched_b = out.longest = out.raw =
          a.weight();
      out.longest_run = last + 1;
      out.passages.push_back({0, last, 0, last, out.weight_a, out.weight_a});
      return;
    }
    find_runs(a, b, p_, seeds_, runs_);
    if (runs_.empty()) return;
    chain_runs(a, b, runs_, p_, chains_);
    found_.clear();
    matches_.clear();
    const Run* runs = chains_.runs.data();
    for (std::size_t c = 0; c < chains_.size(); ++c)
      cut(a, b, aligner_.align(a, b, runs + chains_.starts[c], runs + chains_.starts[c + 1]), out);
    choose(a, b, out);
  }

  struct Found {
    Passage passage;
    std::size_t begin, end;  // of its stretches in matches_
  };

  // Step 5: a stretch too thin is cut at its widest gap, its parts again; short parts go. A part
  // grows over the equal words around it, which the chain may have given to its neighbour.
  void cut(const Article& a, const Article& b, const std::vector<Stretch>& aligned, Outcome& out) {
    parts_.assign(1, {0, aligned.size()});
    while (!parts_.empty()) {
      const auto [from, to] = parts_.back();
      parts_.pop_back();
      u32 matched = 0, widest = 0;
      std::size_t where = to;
      for (std::size_t n = from; n < to; ++n) {
        const Stretch& stretch = aligned[n];
        matched += a.sums[stretch.i_end()] - a.sums[stretch.i];
        if (n == from) continue;
        const Stretch& before = aligned[n - 1];
        const u32 gap = std::max(a.sums[stretch.i] - a.sums[before.i_end()],
                                 b.sums[stretch.j] - b.sums[before.j_end()]);
        if (gap > widest) {
          widest = gap;
          where = n;
        }
      }
      const u32 i = aligned[from].i, j = aligned[from].j;
      const u32 i_end = aligned[to - 1].i_end(), j_end = aligned[to - 1].j_end();
      u32 span = std::max(a.sums[i_end] - a.sums[i], b.sums[j_end] - b.sums[j]);
      // Without a gap the match is as long as its span.
      if (static_cast<double>(matched) < p_.min_density * static_cast<double>(span) && widest > 0) {
        parts_.emplace_back(where, to);
        parts_.emplace_back(from, where);
        continue;
      }
      u32 before = 0, after = 0;
      while (before < i && before < j && a.hash(i - before - 1) == b.hash(j - before - 1)) ++before;
      while (i_end + after < a.size() && j_end + after < b.size() &&
             a.hash(i_end + after) == b.hash(j_end + after))
        ++after;
      const u32 grown = a.sums[i] - a.sums[i - before] + a.sums[i_end + after] - a.sums[i_end];
      matched += grown;
      span += grown;
      out.raw = std::max(out.raw, matched);
      if (matched < 4 * p_.min_passage) continue;
      const std::size_t begin = matches_.size();
      if (before) matches_.push_back({i - before, j - before, before, true});
      matches_.insert(matches_.end(), aligned.begin() + static_cast<std::ptrdiff_t>(from),
                      aligned.begin() + static_cast<std::ptrdiff_t>(to));
      if (after) matches_.push_back({i_end, j_end, after, true});
      found_.push_back({{i - before, i_end + after - 1, j - before, j_end + after - 1, matched, span},
                        begin, matches_.size()});
    }
  }

  // Steps 6 and 7: drop what a longer passage overlaps by more than half on both sides; count.
  void choose(const Article& a, const Article& b, Outcome& out) {
    std::sort(found_.begin(), found_.end(), [](const Found& x, const Found& y) {
      const Passage &p = x.passage, &q = y.passage;
      if (p.matched != q.matched) return p.matched > q.matched;
      return p.a_first != q.a_first ? p.a_first < q.a_first
             : p.b_first != q.b_first ? p.b_first < q.b_first
             : p.a_last != q.a_last ? p.a_last < q.a_last : p.b_last < q.b_last;
    });
    const auto half_inside = [](const std::vector<u32>& sums, u32 first, u32 last, u32 in_first,
                                u32 in_last) {
      const u32 from = std::max(first, in_first), to = std::min(last, in_last);
      return from <= to && 2 * (sums[to + 1] - sums[from]) > sums[last + 1] - sums[first];
    };
    const bool unmasked = a.masked.empty() && b.masked.empty();
    if (unmasked) out.longest = out.raw;
    chosen_.clear();
    counted_.clear();
    for (Found& found : found_) {
      const Passage p = found.passage;
      const bool covered =
          std::any_of(chosen_.begin(), chosen_.end(), [&](const Passage& q) {
            return half_inside(a.sums, p.a_first, p.a_last, q.a_first, q.a_last) &&
                   half_inside(b.sums, p.b_first, p.b_last, q.b_first, q.b_last);
          });
      if (covered) continue;
      chosen_.push_back(p);
      if (!unmasked) {
        const bool enough = clear(a, b, found);
        out.longest = std::max(out.longest, found.passage.matched);
        if (!enough) continue;
      }
      out.passages.push_back(found.passage);
      count_run(found, out.longest_run);
      counted_.push_back({found.begin, found.end});
    }
    out.matched_a = weight_of_matched(a.sums, &Stretch::i);
    out.matched_b = weight_of_matched(b.sums, &Stretch::j);
  }

  // The longest run of equal words of a passage.
  void count_run(const Found& found, u32& longest) const {
    u32 run = 0;
    for (std::size_t n = found.begin; n < found.end; ++n) {
      const Stretch& stretch = matches_[n];
      const bool next = n > found.begin && matches_[n - 1].i_end() == stretch.i &&
                        matches_[n - 1].j_end() == stretch.j;
      run = stretch.equal ? (next ? run : 0) + stretch.length : 0;
      longest = std::max(longest, run);
    }
  }

  // Quarter-words of one side inside the passages that count, each token once.
  u32 weight_of_matched(const std::vector<u32>& sums, u32 Stretch::*side) {
    if (counted_.size() > 1) {
      covered_.clear();
      for (const auto& [begin, end] : counted_)
        for (std::size_t n = begin; n < end; ++n)
          covered_.emplace_back(matches_[n].*side, matches_[n].*side + matches_[n].length);
      std::sort(covered_.begin(), covered_.end());
    }
    u32 weight = 0, done = 0;
    const auto add = [&](u32 first, u32 end) {
      first = std::max(first, done);
      if (first >= end) return;
      weight += sums[end] - sums[first];
      done = end;
    };
    if (counted_.size() > 1) {
      for (const auto& [first, end] : covered_) add(first, end);
    } else if (counted_.size() == 1) {  // in rising order already
      for (std::size_t n = counted_[0].first; n < counted_[0].second; ++n)
        add(matches_[n].*side, matches_[n].*side + matches_[n].length);
    }
    return weight;
  }

  // Leaves of a passage what is masked on neither side; false when that is too little. Words
  // that are boilerplate on one side only do not count as its span on the other.
  bool clear(const Article& a, const Article& b, Found& found) {
    const std::size_t kept = matches_.size();
    u32 matched = 0, lost_a = 0, lost_b = 0, lost_a_end = 0, lost_b_end = 0;
    for (std::size_t n = found.begin; n < found.end; ++n) {
      const Stretch stretch = matches_[n];
      for (u32 at = 0; at < stretch.length; ++at) {
        const u32 i = stretch.i + at, j = stretch.j + at;
        const bool in_a = a.is_masked(i), in_b = b.is_masked(j);
        if (!in_a && !in_b) {
          if (matches_.size() == kept) matches_.push_back({i, j, 1, stretch.equal});
          else add_stretch(matches_, {i, j, 1, stretch.equal});
          matched += a.sums[i + 1] - a.sums[i];
          lost_a = lost_a_end;
          lost_b = lost_b_end;
        } else if (matches_.size() > kept) {
          if (!in_a) lost_a_end += a.sums[i + 1] - a.sums[i];
          if (!in_b) lost_b_end += b.sums[j + 1] - b.sums[j];
        }
      }
    }
    Passage& p = found.passage;
    p.matched = matched;
    found.begin = kept;
    found.end = matches_.size();
    if (found.begin == found.end) return false;
    p.a_first = matches_[kept].i;
    p.a_last = matches_.back().i_end() - 1;
    p.b_first = matches_[kept].j;
    p.b_last = matches_.back().j_end() - 1;
    const u32 span_a = a.clear_before(p.a_last + 1) - a.clear_before(p.a_first) - lost_a;
    const u32 span_b = b.clear_before(p.b_last + 1) - b.clear_before(p.b_first) - lost_b;
    p.span = std::max(span_a, span_b);
    return matched >= 4 * p_.min_passage &&
           static_cast<double>(matched) >= p_.min_density * static_cast<double>(p.span);
  }

  Params p_;
  Seeds seeds_;
  std::vector<Run> runs_;
  Chains chains_;
  Aligner aligner_;
  std::vector<std::pair<std::size_t, std::size_t>> parts_;
  std::vector<Stretch> matches_;  // of all that was found
  std::vector<Found> found_;
  std::vector<Passage> chosen_;
  std::vector<std::pair<std::size_t, std::size_t>> counted_;  // stretches of passages that count
  std::vector<std::pair<u32, u32>> covered_;
};

}  // namespace dedup
