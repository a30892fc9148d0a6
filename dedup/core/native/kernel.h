// The kernels that exist once per instruction set: what they take and give, and which of them
// this machine can run. Each level is one .cpp; all give the same bits.
#pragma once
#include <memory>

#include "buffer.h"
#include "fold.h"

namespace dedup {

struct SketchParams {
  u32 k, slots, fingerprint_k, window;
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
};

struct Level {
  const char* name;
  bool (*runs_here)();
  std::unique_ptr<Kernel> (*make)(const SketchParams&);
};

// The levels that were compiled, slowest first; none behind the last.
const Level* find_level(std::size_t i);

}  // namespace dedup
