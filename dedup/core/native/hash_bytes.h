// Hashes that other libraries use, of many stretches of bytes. In: stretches, which hash.
// Out: one value each. Which is which: docs/formats/datasketch.md. Twin: core/pure.py.
#pragma once
#include <vector>

#include "sha1.h"
#include "xxhash.h"

namespace dedup {

enum HashKind : unsigned { kSha1Hash32, kSha1Hash64, kXxhash32, kXxhash64, kXxh3Hash64, kHashKinds };

inline void hash_bytes(const std::vector<Message>& messages, unsigned kind, unsigned most,
                       u64* out) {
  const auto each = [&](auto hash) {
    for (std::size_t i = 0; i < messages.size(); ++i)
      out[i] = hash(messages[i].data, messages[i].size);
  };
  switch (kind) {
    case kXxhash32:
      return each(xxh32);
    case kXxhash64:
      return each(xxh64);
    case kXxh3Hash64:
      return each(xxh3);
    default:
      sha1(messages, most, out);
      if (kind == kSha1Hash32)
        for (std::size_t i = 0; i < messages.size(); ++i) out[i] &= 0xFFFFFFFFu;
  }
}

}  // namespace dedup
