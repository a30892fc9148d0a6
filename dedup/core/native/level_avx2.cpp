// AVX2: Haswell, Zen and later. Only what stands between the pragmas is compiled for it, so no
// code shared with other levels can carry its instructions.
#include "level_x86.h"
#ifdef DEDUP_X86_LEVELS
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#include "staged.h"

namespace dedup {
namespace {

// Tables by 4 bits, once for each half of a vector. Letters U+00C0 to U+00DF fold like those 32
// places later, but for the last one.
struct NibbleTables {
  alignas(32) u8 second[2][32];
  // A last byte is hard when its entries by both halves share a bit of what it follows.
  alignas(32) u8 hard_low[32], hard_high[32];
};

constexpr u8 kSigns = 0x0F, kPunctuation = 0xF0;

constexpr NibbleTables make_nibble_tables() {
  NibbleTables t{};
  for (unsigned i = 0; i < 32; ++i) {
    t.second[0][i] = kLatin.second[32 + i % 16];
    t.second[1][i] = kLatin.second[48 + i % 16];
    for (unsigned high = 0; high < 4; ++high) {
      const u8 hard = kLatin.hard[16 * high + i % 16];
      if (hard & kHardSign) t.hard_low[i] |= static_cast<u8>(1u << high);
      if (hard & kHardPunctuation) t.hard_low[i] |= static_cast<u8>(16u << high);
      if (i % 16 == 8 + high) t.hard_high[i] = static_cast<u8>(17u << high);
    }
  }
  return t;
}

constexpr NibbleTables kNibbles = make_nibble_tables();

constexpr bool halves_fold_alike() {
  for (unsigned i = 0; i < 31; ++i)
    if (kLatin.second[i] != kLatin.second[32 + i]) return false;
  return kLatin.second[31] == 's';
}
static_assert(halves_fold_alike());

struct Avx2 {
  using Wide = __m256i;
  static constexpr std::size_t kWide = 4;
  static Wide load_any(const void* p) { return _mm256_loadu_si256(static_cast<const Wide*>(p)); }
  static void store_any(void* p, Wide x) { _mm256_storeu_si256(static_cast<Wide*>(p), x); }
  static Wide load(const u64* p) { return load_any(p); }
  static void store(u64* p, Wide x) { store_any(p, x); }
  static void store_upper(u32* p, Wide x) {
    const Wide upper = _mm256_permute4x64_epi64(_mm256_shuffle_epi32(x, 0x0D), 0x08);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(upper));
  }
  static Wide exclusive_or(Wide a, Wide b) { return _mm256_xor_si256(a, b); }
  static Wide shift_right(Wide x, unsigned n) { return _mm256_srli_epi64(x, static_cast<int>(n)); }
  static Wide rotate(Wide x, unsigned n) {
    return _mm256_or_si256(_mm256_slli_epi64(x, static_cast<int>(n)),
                           _mm256_srli_epi64(x, static_cast<int>(64 - n)));
  }
  // Three products of 32 bits; the fourth lies above bit 64.
  static Wide multiply(Wide x, u64 factor) {
    const Wide low = _mm256_set1_epi64x(static_cast<long long>(factor & 0xFFFFFFFFu));
    const Wide high = _mm256_set1_epi64x(static_cast<long long>(factor >> 32));
    const Wide cross = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(x, 32), low),
                                        _mm256_mul_epu32(x, high));
    return _mm256_add_epi64(_mm256_mul_epu32(x, low), _mm256_slli_epi64(cross, 32));
  }
  static Wide fill(u64 x) { return _mm256_set1_epi64x(static_cast<long long>(x)); }
  static Wide add(Wide a, Wide b) { return _mm256_add_epi64(a, b); }
  static u64 equal(Wide a, Wide b) {
    return static_cast<u32>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(a, b))));
  }
  static Wide lower_half(Wide a, Wide b) { return _mm256_min_epu32(a, b); }

  using Narrow = __m256i;
  static constexpr std::size_t kNarrow = 8;
  static Narrow load_narrow(const u32* p) { return load_any(p); }
  static void store_narrow(u32* p, Narrow x) { store_any(p, x); }
  static Narrow lower(Narrow a, Narrow b) { return _mm256_min_epu32(a, b); }
  static u64 equal_narrow(Narrow a, Narrow b) {
    return static_cast<u32>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b))));
  }
  static u64 find(const u32* values, u32 value, unsigned n) {
    const Narrow wanted = _mm256_set1_epi32(static_cast<int>(value));
    u64 bits = 0;
    for (unsigned i = 0; i < n; i += 8) bits |= equal_narrow(load_narrow(values + i), wanted) << i;
    return bits;
  }

  // Bit 7 of each byte of both halves of a block.
  static u64 highs(Wide first, Wide second) {
    return static_cast<u32>(_mm256_movemask_epi8(first)) |
           static_cast<u64>(static_cast<u32>(_mm256_movemask_epi8(second))) << 32;
  }

  static u64 letters(const u8* block) {
    const Wide zero = _mm256_setzero_si256();
    return ~highs(_mm256_cmpeq_epi8(load_any(block), zero),
                  _mm256_cmpeq_epi8(load_any(block + 32), zero));
  }

  static void spread(u64 bits, u32 base, u32* out) {
    Wide begin = _mm256_set1_epi32(static_cast<int>(base));
    for (unsigned i = 0; i < 8; ++i, bits >>= 8) {
      const __m128i places = _mm_cvtsi64_si128(static_cast<long long>(kTables.places[bits & 0xFF]));
      store_any(out, _mm256_add_epi32(begin, _mm256_cvtepu8_epi32(places)));
      out += __builtin_popcountll(bits & 0xFF);
      begin = _mm256_add_epi32(begin, _mm256_set1_epi32(8));
    }
  }

  static u64 find_open(const u64* shingles, u32 multiplier, unsigned bits, const u64* open) {
    if (bits > 8) return find_open_slots(shingles, multiplier, bits, open);
    const Wide slots = load(open);
    const Wide factor = _mm256_set1_epi32(static_cast<int>(multiplier));
    u64 hits = 0;
    for (unsigned i = 0; i < 64; i += 8) {
      const Wide a = _mm256_srli_epi64(load(shingles + i), 16);
      const Wide b = _mm256_srli_epi64(load(shingles + i + 4), 16);
      const Wide mixed = _mm256_castps_si256(
          _mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
      const Wide thrown = _mm256_permute4x64_epi64(mixed, 0xD8);
      const Wide slot =
          _mm256_srli_epi32(_mm256_mullo_epi32(thrown, factor), static_cast<int>(32 - bits));
      const Wide word = _mm256_permutevar8x32_epi32(slots, _mm256_srli_epi32(slot, 5));
      // The bit of the slot becomes the sign.
      const Wide place = _mm256_andnot_si256(slot, _mm256_set1_epi32(31));
      const Wide sign = _mm256_sllv_epi32(word, place);
      hits |= static_cast<u64>(static_cast<u32>(_mm256_movemask_ps(_mm256_castsi256_ps(sign)))) << i;
    }
    return hits;
  }

  // One half of a block: what it folds to, and which of its bytes are what.
  struct Half {
    Wide folded, lead, two, three, pair;
  };

  static Wide all(unsigned byte) { return _mm256_set1_epi8(static_cast<char>(byte)); }
  static Wide is(Wide x, unsigned byte) { return _mm256_cmpeq_epi8(x, all(byte)); }

  [[gnu::always_inline]] static inline Half fold_half(const u8* text) {
    const Wide x = load_any(text), before = load_any(text - 1), before2 = load_any(text - 2);
    // Letters and digits: a range is moved to the lowest signed values.
    const Wide small = _mm256_or_si256(x, all(0x20));
    const Wide letter =
        _mm256_cmpgt_epi8(all(0x80 + 26), _mm256_sub_epi8(small, all('a' - 0x80u)));
    const Wide digit = _mm256_cmpgt_epi8(all(0x80 + 10), _mm256_sub_epi8(x, all('0' - 0x80u)));
    const Wide ascii =
        _mm256_or_si256(_mm256_and_si256(letter, small), _mm256_and_si256(digit, x));
    // Last bytes, by what stands before them.
    const Wide last = _mm256_cmpgt_epi8(all(0xC0), x);
    const Wide latin = _mm256_and_si256(is(before, kLatinLead), last);
    const Wide sign = _mm256_and_si256(is(before, kSignLead), last);
    const Wide mark = _mm256_and_si256(
        _mm256_and_si256(is(before2, kPunctuationLead), is(before, 0x80)), last);
    const Wide low = _mm256_and_si256(x, all(0x0F));
    const Wide high = _mm256_and_si256(_mm256_srli_epi16(x, 4), all(0x0F));
    const Wide hard = _mm256_and_si256(_mm256_shuffle_epi8(load_any(kNibbles.hard_low), low),
                                       _mm256_shuffle_epi8(load_any(kNibbles.hard_high), high));
    const Wide zero = _mm256_setzero_si256();
    const Wide easy_sign =
        _mm256_and_si256(sign, _mm256_cmpeq_epi8(_mm256_and_si256(hard, all(kSigns)), zero));
    const Wide easy_mark =
        _mm256_and_si256(mark, _mm256_cmpeq_epi8(_mm256_and_si256(hard, all(kPunctuation)), zero));
    const Wide sharp = is(x, 0x9F);
    Wide second = _mm256_blendv_epi8(_mm256_shuffle_epi8(load_any(kNibbles.second[0]), low),
                                     _mm256_shuffle_epi8(load_any(kNibbles.second[1]), low),
                                     _mm256_slli_epi16(x, 3));
    second = _mm256_blendv_epi8(second, all('s'), sharp);
    second = _mm256_and_si256(second, latin);
    return {_mm256_or_si256(ascii, second), is(x, kLatinLead), _mm256_or_si256(latin, easy_sign),
            easy_mark, _mm256_or_si256(second, _mm256_and_si256(sharp, latin))};
  }

  // Writes the bytes of `x` whose bit in `keep` is set, and gives how many they are.
  [[gnu::always_inline]] static inline std::size_t pack(Wide x, u32 keep, u8* out) {
    const auto places = [](u32 byte) { return static_cast<long long>(kTables.places[byte & 0xFF]); };
    const Wide order = _mm256_setr_epi64x(places(keep), places(keep >> 8), places(keep >> 16),
                                          places(keep >> 24));
    const Wide shift = _mm256_setr_epi64x(0, 0x0808080808080808, 0, 0x0808080808080808);
    const Wide packed = _mm256_shuffle_epi8(x, _mm256_add_epi8(order, shift));
    const __m128i low = _mm256_castsi256_si128(packed), high = _mm256_extracti128_si256(packed, 1);
    const auto count = [keep](unsigned bits) {
      return static_cast<std::size_t>(__builtin_popcount(keep & ((1u << bits) - 1)));
    };
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), low);
    _mm_storeh_pd(reinterpret_cast<double*>(out + count(8)), _mm_castsi128_pd(low));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + count(16)), high);
    _mm_storeh_pd(reinterpret_cast<double*>(out + count(24)), _mm_castsi128_pd(high));
    return static_cast<std::size_t>(__builtin_popcount(keep));
  }

  [[gnu::always_inline]] static inline Folded fold_block(const u8* text, u8* out) {
    const Half a = fold_half(text), b = fold_half(text + 32);
    const u64 high = highs(load_any(text), load_any(text + 32));
    const u64 lead = highs(a.lead, b.lead), two = highs(a.two, b.two);
    const u64 three = highs(a.three, b.three), pair = highs(a.pair, b.pair);
    const u64 known = two | two >> 1 | three | three >> 1 | three >> 2;
    const u64 unknown = high & ~known;
    u64 keep = ~(lead & ~(pair >> 1));
    std::size_t read = kBlock;
    if (unknown) {
      read = static_cast<std::size_t>(__builtin_ctzll(unknown));
      keep &= (u64{1} << read) - 1;
    }
    std::size_t written = pack(a.folded, static_cast<u32>(keep), out);
    written += pack(b.folded, static_cast<u32>(keep >> 32), out + written);
    for (u64 stays = keep & pair >> 1; stays; stays &= stays - 1) {
      const std::size_t at = static_cast<std::size_t>(__builtin_ctzll(stays));
      out[__builtin_popcountll(keep & (_blsmsk_u64(stays) >> 1))] =
          kLatin.first[text[at + 1] & 0x3F];
    }
    return {read, written};
  }
};

bool runs_here() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

std::unique_ptr<Kernel> make(const SketchParams& params) {
  return std::unique_ptr<Kernel>(new Staged<Avx2>(params));
}

}  // namespace

extern const Level kAvx2Level{"avx2", runs_here, make};

}  // namespace dedup
#pragma GCC pop_options
#endif
