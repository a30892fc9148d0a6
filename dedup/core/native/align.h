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

constexpr int kEqual = 5, kFuzzy = 4, kEdit = 5;
constexpr u32 kBlock = 48;  // tokens looked at in one step of an extension
constexpr int kNever = -1000000000;

class Aligner {
 public:
  explicit Aligner(const Params& p) : p_(p) {}

  // Matches of one chain: its runs, what matches between them, and beyond both ends. The result
  // holds until the next call.
  const std::vector<Matched>& align(const Article& a, const Article& b, const Run* chain,
                                    const Run* chain_end) {
    a_ = &a;
    b_ = &b;
    beyond_.clear();
    extend<false>(chain->i, chain->j, beyond_);
    std::vector<Matched>& out = matches_;
    out.assign(beyond_.rbegin(), beyond_.rend());
    const std::size_t inner = out.size();
    for (; chain != chain_end; ++chain) {
      const Run& run = *chain;
      u32 trim = 0;
      if (out.size() > inner) {
        const u32 i_end = out.back().first + 1, j_end = out.back().second + 1;
        trim = overlap(run, i_end, j_end);
        if (trim >= run.length) continue;
        if (i_end < run.i + trim && j_end < run.j + trim)
          fill(i_end, run.i + trim, j_end, run.j + trim, out);
      }
      for (u32 n = trim; n < run.length; ++n) out.emplace_back(run.i + n, run.j + n);
    }
    extend<true>(out.back().first + 1, out.back().second + 1, out);
    return out;
  }

 private:
  int score(u32 i, u32 j) {
    if (a_->hashes[i] == b_->hashes[j]) return kEqual;
    return speller_.fuzzy_equal(*a_, i, *b_, j, p_.fuzzy_letters) ? kFuzzy : -kEdit;
  }

  // Global alignment of a[i, i_end) and b[j, j_end); a diagonal step wins a tie, then one in a.
  void fill(u32 i, u32 i_end, u32 j, u32 j_end, std::vector<Matched>& out) {
    const u32 n = i_end - i, m = j_end - j, width = m + 1;
    if (n == 1 && m == 1) {  // one word replaced by another: by far the most frequent gap
      if (score(i, j) > 0) out.emplace_back(i, j);
      return;
    }
    scores_.assign(width, 0);
    steps_.assign(static_cast<std::size_t>(n + 1) * width, 0);
    for (u32 q = 1; q <= m; ++q) {
      scores_[q] = -kEdit * static_cast<int>(q);
      steps_[q] = 'b';
    }
    for (u32 x = 1; x <= n; ++x) {
      int corner = scores_[0];
      scores_[0] = -kEdit * static_cast<int>(x);
      steps_[static_cast<std::size_t>(x) * width] = 'a';
      for (u32 y = 1; y <= m; ++y) {
        const int pair = score(i + x - 1, j + y - 1);
        const int diagonal = corner + pair, up = scores_[y] - kEdit, left = scores_[y - 1] - kEdit;
        const int best = std::max({diagonal, up, left});
        steps_[static_cast<std::size_t>(x) * width + y] =
            best == diagonal ? (pair > 0 ? 'm' : 'd') : best == up ? 'a' : 'b';
        corner = scores_[y];
        scores_[y] = best;
      }
    }
    trace(n, m, width, [&](u32 x, u32 y) { found_.emplace_back(i + x - 1, j + y - 1); });
    out.insert(out.end(), found_.rbegin(), found_.rend());
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
      steps_.assign(static_cast<std::size_t>(n + 1) * width, 0);
      int best = 0;
      u32 best_x = 0, best_y = 0, low = 0, high = 0;  // columns alive in the row above
      for (u32 y = 0; y <= m && kEdit * static_cast<int>(y) <= drop; ++y) {
        scores_[y] = -kEdit * static_cast<int>(y);
        if (y) steps_[y] = 'b';
        high = y;
      }
      for (u32 x = 1; x <= n; ++x) {
        int corner = kNever;  // the cell above and left of the current one
        u32 new_low = m + 1, new_high = 0;
        for (u32 y = low; y <= m; ++y) {
          const int above = scores_[y];
          const int left = y > low ? scores_[y - 1] : kNever;
          if (y > high + 1 && left == kNever) break;
          int diagonal = kNever, pair = 0;
          if (y > 0 && corner != kNever) {
            pair = forward ? score(i + x - 1, j + y - 1) : score(i - x, j - y);
            diagonal = corner + pair;
          }
          const int up = above == kNever ? kNever : above - kEdit;
          const int back = left == kNever ? kNever : left - kEdit;
          int value = std::max({diagonal, up, back});
          if (value < best - drop) value = kNever;
          corner = above;
          scores_[y] = value;
          if (value == kNever) continue;
          steps_[static_cast<std::size_t>(x) * width + y] =
              value == diagonal ? (pair > 0 ? 'm' : 'd') : value == up ? 'a' : 'b';
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
  std::vector<Matched> matches_, found_, beyond_;
};

}  // namespace dedup
