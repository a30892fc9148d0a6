// The only file that knows both Python and the kernels: takes arguments apart, releases the
// GIL, hands arrays back. What each function takes and returns: dedup/core/__init__.py.
#include "arrays.h"
#include "hash_bytes.h"
#include "kernel.h"
#include "permute.h"
#include "shingle_bytes.h"

namespace dedup::binding {
namespace {

PyObject* array_type(PyObject* module) {
  return static_cast<PyObject**>(PyModule_GetState(module))[0];
}

// Builds the tuple a function returns; takes over each item.
class Tuple {
 public:
  Tuple(PyObject* module, Py_ssize_t size) : type_(array_type(module)), tuple_(PyTuple_New(size)) {
    if (!tuple_) throw PythonError{};
  }
  Tuple(const Tuple&) = delete;
  Tuple& operator=(const Tuple&) = delete;
  ~Tuple() { Py_XDECREF(tuple_); }
  template <class T>
  Tuple& operator<<(std::vector<T>& values) {
    return *this << to_array(type_, std::move(values));
  }
  template <class T>
  Tuple& operator<<(Buffer<T>& values) {
    return *this << to_array(type_, std::move(values));
  }
  Tuple& operator<<(PyObject* item) {
    if (!item || PyTuple_SetItem(tuple_, next_++, item)) throw PythonError{};
    return *this;
  }
  PyObject* take() { return std::exchange(tuple_, nullptr); }

 private:
  PyObject* type_;
  PyObject* tuple_;
  Py_ssize_t next_ = 0;
};

[[noreturn]] void throw_invalid(std::size_t index, const InvalidText& where) {
  throw std::invalid_argument("text " + std::to_string(index) + " is not valid UTF-8 at byte " +
                              std::to_string(where.offset));
}

// The kernels of a level, of the best one without a name.
std::unique_ptr<Kernel> make_kernel(const char* name, const SketchParams& params) {
  const Level* chosen = nullptr;
  for (std::size_t i = 0; const Level* level = find_level(i); ++i)
    if (level->runs_here() && (!name || std::strcmp(level->name, name) == 0)) chosen = level;
  if (chosen) return chosen->make(params);
  throw std::invalid_argument("this machine has no instruction set " + std::string(name));
}

}  // namespace
}  // namespace dedup::binding

#include "bind_keys.h"
#include "bind_postings.h"
#include "bind_read.h"
#include "bind_verify.h"

namespace dedup::binding {
namespace {

PyObject* py_tokenize(PyObject* module, PyObject* args) {
  PyObject* list;
  if (!PyArg_ParseTuple(args, "O", &list)) throw PythonError{};
  const Texts texts(list);
  std::vector<std::int64_t> offsets{0}, letter_offsets{0};
  std::vector<u64> hashes;
  std::vector<u32> begins, ends;
  std::vector<u8> weights, folded;
  without_gil([&] {
    Letters letters;
    for (std::size_t t = 0; t < texts.size(); ++t) {
      try {
        tokenize(texts[t], letters, [&](std::size_t first, std::size_t end, u32 b, u32 e, u8 w) {
          hashes.push_back(hash_word(letters.data() + first, end - first));
          begins.push_back(b);
          ends.push_back(e);
          weights.push_back(w);
          folded.insert(folded.end(), letters.data() + first, letters.data() + end);
          letter_offsets.push_back(static_cast<std::int64_t>(folded.size()));
          letters.clear();
        });
      } catch (const InvalidText& where) {
        throw_invalid(t, where);
      }
      letters.clear();
      offsets.push_back(static_cast<std::int64_t>(hashes.size()));
    }
  });
  return (Tuple(module, 7) << offsets << hashes << begins << ends << weights << folded
                           << letter_offsets)
      .take();
}

PyObject* py_shingles(PyObject* module, PyObject* args) {
  PyObject *h, *w, *o;
  unsigned k;
  if (!PyArg_ParseTuple(args, "OOOI", &h, &w, &o, &k)) throw PythonError{};
  const Values<u64> hashes(h);
  const Values<u8> weights(w);
  const Offsets offsets(o, std::min(hashes.size(), weights.size()));
  std::vector<std::int64_t> ends{0};
  std::vector<u64> out;
  without_gil([&] {
    std::vector<u64> one;
    std::vector<u32> sums;
    for (std::size_t t = 0; t < offsets.count(); ++t) {
      sum_weights(weights.data() + offsets[t], offsets[t + 1] - offsets[t], sums);
      hash_shingles(hashes.data() + offsets[t], sums, k, one);
      out.insert(out.end(), one.begin(), one.end());
      ends.push_back(static_cast<std::int64_t>(out.size()));
    }
  });
  return (Tuple(module, 2) << ends << out).take();
}

PyObject* py_sign(PyObject* module, PyObject* args) {
  PyObject *s, *o;
  unsigned slots;
  const char* level = nullptr;
  if (!PyArg_ParseTuple(args, "OOI|s", &s, &o, &slots, &level)) throw PythonError{};
  const Values<u64> shingles(s);
  const Offsets offsets(o, shingles.size());
  const auto kernel = make_kernel(level, {1, slots, 1, 1});
  std::vector<u16> out(offsets.count() * slots);
  without_gil([&] {
    for (std::size_t t = 0; t < offsets.count(); ++t)
      kernel->sign(shingles.data() + offsets[t], offsets[t + 1] - offsets[t],
                   out.data() + t * slots);
  });
  return (Tuple(module, 1) << out).take();
}

PyObject* py_sketch(PyObject* module, PyObject* args) {
  PyObject* list;
  SketchParams p{};
  const char* level = nullptr;
  if (!PyArg_ParseTuple(args, "OIIII|s", &list, &p.k, &p.slots, &p.fingerprint_k, &p.window, &level))
    throw PythonError{};
  const Texts texts(list);
  const std::size_t n = texts.size();
  const auto kernel = make_kernel(level, p);
  std::vector<u16> signatures(n * p.slots);
  std::vector<u64> digests(n * 2);
  std::vector<u32> tokens(n), weights(n);
  std::vector<std::int64_t> offsets(n + 1);
  Fingerprints fingerprints;
  without_gil([&] {
    for (std::size_t t = 0; t < n; ++t) {
      try {
        const Counts counts = kernel->sketch(texts[t], signatures.data() + t * p.slots,
                                             digests.data() + t * 2, fingerprints);
        tokens[t] = counts.tokens;
        weights[t] = counts.weight;
      } catch (const InvalidText& where) {
        throw_invalid(t, where);
      }
      offsets[t + 1] = static_cast<std::int64_t>(fingerprints.size());
    }
  });
  return (Tuple(module, 7) << signatures << digests << tokens << weights << offsets
                           << fingerprints.hashes << fingerprints.positions)
      .take();
}

PyObject* py_shingle_bytes(PyObject* module, PyObject* args) {
  PyObject* list;
  unsigned k;
  if (!PyArg_ParseTuple(args, "OI", &list, &k)) throw PythonError{};
  const Texts texts(list);
  ShingleBytes out;
  std::vector<std::int64_t> offsets{0};
  without_gil([&] {
    ShingleSpeller speller(k);
    for (std::size_t t = 0; t < texts.size(); ++t) {
      try {
        speller.spell(texts[t], out);
      } catch (const InvalidText& where) {
        throw_invalid(t, where);
      }
      offsets.push_back(static_cast<std::int64_t>(out.begins.size()));
    }
  });
  return (Tuple(module, 4) << out.letters << out.begins << out.ends << offsets).take();
}

PyObject* py_hash_bytes(PyObject* module, PyObject* args) {
  PyObject *d, *b, *e;
  unsigned kind, level;
  if (!PyArg_ParseTuple(args, "OOOII", &d, &b, &e, &kind, &level)) throw PythonError{};
  const Values<u8> data(d);
  const Values<std::int64_t> begins(b), ends(e);
  if (kind >= kHashKinds) throw std::invalid_argument("there is no such hash");
  if (begins.size() != ends.size())
    throw std::invalid_argument("stretches must have two columns of one length");
  std::vector<u64> out(begins.size());
  without_gil([&] {
    std::vector<Message> messages;
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const std::int64_t begin = begins.data()[i], end = ends.data()[i];
      if (begin < 0 || end < begin || static_cast<std::size_t>(end) > data.size())
        throw std::invalid_argument("a stretch reaches beyond the data");
      messages.push_back({data.data() + begin, static_cast<std::size_t>(end - begin)});
    }
    hash_bytes(messages, kind, level, out.data());
  });
  return (Tuple(module, 1) << out).take();
}

template <class Scheme>
PyObject* permute(PyObject* module, PyObject* h, PyObject* o, PyObject* a, PyObject* b,
                  unsigned level) {
  const Values<u64> hashes(h), first(a), second(b);
  const Offsets offsets(o, hashes.size());
  if (first.size() != second.size())
    throw std::invalid_argument("permutations must have two columns of one length");
  std::vector<u64> out(offsets.count() * first.size());
  without_gil([&] {
    const Permutations<Scheme> permutations(first.data(), second.data(), first.size());
    const CpuLevel available = cpu_level(level);
    for (std::size_t t = 0; t < offsets.count(); ++t)
      permutations.lowest(available, hashes.data() + offsets[t], offsets[t + 1] - offsets[t],
                          out.data() + t * first.size());
  });
  return (Tuple(module, 1) << out).take();
}

PyObject* py_permute(PyObject* module, PyObject* args) {
  PyObject *h, *o, *a, *b;
  unsigned scheme, level;
  if (!PyArg_ParseTuple(args, "OOOOII", &h, &o, &a, &b, &scheme, &level)) throw PythonError{};
  if (scheme == 0) return permute<Affine32>(module, h, o, a, b, level);
  if (scheme == 1) return permute<Affine64>(module, h, o, a, b, level);
  if (scheme == 2) return permute<Legacy>(module, h, o, a, b, level);
  throw std::invalid_argument("there is no such scheme");
}

// Turns what a function throws into a Python error.
template <PyObject* (*function)(PyObject*, PyObject*)>
PyObject* guarded(PyObject* module, PyObject* args) {
  try {
    return function(module, args);
  } catch (const PythonError&) {
  } catch (const std::invalid_argument& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  }
  return nullptr;
}

PyMethodDef methods[] = {
    {"tokenize", guarded<py_tokenize>, METH_VARARGS, nullptr},
    {"shingles", guarded<py_shingles>, METH_VARARGS, nullptr},
    {"sign", guarded<py_sign>, METH_VARARGS, nullptr},
    {"sketch", guarded<py_sketch>, METH_VARARGS, nullptr},
    {"note_keys", guarded<py_note_keys>, METH_VARARGS, nullptr},
    {"pick_keys", guarded<py_pick_keys>, METH_VARARGS, nullptr},
    {"holders", guarded<py_holders>, METH_VARARGS, nullptr},
    {"groups", guarded<py_groups>, METH_VARARGS, nullptr},
    {"group_holders", guarded<py_group_holders>, METH_VARARGS, nullptr},
    {"pairs", guarded<py_pairs>, METH_VARARGS, nullptr},
    {"band_groups", guarded<py_band_groups>, METH_VARARGS, nullptr},
    {"band_keys", guarded<py_band_keys>, METH_VARARGS, nullptr},
    {"mark", guarded<py_mark>, METH_VARARGS, nullptr},
    {"leave_marked", guarded<py_leave_marked>, METH_VARARGS, nullptr},
    {"verify", guarded<py_verify>, METH_VARARGS, nullptr},
    {"resemble", guarded<py_resemble>, METH_VARARGS, nullptr},
    {"learn", guarded<py_learn>, METH_VARARGS, nullptr},
    {"widen", guarded<py_widen>, METH_VARARGS, nullptr},
    {"shingle_bytes", guarded<py_shingle_bytes>, METH_VARARGS, nullptr},
    {"hash_bytes", guarded<py_hash_bytes>, METH_VARARGS, nullptr},
    {"permute", guarded<py_permute>, METH_VARARGS, nullptr},
    {"find_fields", guarded<py_find_fields>, METH_VARARGS, nullptr},
    {"read_dates", guarded<py_read_dates>, METH_VARARGS, nullptr},
    {"pack_postings", guarded<py_pack_postings>, METH_VARARGS, nullptr},
    {"check_postings", guarded<py_check_postings>, METH_VARARGS, nullptr},
    {"unpack_postings", guarded<py_unpack_postings>, METH_VARARGS, nullptr},
    {"look_up", guarded<py_look_up>, METH_VARARGS, nullptr},
    {"best_holders", guarded<py_best_holders>, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

// LEVELS: the instruction sets this machine can run, slowest first.
int add_levels(PyObject* module) {
  PyObject* names = PyList_New(0);
  for (std::size_t i = 0; const Level* level = find_level(i); ++i) {
    if (!level->runs_here()) continue;
    PyObject* name = PyUnicode_FromString(level->name);
    const int failed = name && names ? PyList_Append(names, name) : -1;
    Py_XDECREF(name);
    if (failed) break;
  }
  const int done = PyErr_Occurred() ? -1 : PyModule_AddObjectRef(module, "LEVELS", names);
  Py_XDECREF(names);
  return done;
}

int start(PyObject* module) {
  PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
                         {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
                         {0, nullptr}};
  PyType_Spec spec = {"dedup.core._native.Array", sizeof(ArrayObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  PyObject* type = PyType_FromModuleAndSpec(module, &spec, nullptr);
  if (!type) return -1;
  static_cast<PyObject**>(PyModule_GetState(module))[0] = type;
  return add_levels(module);
}

void stop(void* module) {
  auto* state = static_cast<PyObject**>(PyModule_GetState(static_cast<PyObject*>(module)));
  if (state) Py_CLEAR(state[0]);
}

PyModuleDef_Slot module_slots[] = {{Py_mod_exec, reinterpret_cast<void*>(start)}, {0, nullptr}};
PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", nullptr, sizeof(PyObject*), methods,
                          module_slots, nullptr, nullptr, stop};

}  // namespace
}  // namespace dedup::binding

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&dedup::binding::definition); }
