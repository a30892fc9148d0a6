// Which articles hold the same fingerprints? In: records (key, article), as many as may be
// shared (share.h) or all of them. Out: those held by two articles at least, rising, with their holders, rising.
// Twin: core/pure_keys.py.
#pragma once
#include "join.h"

namespace dedup {

struct Holders {
  Buffer<u64> keys;
  Buffer<std::int64_t> offsets;  // holders of key n: articles[offsets[n] .. offsets[n+1])
  Buffer<u32> articles;
};

template <class Source>
void find_holders(const std::vector<Source>& sources, Holders& out) {
  out.offsets.push(0);
  each_shared(sources, [&](const u32* holders, std::size_t n, u64 key) {
    std::copy(holders, holders + n, out.articles.room(n));
    out.articles.add(n);
    out.keys.push(key);
    out.offsets.push(static_cast<std::int64_t>(out.articles.size()));
  });
}

}  // namespace dedup
