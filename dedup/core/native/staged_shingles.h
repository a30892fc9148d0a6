// Hashes of shingles of words that weigh the same, and winnowing of them. Written once for all
// instruction sets; same answers as shingle.h and winnow.h.
#pragma once
#include "weighted.h"

namespace dedup {

template <class Isa>
struct Shingles {
  using Wide = typename Isa::Wide;

  static Wide finish(Wide x) {
    x = Isa::multiply(Isa::exclusive_or(x, Isa::shift_right(x, 32)), kMulA);
    return Isa::exclusive_or(x, Isa::shift_right(x, 29));
  }

  // Shingles of `k` words at each of the first `n` places, and when `longer` is there those of
  // k + 1 words, with their upper halves. K is k, or 0 when it is known at run time only.
  // `hashes` is read, and the others are written, up to a whole vector behind their end.
  template <unsigned K>
  static void hash(const u64* hashes, std::size_t n, unsigned k, u64* out, u64* longer,
                   u32* upper) {
    const unsigned words = K ? K : k;
    for (std::size_t i = 0; i < n; i += Isa::kWide) {
      Wide x = Isa::load(hashes + i);
      for (unsigned j = 1; j < words; ++j)
        x = Isa::exclusive_or(x, Isa::rotate(Isa::load(hashes + i + j), 13 * j & 63));
      Isa::store(out + i, finish(x));
      if (!longer) continue;
      const Wide last = Isa::rotate(Isa::load(hashes + i + words), 13 * words & 63);
      x = finish(Isa::exclusive_or(x, last));
      Isa::store(longer + i, x);
      Isa::store_upper(upper + i, x);
    }
  }

  static void take_upper(const u64* hashes, std::size_t n, u32* upper) {
    for (std::size_t i = 0; i < n; i += Isa::kWide)
      Isa::store_upper(upper + i, Isa::load(hashes + i));
  }

  // Minimum of each window of W values, or of `window` when W is 0; `n` windows.
  template <unsigned W>
  static void slide(const u32* values, std::size_t n, unsigned window, u32* minima) {
    const unsigned width = W ? W : window;
    for (std::size_t i = 0; i < n; i += Isa::kNarrow) {
      auto lowest = Isa::load_narrow(values + i);
      for (unsigned j = 1; j < width; ++j)
        lowest = Isa::lower(lowest, Isa::load_narrow(values + i + j));
      Isa::store_narrow(minima + i, lowest);
    }
  }
};

// Winnows by the upper halves of the hashes. A new minimum is a new choice, as long as each
// window has its minimum at one place only: none that enters equals the one that is there, and
// none that is chosen is found twice. Else, where a hash comes back, winnow.h does the work.
template <class Isa>
class StagedWinnow {
 public:
  static constexpr unsigned kMostWindow = 64;
  // Values behind the end that are read.
  static constexpr std::size_t kSpare = 64 + kMostWindow;

  // `upper` can be read kSpare places behind its end.
  void winnow(const u64* hashes, const u32* upper, std::size_t n, u32 window, Weighted& weighted,
              Fingerprints& out) {
    if (n < window || !choose(hashes, upper, n - window + 1, window, out))
      weighted.winnow_words(hashes, n, window, out);
  }

 private:
  bool choose(const u64* hashes, const u32* upper, std::size_t windows, u32 window, Fingerprints& out) {
    minima_.cut(0);
    u32* minima = minima_.room(windows + kSpare + 1) + 1;
    if (window == 7) {
      Shingles<Isa>::template slide<7>(upper, windows, window, minima);
    } else {
      Shingles<Isa>::template slide<0>(upper, windows, window, minima);
    }
    // Before the first window: a value that is neither its minimum nor enters it.
    u32 none = 0;
    while (none == minima[0] || none == upper[window - 1]) ++none;
    minima[-1] = none;
    places_.cut(0);
    u32* places = places_.room(windows + kSpare);
    std::size_t found = 0;
    u64 ties = 0;
    for (std::size_t i = 0; i < windows; i += 64) {
      u64 same = 0, tied = 0;
      for (std::size_t j = 0; j < 64; j += Isa::kNarrow) {
        const auto minimum = Isa::load_narrow(minima + i + j);
        const auto previous = Isa::load_narrow(minima + i + j - 1);
        const auto entered = Isa::load_narrow(upper + i + j + window - 1);
        same |= Isa::equal_narrow(minimum, previous) << j;
        tied |= Isa::equal_narrow(previous, entered) << j;
      }
      const u64 inside = windows - i < 64 ? (u64{1} << (windows - i)) - 1 : ~u64{0};
      const u64 changed = ~same & inside;
      ties |= tied & inside;
      Isa::spread(changed, static_cast<u32>(i), places + found);
      found += static_cast<std::size_t>(__builtin_popcountll(changed));
    }
    if (ties) return false;
    u64* chosen = out.hashes.room(found);
    u32* positions = out.positions.room(found);
    const u64 inside = ~u64{0} >> (64 - window);
    for (std::size_t p = 0; p < found; ++p) {
      const u32 place = places[p];
      const u64 equal = Isa::find(upper + place, minima[place], window) & inside;
      ties |= equal & (equal - 1);
      positions[p] = place + 63 - static_cast<u32>(__builtin_clzll(equal));
      chosen[p] = hashes[positions[p]];
    }
    if (ties) return false;
    out.hashes.add(found);
    out.positions.add(found);
    return true;
  }

  Buffer<u32> minima_, places_;
};

}  // namespace dedup
