// Which articles hold the same fingerprints? In: the fingerprints of each article, oldest first.
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

// keys[offsets[a] .. offsets[a+1]) are those of article a; repeats inside an article count once.
inline void find_holders(const u64* keys, const std::size_t* offsets, std::size_t num_articles,
                         Holders& out) {
  std::vector<KeyRecord> records;
  records.reserve(offsets[num_articles] - offsets[0]);
  for (std::size_t a = 0; a < num_articles; ++a)
    for (std::size_t n = offsets[a]; n < offsets[a + 1]; ++n)
      records.push_back({keys[n], static_cast<u32>(a)});
  sort_records(records);
  for (std::size_t i = 0, end = 0; i < records.size(); i = end) {
    const std::size_t first = out.articles.size();
    for (end = i; end < records.size() && records[end].key == records[i].key; ++end)
      if (end == i || records[end].article != records[end - 1].article)
        out.articles.push_back(records[end].article);
    if (out.articles.size() - first < 2) {
      out.articles.resize(first);
      continue;
    }
    out.keys.push_back(records[i].key);
    out.offsets.push_back(static_cast<std::int64_t>(out.articles.size()));
  }
}

}  // namespace dedup
