// The words around a fingerprint that several articles share. In: texts, and the place of the
// fingerprint in each. Out: a run of words of the first one. docs/method.md, step 3; twin:
// core/pure_contexts.py.
#pragma once
#include <algorithm>
#include <vector>

#include "tokenize.h"

namespace dedup {

// Token hashes of texts, made when they are asked for.
class TokenShelf {
 public:
  explicit TokenShelf(std::size_t size) : shelf_(size), is_there_(size, 0) {}

  const std::vector<u64>& get(u32 n, const Text& text) {
    std::vector<u64>& hashes = shelf_[n];
    if (!is_there_[n]) {
      Letters letters;
      tokenize(text, letters, [&](std::size_t first, std::size_t end, u32, u32, u8) {
        hashes.push_back(hash_word(letters.data() + first, end - first));
        letters.clear();
      });
      is_there_[n] = 1;
    }
    return hashes;
  }

 private:
  std::vector<std::vector<u64>> shelf_;
  std::vector<u8> is_there_;
};

// One article that holds the fingerprint.
struct Side {
  const std::vector<u64>* words;
  u32 at;
};

struct WordRun {
  u32 first, last;  // both ends included
};

// The words from the fingerprint on, k of them, and those around them that at least three of the
// others share with the first all the way, or all, if there are fewer.
inline WordRun widen(const std::vector<Side>& sides, u32 k) {
  const std::vector<u64>& own = *sides[0].words;
  const u32 at = sides[0].at, size = static_cast<u32>(own.size());
  const std::size_t agreeing = std::min<std::size_t>(3, sides.size() - 1);
  WordRun run{at, std::min(at + k, size) - 1};
  std::vector<u8> in_step(sides.size(), 1);
  for (u32 step = 1; step <= at; ++step) {
    std::size_t votes = 0;
    for (std::size_t n = 1; n < sides.size(); ++n) {
      const Side& side = sides[n];
      in_step[n] = in_step[n] && side.at >= step && (*side.words)[side.at - step] == own[at - step];
      votes += in_step[n];
    }
    if (votes < agreeing) break;
    run.first = at - step;
  }
  in_step.assign(sides.size(), 1);
  for (u32 end = run.last + 1; end < size; ++end) {
    std::size_t votes = 0;
    for (std::size_t n = 1; n < sides.size(); ++n) {
      const std::size_t there = std::size_t{sides[n].at} + (end - at);
      in_step[n] = in_step[n] && there < sides[n].words->size() && (*sides[n].words)[there] == own[end];
      votes += in_step[n];
    }
    if (votes < agreeing) break;
    run.last = end;
  }
  return run;
}

}  // namespace dedup
