// Verification, steps 5 to 7: passages, and everything that is counted about a pair. A pure
// function of two texts and the parameters; the same for (a, b) and (b, a).
// Kinds are decided in dedup/verify, not here. Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <deque>
#include <memory>
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
  explicit Verifier(const Params& p) : p_(p), aligner_(p) {}

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
    out.shingles_a = static_cast<u32>(a.shingle_set.size());
    out.shingles_b = static_cast<u32>(b.shingle_set.size());
    intersect(a.shingle_set, b.shingle_set, shared_);
    out.shared = static_cast<u32>(shared_.size());
    if (a.size() == 0 || b.size() == 0) return;
    if (a.digest[0] == b.digest[0] && a.hashes == b.hashes) {
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
    std::size_t begin, end;  // of its matches in matches_
  };

  // Step 5: a stretch too thin is cut at its widest gap, its parts again; short parts go. A part
  // grows over the equal words around it, which the chain may have given to its neighbour.
  void cut(const Article& a, const Article& b, const std::vector<Matched>& aligned, Outcome& out) {
    parts_.assign(1, {0, aligned.size()});
    while (!parts_.empty()) {
      const auto [from, to] = parts_.back();
      parts_.pop_back();
      u32 matched = 0, widest = 0;
      std::size_t where = from + 1;
      for (std::size_t n = from; n < to; ++n) {
        const auto [i, j] = aligned[n];
        matched += a.sums[i + 1] - a.sums[i];
        if (n == from) continue;
        const auto [i0, j0] = aligned[n - 1];
        const u32 gap = std::max(a.sums[i] - a.sums[i0 + 1], b.sums[j] - b.sums[j0 + 1]);
        if (gap > widest) {
          widest = gap;
          where = n;
        }
      }
      const auto [i, j] = aligned[from];
      const auto [i1, j1] = aligned[to - 1];
      u32 span = std::max(a.sums[i1 + 1] - a.sums[i], b.sums[j1 + 1] - b.sums[j]);
      if (static_cast<double>(matched) < p_.min_density * static_cast<double>(span) && to - from > 1) {
        parts_.emplace_back(where, to);
        parts_.emplace_back(from, where);
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
      const std::size_t begin = matches_.size();
      for (u32 n = before; n > 0; --n) matches_.emplace_back(i - n, j - n);
      matches_.insert(matches_.end(), aligned.begin() + static_cast<std::ptrdiff_t>(from),
                      aligned.begin() + static_cast<std::ptrdiff_t>(to));
      for (u32 n = 1; n <= after; ++n) matches_.emplace_back(i1 + n, j1 + n);
      found_.push_back({{i - before, i1 + after, j - before, j1 + after, matched, span},
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
      for (std::size_t n = found.begin; n < found.end; ++n) {
        const auto [i, j] = matches_[n];
        const bool equal = a.hashes[i] == b.hashes[j];
        const bool next = n > found.begin && matches_[n - 1].first + 1 == i &&
                          matches_[n - 1].second + 1 == j;
        run = equal ? (next ? run + 1 : 1) : 0;
        out.longest_run = std::max(out.longest_run, run);
        out.matched_a += !seen_a_[i] * (a.sums[i + 1] - a.sums[i]);
        out.matched_b += !seen_b_[j] * (b.sums[j + 1] - b.sums[j]);
        seen_a_[i] = 1;
        seen_b_[j] = 1;
      }
    }
  }

  // Leaves of a passage what is masked on neither side; false when that is too little. Words
  // that are boilerplate on one side only do not count as its span on the other.
  bool clear(const Article& a, const Article& b, Found& found) {
    std::size_t kept = found.begin;
    u32 matched = 0, lost_a = 0, lost_b = 0, lost_a_end = 0, lost_b_end = 0;
    for (std::size_t n = found.begin; n < found.end; ++n) {
      const auto [i, j] = matches_[n];
      const bool in_a = a.is_masked(i), in_b = b.is_masked(j);
      if (!in_a && !in_b) {
        matches_[kept++] = {i, j};
        matched += a.sums[i + 1] - a.sums[i];
        lost_a = lost_a_end;
        lost_b = lost_b_end;
      } else if (kept > found.begin) {
        if (!in_a) lost_a_end += a.sums[i + 1] - a.sums[i];
        if (!in_b) lost_b_end += b.sums[j + 1] - b.sums[j];
      }
    }
    Passage& p = found.passage;
    p.matched = matched;
    found.end = kept;
    if (kept == found.begin) return false;
    const auto [i, j] = matches_[found.begin];
    const auto [i1, j1] = matches_[kept - 1];
    p.a_first = i;
    p.a_last = i1;
    p.b_first = j;
    p.b_last = j1;
    const u32 span_a = a.clear_sums[p.a_last + 1] - a.clear_sums[p.a_first] - lost_a;
    const u32 span_b = b.clear_sums[p.b_last + 1] - b.clear_sums[p.b_first] - lost_b;
    p.span = std::max(span_a, span_b);
    return matched >= 4 * p_.min_passage &&
           static_cast<double>(matched) >= p_.min_density * static_cast<double>(p.span);
  }

  Params p_;
  std::vector<Shared> shared_;
  Seeds seeds_;
  std::vector<Run> runs_;
  Chains chains_;
  Aligner aligner_;
  std::vector<std::pair<std::size_t, std::size_t>> parts_;
  std::vector<Matched> matches_;  // of all that was found
  std::vector<Found> found_;
  std::vector<Passage> chosen_;
  std::vector<u8> seen_a_, seen_b_;
};

// Prepared articles of one call; beyond `limit_bytes` the one that came first goes.
class Shelf {
 public:
  Shelf(const Params& p, std::size_t num_texts, std::size_t limit_bytes)
      : words_(p.flag_words), limit_(limit_bytes), preparer_(p.k, p.seed_words), shelf_(num_texts) {}

  // The article, masked with the boilerplate that holds everywhere and with its own. It stays
  // until others are asked for; `neighbour`, which was asked for before, stays as well.
  const Article& get(u32 index, const Text& text, const Flags& everywhere, const Flags& own,
                     u32 neighbour) {
    if (shelf_[index]) return *shelf_[index];
    std::unique_ptr<Article> article = std::move(spare_);
    if (!article) article = std::make_unique<Article>();
    preparer_.prepare(text, *article);
    mask(*article, everywhere, own, words_);
    bytes_ += article->bytes();
    for (std::size_t tries = order_.size(); bytes_ > limit_ && tries > 0; --tries) {
      const u32 oldest = order_.front();
      order_.pop_front();
      if (oldest == neighbour) {
        order_.push_back(oldest);
        continue;
      }
      bytes_ -= shelf_[oldest]->bytes();
      spare_ = std::move(shelf_[oldest]);
    }
    order_.push_back(index);
    shelf_[index] = std::move(article);
    return *shelf_[index];
  }

 private:
  u32 words_;
  std::size_t limit_, bytes_ = 0;
  Preparer preparer_;
  std::vector<std::unique_ptr<Article>> shelf_;
  std::deque<u32> order_;  // as they came
  std::unique_ptr<Article> spare_;
};

}  // namespace dedup
