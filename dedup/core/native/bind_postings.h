// The binding of the kernels of an index; only module.cpp includes it, behind its Tuple.
#pragma once
#include "lookup.h"

namespace dedup::binding {

// A buffer that may be written to, held for the length of a call.
class Writable {
 public:
  explicit Writable(PyObject* object) {
    if (PyObject_GetBuffer(object, &view_, PyBUF_WRITABLE)) throw PythonError{};
  }
  Writable(const Writable&) = delete;
  Writable& operator=(const Writable&) = delete;
  ~Writable() { PyBuffer_Release(&view_); }
  u8* data() const { return static_cast<u8*>(view_.buf); }
  std::size_t size() const { return static_cast<std::size_t>(view_.len); }

 private:
  Py_buffer view_;
};

// A segment as a tuple: data, begins, fences, checksums, bases, key bits, article bits, checked,
// postings of a block, postings. That its columns have one length is checked each time; what they
// say of each block only by `check_blocks`, which whoever opens a segment calls once.
class PackedObject {
 public:
  explicit PackedObject(PyObject* object)
      : data_(item(object, 0)), begins_(item(object, 1)), fences_(item(object, 2)),
        checksums_(item(object, 3)), bases_(item(object, 4)), key_bits_(item(object, 5)),
        article_bits_(item(object, 6)), checked_(item(object, 7)) {
    const std::size_t block = number(item(object, 8)), postings = number(item(object, 9));
    if (!block) throw std::invalid_argument("a block must hold a posting at least");
    const std::size_t blocks = postings / block + (postings % block != 0);
    if (begins_.size() != blocks + 1 || fences_.size() != blocks || checksums_.size() != blocks ||
        bases_.size() != blocks || key_bits_.size() != blocks || article_bits_.size() != blocks ||
        checked_.size() != blocks)
      throw std::invalid_argument("the columns of a segment must have one length");
    packed_ = {data_.data(), begins_.data(), fences_.data(), checksums_.data(), bases_.data(),
               key_bits_.data(), article_bits_.data(), checked_.data(), blocks, block, postings};
  }
  void check_blocks() const {
    const std::int64_t* const begins = begins_.data();
    for (std::size_t b = 0; b < packed_.blocks; ++b) {
      const u8 key_bits = key_bits_.data()[b], article_bits = article_bits_.data()[b];
      const std::size_t n = packed_.size(b);
      const std::size_t bytes = (n * key_bits + 7) / 8 + (n * article_bits + 7) / 8;
      if (key_bits > 64 || article_bits > 32 || begins[b] < 0 ||
          begins[b + 1] - begins[b] != static_cast<std::int64_t>(bytes))
        throw std::invalid_argument("a block has another size than its bits say");
      if (b && fences_.data()[b] < fences_.data()[b - 1])
        throw std::invalid_argument("keys must rise");
    }
    // Reading the last number of a block may reach nine bytes further.
    if (static_cast<std::size_t>(begins[packed_.blocks]) + 9 > data_.size() && packed_.blocks)
      throw std::invalid_argument("nine bytes must follow the blocks");
  }
  const Packed& packed() const { return packed_; }

 private:
  static PyObject* item(PyObject* object, Py_ssize_t n) {
    if (!PyTuple_Check(object) || PyTuple_Size(object) != 10)
      throw std::invalid_argument("a segment must be a tuple of ten");
    return PyTuple_GetItem(object, n);
  }
  static std::size_t number(PyObject* object) {
    const std::size_t value = PyLong_AsSize_t(object);
    if (PyErr_Occurred()) throw PythonError{};
    return value;
  }
  Values<u8> data_;
  Values<std::int64_t> begins_;
  Values<u64> fences_, checksums_;
  Values<u32> bases_;
  Values<u8> key_bits_, article_bits_;
  Writable checked_;
  Packed packed_{};
};

inline void check_list(PyObject* list) {
  if (!PyList_Check(list)) throw std::invalid_argument("sources must be a list");
}

inline PyObject* py_pack_postings(PyObject* module, PyObject* args) {
  PyObject *k, *a;
  Py_ssize_t block;
  if (!PyArg_ParseTuple(args, "OOn", &k, &a, &block)) throw PythonError{};
  const Values<u64> keys(k);
  const Values<u32> articles(a);
  if (block < 1) throw std::invalid_argument("a block must hold a posting at least");
  if (keys.size() != articles.size())
    throw std::invalid_argument("postings must have two columns of one length");
  PackedBlocks out;
  without_gil([&] {
    if (!std::is_sorted(keys.data(), keys.data() + keys.size()))
      throw std::invalid_argument("keys must rise");
    pack_postings(keys.data(), articles.data(), keys.size(), static_cast<std::size_t>(block), out);
  });
  return (Tuple(module, 6) << out.data << out.fences << out.checksums << out.bases << out.key_bits
                           << out.article_bits)
      .take();
}

inline PyObject* py_check_postings(PyObject*, PyObject* args) {
  PyObject* segment;
  if (!PyArg_ParseTuple(args, "O", &segment)) throw PythonError{};
  const PackedObject from(segment);
  without_gil([&] { from.check_blocks(); });
  return Py_NewRef(Py_None);
}

inline PyObject* py_unpack_postings(PyObject* module, PyObject* args) {
  PyObject* segment;
  Py_ssize_t first, end;
  if (!PyArg_ParseTuple(args, "Onn", &segment, &first, &end)) throw PythonError{};
  const PackedObject from(segment);
  if (first < 0 || end < first || static_cast<std::size_t>(end) > from.packed().blocks)
    throw std::invalid_argument("there are no such blocks");
  std::vector<u64> keys;
  std::vector<u32> articles;
  long long damaged = -1;
  without_gil([&] {
    try {
      unpack_postings(from.packed(), static_cast<std::size_t>(first), static_cast<std::size_t>(end),
                      keys, articles);
    } catch (const DamagedBlock& found) {
      damaged = static_cast<long long>(found.block);
    }
  });
  return (Tuple(module, 3) << keys << articles << PyLong_FromLongLong(damaged)).take();
}

inline PyObject* py_look_up(PyObject* module, PyObject* args) {
  PyObject *segments, *parts, *k, *g;
  Py_ssize_t most;
  int newest;
  if (!PyArg_ParseTuple(args, "OOOnpO", &segments, &parts, &k, &most, &newest, &g))
    throw PythonError{};
  check_list(segments);
  check_list(parts);
  const Values<u64> keys(k);
  const Values<u32> gone(g);
  if (most < 1) throw std::invalid_argument("one holder at least must be asked for");
  std::vector<std::unique_ptr<PackedObject>> packed;
  for (Py_ssize_t n = 0; n < PyList_Size(segments); ++n)
    packed.push_back(std::make_unique<PackedObject>(PyList_GetItem(segments, n)));
  std::vector<std::unique_ptr<Values<u64>>> part_keys;
  std::vector<std::unique_ptr<Values<u32>>> part_articles;
  for (Py_ssize_t n = 0; n < PyList_Size(parts); ++n) {
    PyObject* part = PyList_GetItem(parts, n);
    if (!PyTuple_Check(part) || PyTuple_Size(part) != 2)
      throw std::invalid_argument("a part must be a tuple (keys, articles)");
    part_keys.push_back(std::make_unique<Values<u64>>(PyTuple_GetItem(part, 0)));
    part_articles.push_back(std::make_unique<Values<u32>>(PyTuple_GetItem(part, 1)));
    if (part_keys.back()->size() != part_articles.back()->size())
      throw std::invalid_argument("postings must have two columns of one length");
  }
  HeldKeys out;
  long long source = -1, block = -1;
  without_gil([&] {
    Lookup lookup(keys.data(), keys.size(), static_cast<std::size_t>(most), newest != 0,
                  gone.data(), gone.size());
    try {
      for (std::size_t n = 0; n < packed.size(); ++n) {
        source = static_cast<long long>(n);
        lookup.add(packed[n]->packed());
      }
      source = -1;
    } catch (const DamagedBlock& found) {
      block = static_cast<long long>(found.block);
    }
    for (std::size_t n = 0; n < part_keys.size() && source < 0; ++n)
      lookup.add(Plain{part_keys[n]->data(), part_articles[n]->data(), part_keys[n]->size()});
    lookup.finish(out);
  });
  return (Tuple(module, 5) << out.offsets << out.articles << out.totals
                           << PyLong_FromLongLong(source) << PyLong_FromLongLong(block))
      .take();
}

inline PyObject* py_best_holders(PyObject* module, PyObject* args) {
  PyObject *o, *h, *t, *w, *s, *b;
  Py_ssize_t read_cap, most, depth;
  if (!PyArg_ParseTuple(args, "OOOOOOnnn", &o, &h, &t, &w, &s, &b, &read_cap, &most, &depth))
    throw PythonError{};
  const Values<u32> articles(h);
  const Offsets offsets(o, articles.size());
  const Values<std::int64_t> starts(o);
  const Values<u64> totals(t), before(b);
  const Values<u8> allowed(w);
  const Offsets asking(s, offsets.count());
  if (totals.size() != offsets.count() || allowed.size() != articles.size() ||
      before.size() != asking.count())
    throw std::invalid_argument("holders must have columns of one length");
  if (read_cap < 0 || most < 0 || depth < 0) throw std::invalid_argument("bounds must not be negative");
  std::vector<std::int64_t> ends{0};
  std::vector<u32> out;
  std::vector<u8> first;
  const Bounds bounds{static_cast<std::size_t>(read_cap), static_cast<std::size_t>(most),
                      static_cast<std::size_t>(depth)};
  without_gil([&] {
    for (std::size_t n = 0; n < asking.count(); ++n) {
      best_holders({asking[n], asking[n + 1], before.data()[n]}, starts.data(), articles.data(),
                   totals.data(), allowed.data(), bounds, out, first);
      ends.push_back(static_cast<std::int64_t>(out.size()));
    }
  });
  return (Tuple(module, 3) << ends << out << first).take();
}

}  // namespace dedup::binding
