// A sketch in stages over a whole text, each a loop without branches over arrays that stay in
// the cache: words, shingles, signature, fingerprints. One instruction set's level is made of
// this and of its steps `Isa`; docs/choices/0011-instruction-sets.md.
#pragma once
#include "staged_shingles.h"
#include "staged_sign.h"
#include "staged_words.h"
#include "tokenize.h"

namespace dedup {

template <class Isa>
class Staged final : public Kernel {
 public:
  explicit Staged(const SketchParams& params) : p_(params), sign_(params.slots) {}

  Counts sketch(const Text& text, u16* signature, u64* digest, Fingerprints& out) override {
    if (text.size > kMostBytes || !is_plain()) return sketch_slowly(text, signature, digest, out);
    words_.read(text);
    const u64* hashes = words_.hashes();
    const std::size_t n = words_.count();
    digest_values(hashes, n, digest);
    if (words_.weighted()) {
      weighted_.weights.resize(n);
      for (std::size_t i = 0; i < n; ++i) weighted_.weights[i] = words_.weight(i);
      const u32 weight = weighted_.sketch(hashes, p_, signature, out);
      return {static_cast<u32>(n), weight};
    }
    if (p_.fingerprint_k == 0) {  // none are wanted
      const std::size_t shingles = n >= p_.k ? n - p_.k + 1 : 0;
      u64* room = shingles_.room(n + 2 * kSpare);
      hash_words(hashes, shingles, p_.k, room);
      sign_.sign(room, shingles, signature);
      return {static_cast<u32>(n), static_cast<u32>(4 * n)};
    }
    const std::size_t short_ones = n >= p_.k ? n - p_.k + 1 : 0;
    const std::size_t long_ones = n >= p_.fingerprint_k ? n - p_.fingerprint_k + 1 : 0;
    u64* shingles = shingles_.room(n + 2 * kSpare);
    u64* longer = longer_.room(n + 2 * kSpare);
    u32* upper = upper_.room(n + 2 * kSpare);
    const std::size_t most = std::max(short_ones, long_ones);
    if (p_.k == 5 && p_.fingerprint_k == 6) {
      Steps::template hash<5>(hashes, most, 5, shingles, longer, upper);
      sign_.sign(shingles, short_ones, signature);
    } else {
      Steps::template hash<0>(hashes, short_ones, p_.k, shingles, nullptr, nullptr);
      sign_.sign(shingles, short_ones, signature);
      Steps::template hash<0>(hashes, long_ones, p_.fingerprint_k, longer, nullptr, nullptr);
      Steps::take_upper(longer, long_ones, upper);
    }
    std::fill(upper + long_ones, upper + long_ones + kSpare, 0u);
    winnow_.winnow(longer, upper, long_ones, p_.window, weighted_, out);
    return {static_cast<u32>(n), static_cast<u32>(4 * n)};
  }

  void sign(const u64* shingles, std::size_t n, u16* signature) override {
    sign_.sign(shingles, n, signature);
  }

  Words read(const Text& text) override { return words_.read_with_waypoints(text); }

  void hash_words(const u64* hashes, std::size_t n, u32 k, u64* out) override {
    switch (k) {
      case 4: return Steps::template hash<4>(hashes, n, k, out, nullptr, nullptr);
      case 5: return Steps::template hash<5>(hashes, n, k, out, nullptr, nullptr);
      default: return Steps::template hash<0>(hashes, n, k, out, nullptr, nullptr);
    }
  }

 private:
  using Steps = Shingles<Isa>;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 26;
  static constexpr std::size_t kSpare = Words::kSpare;

  bool is_plain() const {
    const auto fits = [](u32 k) { return k >= 1 && k <= 64; };
    return fits(p_.k) && (p_.fingerprint_k == 0 || (fits(p_.fingerprint_k) && fits(p_.window)));
  }

  // For huge texts, whose work space would be a multiple of them, and for odd parameters.
  Counts sketch_slowly(const Text& text, u16* signature, u64* digest, Fingerprints& out) {
    Letters letters;
    std::vector<u64> hashes;
    weighted_.weights.clear();
    tokenize(text, letters, [&](std::size_t first, std::size_t end, u32, u32, u8 weight) {
      hashes.push_back(hash_word(letters.data() + first, end - first));
      weighted_.weights.push_back(weight);
      letters.clear();
    });
    digest_values(hashes.data(), hashes.size(), digest);
    const u32 weight = weighted_.sketch(hashes.data(), p_, signature, out);
    return {static_cast<u32>(hashes.size()), weight};
  }

  SketchParams p_;
  StagedWords<Isa> words_;
  StagedSign<Isa> sign_;
  StagedWinnow<Isa> winnow_;
  Weighted weighted_;
  Buffer<u64> shingles_, longer_;
  Buffer<u32> upper_;
};

}  // namespace dedup
