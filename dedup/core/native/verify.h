// Verification, steps 5 to 7: passages, and everything that is counted about a pair. A pure
// function of two texts and the parameters; the same for (a, b) and (b, a).
// Kinds are decided in dedup/verify, not here. Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <memory>
#include <unordered_map>
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
};

class Verifier {
 public:
  explicit Verifier(const Params& p) : p_(p) {}

  void verify(const Article& a, const Article& b, Outcome& out) {
    out = Outcome{};
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
    out.shingles_a = static_cast<u32>(a.shingle_set.size());
    out.shingles_b = static_cast<u32>(b.shingle_set.size());
    out.shared = static_cast<u32>(count_shared(a.shingle_set, b.shingle_set));
    if (a.size() == 0 || b.size() == 0) return;
    if (a.hashes == b.hashes) {
      const u32 last = static_cast<u32>(a.size() - 1);
      out.identical = true;  // masked or not
      out.weight_a = out.weight_b = out.matched_a = out.matched_b = out.longest = out.raw =
          a.weight();
      out.longest_run = last + 1;
      out.passages = {{0, last, 0, last, out.weight_a, out.weight_a}};
      return;
    }
    find_runs(a, b, p_, seeds_, runs_);
    if (runs_.empty()) return;
    chain_runs(a, b, runs_, p_, chains_);
    found_.clear();
    Aligner aligner(a, b, p_);
    for (const std::vector<Run>& chain : chains_) {
      aligner.align(chain, matches_);
      cut(a, b, 0, matches_.size(), out);
    }
    choose(a, b, out);
  }

  struct Found {
    Passage passage;
    std::vector<Matched> matches;
  };

  // Step 5: a stretch too thin is cut at its widest gap, its parts again; short parts go. A part
  // grows over the equal words around it, which the chain may have given to its neighbour.
  void cut(const Article& a, const Article& b, std::size_t begin, std::size_t end, Outcome& out) {
    std::vector<std::pair<std::size_t, std::size_t>> parts{{begin, end}};
    while (!parts.empty()) {
      const auto [from, to] = parts.back();
      parts.pop_back();
      u32 matched = 0, widest = 0;
      std::size_t where = from + 1;
      for (std::size_t n = from; n < to; ++n) {
        const auto [i, j] = matches_[n];
        matched += a.sums[i + 1] - a.sums[i];
        if (n == from) continue;
        const auto [i0, j0] = matches_[n - 1];
        const u32 gap = std::max(a.sums[i] - a.sums[i0 + 1], b.sums[j] - b.sums[j0 + 1]);
        if (gap > widest) {
          widest = gap;
          where = n;
        }
      }
      const auto [i, j] = matches_[from];
      const auto [i1, j1] = matches_[to - 1];
      u32 span = std::max(a.sums[i1 + 1] - a.sums[i], b.sums[j1 + 1] - b.sums[j]);
      if (static_cast<double>(matched) < p_.min_density * static_cast<double>(span) && to - from > 1) {
        parts.emplace_back(where, to);
        parts.emplace_back(from, where);
        continue;
      }
      u32 before = 0, after = 0;
      while (before < i && before < j && a.hashes[i - before - 1] == b.hashes[j - before - 1])
        ++before;
      while (i1 + after + 1 < a.size() && j1 + after + 1 < b.size() &&
             a.hashes[i1 + after + 1] == b.hashes[j1 + after + 1])
        ++after;
      const u32 grown = a.sums[i] - a.sums[i - before] + a.sums[i1 + after + 1] - a.sums[i1 + 1];
      matched += grown;
      span += grown;
      out.raw = std::max(out.raw, matched);
      if (matched < 4 * p_.min_passage) continue;
      std::vector<Matched> own;
      own.reserve(before + (to - from) + after);
      for (u32 n = before; n > 0; --n) own.emplace_back(i - n, j - n);
      own.insert(own.end(), matches_.begin() + static_cast<std::ptrdiff_t>(from),
                 matches_.begin() + static_cast<std::ptrdiff_t>(to));
      for (u32 n = 1; n <= after; ++n) own.emplace_back(i1 + n, j1 + n);
      found_.push_back(
          {{i - before, i1 + after, j - before, j1 + after, matched, span}, std::move(own)});
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
    seen_a_.assign(a.size(), 0);
    seen_b_.assign(b.size(), 0);
    const bool unmasked = a.masked.empty() && b.masked.empty();
    if (unmasked) out.longest = out.raw;
    chosen_.clear();
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
      u32 run = 0;
      for (std::size_t n = 0; n < found.matches.size(); ++n) {
        const auto [i, j] = found.matches[n];
        const bool equal = a.hashes[i] == b.hashes[j];
        const bool next = n > 0 && found.matches[n - 1].first + 1 == i &&
                          found.matches[n - 1].second + 1 == j;
        run = equal ? (next ? run + 1 : 1) : 0;
        out.longest_run = std::max(out.longest_run, run);
        seen_a_[i] = 1;
        seen_b_[j] = 1;
      }
    }
    for (u32 i = 0; i < a.size(); ++i)
      out.matched_a += seen_a_[i] * (a.sums[i + 1] - a.sums[i]);
    for (u32 j = 0; j < b.size(); ++j)
      out.matched_b += seen_b_[j] * (b.sums[j + 1] - b.sums[j]);
  }

  // Leaves of a passage what is masked on neither side; false when that is too little. Words
  // that are boilerplate on one side only do not count as its span on the other.
  bool clear(const Article& a, const Article& b, Found& found) {
    std::vector<Matched> kept;
    u32 matched = 0, lost_a = 0, lost_b = 0, lost_a_end = 0, lost_b_end = 0;
    for (const auto& [i, j] : found.matches) {
      const bool in_a = a.is_masked(i), in_b = b.is_masked(j);
      if (!in_a && !in_b) {
        kept.emplace_back(i, j);
        matched += a.sums[i + 1] - a.sums[i];
        lost_a = lost_a_end;
        lost_b = lost_b_end;
      } else if (!kept.empty()) {
        if (!in_a) lost_a_end += a.sums[i + 1] - a.sums[i];
        if (!in_b) lost_b_end += b.sums[j + 1] - b.sums[j];
      }
    }
    Passage& p = found.passage;
    p.matched = matched;
    if (kept.empty()) return false;
    p.a_first = kept.front().first;
    p.a_last = kept.back().first;
    p.b_first = kept.front().second;
    p.b_last = kept.back().second;
    const u32 span_a = a.clear_sums[p.a_last + 1] - a.clear_sums[p.a_first] - lost_a;
    const u32 span_b = b.clear_sums[p.b_last + 1] - b.clear_sums[p.b_first] - lost_b;
    p.span = std::max(span_a, span_b);
    found.matches.swap(kept);
    return matched >= 4 * p_.min_passage &&
           static_cast<double>(matched) >= p_.min_density * static_cast<double>(p.span);
  }

  Params p_;
  Seeds seeds_;
  std::vector<Run> runs_;
  std::vector<std::vector<Run>> chains_;
  std::vector<Matched> matches_;
  std::vector<Found> found_;
  std::vector<Passage> chosen_;
  std::vector<u8> seen_a_, seen_b_;
};

// Prepared articles of one call; forgets all when they outgrow `limit_bytes`.
class Shelf {
 public:
  Shelf(const Params& p, std::size_t limit_bytes) : p_(p), limit_(limit_bytes) {}

  // The prepared article stays valid as long as the caller holds the pointer. It is masked
  // with the boilerplate that holds everywhere and with its own.
  std::shared_ptr<const Article> get(u32 index, const Text& text,
                                     const Flags& everywhere, const Flags& own) {
    auto& slot = shelf_[index];
    if (!slot) {
      auto article = std::make_shared<Article>();
      prepare(text, p_.k, p_.seed_words, *article);
      mask(*article, everywhere, own, p_.flag_words);
      bytes_ += article->bytes();
      if (bytes_ > limit_) {
        shelf_.clear();
        bytes_ = article->bytes();
        return shelf_[index] = article;
      }
      slot = article;
    }
    return slot;
  }

 private:
  Params p_;
  std::size_t limit_, bytes_ = 0;
  std::unordered_map<u32, std::shared_ptr<const Article>> shelf_;
};

}  // namespace dedup
