// Signatures, same answers as minhash.h. Written once for all instruction sets: few slots stay
// empty after the first throw, so the further throws only look for shingles that fall into one.
#pragma once
#include <algorithm>

#include "buffer.h"
#include "minhash.h"

namespace dedup {

template <class Isa>
class StagedSign {
 public:
  explicit StagedSign(u32 slots) : slots_(slots) {
    while ((1u << bits_) < slots) ++bits_;
    values_.room(slots + 64);
    open_.room(slots / 64 + 16);
  }

  void sign(const u64* shingles, std::size_t n, u16* out) {
    if (n == 0) {
      std::fill(out, out + slots_, u16{0});
      return;
    }
    u64* values = values_.data();
    // Behind the slots there is room for a whole word of bits; it is never open.
    for (u32 s = 0; s < slots_; s += Isa::kWide) Isa::store(values + s, Isa::fill(kEmpty));
    for (u32 s = slots_; s < 64; ++s) values[s] = 0;
    throw_first(shingles, n, values);
    bool any = find_open();
    for (u32 t = 1; t < kThrows && any; ++t) {
      std::size_t i = 0;
      for (; i + 64 <= n; i += 64) throw_again(shingles + i, t, values);
      if (i < n) {  // a set: filling up with repeats changes nothing
        u64 rest[64];
        std::fill(std::copy(shingles + i, shingles + n, rest), rest + 64, shingles[n - 1]);
        throw_again(rest, t, values);
      }
      any = find_open();
    }
    if (any) fill_open(shingles, n, values);
    for (u32 s = 0; s < slots_; ++s) out[s] = static_cast<u16>(values[s]);
  }

 private:
  static constexpr u64 kEmpty = ~u64{0};

  void throw_first(const u64* shingles, std::size_t n, u64* values) const {
    const unsigned shift = 64 - bits_;
    for (std::size_t i = 0; i < n; ++i) {
      const u64 x = shingles[i], slot = x >> shift, value = x & 0xFFFFFFFFu;
      const u64 old = values[slot];
      values[slot] = value < old ? value : old;
    }
  }

  // Marks the slots that are empty, one bit each.
  bool find_open() {
    u64* open = open_.data();
    const u64* values = values_.data();
    u64 any = 0;
    for (u32 s = 0; s < slots_; s += 64) {
      u64 bits = 0;
      for (u32 j = 0; j < 64; j += Isa::kWide)
        bits |= Isa::equal(Isa::load(values + s + j), Isa::fill(kEmpty)) << j;
      open[s / 64] = bits;
      any |= bits;
    }
    return any != 0;
  }

  // 64 shingles.
  void throw_again(const u64* shingles, u32 t, u64* values) const {
    u64 hits = Isa::find_open(shingles, kThrowMultipliers[t], bits_, open_.data());
    for (; hits; hits &= hits - 1) {
      const u64 x = shingles[__builtin_ctzll(hits)];
      const u32 slot = (static_cast<u32>(x >> 16) * kThrowMultipliers[t]) >> (32 - bits_);
      values[slot] = std::min(values[slot], rehash(x, t) & 0xFFFFFFFFu);
    }
  }

  // The last resort: one more hash of every shingle for each slot that is still empty.
  void fill_open(const u64* shingles, std::size_t n, u64* values) const {
    for (u32 s = 0; s < slots_; ++s) {
      if (values[s] != kEmpty) continue;
      const u64 step = (kThrows + s) * kGolden;
      typename Isa::Wide found = Isa::fill(0xFFFFFFFFu);
      u64 parts[Isa::kWide], least = 0xFFFFFFFFu;
      std::size_t i = 0;
      for (; i + Isa::kWide <= n; i += Isa::kWide) {
        typename Isa::Wide x = Isa::add(Isa::load(shingles + i), Isa::fill(step));
        x = Isa::multiply(Isa::exclusive_or(x, Isa::shift_right(x, 32)), kMulB);
        found = Isa::lower_half(found, Isa::exclusive_or(x, Isa::shift_right(x, 29)));
      }
      for (; i < n; ++i) least = std::min(least, rehash(shingles[i], kThrows + s) & 0xFFFFFFFFu);
      Isa::store(parts, found);
      for (u64 part : parts) least = std::min(least, part & 0xFFFFFFFFu);
      values[s] = least;
    }
  }

  u32 slots_;
  unsigned bits_ = 0;
  Buffer<u64> values_, open_;
};

}  // namespace dedup
