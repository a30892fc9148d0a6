// The kernels that exist once per instruction set: what they take and give, and which of them
// this machine can run. Each level is one .cpp; all give the same bits.
#pragma once
#include <memory>

#include "buffer.h"
#include "fold.h"

namespace dedup {

struct SketchParams {
  u32 k, slots;
  u32 fingerprint_k, window;  // 0: no fingerprints
};

struct Fingerprints {
  Buffer<u64> hashes;
  Buffer<u32> positions;

  std::size_t size() const { return hashes.size(); }
  void push(u64 hash, u32 position) {
    hashes.push(hash);
    positions.push(position);
  }
};

// Words of a text, and their weight in quarter-words.
struct Counts {
  u32 tokens, weight;
};

// A place where reading a text can begin again: what comes behind it depends on nothing before it
// but `alone`, which says that the token before it is a character that only a mark joins.
struct Waypoint {
  u32 text, stream;  // bytes before it, of the text and of the stream of letters
  bool alone;
};

// A text as words. Holds until the kernel is used again.
struct Words {
  const u8* letters;  // folded, with a zero byte at least between words, and zeros behind the last
  std::size_t letter_bytes;
  const u32* edges;   // where each word begins and ends in `letters`, in turn
  const u64* hashes;  // followed by kSpare zeros
  std::size_t count;
  bool weighted;      // some of them weigh less than a word
  const Waypoint* waypoints;
  std::size_t num_waypoints;

  static constexpr std::size_t kSpare = 128;
};

// Holds its work space, so one per thread and batch.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;
  // Writes `slots` values to `signature`, two to `digest`; adds to `out`.
  virtual Counts sketch(const Text& text, u16* signature, u64* digest, Fingerprints& out) = 0;
  // Writes the signature of a set of shingle hashes.
  virtual void sign(const u64* shingles, std::size_t n, u16* signature) = 0;
  // Reads a text for verification, with waypoints.
  virtual Words read(const Text& text) = 0;
  // Hashes of the shingles at the first `n` places, k words each that weigh the same. `hashes`
  // must be followed by Words::kSpare more values, `out` have room for as many more.
  virtual void hash_words(const u64* hashes, std::size_t n, u32 k, u64* out) = 0;
};

struct Level {
  const char* name;
  bool (*runs_here)();
  std::unique_ptr<Kernel> (*make)(const SketchParams&);
};

// The levels that were compiled, slowest first; none behind the last.
const Level* find_level(std::size_t i);

}  // namespace dedup
