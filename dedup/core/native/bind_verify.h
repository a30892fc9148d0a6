// The binding of the kernels that compare pairs of texts; only module.cpp includes it, behind what
// makes a kernel.
#pragma once
#include "verify.h"

namespace dedup::binding {

inline void check_pairs(const Values<u32>& a, const Values<u32>& b, std::size_t num_texts) {
  if (a.size() != b.size()) throw std::invalid_argument("pairs must have two columns of one length");
  for (std::size_t n = 0; n < a.size(); ++n)
    if (a.data()[n] >= num_texts || b.data()[n] >= num_texts)
      throw std::invalid_argument("a pair names a text that is not there");
}

inline PyObject* py_verify(PyObject* module, PyObject* args) {
  PyObject *list, *first, *second, *text_lists, *flag_hashes, *flag_offsets;
  unsigned long long shelf_bytes;
  const char* level = nullptr;
  Params p{};
  if (!PyArg_ParseTuple(args, "OOOOOOIIIIIIIdK|s", &list, &first, &second, &text_lists,
                        &flag_hashes, &flag_offsets, &p.flag_words, &p.k, &p.seed_words, &p.max_gap,
                        &p.x_drop, &p.fuzzy_letters, &p.min_passage, &p.min_density, &shelf_bytes,
                        &level))
    throw PythonError{};
  const Texts texts(list);
  // Lists of boilerplate: list 0 holds for every text, list n for the texts that name it.
  const Values<u64> hashes(flag_hashes);
  const Offsets bounds(flag_offsets, hashes.size());
  const Values<u32> named(text_lists);
  if (named.size() != texts.size()) throw std::invalid_argument("each text must name a list");
  for (std::size_t n = 0; n < named.size(); ++n)
    if (named.data()[n] >= bounds.count())
      throw std::invalid_argument("a text names a list that is not there");
  const Values<u32> a(first), b(second);
  check_pairs(a, b, texts.size());
  std::vector<u32> pairs, passages;
  std::vector<std::int64_t> offsets{0};
  const auto kernel = make_kernel(level, {p.k, 1, 1, 1});
  without_gil([&] {
    const FlagFilter filter(hashes.data(), hashes.size());
    Preparer preparer(*kernel, p.k, p.seed_words);
    Masker masker(*kernel, p.flag_words, filter);
    Shelf shelf(texts.size(), static_cast<std::size_t>(shelf_bytes));
    Verifier verifier(*kernel, p);
    Outcome outcome;
    const auto flags = [&](u32 n) {
      return Flags{hashes.data() + bounds[n], bounds[n + 1] - bounds[n]};
    };
    const auto get = [&](u32 index, u32 neighbour) -> const Article& {
      return shelf.get(index, neighbour, [&](Article& article) {
        try {
          preparer.prepare(texts[index], article);
        } catch (const InvalidText& where) {
          throw_invalid(index, where);
        }
        const u32 own = named.data()[index];
        masker.mask(article, flags(0), own ? flags(own) : Flags{});
      });
    };
    for (std::size_t n = 0; n < a.size(); ++n) {
      const u32 i = a.data()[n], j = b.data()[n];
      const Article &x = get(i, j), &y = get(j, i);
      verifier.verify(x, y, outcome);
      pairs.insert(pairs.end(),
                   {outcome.identical, outcome.weight_a, outcome.weight_b, outcome.matched_a,
                    outcome.matched_b, outcome.shingles_a, outcome.shingles_b, outcome.shared,
                    outcome.longest, outcome.longest_run, outcome.raw});
      for (const Passage& q : outcome.passages)
        passages.insert(passages.end(), {x.spans.begin(q.a_first), x.spans.end(q.a_last),
                                         y.spans.begin(q.b_first), y.spans.end(q.b_last),
                                         q.matched, q.span});
      offsets.push_back(static_cast<std::int64_t>(passages.size() / 6));
    }
  });
  return (Tuple(module, 3) << pairs << offsets << passages).take();
}

inline PyObject* py_resemble(PyObject* module, PyObject* args) {
  PyObject *list, *first, *second;
  unsigned k;
  unsigned long long shelf_bytes;
  const char* level = nullptr;
  if (!PyArg_ParseTuple(args, "OOOIK|s", &list, &first, &second, &k, &shelf_bytes, &level))
    throw PythonError{};
  const Texts texts(list);
  const Values<u32> a(first), b(second);
  check_pairs(a, b, texts.size());
  const auto kernel = make_kernel(level, {k, 1, 1, 1});
  std::vector<u32> out;
  without_gil([&] {
    Preparer preparer(*kernel, k, k);
    Shelf shelf(texts.size(), static_cast<std::size_t>(shelf_bytes));
    const auto get = [&](u32 index, u32 neighbour) -> const Article& {
      return shelf.get(index, neighbour, [&](Article& article) {
        try {
          preparer.prepare_shingles(texts[index], article);
        } catch (const InvalidText& where) {
          throw_invalid(index, where);
        }
      });
    };
    for (std::size_t n = 0; n < a.size(); ++n) {
      const u32 i = a.data()[n], j = b.data()[n];
      const Article &x = get(i, j), &y = get(j, i);
      out.insert(out.end(), {same_words(x, y), count_shared(x.shingles, y.shingles),
                             x.shingles.distinct(), y.shingles.distinct()});
    }
  });
  return (Tuple(module, 1) << out).take();
}

}  // namespace dedup::binding
