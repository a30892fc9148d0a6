// Verification, steps 3 and 4: token alignment inside the gaps of a chain and beyond its ends.
// Scores per token: equal +5, fuzzily equal +4, else and for a skipped token -5.
// Only matched pairs are recorded. Twin: core/pure_align.py.
#pragma once
#include <algorithm>
#include <vector>

#include "chain.h"
#include "fuzzy.h"

namespace dedup {

using Matched = std::pair<u32, u32>;  // token of a, token of b

// Tokens a[i .. i+length) matched with b[j .. j+length), all of them equal or all of them fuzzily.
struct Stretch {
  u32 i, j, length;
  bool equal;

  u32 i_end() const { return i + length; }
  u32 j_end() const { return j + length; }
};

// Adds matched tokens behind the last stretch, or to it.
inline void add_stretch(std::vector<Stretch>& out, const Stretch& next) {
  if (!out.empty()) {
    Stretch& last = out.back();
    if (last.i_end() == next.i && last.j_end() == next.j && last.equal == next.equal) {
      last.length += next.length;
      return;
    }
  }
  out.push_back(next);
}

constexpr int kEqual = 5, kFuzzy = 4, kEdit = 5;
constexpr u32 kBlock = 48;  // tokens looked at in one step of an extension
constexpr int kNever = -1000000000;

class Aligner {
 public:
  explicit Aligner(const Params& p) : p_(p), speller_(p.fuzzy_letters) {}

  // Matches of one chain: its runs, what matches between them, and beyond both ends. The result
  // holds until the next call.
  const std::vector<Stretch>& align(const Article& a, const Article& b, const Run* chain,
                                    const Run* chain_end) {
    a_ = &a;
    b_ = &b;
    std::vector<Stretch>& out = stretches_;
    out.clear();
    beyond_.clear();
    extend<false>(chain->i, chain->j, beyond_);
    for (auto match = beyond_.rbegin(); match != beyond_.rend(); ++match) add(*match, out);
    bool first = true;
    for (; chain != chain_end; ++chain, first = false) {
      const Run& run = *chain;
      u32 trim = 0;
      if (!first) {
        const u32 i_end = out.back().i_end(), j_end = out.back().j_end();
        trim = overlap(run, i_end, j_end);
        if (trim >= run.length) continue;
        if (i_end < run.i + trim && j_end < run.j + trim)
          fill(i_end, run.i + trim, j_end, run.j + trim, out);
      }
      add_stretch(out, {run.i + trim, run.j + trim, run.length - trim, true});
    }
    beyond_.clear();
    extend<true>(out.back().i_end(), out.back().j_end(), beyond_);
    for (const Matched& match : beyond_) add(match, out);
    return out;
  }

 private:
  // A token of a that is held against many of b.
  struct Row {
    u32 i;
    u64 hash;
    const Spelling* spelling;
  };

  Row row(u32 i) { return {i, a_->hash(i), &speller_.spelling(*a_, i)}; }

  int score(const Row& row, u32 j) {
    if (row.hash == b_->hash(j)) return kEqual;
    if (row.spelling->count == 0) return -kEdit;
    const Spelling& other = speller_.spelling(*b_, j);
    return speller_.fuzzy_equal(*a_, row.i, *row.spelling, *b_, j, other) ? kFuzzy : -kEdit;
  }

  void add(const Matched& match, std::vector<Stretch>& out) const {
    const auto [i, j] = match;
    add_stretch(out, {i, j, 1, a_->hash(i) == b_->hash(j)});
  }

  // Makes room for the steps of an alignment; those that are read are written before.
  void start_steps(u32 n, u32 width) {
    const std::size_t cells = static_cast<std::size_t>(n + 1) * width;
    if (steps_.size() < cells) steps_.resize(cells);
  }

  // Global alignment of a[i, i_end) and b[j, j_end); a diagonal step wins a tie, then one in a.
  void fill(u32 i, u32 i_end, u32 j, u32 j_end, std::vector<Stretch>& out) {
    const u32 n = i_end - i, m = j_end - j, width = m + 1;
    if (n == 1 && m == 1) {  // one word replaced by another: by far the most frequent gap
      if (score(row(i), j) > 0) add({i, j}, out);
      return;
    }
    scores_.assign(width, 0);
    start_steps(n, width);
    // Names of their own: a char that is written may be part of any member.
    int* const scores = scores_.data();
    char* steps = steps_.data();
    for (u32 q = 1; q <= m; ++q) {
      scores[q] = -kEdit * static_cast<int>(q);
      steps[q] = 'b';
    }
    for (u32 x = 1; x <= n; ++x) {
      const Row of_a = row(i + x - 1);
      steps += width;
      int corner = scores[0];
      scores[0] = -kEdit * static_cast<int>(x);
      steps[0] = 'a';
      for (u32 y = 1; y <= m; ++y) {
        const int pair = score(of_a, j + y - 1);
        const int diagonal = corner + pair, up = scores[y] - kEdit, left = scores[y - 1] - kEdit;
        const int best = std::max({diagonal, up, left});
        steps[y] = best == diagonal ? (pair > 0 ? 'm' : 'd') : best == up ? 'a' : 'b';
        corner = scores[y];
        scores[y] = best;
      }
    }
    trace(n, m, width, [&](u32 x, u32 y) { found_.emplace_back(i + x - 1, j + y - 1); });
    for (auto match = found_.rbegin(); match != found_.rend(); ++match) add(*match, out);
  }

  // X-drop extension from the edge (i, j), forward over a[i..), b[j..) or backward over
  // a[..i), b[..j), block by block while it gains.
  template <bool forward>
  void extend(u32 i, u32 j, std::vector<Matched>& out) {
    const int drop = kEqual * static_cast<int>(p_.x_drop);
    while (true) {
      const u32 n = std::min(kBlock, forward ? static_cast<u32>(a_->size()) - i : i);
      const u32 m = std::min(kBlock, forward ? static_cast<u32>(b_->size()) - j : j);
      if (n == 0 || m == 0) return;
      const u32 width = m + 1;
      scores_.assign(width, kNever);
      start_steps(n, width);
      int* const scores = scores_.data();
      char* steps = steps_.data();
      int best = 0;
      u32 best_x = 0, best_y = 0, low = 0, high = 0;  // columns alive in the row above
      for (u32 y = 0; y <= m && kEdit * static_cast<int>(y) <= drop; ++y) {
        scores[y] = -kEdit * static_cast<int>(y);
        if (y) steps[y] = 'b';
        high = y;
      }
      for (u32 x = 1; x <= n; ++x) {
        const Row of_a = row(forward ? i + x - 1 : i - x);
        steps += width;
        int corner = kNever;  // the cell above and left of the current one
        int left = kNever;
        u32 new_low = m + 1, new_high = 0;
        for (u32 y = low; y <= m && (y <= high + 1 || left != kNever); ++y) {
          const int above = scores[y];
          int pair = 0, value = kNever;
          if (corner != kNever) {
            pair = score(of_a, forward ? j + y - 1 : j - y);
            value = corner + pair;
          }
          char step = pair > 0 ? 'm' : 'd';
          if (above - kEdit > value) {
            value = above - kEdit;
            step = 'a';
          }
          if (left - kEdit > value) {
            value = left - kEdit;
            step = 'b';
          }
          corner = above;
          left = value < best - drop ? kNever : value;
          scores[y] = left;
          if (left == kNever) continue;
          steps[y] = step;
          new_low = std::min(new_low, y);
          new_high = y;
          if (value > best) {
            best = value;
            best_x = x;
            best_y = y;
          }
        }
        if (new_low > new_high) break;
        low = new_low;
        high = new_high;
      }
      if (best == 0) return;
      trace(best_x, best_y, width, [&](u32 x, u32 y) {
        if (forward) found_.emplace_back(i + x - 1, j + y - 1);
        else found_.emplace_back(i - x, j - y);
      });
      out.insert(out.end(), found_.rbegin(), found_.rend());
      i = forward ? i + best_x : i - best_x;
      j = forward ? j + best_y : j - best_y;
    }
  }

  // Walks the steps back from (x, y) and calls `matched` for each match, last one first.
  template <class F>
  void trace(u32 x, u32 y, u32 width, F&& matched) {
    found_.clear();
    while (x || y) {
      switch (steps_[static_cast<std::size_t>(x) * width + y]) {
        case 'm':
          matched(x, y);
          [[fallthrough]];
        case 'd':
          --x;
          --y;
          break;
        case 'a':
          --x;
          break;
        default:
          --y;
      }
    }
  }

  const Article* a_ = nullptr;
  const Article* b_ = nullptr;
  Params p_;
  Speller speller_;
  std::vector<int> scores_;
  std::vector<char> steps_;
  std::vector<Stretch> stretches_;
  std::vector<Matched> found_, beyond_;
};

}  // namespace dedup
