// AVX-512 with VBMI and VBMI2: Ice Lake, Zen 4 and later. Only what stands between the pragmas is
// compiled for it, so no code shared with other levels can carry its instructions.
#include "level_x86.h"
#ifdef DEDUP_X86_LEVELS
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")
// g++ 12 takes the undefined lanes of its own intrinsics for mistakes of ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include "staged.h"

namespace dedup {
namespace {

struct Avx512 {
  using Wide = __m512i;
  static constexpr std::size_t kWide = 8;
  static Wide load(const u64* p) { return _mm512_loadu_si512(p); }
  static void store(u64* p, Wide x) { _mm512_storeu_si512(p, x); }
  static void store_upper(u32* p, Wide x) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                        _mm512_cvtepi64_epi32(_mm512_srli_epi64(x, 32)));
  }
  static Wide exclusive_or(Wide a, Wide b) { return _mm512_xor_si512(a, b); }
  static Wide shift_right(Wide x, unsigned n) { return _mm512_srli_epi64(x, n); }
  static Wide rotate(Wide x, unsigned n) { return _mm512_rolv_epi64(x, _mm512_set1_epi64(n)); }
  static Wide multiply(Wide x, u64 factor) {
    return _mm512_mullo_epi64(x, _mm512_set1_epi64(static_cast<long long>(factor)));
  }
  static Wide fill(u64 x) { return _mm512_set1_epi64(static_cast<long long>(x)); }
  static Wide add(Wide a, Wide b) { return _mm512_add_epi64(a, b); }
  static u64 equal(Wide a, Wide b) { return _mm512_cmpeq_epi64_mask(a, b); }
  static Wide lower_half(Wide a, Wide b) { return _mm512_min_epu32(a, b); }

  using Narrow = __m512i;
  static constexpr std::size_t kNarrow = 16;
  static Narrow load_narrow(const u32* p) { return _mm512_loadu_si512(p); }
  static void store_narrow(u32* p, Narrow x) { _mm512_storeu_si512(p, x); }
  static Narrow lower(Narrow a, Narrow b) { return _mm512_min_epu32(a, b); }
  static u64 equal_narrow(Narrow a, Narrow b) { return _mm512_cmpeq_epi32_mask(a, b); }
  static u64 find(const u32* values, u32 value, unsigned n) {
    const Narrow wanted = _mm512_set1_epi32(static_cast<int>(value));
    u64 bits = 0;
    for (unsigned i = 0; i < n; i += 16) bits |= equal_narrow(load_narrow(values + i), wanted) << i;
    return bits;
  }

  static u64 letters(const u8* block) {
    const __m512i x = _mm512_loadu_si512(block);
    return _mm512_test_epi8_mask(x, x);
  }

  static void spread(u64 bits, u32 base, u32* out) {
    const __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(kTables.iota));
    const __m512i begin = _mm512_set1_epi32(static_cast<int>(base));
    const auto put = [&](unsigned at, __m128i part) {
      store_narrow(out + at, _mm512_add_epi32(begin, _mm512_cvtepu8_epi32(part)));
    };
    put(0, _mm512_castsi512_si128(places));
    put(16, _mm512_extracti32x4_epi32(places, 1));
    if (__builtin_popcountll(bits) > 32) {
      put(32, _mm512_extracti32x4_epi32(places, 2));
      put(48, _mm512_extracti32x4_epi32(places, 3));
    }
  }

  static u64 find_open(const u64* shingles, u32 multiplier, unsigned bits, const u64* open) {
    if (bits > 9) return find_open_slots(shingles, multiplier, bits, open);
    const __m512i slots = _mm512_loadu_si512(open);
    const __m512i factor = _mm512_set1_epi32(static_cast<int>(multiplier));
    u64 hits = 0;
    for (unsigned i = 0; i < 64; i += 16) {
      const auto middle = [&](unsigned at) {
        return _mm512_cvtepi64_epi32(_mm512_srli_epi64(load(shingles + at), 16));
      };
      const __m512i thrown = _mm512_inserti64x4(_mm512_castsi256_si512(middle(i)), middle(i + 8), 1);
      const __m512i slot = _mm512_srli_epi32(_mm512_mullo_epi32(thrown, factor), 32 - bits);
      const __m512i word = _mm512_permutexvar_epi32(_mm512_srli_epi32(slot, 5), slots);
      const __m512i bit =
          _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(slot, _mm512_set1_epi32(31)));
      hits |= static_cast<u64>(_mm512_test_epi32_mask(word, bit)) << i;
    }
    return hits;
  }

  [[gnu::always_inline]] static inline Folded fold_block(const u8* text, u8* out) {
    const __m512i x = _mm512_loadu_si512(text);
    const u64 high = _mm512_movepi8_mask(x);
    const u64 last = _mm512_mask_cmplt_epu8_mask(high, x, _mm512_set1_epi8(static_cast<char>(0xC0)));
    const auto is = [&x](u8 byte) {
      return _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(static_cast<char>(byte)));
    };
    const __m512i hard = _mm512_permutexvar_epi8(x, _mm512_loadu_si512(kLatin.hard));
    const auto easy = [&hard](u8 bit) {
      return _mm512_testn_epi8_mask(hard, _mm512_set1_epi8(static_cast<char>(bit)));
    };
    const u64 lead = is(kLatinLead);
    const u64 latin = lead << 1 & last;
    const u64 sign = is(kSignLead) << 1 & last & easy(kHardSign);
    const u64 mark = (is(kPunctuationLead) << 1 & is(0x80)) << 1 & last & easy(kHardPunctuation);
    const u64 known = latin | latin >> 1 | sign | sign >> 1 | mark | mark >> 1 | mark >> 2;
    const u64 unknown = high & ~known;
    __m512i folded = _mm512_maskz_permutex2var_epi8(~high, _mm512_loadu_si512(kLatin.ascii), x,
                                                    _mm512_loadu_si512(kLatin.ascii + 64));
    folded = _mm512_mask_permutexvar_epi8(folded, latin, x, _mm512_loadu_si512(kLatin.second));
    // First bytes that stay, looked up by the byte behind them.
    const __m512i first = _mm512_maskz_permutexvar_epi8(latin, x, _mm512_loadu_si512(kLatin.first));
    const u64 pairs = _mm512_test_epi8_mask(first, first);
    if (pairs) {
      const __m512i next = _mm512_loadu_si512(kTables.iota + 1);
      folded = _mm512_mask_permutexvar_epi8(folded, pairs >> 1, next, first);
    }
    u64 keep = ~(lead & ~(pairs >> 1));
    std::size_t read = kBlock;
    if (unknown) {
      read = static_cast<std::size_t>(__builtin_ctzll(unknown));
      keep &= (u64{1} << read) - 1;
    }
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(keep, folded));
    return {read, static_cast<std::size_t>(__builtin_popcountll(keep))};
  }
};

bool runs_here() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

std::unique_ptr<Kernel> make(const SketchParams& params) {
  return std::unique_ptr<Kernel>(new Staged<Avx512>(params));
}

}  // namespace

extern const Level kAvx512Level{"avx512", runs_here, make};

}  // namespace dedup
#pragma GCC pop_options
#endif
