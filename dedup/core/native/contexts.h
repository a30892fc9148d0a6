// Boilerplate, learned by context: text that comes back in articles which have otherwise nothing
// in common. In: fingerprints with positions, sites and days of articles, oldest first, and who
// holds which fingerprint. Out: the fingerprints that are boilerplate, each with the articles and
// places it was learned from; widen.h makes runs of words of them. Rules and reasons:
// docs/method.md, step 3; twin: core/pure_contexts.py.
#pragma once
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "known.h"
#include "sort.h"

namespace dedup {

struct Rule {
  u32 contexts, days, undated_contexts;  // so many, on so many days; without dates so many
  u32 light_contexts, light_days;        // for what is a small part of every holder
  u32 sites;                             // so many sites; 1 for rules of one site
  double share;                          // of the articles of a site that hold it
  u32 between;                           // boilerplate at most so many words away; 0: anywhere
};

struct LearnParams {
  u32 k, window, own_min, most_contexts, look_at;
  double own_share, light_share, light_stability, stability;
};

// What is known of the articles; positions and fingerprints as sketch gives them.
struct Library {
  const u64* hashes;
  const u32* positions;
  const std::int64_t *begins, *ends;  // of each article in the columns above
  const u32* tokens;           // words of each article
  const u32* weights;          // their weight in quarter-words
  const std::int32_t* sites;   // -1: not known
  const std::int32_t* days;    // -1: not known
  std::size_t size;
  Known known;                 // boilerplate learned before: everywhere, then of each site

  // A position as it would be in a text of the same length made of words: what is measured here
  // is measured in word-equivalents, evenly spread over the article.
  u32 scaled(u32 article, u32 position) const {
    return static_cast<u32>(u64{position} * weights[article] / (4 * u64{std::max(tokens[article], 1u)}));
  }
  u32 length(u32 article) const { return weights[article] / 4; }

  bool is_known(u32 article, u64 hash) const {
    if (!known.maybe(hash)) return false;
    const std::size_t list = static_cast<std::size_t>(sites[article] + 1);
    return known.lists[0].has(hash) || (list > 0 && known.lists[list].has(hash));
  }
};

struct Learned {
  u64 hash;
  std::int32_t site;  // -1: everywhere
  u32 days, sites;
  std::vector<u32> contexts, positions;  // the articles that stand for it, and where it is in them
};

struct Anchor {  // a fingerprint two articles share
  u32 a, b;      // positions
  u64 hash;
};

// Where a fingerprint first stands in an article.
inline u32 position_of(const Library& lib, u32 article, u64 hash) {
  for (std::int64_t n = lib.begins[article]; n < lib.ends[article]; ++n)
    if (lib.hashes[n] == hash) return lib.positions[n];
  return 0;
}

// What has been made is kept until it is too much. References stay valid until `trim`.
template <class T>
class Kept {
 public:
  explicit Kept(std::size_t most_bytes) : most_(most_bytes) {}

  // The thing of that name; make(thing) fills a new one and gives its size in bytes.
  template <class F>
  const T& get(u64 name, F&& make) {
    const auto [slot, is_new] = kept_.try_emplace(name);
    if (is_new) bytes_ += 64 + sizeof(T) + make(slot->second);
    return slot->second;
  }
  void trim() {
    if (bytes_ <= most_) return;
    kept_.clear();
    bytes_ = 0;
  }

 private:
  std::size_t most_, bytes_ = 0;
  std::unordered_map<u64, T> kept_;
};

class ContextLearner {
 public:
  // Bytes of each of three memories; what was forgotten is made again.
  static constexpr std::size_t most_kept = std::size_t{32} << 20;

  ContextLearner(const Library& library, const LearnParams& params) : lib_(library), p_(params) {}

  // Judges the holders of one fingerprint, oldest first; true when it is boilerplate.
  // `contexts` receives the articles that stand for it.
  bool judge(u64 hash, const u32* holders, std::size_t n, const Rule& rule,
             std::vector<u32>& contexts, u32& days, u32& sites) {
    contexts.clear();
    bool light = true;
    stretches_.clear();
    compared_.trim();
    sorted_.trim();
    known_at_.trim();
    if (rule.between && !any_between(holders, n, hash, rule.between)) return false;
    spread(n);
    for (std::size_t place : places_) {
      if (contexts.size() == p_.most_contexts) break;
      const u32 article = holders[place];
      const std::size_t before = stretches_.size();
      bool different = true, still_light = light;
      for (u32 other : contexts) {
        const Compared& pair = compare(other, article);
        different = pair.different;
        if (!different) break;
        still_light = still_light && pair.light;
        stretches_.push_back(pair.around(hash));
      }
      if (!different) {
        stretches_.resize(before);
        continue;
      }
      contexts.push_back(article);
      light = still_light;
    }
    std::vector<std::int32_t> seen_days, seen_sites;
    for (u32 article : contexts) {
      if (lib_.days[article] >= 0) seen_days.push_back(lib_.days[article]);
      seen_sites.push_back(lib_.sites[article] >= 0 ? lib_.sites[article]
                                                    : -1 - static_cast<std::int32_t>(article));
    }
    const auto distinct = [](std::vector<std::int32_t>& values) {
      std::sort(values.begin(), values.end());
      return static_cast<u32>(std::unique(values.begin(), values.end()) - values.begin());
    };
    const bool dated = 2 * seen_days.size() >= contexts.size() && !seen_days.empty();
    days = distinct(seen_days);
    sites = distinct(seen_sites);
    if (contexts.size() < 2 || sites < rule.sites) return false;
    if (rule.between && !stands_between(contexts, hash, rule.between)) return false;
    const double same = stability();
    const u32 count = static_cast<u32>(contexts.size());
    const double needed = light ? p_.light_stability : p_.stability;
    if (same < needed) return false;
    if (!dated) return rule.undated_contexts && count >= rule.undated_contexts;
    return light ? count >= rule.light_contexts && days >= rule.light_days
                 : count >= rule.contexts && days >= rule.days;
  }

 private:
  // Whether known boilerplate stands near by on both sides in half of the articles at least, and
  // on one side in all of them.
  bool stands_between(const std::vector<u32>& articles, u64 hash, u32 between) {
    std::size_t enclosed = 0;
    for (u32 article : articles) {
      const unsigned sides = sides_of(article, hash, between);
      if (!sides) return false;
      enclosed += sides == 3;
    }
    return 2 * enclosed >= articles.size();
  }

  // Spares the comparison of articles where no boilerplate is near.
  bool any_between(const u32* articles, std::size_t n, u64 hash, u32 between) {
    return std::any_of(articles, articles + n,
                       [&](u32 article) { return sides_of(article, hash, between) == 3; });
  }

  // On which sides of a fingerprint known boilerplate stands near by: 1 before, 2 behind, 3 both.
  unsigned sides_of(u32 article, u64 hash, u32 between) {
    const std::vector<u32>& known = known_at_.get(article, [&](std::vector<u32>& places) {
      for (std::int64_t n = lib_.begins[article]; n < lib_.ends[article]; ++n)
        if (lib_.is_known(article, lib_.hashes[n]))
          places.push_back(lib_.scaled(article, lib_.positions[n]));
      return places.capacity() * sizeof(u32);
    });
    if (known.empty()) return 0;
    const u32 at = lib_.scaled(article, position_of(lib_, article, hash)), reach = p_.k + between;
    const auto next = std::lower_bound(known.begin(), known.end(), at);
    return (next != known.begin() && at - *(next - 1) <= reach ? 1u : 0u) +
           (next != known.end() && *next - at <= reach ? 2u : 0u);
  }

  // Which of n holders to look at: spread evenly over all, coarse before fine.
  void spread(std::size_t n) {
    places_.clear();
    const std::size_t count = std::min<std::size_t>(n, p_.look_at);
    std::size_t power = 1;
    while (power < count) power *= 2;
    for (std::size_t i = 0; i < power; ++i) {
      std::size_t reversed = 0;
      for (std::size_t bit = 1, from = power / 2; from; bit *= 2, from /= 2)
        if (i & bit) reversed |= from;
      if (reversed < count) places_.push_back(reversed * n / count);
    }
  }

  const std::vector<Located>& sorted(u32 article) {
    return sorted_.get(article, [&](std::vector<Located>& list) {
      for (std::int64_t n = lib_.begins[article]; n < lib_.ends[article]; ++n)
        list.emplace_back(lib_.hashes[n], lib_.positions[n]);
      std::sort(list.begin(), list.end());
      return list.capacity() * sizeof(Located);
    });
  }

  // What two articles share; `different`: each has a long stretch of its own, so that they are
  // different contexts of what they share.
  struct Compared {
    bool different = false, light = false;
    std::vector<std::pair<u64, u32>> stretch_of;  // fingerprint, its stretch; rising
    std::vector<std::vector<u64>> stretches;      // fingerprints, rising

    const std::vector<u64>* around(u64 hash) const {
      return &stretches[std::lower_bound(stretch_of.begin(), stretch_of.end(),
                                         std::pair<u64, u32>{hash, 0})->second];
    }
  };

  // Stays valid until the next fingerprint is judged.
  const Compared& compare(u32 a, u32 b) {
    return compared_.get(u64{a} << 32 | b, [&](Compared& pair) {
      compare(a, b, pair);
      std::size_t bytes = pair.stretch_of.capacity() * sizeof(pair.stretch_of[0]);
      for (const auto& stretch : pair.stretches)
        bytes += sizeof(stretch) + stretch.capacity() * sizeof(u64);
      return bytes;
    });
  }

  void compare(u32 a, u32 b, Compared& out) {
    const std::vector<Located>&x = sorted(a), &y = sorted(b);
    anchors_.clear();
    for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
      if (x[i].first == y[j].first) {
        anchors_.push_back({lib_.scaled(a, x[i].second), lib_.scaled(b, y[j].second), x[i].first});
        const u64 same = x[i].first;
        while (i < x.size() && x[i].first == same) ++i;
        while (j < y.size() && y[j].first == same) ++j;
      } else {
        const bool less = x[i].first < y[j].first;
        i += less;
        j += !less;
      }
    }
    u32 matched_a = 0, matched_b = 0;
    const u32 own_b = longest_own(lib_.length(b), false, matched_b);
    const u32 own_a = longest_own(lib_.length(a), true, matched_a);  // leaves them in order of a
    u32 matched = std::max(matched_a, matched_b);
    const double needed = std::max(static_cast<double>(p_.own_min), p_.own_share * matched);
    if (static_cast<double>(std::min(own_a, own_b)) < needed) return;
    out.different = true;
    // What is known to be boilerplate is no sign that the two are versions of one article.
    fresh_.clear();
    for (const Anchor& anchor : anchors_)
      if (!lib_.is_known(a, anchor.hash) && !lib_.is_known(b, anchor.hash)) fresh_.push_back(anchor);
    if (fresh_.size() < anchors_.size()) {
      anchors_.swap(fresh_);
      matched_a = matched_b = 0;
      longest_own(lib_.length(b), false, matched_b);
      longest_own(lib_.length(a), true, matched_a);
      matched = std::max(matched_a, matched_b);
    }
    out.light = static_cast<double>(matched) < p_.light_share * std::min(lib_.length(a), lib_.length(b));
    for (std::size_t n = 0; n < anchors_.size(); ++n) {
      if (n == 0 || !adjacent(anchors_[n - 1], anchors_[n])) out.stretches.emplace_back();
      out.stretches.back().push_back(anchors_[n].hash);
      out.stretch_of.emplace_back(anchors_[n].hash, static_cast<u32>(out.stretches.size() - 1));
    }
    for (auto& stretch : out.stretches) std::sort(stretch.begin(), stretch.end());
    std::sort(out.stretch_of.begin(), out.stretch_of.end());
  }

  bool adjacent(const Anchor& x, const Anchor& y) const {
    return y.a - x.a <= 2 * p_.window && y.b >= x.b && y.b - x.b <= 2 * p_.window;
  }

  // Longest stretch of own words in the article of `in_a`: those that no shared fingerprint
  // covers, less the window - 1 words at each border with shared text that may be shared too,
  // since a shared run is seen from its first fingerprint on.
  u32 longest_own(u32 words, bool in_a, u32& matched) {
    std::sort(anchors_.begin(), anchors_.end(), [in_a](const Anchor& x, const Anchor& y) {
      const u32 p = in_a ? x.a : x.b, q = in_a ? y.a : y.b;
      return p != q ? p < q : (in_a ? x.b : x.a) != (in_a ? y.b : y.a)
                                  ? (in_a ? x.b : x.a) < (in_a ? y.b : y.a)
                                  : x.hash < y.hash;
    });
    const u32 blur = p_.window - 1;
    const auto less = [](u32 x, u32 y) { return x > y ? x - y : 0; };
    u32 covered = 0, longest = 0;
    for (const Anchor& anchor : anchors_) {
      const u32 position = in_a ? anchor.a : anchor.b;
      // Shared text has a fingerprint in every window, so a shorter hole is no hole.
      if (position > covered + p_.window)
        longest = std::max(longest, less(position - covered, covered ? 2 * blur : blur));
      else if (position > covered) matched += position - covered;
      const u32 end = std::min(position + p_.k, words);
      if (end > covered) {
        matched += end - std::max(covered, position);
        covered = end;
      }
    }
    return std::max(longest, less(less(words, covered), covered ? blur : 0));
  }

  // How much of the stretch around the fingerprint is the same for every pair of contexts, 0-1.
  double stability() {
    std::vector<u64> common = *stretches_[0], rest;
    std::size_t total = 0;
    for (const auto* stretch : stretches_) {
      total += stretch->size();
      rest.clear();
      std::set_intersection(common.begin(), common.end(), stretch->begin(), stretch->end(),
                            std::back_inserter(rest));
      common.swap(rest);
    }
    const double mean = static_cast<double>(total) / static_cast<double>(stretches_.size());
    return static_cast<double>(common.size()) / mean;
  }

  const Library& lib_;
  LearnParams p_;
  Kept<std::vector<Located>> sorted_{most_kept};  // fingerprints of an article
  std::vector<Anchor> anchors_, fresh_;
  std::vector<const std::vector<u64>*> stretches_;
  Kept<Compared> compared_{most_kept};
  std::vector<std::size_t> places_;
  Kept<std::vector<u32>> known_at_{most_kept};  // positions of known boilerplate in an article, rising
};

// Fingerprints and the articles that hold them, oldest first.
struct Held {
  const u64* keys;
  std::size_t size;
  const std::int64_t* offsets;
  const u32* articles;
};

// Judges the fingerprints in `held`, site by site or those of all sites together; what is
// boilerplate comes by fingerprint and site.
inline void learn(const Library& lib, const LearnParams& params, const Rule& rule, bool by_site,
                  const Held& held, std::vector<Learned>& out) {
  if (rule.between && lib.known.empty()) return;
  std::vector<std::size_t> pages(lib.known.lists.size(), 0);  // articles of each site
  for (u32 a = 0; a < lib.size; ++a) ++pages[static_cast<std::size_t>(lib.sites[a] + 1)];
  u32 least = rule.contexts;
  if (rule.light_contexts) least = std::min(least, rule.light_contexts);
  if (rule.undated_contexts) least = std::min(least, rule.undated_contexts);
  least = std::max(least, 2u);
  // In the order of the oldest holder: those of the same articles come together, and what was
  // found out about a pair of articles is still there.
  std::vector<std::pair<u32, std::size_t>> sequence;
  for (std::size_t n = 0; n < held.size; ++n)
    if (held.offsets[n + 1] - held.offsets[n] >= static_cast<std::int64_t>(least))
      sequence.emplace_back(held.articles[held.offsets[n]], n);
  std::sort(sequence.begin(), sequence.end());
  ContextLearner learner(lib, params);
  std::vector<u32> holders;
  const auto look = [&](u64 hash, std::int32_t site, const u32* first, std::size_t count) {
    const std::size_t all = site >= 0 ? pages[static_cast<std::size_t>(site + 1)] : lib.size;
    if (count < least || static_cast<double>(count) < rule.share * static_cast<double>(all)) return;
    Learned found{hash, site, 0, 0, {}, {}};
    if (!learner.judge(hash, first, count, rule, found.contexts, found.days, found.sites)) return;
    for (u32 article : found.contexts) found.positions.push_back(position_of(lib, article, hash));
    out.push_back(std::move(found));
  };
  const auto site_of = [&](u32 article) { return lib.sites[article]; };
  for (const auto& [oldest, n] : sequence) {
    holders.assign(held.articles + held.offsets[n], held.articles + held.offsets[n + 1]);
    const u64 hash = held.keys[n];
    if (!by_site) {
      if (lib.known.maybe(hash))
        holders.erase(std::remove_if(holders.begin(), holders.end(),
                                     [&](u32 a) { return lib.is_known(a, hash); }),
                      holders.end());
      look(hash, -1, holders.data(), holders.size());
      continue;
    }
    // Stable by site, so that holders stay in the order of age.
    std::stable_sort(holders.begin(), holders.end(),
                     [&](u32 a, u32 b) { return site_of(a) < site_of(b); });
    for (std::size_t i = 0, end = 0; i < holders.size(); i = end) {
      const std::int32_t site = site_of(holders[i]);
      for (end = i; end < holders.size() && site_of(holders[end]) == site; ++end) {}
      if (site >= 0 && !lib.is_known(holders[i], hash)) look(hash, site, &holders[i], end - i);
    }
  }
  std::sort(out.begin(), out.end(), [](const Learned& x, const Learned& y) {
    return x.hash != y.hash ? x.hash < y.hash : x.site < y.site;
  });
}

}  // namespace dedup
