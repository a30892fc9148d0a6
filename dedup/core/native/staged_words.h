// Text to word hashes in three stages over a whole text: fold blocks of 64 bytes to a stream of
// letters, find where words begin and end in it, hash 16 bytes a word. Written once for all
// instruction sets: `Isa` gives the steps.
#pragma once
#include <algorithm>

#include "kernel.h"
#include "stream.h"
#include "word_keys.h"

namespace dedup {

// What a block became: bytes of text read, bytes of the stream written. Reading less than a
// block means that a code point follows which is not for blocks, or is cut off by its end.
struct Folded {
  std::size_t read, written;
};

constexpr std::size_t kBlock = 64;
// Bytes of the longest code point.
constexpr std::size_t kLongest = 4;
// Bytes a kernel may look at before a block.
constexpr std::size_t kBefore = 2;

template <class Isa>
class StagedWords {
 public:
  // The words of `text`; throws InvalidText.
  void read(const Text& text) {
    fold<false>(text);
    find();
    hash();
  }
  // The same, and where each block of it began.
  Words read_with_waypoints(const Text& text) {
    waypoints_.cut(0);
    fold<true>(text);
    find();
    hash();
    return {stream_.bytes.data(), stream_.bytes.size(), edges_.data(), hashes_.data(), count_,
            stream_.weighted, waypoints_.data(), waypoints_.size()};
  }
  std::size_t count() const { return count_; }
  // Followed by kSpare zeros.
  const u64* hashes() const { return hashes_.data(); }
  bool weighted() const { return stream_.weighted; }
  u8 weight(std::size_t i) const { return weight_of(stream_.bytes.data() + edges_.data()[2 * i]); }

 private:
  static constexpr std::size_t kSpare = Words::kSpare;

  template <bool noted>
  void fold(const Text& text) {
    stream_.clear();
    for (std::size_t i = 0; i < text.size;) {
      const std::size_t left = text.size - i;
      u8* const begin = stream_.bytes.room(left + 2 * kBlock);
      u8* out = begin;
      Folded block{kBlock, 0};
      if (i >= kBefore && left >= kBlock) {
        for (; block.read > kBlock - kLongest && text.size - i >= kBlock; i += block.read) {
          if constexpr (noted) note(i, stream_.bytes.size() + static_cast<std::size_t>(out - begin));
          block = Isa::fold_block(text.data + i, out);
          out += block.written;
        }
      } else {
        if constexpr (noted) note(i, stream_.bytes.size());
        block = fold_edge(text.data + i, std::min(left, kBlock), out);
        out += block.written;
        i += block.read;
      }
      stream_.bytes.add(static_cast<std::size_t>(out - begin));
      if (i < text.size && block.read <= kBlock - kLongest) i = fold_hard<noted>(text, i);
    }
    std::memset(stream_.bytes.room(kBlock + 16), 0, kBlock + 16);
  }

  // The first or last bytes of a text, with zeros around them.
  [[gnu::noinline]] static Folded fold_edge(const u8* text, std::size_t size, u8* out) {
    u8 block[kBefore + kBlock] = {};
    std::memcpy(block + kBefore, text, size);
    const Folded folded = Isa::fold_block(block + kBefore, out);
    return {std::min(folded.read, size), folded.written};
  }

  // Reads on one code point at a time until blocks are worth it again.
  template <bool noted>
  std::size_t fold_hard(const Text& text, std::size_t i) {
    std::size_t next = i;
    for (unsigned easy = 0; i < text.size && (easy < 12 || stream_.alone);) {
      if (noted && i >= next) {
        note(i, stream_.bytes.size());
        next = i + kBlock;
      }
      easy = stream_.add(text, i) ? easy + 1 : 0;
    }
    return i;
  }

  void note(std::size_t text, std::size_t stream) {
    waypoints_.push({static_cast<u32>(text), static_cast<u32>(stream), stream_.alone});
  }

  // Places in the stream where words begin and end, in turn.
  void find() {
    const u8* bytes = stream_.bytes.data();
    const std::size_t size = stream_.bytes.size();
    edges_.cut(0);
    u32* edges = edges_.room(size + 2 * kBlock);
    std::size_t found = 0;
    u64 before = 0;
    for (std::size_t i = 0; i <= size; i += kBlock) {
      const u64 letters = Isa::letters(bytes + i);
      const u64 turns = letters ^ (letters << 1 | before);
      before = letters >> 63;
      Isa::spread(turns, static_cast<u32>(i), edges + found);
      found += static_cast<std::size_t>(__builtin_popcountll(turns));
    }
    edges_.add(found);
    count_ = found / 2;
  }

  // Scalar in every level: two multiplications a word are as fast as vectors that must be
  // gathered first.
  void hash() {
    const u8* bytes = stream_.bytes.data();
    const u32* edges = edges_.data();
    hashes_.cut(0);
    u64* out = hashes_.room(count_ + kSpare);
    for (std::size_t i = 0; i < count_; ++i) {
      const u8* word = bytes + edges[2 * i];
      u32 size = edges[2 * i + 1] - edges[2 * i];
      u64 h;
      if (size <= 16) {
        h = kWordKeys.of[size].begin;
      } else {
        h = kGolden * (u64{size} + 1);
        for (; size > 16; size -= 16, word += 16)
          h = hash_block(h, load64(word), load64(word + 8));
      }
      const u64* mask = kWordKeys.of[size].mask;
      out[i] = hash_block(h, load64(word) & mask[0], load64(word + 8) & mask[1]);
    }
    std::fill(out + count_, out + count_ + kSpare, u64{0});
    hashes_.add(count_);
  }

  Stream stream_;
  Buffer<Waypoint> waypoints_;
  Buffer<u32> edges_;
  Buffer<u64> hashes_;
  std::size_t count_ = 0;
};

}  // namespace dedup
