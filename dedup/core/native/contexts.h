// Boilerplate, learned by context: text that comes back in articles which have otherwise nothing
// in common. In: fingerprints with positions, sites and days of articles, oldest first, and who
// holds which fingerprint. Out: runs of tokens, and the fingerprint each was learned from. Rules and reasons: docs/method.md, step 3;
// twin: core/pure_contexts.py.
#pragma once
#include <algorithm>
#include <memory>
#include <unordered_map>
#include <vector>

#include "prepare.h"

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
  const std::size_t* offsets;
  const u32* tokens;           // words of each article
  const u32* weights;          // their weight in quarter-words
  const std::int32_t* sites;   // -1: not known
  const std::int32_t* days;    // -1: not known
  std::size_t size;
  std::vector<Flags> known;    // boilerplate learned before: everywhere, then of each site

  // A position as it would be in a text of the same length made of words: what is measured here
  // is measured in word-equivalents, evenly spread over the article.
  u32 scaled(u32 article, u32 position) const {
    return static_cast<u32>(u64{position} * weights[article] / (4 * u64{std::max(tokens[article], 1u)}));
  }
  u32 length(u32 article) const { return weights[article] / 4; }

  bool is_known(u32 article, u64 hash) const {
    const std::size_t list = static_cast<std::size_t>(sites[article] + 1);
    return known[0].has(hash) || (list > 0 && known[list].has(hash));
  }
};

struct LearnedRun {
  u32 article, first, last;  // tokens, both ends included
  u32 contexts, days, sites;
  std::int32_t site;         // -1: everywhere
  u64 hash;                  // the fingerprint it was learned from
};

struct Anchor {  // a fingerprint two articles share
  u32 a, b;      // positions
  u64 hash;
};

// Where a fingerprint first stands in an article.
inline u32 position_of(const Library& lib, u32 article, u64 hash) {
  for (std::size_t n = lib.offsets[article]; n < lib.offsets[article + 1]; ++n)
    if (lib.hashes[n] == hash) return lib.positions[n];
  return 0;
}

class ContextLearner {
 public:
  // Pairs of articles that are kept in memory; about 1 kB each.
  static constexpr std::size_t most_compared = 1 << 16;

  ContextLearner(const Library& library, const LearnParams& params)
      : lib_(library), p_(params), sorted_(library.size), known_at_(library.size) {}

  // Judges the holders of one fingerprint, oldest first; true when it is boilerplate.
  // `contexts` receives the articles that stand for it.
  bool judge(u64 hash, const u32* holders, std::size_t n, const Rule& rule,
             std::vector<u32>& contexts, u32& days, u32& sites) {
    contexts.clear();
    bool light = true;
    stretches_.clear();
    if (compared_.size() > most_compared) compared_.clear();
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
    auto& known = known_at_[article];
    const std::size_t begin = lib_.offsets[article], end = lib_.offsets[article + 1];
    if (!known) {
      known = std::make_unique<std::vector<u32>>();
      for (std::size_t n = begin; n < end; ++n)
        if (lib_.is_known(article, lib_.hashes[n]))
          known->push_back(lib_.scaled(article, lib_.positions[n]));
    }
    if (known->empty()) return 0;
    const u32 at = lib_.scaled(article, position_of(lib_, article, hash)), reach = p_.k + between;
    const auto next = std::lower_bound(known->begin(), known->end(), at);
    return (next != known->begin() && at - *(next - 1) <= reach ? 1u : 0u) +
           (next != known->end() && *next - at <= reach ? 2u : 0u);
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
    auto& list = sorted_[article];
    if (list.empty()) {
      for (std::size_t n = lib_.offsets[article]; n < lib_.offsets[article + 1]; ++n)
        list.emplace_back(lib_.hashes[n], lib_.positions[n]);
      std::sort(list.begin(), list.end());
    }
    return list;
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
    const auto [slot, is_new] = compared_.try_emplace(u64{a} << 32 | b);
    if (is_new) compare(a, b, slot->second);
    return slot->second;
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
  std::vector<std::vector<Located>> sorted_;
  std::vector<Anchor> anchors_, fresh_;
  std::vector<const std::vector<u64>*> stretches_;
  std::unordered_map<u64, Compared> compared_;
  std::vector<std::size_t> places_;
  std::vector<std::unique_ptr<std::vector<u32>>> known_at_;  // positions, rising; made when asked for
};

// Token hashes of articles, made when they are asked for.
class TokenShelf {
 public:
  explicit TokenShelf(const std::vector<Text>& texts) : texts_(texts) {}
  const std::vector<u64>& get(u32 article) {
    auto [slot, is_new] = shelf_.try_emplace(article);
    if (is_new) {
      Letters letters;
      tokenize(texts_[article], letters,
               [&](std::size_t first, std::size_t end, u32, u32, u8) {
                 slot->second.push_back(hash_word(letters.data() + first, end - first));
                 letters.clear();
               });
    }
    return slot->second;
  }

 private:
  const std::vector<Text>& texts_;
  std::unordered_map<u32, std::vector<u64>> shelf_;
};

// The words around a fingerprint that at least `agreeing` other contexts share with the first.
inline void widen(const Library& lib, const std::vector<u32>& contexts, u64 hash, u32 k,
                  TokenShelf& shelf, LearnedRun& run) {
  struct Side {
    const std::vector<u64>* tokens;
    u32 at;
    bool in_step;
  };
  const std::size_t agreeing = std::min<std::size_t>(3, contexts.size() - 1);
  const std::vector<u64>& mine = shelf.get(contexts[0]);
  const u32 at = position_of(lib, contexts[0], hash);
  std::vector<Side> others;
  for (std::size_t n = 1; n < contexts.size(); ++n)
    others.push_back({nullptr, position_of(lib, contexts[n], hash), true});
  for (std::size_t n = 1; n < contexts.size(); ++n) others[n - 1].tokens = &shelf.get(contexts[n]);
  const std::vector<u64>& own = shelf.get(contexts[0]);
  run.article = contexts[0];
  run.first = at;
  run.last = std::min(at + k, static_cast<u32>(mine.size())) - 1;
  for (u32 step = 1; step <= at; ++step) {
    std::size_t votes = 0;
    for (Side& side : others) {
      side.in_step = side.in_step && side.at >= step && (*side.tokens)[side.at - step] == own[at - step];
      votes += side.in_step;
    }
    if (votes < agreeing) break;
    run.first = at - step;
  }
  for (Side& side : others) side.in_step = true;
  for (u32 end = run.last + 1; end < own.size(); ++end) {
    std::size_t votes = 0;
    for (Side& side : others) {
      const std::size_t there = side.at + (end - at);
      side.in_step = side.in_step && there < side.tokens->size() && (*side.tokens)[there] == own[end];
      votes += side.in_step;
    }
    if (votes < agreeing) break;
    run.last = end;
  }
}

// Fingerprints and the articles that hold them, oldest first.
struct Held {
  const u64* keys;
  std::size_t size;
  const std::size_t* offsets;
  const u32* articles;
};

// Learns the runs of every site (`by_site`), or those of all sites together, from the
// fingerprints in `held`.
inline void learn(const Library& lib, const std::vector<Text>& texts, const LearnParams& params,
                  const Rule& rule, bool by_site, const Held& held,
                  std::vector<LearnedRun>& out) {
  std::vector<std::size_t> pages(lib.known.size(), 0);  // articles of each site
  for (u32 a = 0; a < lib.size; ++a) ++pages[static_cast<std::size_t>(lib.sites[a] + 1)];
  u32 least = rule.contexts;
  if (rule.light_contexts) least = std::min(least, rule.light_contexts);
  if (rule.undated_contexts) least = std::min(least, rule.undated_contexts);
  ContextLearner learner(lib, params);
  TokenShelf shelf(texts);
  std::vector<u32> contexts, holders;
  const auto look = [&](u64 hash, std::int32_t site, const u32* first, std::size_t count) {
    const std::size_t all = site >= 0 ? pages[static_cast<std::size_t>(site + 1)] : lib.size;
    if (count < std::max(least, 2u) || static_cast<double>(count) < rule.share * static_cast<double>(all))
      return;
    LearnedRun run{};
    if (!learner.judge(hash, first, count, rule, contexts, run.days, run.sites)) return;
    run.contexts = static_cast<u32>(contexts.size());
    run.site = site;
    run.hash = hash;
    widen(lib, contexts, hash, params.k, shelf, run);
    out.push_back(run);
  };
  const auto site_of = [&](u32 article) { return lib.sites[article]; };
  for (std::size_t n = 0; n < held.size; ++n) {
    holders.assign(held.articles + held.offsets[n], held.articles + held.offsets[n + 1]);
    if (holders.size() < std::max(least, 2u)) continue;
    const u64 hash = held.keys[n];
    if (!by_site) {
      if (!lib.known[0].has(hash))
        holders.erase(std::remove_if(holders.begin(), holders.end(),
                                     [&](u32 a) { return lib.is_known(a, hash); }),
                      holders.end());
      else holders.clear();
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
}

}  // namespace dedup
