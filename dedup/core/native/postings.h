// Postings in blocks: a key and an article each, in the order of both, packed to the bits they
// need. In: columns, or packed blocks. Out: packed blocks, or columns; and where a key is.
// Bytes: docs/formats/index.md. Twin: core/pure_postings.py.
#pragma once
#include <algorithm>
#include <vector>

#include "xxhash.h"

namespace dedup {

inline unsigned bits_of(u64 x) {
  unsigned n = 0;
  for (; x; x >>= 1) ++n;
  return n;
}

// Number i of a column of `bits` bits each. Reads up to nine bytes from where it begins.
inline u64 unpack_one(const u8* column, unsigned bits, std::size_t i) {
  const std::size_t at = i * bits;
  const unsigned shift = at & 7;
  const u8* const p = column + (at >> 3);
  const u64 low = load64(p) >> shift;
  const u64 high = shift && bits + shift > 64 ? static_cast<u64>(p[8]) << (64 - shift) : 0;
  return (low | high) & (bits < 64 ? (u64{1} << bits) - 1 : ~u64{0});
}

inline void pack_column(const std::vector<u64>& values, unsigned bits, std::vector<u8>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + (values.size() * bits + 7) / 8, 0);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (unsigned done = 0; done < bits;) {
      const std::size_t at = i * bits + done;
      const unsigned shift = at & 7, some = std::min(8 - shift, bits - done);
      const u64 part = values[i] >> done & ((u64{1} << some) - 1);
      out[begin + at / 8] |= static_cast<u8>(part << shift);
      done += some;
    }
}

// What stands in the table of a segment for each block, and the bytes of the blocks.
struct PackedBlocks {
  std::vector<u8> data;
  std::vector<u64> fences, checksums;  // first key, and XXH3-64 of the bytes
  std::vector<u32> bases;              // lowest article
  std::vector<u8> key_bits, article_bits;
};

// Keys less the first one, then articles less the lowest one, each in as many bits as the largest.
inline void pack_postings(const u64* keys, const u32* articles, std::size_t n, std::size_t block,
                          PackedBlocks& out) {
  std::vector<u64> values;
  for (std::size_t begin = 0; begin < n; begin += block) {
    const std::size_t end = std::min(begin + block, n), start = out.data.size();
    const auto [low, high] = std::minmax_element(articles + begin, articles + end);
    out.fences.push_back(keys[begin]);
    out.bases.push_back(*low);
    out.key_bits.push_back(static_cast<u8>(bits_of(keys[end - 1] - keys[begin])));
    out.article_bits.push_back(static_cast<u8>(bits_of(*high - *low)));
    values.clear();
    for (std::size_t i = begin; i < end; ++i) values.push_back(keys[i] - keys[begin]);
    pack_column(values, out.key_bits.back(), out.data);
    values.clear();
    for (std::size_t i = begin; i < end; ++i) values.push_back(articles[i] - *low);
    pack_column(values, out.article_bits.back(), out.data);
    out.checksums.push_back(xxh3(out.data.data() + start, out.data.size() - start));
  }
}

// Where the first of `n` rising values is that is not below `key` (with `upper`: that is above).
// Looks near `guess` first; `value(i)` gives value i.
template <class F>
std::size_t search_near(std::size_t n, std::size_t guess, u64 key, bool upper, F&& value) {
  const auto below = [&](std::size_t i) {
    const u64 found = value(i);
    return upper ? found <= key : found < key;
  };
  std::size_t low = 0, high = n;
  if (guess < n) {
    std::size_t step = 1;
    if (below(guess)) {
      for (low = guess + 1; low < n && high == n;) {
        const std::size_t probe = std::min(low + step, n) - 1;
        if (below(probe)) low = probe + 1;
        else high = probe;
        step *= 2;
      }
    } else {
      for (high = guess; high > low;) {
        const std::size_t probe = high - std::min(high - low, step);
        if (below(probe)) { low = probe + 1; break; }
        high = probe;
        step *= 2;
      }
    }
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (below(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// About where `key` is among n values spread evenly from `first` to `last`. In floating point: a
// division of 128 bits costs more than all the rest, and a guess that is off costs only time.
inline std::size_t guess_place(u64 first, u64 last, std::size_t n, u64 key) {
  if (key <= first || last <= first) return 0;
  if (key >= last) return n;
  const double share = static_cast<double>(key - first) / static_cast<double>(last - first);
  return std::min(n, static_cast<std::size_t>(share * static_cast<double>(n)));
}

// A better guess, from the value at the first one: hashes lie evenly, so their distance says how
// far off it is. Of n values, the first is off by about the root of n, the better one by its root.
inline std::size_t refine_guess(u64 found, double density, std::size_t guess, std::size_t n,
                                u64 key) {
  const double steps = found < key ? static_cast<double>(key - found) * density
                                   : -(static_cast<double>(found - key) * density);
  const double place = static_cast<double>(guess) + steps;
  if (!(place > 0)) return 0;
  return std::min(n, static_cast<std::size_t>(place));
}

// Thrown when a block is not what its checksum says.
struct DamagedBlock {
  std::size_t block;
};

// A segment that lies in memory, or is mapped into it. Nothing is read from a block before its
// checksum has been compared, once: `checked` remembers.
struct Packed {
  const u8* data;
  const std::int64_t* begins;
  const u64 *fences, *checksums;
  const u32* bases;
  const u8 *key_bits, *article_bits;
  u8* checked;
  std::size_t blocks, block, postings;

  std::size_t size(std::size_t b) const { return std::min(block, postings - b * block); }
  const u8* keys_of(std::size_t b) const { return data + begins[b]; }
  const u8* articles_of(std::size_t b) const {
    return keys_of(b) + (size(b) * key_bits[b] + 7) / 8;
  }
  void check(std::size_t b) const {
    if (checked[b]) return;
    const std::size_t bytes = static_cast<std::size_t>(begins[b + 1] - begins[b]);
    if (xxh3(keys_of(b), bytes) != checksums[b]) throw DamagedBlock{b};
    checked[b] = 1;
  }
  u64 key(std::size_t b, std::size_t i) const {
    return fences[b] + unpack_one(keys_of(b), key_bits[b], i);
  }
  u32 article(std::size_t b, std::size_t i) const {
    return static_cast<u32>(bases[b] + unpack_one(articles_of(b), article_bits[b], i));
  }
  u64 last_fence() const { return fences[blocks - 1]; }
  std::size_t guess_block(u64 asked) const {
    return guess_place(fences[0], last_fence(), blocks - 1, asked);
  }
  std::size_t guess_inside(std::size_t b, u64 asked) const {
    const u64 after = b + 1 < blocks ? fences[b + 1] : fences[b];
    return guess_place(fences[b], after, size(b), asked);
  }
  // The last block whose first key is below `asked` (with `upper`: not above it), or the first.
  std::size_t find_block(u64 asked, std::size_t guess, bool upper) const {
    const std::size_t after =
        search_near(blocks, guess, asked, upper, [&](std::size_t i) { return fences[i]; });
    return after ? after - 1 : 0;
  }
  std::size_t refine_inside(std::size_t b, u64 asked, std::size_t guess) const {
    const u64 after = b + 1 < blocks ? fences[b + 1] : fences[b];
    if (guess >= size(b) || after <= fences[b]) return guess;
    const double density = static_cast<double>(size(b)) / static_cast<double>(after - fences[b]);
    return refine_guess(key(b, guess), density, guess, size(b), asked);
  }
  // Where postings of `asked` begin (with `upper`: end), which is in block b or at its end.
  std::size_t find_inside(std::size_t b, u64 asked, bool upper) const {
    check(b);
    const std::size_t guess = refine_inside(b, asked, guess_inside(b, asked));
    return b * block + search_near(size(b), guess, asked, upper,
                                   [&](std::size_t i) { return key(b, i); });
  }
};

// Columns of some blocks.
inline void unpack_postings(const Packed& from, std::size_t first, std::size_t end,
                            std::vector<u64>& keys, std::vector<u32>& articles) {
  for (std::size_t b = first; b < end; ++b) {
    from.check(b);
    for (std::size_t i = 0; i < from.size(b); ++i) {
      keys.push_back(from.key(b, i));
      articles.push_back(from.article(b, i));
    }
  }
}

}  // namespace dedup
