// The level every machine runs: plain C++, 8 bytes at a time where it pays.
#include "staged.h"

namespace dedup {
namespace {

// Bit 7 of each byte that is at least `least`; bytes below 0x80.
constexpr u64 kOnes = 0x0101010101010101u, kHighs = 0x8080808080808080u;
constexpr u64 at_least(u64 bytes, u8 least) { return bytes + (0x80u - least) * kOnes; }

inline void store64(u8* p, u64 x) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::memcpy(p, &x, 8);
#else
  for (unsigned i = 0; i < 8; ++i) p[i] = static_cast<u8>(x >> (8 * i));
#endif
}

struct Scalar {
  using Wide = u64;
  static constexpr std::size_t kWide = 1;
  static Wide load(const u64* p) { return *p; }
  static void store(u64* p, Wide x) { *p = x; }
  static void store_upper(u32* p, Wide x) { *p = static_cast<u32>(x >> 32); }
  static Wide exclusive_or(Wide a, Wide b) { return a ^ b; }
  static Wide shift_right(Wide x, unsigned n) { return x >> n; }
  static Wide rotate(Wide x, unsigned n) { return rotate_left(x, n); }
  static Wide multiply(Wide x, u64 factor) { return x * factor; }
  static Wide fill(u64 x) { return x; }
  static Wide add(Wide a, Wide b) { return a + b; }
  static u64 equal(Wide a, Wide b) { return a == b; }
  static Wide lower_half(Wide a, Wide b) {
    return std::min(static_cast<u32>(a), static_cast<u32>(b));
  }

  using Narrow = u32;
  static constexpr std::size_t kNarrow = 1;
  static Narrow load_narrow(const u32* p) { return *p; }
  static void store_narrow(u32* p, Narrow x) { *p = x; }
  static Narrow lower(Narrow a, Narrow b) { return b < a ? b : a; }
  static u64 equal_narrow(Narrow a, Narrow b) { return a == b; }
  static u64 find(const u32* values, u32 value, unsigned n) {
    u64 bits = 0;
    for (unsigned i = 0; i < n; ++i) bits |= static_cast<u64>(values[i] == value) << i;
    return bits;
  }

  static u64 letters(const u8* block) {
    u64 bits = 0;
    for (unsigned i = 0; i < 8; ++i) {
      const u64 x = load64(block + 8 * i);
      const u64 some = (((x & ~kHighs) + ~kHighs) | x) & kHighs;
      bits |= ((some >> 7) * 0x0102040810204080u >> 56) << (8 * i);
    }
    return bits;
  }

  static void spread(u64 bits, u32 base, u32* out) {
    for (; bits; bits &= bits - 1) *out++ = base + static_cast<u32>(__builtin_ctzll(bits));
  }

  static u64 find_open(const u64* shingles, u32 multiplier, unsigned bits, const u64* open) {
    return find_open_slots(shingles, multiplier, bits, open);
  }

  // Eight letters, digits and separators of ASCII.
  static u64 fold_ascii(u64 x) {
    const u64 lower = x | 0x20 * kOnes;
    const u64 letter = at_least(lower, 'a') & ~at_least(lower, 'z' + 1) & kHighs;
    const u64 digit = at_least(x, '0') & ~at_least(x, '9' + 1) & kHighs;
    const auto whole = [](u64 highs) { return highs | (highs - (highs >> 7)); };
    return (lower & whole(letter)) | (x & whole(digit));
  }

  [[gnu::always_inline]] static inline Folded fold_block(const u8* text, u8* out) {
    u8* const begin = out;
    std::size_t i = 0;
    while (i < kBlock) {
      if (i + 8 <= kBlock) {
        const u64 x = load64(text + i);
        if (!(x & kHighs)) {
          store64(out, fold_ascii(x));
          out += 8;
          i += 8;
          continue;
        }
      }
      const u8 byte = text[i];
      if (byte < 0x80) {
        *out++ = kLatin.ascii[byte];
        ++i;
        continue;
      }
      if (i + 2 > kBlock) break;
      const unsigned last = text[i + 1] & 0x3F;
      const bool follows = (text[i + 1] & 0xC0) == 0x80;
      if (byte == kLatinLead && follows) {
        *out = kLatin.first[last];
        out += kLatin.first[last] != 0;
        *out++ = kLatin.second[last];
        i += 2;
      } else if (byte == kSignLead && follows && !(kLatin.hard[last] & kHardSign)) {
        *out++ = 0;
        i += 2;
      } else if (byte == kPunctuationLead && text[i + 1] == 0x80 && i + 3 <= kBlock &&
                 (text[i + 2] & 0xC0) == 0x80 &&
                 !(kLatin.hard[text[i + 2] & 0x3F] & kHardPunctuation)) {
        *out++ = 0;
        i += 3;
      } else {
        break;
      }
    }
    return {i, static_cast<std::size_t>(out - begin)};
  }
};

bool runs_here() { return true; }
std::unique_ptr<Kernel> make(const SketchParams& params) {
  return std::make_unique<Staged<Scalar>>(params);
}

}  // namespace

extern const Level kScalarLevel{"scalar", runs_here, make};

}  // namespace dedup
