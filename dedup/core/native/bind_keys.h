// The binding of the kernels that work on keys and fingerprints; only module.cpp includes it, behind
// its Tuple.
#pragma once
#include <limits>

#include "band_join.h"
#include "contexts.h"
#include "holders.h"
#include "marks.h"
#include "widen.h"

namespace dedup::binding {

// A buffer that a kernel writes into.
template <class T>
class Target {
 public:
  explicit Target(PyObject* object) {
    if (PyObject_GetBuffer(object, &view_, PyBUF_WRITABLE)) throw PythonError{};
    if (view_.len % static_cast<Py_ssize_t>(sizeof(T)) ||
        reinterpret_cast<std::uintptr_t>(view_.buf) % alignof(T)) {
      PyBuffer_Release(&view_);
      throw std::invalid_argument("an array has the wrong item size or alignment");
    }
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  ~Target() { PyBuffer_Release(&view_); }
  T* data() const { return static_cast<T*>(view_.buf); }
  std::size_t size() const { return static_cast<std::size_t>(view_.len) / sizeof(T); }

 private:
  Py_buffer view_;
};

// A tuple (keys, hidden or None, begins, ends, articles).
class Keys {
 public:
  explicit Keys(PyObject* object)
      : keys_(item(object, 0)), begins_(item(object, 2)), ends_(item(object, 3)),
        articles_(item(object, 4)) {
    if (item(object, 1) != Py_None) hidden_ = std::make_unique<Values<u8>>(item(object, 1));
    if (hidden_ && hidden_->size() != keys_.size())
      throw std::invalid_argument("each key must be hidden or not");
    if (begins_.size() != articles_.size() || ends_.size() != articles_.size())
      throw std::invalid_argument("columns of keys must have one length");
    for (std::size_t a = 0; a < articles_.size(); ++a)
      if (begins_.data()[a] < 0 || begins_.data()[a] > ends_.data()[a] ||
          static_cast<std::size_t>(ends_.data()[a]) > keys_.size())
        throw std::invalid_argument("an article's keys reach beyond the data");
  }
  KeyBlock block() const {
    return {keys_.data(),     hidden_ ? hidden_->data() : nullptr, begins_.data(), ends_.data(),
            articles_.data(), articles_.size()};
  }

 private:
  static PyObject* item(PyObject* object, Py_ssize_t n) {
    if (!PyTuple_Check(object) || PyTuple_Size(object) != 5)
      throw std::invalid_argument("keys must be a tuple (keys, hidden, begins, ends, articles)");
    return PyTuple_GetItem(object, n);
  }
  Values<u64> keys_;
  std::unique_ptr<Values<u8>> hidden_;
  Values<std::int64_t> begins_, ends_;
  Values<u32> articles_;
};

inline KeyTable table_of(u8* bytes, std::size_t size) {
  if (size == 0) throw std::invalid_argument("a table must have one byte at least");
  return {bytes, u64{size} * 4};
}

inline PyObject* py_note_keys(PyObject* module, PyObject* args) {
  PyObject *k, *t, *h;
  if (!PyArg_ParseTuple(args, "OOO", &k, &t, &h)) throw PythonError{};
  const Keys keys(k);
  const Target<u8> table(t);
  const Target<u64> hits(h);
  if (hits.size() != std::size_t{1} << kHitBits)
    throw std::invalid_argument("there must be 4096 counts of hits");
  const KeyTable slots = table_of(table.data(), table.size());
  without_gil([&] { note_keys(keys.block(), slots, hits.data()); });
  return Tuple(module, 0).take();
}

inline PyObject* py_pick_keys(PyObject* module, PyObject* args) {
  PyObject *k, *t;
  unsigned long long low, high;
  if (!PyArg_ParseTuple(args, "OOKK", &k, &t, &low, &high)) throw PythonError{};
  const Keys keys(k);
  const Target<u8> table(t);
  const KeyTable slots = table_of(table.data(), table.size());
  KeyRecords out;
  without_gil([&] { pick_keys(keys.block(), slots, low, high, out); });
  return (Tuple(module, 2) << out.keys << out.articles).take();
}

// A list of records: (keys, articles) as they were picked, or whole columns of keys. Articles are
// numbers below `most`.
class Records {
 public:
  Records(PyObject* list, std::size_t most) {
    if (!PyList_Check(list)) throw std::invalid_argument("records must be a list");
    for (Py_ssize_t n = 0; n < PyList_Size(list); ++n) {
      PyObject* item = PyList_GetItem(list, n);
      if (PyTuple_Check(item) && PyTuple_Size(item) == 5) {
        const Keys& keys = *whole_.emplace_back(std::make_unique<Keys>(item));
        columns_.push_back(keys.block());
        check(columns_.back().articles, columns_.back().size, most);
        continue;
      }
      if (!PyTuple_Check(item) || PyTuple_Size(item) != 2)
        throw std::invalid_argument("records must be tuples (keys, articles)");
      const auto& keys = *keys_.emplace_back(std::make_unique<Values<u64>>(PyTuple_GetItem(item, 0)));
      const auto& who = *articles_.emplace_back(std::make_unique<Values<u32>>(PyTuple_GetItem(item, 1)));
      if (keys.size() != who.size()) throw std::invalid_argument("records must have one length");
      check(who.data(), who.size(), most);
      picked_.push_back({keys.data(), who.data(), keys.size()});
    }
    if (!columns_.empty() && !picked_.empty())
      throw std::invalid_argument("records must be of one kind");
  }
  // Calls work(records) with those of the kind that is there.
  template <class F>
  void visit(F&& work) const {
    if (columns_.empty()) work(picked_);
    else work(columns_);
  }

 private:
  static void check(const u32* articles, std::size_t size, std::size_t most) {
    for (std::size_t n = 0; n < size; ++n)
      if (articles[n] >= most) throw std::invalid_argument("a record names an article that is not there");
  }
  std::vector<std::unique_ptr<Values<u64>>> keys_;
  std::vector<std::unique_ptr<Values<u32>>> articles_;
  std::vector<std::unique_ptr<Keys>> whole_;
  std::vector<Picked> picked_;
  std::vector<KeyBlock> columns_;
};

inline PyObject* py_holders(PyObject* module, PyObject* args) {
  PyObject* list;
  if (!PyArg_ParseTuple(args, "O", &list)) throw PythonError{};
  const Records records(list, std::size_t{1} << 32);
  Holders out;
  without_gil([&] { records.visit([&](const auto& some) { find_holders(some, out); }); });
  return (Tuple(module, 3) << out.keys << out.offsets << out.articles).take();
}

inline PyObject* py_groups(PyObject* module, PyObject* args) {
  PyObject* list;
  unsigned read_cap;
  unsigned long long size;
  if (!PyArg_ParseTuple(args, "OKI", &list, &size, &read_cap)) throw PythonError{};
  const Records records(list, static_cast<std::size_t>(size));
  Groups out;
  without_gil([&] {
    records.visit([&](const auto& some) {
      find_groups(some, static_cast<std::size_t>(size), read_cap, out);
    });
  });
  return (Tuple(module, 4) << out.stored << out.newer << out.heads
                           << PyLong_FromUnsignedLongLong(out.common_keys)).take();
}

// Holders of keys as `holders` gives them: every key has two at least, all below `most`.
class Held {
 public:
  Held(PyObject* offsets, PyObject* articles, std::size_t most)
      : articles_(articles), bounds_(offsets, articles_.size()), offsets_(offsets) {
    for (std::size_t n = 0; n < bounds_.count(); ++n)
      if (bounds_[n + 1] - bounds_[n] < 2) throw std::invalid_argument("a key needs two holders");
    for (std::size_t n = 0; n < articles_.size(); ++n)
      if (articles_.data()[n] >= most) throw std::invalid_argument("a holder is not there");
  }
  std::size_t size() const { return bounds_.count(); }
  const std::int64_t* offsets() const { return offsets_.data(); }
  const u32* articles() const { return articles_.data(); }

 private:
  Values<u32> articles_;
  Offsets bounds_;
  Values<std::int64_t> offsets_;
};

inline PyObject* py_group_holders(PyObject* module, PyObject* args) {
  PyObject *o, *a;
  unsigned read_cap;
  unsigned long long size;
  if (!PyArg_ParseTuple(args, "OOKI", &o, &a, &size, &read_cap)) throw PythonError{};
  const Held held(o, a, static_cast<std::size_t>(size));
  Groups out;
  without_gil([&] {
    find_groups(held.offsets(), held.size(), held.articles(), static_cast<std::size_t>(size), read_cap,
                out);
  });
  return (Tuple(module, 4) << out.stored << out.newer << out.heads
                           << PyLong_FromUnsignedLongLong(out.common_keys)).take();
}

inline PyObject* py_pairs(PyObject* module, PyObject* args) {
  PyObject* list;
  unsigned begin, end, most, depth;
  if (!PyArg_ParseTuple(args, "OIIII", &list, &begin, &end, &most, &depth)) throw PythonError{};
  if (!PyList_Check(list)) throw std::invalid_argument("groups must be a list");
  std::vector<std::unique_ptr<Values<u32>>> held;
  std::vector<GroupPart> parts;
  for (Py_ssize_t n = 0; n < PyList_Size(list); ++n) {
    PyObject* item = PyList_GetItem(list, n);
    if (!PyTuple_Check(item) || PyTuple_Size(item) != 3)
      throw std::invalid_argument("groups must be tuples (stored, newer, heads)");
    const Values<u32>* column[3];
    for (Py_ssize_t i = 0; i < 3; ++i)
      column[i] = held.emplace_back(std::make_unique<Values<u32>>(PyTuple_GetItem(item, i))).get();
    const Values<u32>&stored = *column[0], &newer = *column[1], &heads = *column[2];
    if (newer.size() != heads.size()) throw std::invalid_argument("each holder must name a group");
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const std::size_t head = heads.data()[i];
      if (head + 2 > stored.size() || stored.data()[head] > stored.size() - head - 2)
        throw std::invalid_argument("a group reaches beyond the data");
      if (newer.data()[i] < begin || newer.data()[i] >= end || (i && newer.data()[i] < newer.data()[i - 1]))
        throw std::invalid_argument("holders must rise within the range of articles");
    }
    parts.push_back({stored.data(), newer.data(), heads.data(), newer.size()});
  }
  Joined out;
  without_gil([&] { pair_groups(parts, begin, end, most, depth, out); });
  return (Tuple(module, 4) << out.older << out.newer << out.first
                           << PyLong_FromUnsignedLongLong(out.crowded_articles)).take();
}

inline void check_bands(unsigned slots, unsigned first, unsigned bands, unsigned rows) {
  if (slots == 0 || (std::size_t{first} + bands) * rows > slots)
    throw std::invalid_argument("bands reach beyond the signature");
}

inline void check_rows(const Values<std::int64_t>& rows, std::size_t signatures, std::int64_t least) {
  for (std::size_t n = 0; n < rows.size(); ++n)
    if (rows.data()[n] < least || (rows.data()[n] >= 0 && static_cast<std::size_t>(rows.data()[n]) >= signatures))
      throw std::invalid_argument("a signature is not there");
}

inline PyObject* py_band_groups(PyObject* module, PyObject* args) {
  PyObject *s, *r;
  unsigned slots, first, bands, rows, read_cap, most_bits;
  if (!PyArg_ParseTuple(args, "OIOIIIII", &s, &slots, &r, &first, &bands, &rows, &read_cap, &most_bits))
    throw PythonError{};
  const Values<std::uint16_t> signatures(s);
  const Values<std::int64_t> which(r);
  check_bands(slots, first, bands, rows);
  check_rows(which, signatures.size() / slots, std::numeric_limits<std::int64_t>::min());
  Groups out;
  without_gil([&] {
    find_band_groups(signatures.data(), {slots, first, bands, rows}, which.data(), which.size(), read_cap,
                     most_bits, out);
  });
  return (Tuple(module, 4) << out.stored << out.newer << out.heads
                           << PyLong_FromUnsignedLongLong(out.common_keys)).take();
}

inline PyObject* py_band_keys(PyObject* module, PyObject* args) {
  PyObject *s, *r;
  unsigned slots, first, bands, rows;
  if (!PyArg_ParseTuple(args, "OIOIII", &s, &slots, &r, &first, &bands, &rows)) throw PythonError{};
  const Values<std::uint16_t> signatures(s);
  const Values<std::int64_t> which(r);
  check_bands(slots, first, bands, rows);
  check_rows(which, signatures.size() / slots, 0);
  Buffer<u64> keys;
  Buffer<u8> signed_;
  without_gil([&] {
    const BandCut cut{slots, first, bands, rows};
    u64* out = keys.room(which.size() * bands);
    u8* any = signed_.room(which.size());
    for (std::size_t n = 0; n < which.size(); ++n, out += bands)
      any[n] = band_keys(signatures.data() + static_cast<std::size_t>(which.data()[n]) * slots, cut, out);
    keys.add(which.size() * bands);
    signed_.add(which.size());
  });
  return (Tuple(module, 2) << keys << signed_).take();
}

// Lists of boilerplate: list 0 holds for every text, the others for the texts that name them.
inline std::vector<Flags> lists_of(const Values<u64>& hashes, const Offsets& bounds) {
  std::vector<Flags> lists;
  for (std::size_t n = 0; n < bounds.count(); ++n)
    lists.push_back({hashes.data() + bounds[n], bounds[n + 1] - bounds[n]});
  return lists;
}

inline PyObject* py_mark(PyObject* module, PyObject* args) {
  PyObject *h, *q, *o, *t, *l, *f, *fo, *v;
  MarkParams p{};
  if (!PyArg_ParseTuple(args, "OOOOOOOOII", &h, &q, &o, &t, &l, &f, &fo, &v, &p.words, &p.window))
    throw PythonError{};
  const Values<u64> hashes(h), flags(f), values(v);
  const Values<u32> positions(q), tokens(t), named(l);
  const Offsets offsets(o, std::min(hashes.size(), positions.size())), bounds(fo, flags.size());
  if (tokens.size() != offsets.count() || named.size() != offsets.count())
    throw std::invalid_argument("columns of articles must have one length");
  for (std::size_t n = 0; n < named.size(); ++n)
    if (named.data()[n] >= bounds.count())
      throw std::invalid_argument("a text names a list that is not there");
  for (std::size_t n = 0; n < flags.size(); ++n)
    if (!std::binary_search(values.data(), values.data() + values.size(), flags.data()[n]))
      throw std::invalid_argument("what the lists hold must be among the values");
  std::vector<u8> marks(hashes.size(), 0), spared(offsets.count());
  std::vector<u32> counts(values.size(), 0);
  without_gil([&] {
    const Known known(lists_of(flags, bounds));
    Marker marker(known, values.data(), values.size(), p);
    for (std::size_t a = 0; a < offsets.count(); ++a)
      spared[a] = marker.mark(static_cast<u32>(a), hashes.data() + offsets[a],
                              positions.data() + offsets[a], offsets[a + 1] - offsets[a],
                              tokens.data()[a], named.data()[a], marks.data() + offsets[a],
                              counts.data());
  });
  return (Tuple(module, 3) << marks << spared << counts).take();
}

inline PyObject* py_leave_marked(PyObject* module, PyObject* args) {
  PyObject *k, *o, *a, *f, *fo, *l, *s;
  if (!PyArg_ParseTuple(args, "OOOOOOO", &k, &o, &a, &f, &fo, &l, &s)) throw PythonError{};
  const Values<u64> keys(k), flags(f);
  const Values<u32> named(l);
  const Values<u8> spared(s);
  const Held held(o, a, named.size());
  const Offsets bounds(fo, flags.size());
  if (keys.size() != held.size()) throw std::invalid_argument("each fingerprint needs its holders");
  if (spared.size() != named.size())
    throw std::invalid_argument("columns of articles must have one length");
  for (std::size_t n = 0; n < named.size(); ++n)
    if (named.data()[n] >= bounds.count())
      throw std::invalid_argument("a text names a list that is not there");
  Holders out;
  without_gil([&] {
    const Known known(lists_of(flags, bounds));
    leave_marked(keys.data(), keys.size(), held.offsets(), held.articles(), known, named.data(),
                 spared.data(), out);
  });
  return (Tuple(module, 3) << out.keys << out.offsets << out.articles).take();
}

inline PyObject* py_learn(PyObject* module, PyObject* args) {
  PyObject *h, *pos, *b, *e, *t, *w, *s, *d, *keys, *bounds, *who, *flags, *lists;
  LearnParams p{};
  Rule rule{};
  int by_site;
  if (!PyArg_ParseTuple(args, "OOOOOOOOOOOOOpIIIIIIdIIIIIIdddd", &h, &pos, &b, &e, &t, &w, &s, &d,
                        &keys, &bounds, &who, &flags, &lists, &by_site, &rule.contexts, &rule.days,
                        &rule.undated_contexts, &rule.light_contexts, &rule.light_days, &rule.sites,
                        &rule.share, &rule.between, &p.k, &p.window, &p.own_min, &p.most_contexts,
                        &p.look_at, &p.own_share, &p.light_share, &p.light_stability, &p.stability))
    throw PythonError{};
  const Values<u64> hashes(h), held_keys(keys), known_hashes(flags);
  const Offsets known_bounds(lists, known_hashes.size());
  const Values<u32> positions(pos), tokens(t), weights(w), holders(who);
  const Offsets held_bounds(bounds, holders.size());
  const Values<std::int64_t> begins(b), ends(e), held_ends(bounds);
  const Values<std::int32_t> sites(s), days(d);
  const std::size_t n = begins.size(), size = std::min(hashes.size(), positions.size());
  if (ends.size() != n || tokens.size() != n || weights.size() != n || sites.size() != n || days.size() != n)
    throw std::invalid_argument("columns of articles must have one length");
  for (std::size_t i = 0; i < n; ++i) {
    if (begins.data()[i] < 0 || begins.data()[i] > ends.data()[i] ||
        static_cast<std::size_t>(ends.data()[i]) > size)
      throw std::invalid_argument("an article's keys reach beyond the data");
    if (sites.data()[i] < -1 || sites.data()[i] + 1 >= static_cast<std::int64_t>(known_bounds.count()))
      throw std::invalid_argument("an article names a site that has no list");
  }
  if (held_bounds.count() != held_keys.size())
    throw std::invalid_argument("each fingerprint needs its holders");
  for (std::size_t i = 0; i < holders.size(); ++i)
    if (holders.data()[i] >= n) throw std::invalid_argument("a holder is not there");
  std::vector<Learned> found;
  without_gil([&] {
    const Library library{hashes.data(), positions.data(), begins.data(), ends.data(), tokens.data(),
                          weights.data(), sites.data(), days.data(), n,
                          Known(lists_of(known_hashes, known_bounds))};
    const dedup::Held held{held_keys.data(), held_keys.size(), held_ends.data(), holders.data()};
    learn(library, p, rule, by_site, held, found);
  });
  std::vector<u64> from;
  std::vector<std::int32_t> rows;
  std::vector<std::int64_t> offsets{0};
  std::vector<u32> contexts, places;
  for (const Learned& one : found) {
    from.push_back(one.hash);
    rows.insert(rows.end(), {one.site, static_cast<std::int32_t>(one.days), static_cast<std::int32_t>(one.sites)});
    contexts.insert(contexts.end(), one.contexts.begin(), one.contexts.end());
    places.insert(places.end(), one.positions.begin(), one.positions.end());
    offsets.push_back(static_cast<std::int64_t>(contexts.size()));
  }
  return (Tuple(module, 5) << from << rows << offsets << contexts << places).take();
}

inline PyObject* py_widen(PyObject* module, PyObject* args) {
  PyObject *list, *o, *w, *q;
  unsigned k;
  if (!PyArg_ParseTuple(args, "OOOOI", &list, &o, &w, &q, &k)) throw PythonError{};
  const Texts texts(list);
  const Values<u32> which(w), positions(q);
  const Offsets offsets(o, std::min(which.size(), positions.size()));
  for (std::size_t n = 0; n < which.size(); ++n)
    if (which.data()[n] >= texts.size()) throw std::invalid_argument("a text is not there");
  for (std::size_t n = 0; n < offsets.count(); ++n)
    if (offsets[n] == offsets[n + 1]) throw std::invalid_argument("a run needs a text");
  std::vector<u32> out;
  without_gil([&] {
    TokenShelf shelf(texts.size());
    std::vector<Side> sides;
    for (std::size_t n = 0; n < offsets.count(); ++n) {
      sides.clear();
      for (std::size_t i = offsets[n]; i < offsets[n + 1]; ++i) {
        const u32 text = which.data()[i];
        sides.push_back({&shelf.get(text, texts[text]), positions.data()[i]});
        if (sides.back().at >= sides.back().words->size())
          throw std::invalid_argument("a position lies beyond its text");
      }
      const WordRun run = widen(sides, k);
      out.insert(out.end(), {run.first, run.last});
    }
  });
  return (Tuple(module, 1) << out).take();
}

}  // namespace dedup::binding
