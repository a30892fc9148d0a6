// Which articles hold the same fingerprints? In: the keys of each article, oldest first.
// Out: those held by two articles at least, rising, with their holders, oldest first. Twin:
// core/pure.py.
#pragma once
#include "join.h"

namespace dedup {

struct Holders {
  std::vector<u64> keys;
  std::vector<std::int64_t> offsets{0};  // holders of key n: articles[offsets[n] .. offsets[n+1])
  std::vector<u32> articles;
};

// Keys may be repeated inside an article; at most about `most` records are held at a time.
inline void find_holders(const std::vector<KeyColumn>& columns, std::size_t num_articles,
                         std::size_t most, Holders& out) {
  sorted_runs(columns, num_articles, most, [&](const KeyRecord* records, std::size_t n) {
    for (std::size_t i = 0, end = 0; i < n; i = end) {
      for (end = i + 1; end < n && records[end].key == records[i].key; ++end) {}
      if (records[i].article == records[end - 1].article) continue;
      for (std::size_t h = i; h < end; ++h)
        if (h == i || records[h].article != records[h - 1].article)
          out.articles.push_back(records[h].article);
      out.keys.push_back(records[i].key);
      out.offsets.push_back(static_cast<std::int64_t>(out.articles.size()));
    }
  });
}

}  // namespace dedup
