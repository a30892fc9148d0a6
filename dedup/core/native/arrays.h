// Arrays across the door: buffers in, `Array` objects out. An Array owns a vector or Buffer and
// shows its bytes through the buffer protocol, so nothing is copied on the way to NumPy.
// Part of the binding: only module.cpp and what it includes use it. Python's limited API, 3.11.
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tokenize.h"

namespace dedup::binding {

// Thrown when a Python error is set already.
struct PythonError {};

struct Holder {
  virtual ~Holder() = default;
};
template <class Values>
struct Owned final : Holder {
  explicit Owned(Values v) : values(std::move(v)) {}
  Values values;
};

struct ArrayObject {
  PyObject_HEAD
  Holder* holder;
  void* data;
  Py_ssize_t size;
};

inline int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  auto* array = reinterpret_cast<ArrayObject*>(self);
  return PyBuffer_FillInfo(view, self, array->data, array->size, 0, flags);
}

inline void destroy(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<ArrayObject*>(self)->holder;
  PyObject_Free(self);
  Py_DECREF(reinterpret_cast<PyObject*>(type));
}

// A new reference to an Array that takes over `values`.
template <class Values>
PyObject* to_array(PyObject* type, Values values) {
  auto owned = std::make_unique<Owned<Values>>(std::move(values));
  auto* array = PyObject_New(ArrayObject, reinterpret_cast<PyTypeObject*>(type));
  if (!array) throw PythonError{};
  array->data = owned->values.data();
  array->size = static_cast<Py_ssize_t>(owned->values.size() * sizeof(*owned->values.data()));
  array->holder = owned.release();
  return reinterpret_cast<PyObject*>(array);
}

// A buffer held for the length of a call, seen as values of T.
template <class T>
class Values {
 public:
  explicit Values(PyObject* object) {
    if (PyObject_GetBuffer(object, &view_, PyBUF_SIMPLE)) throw PythonError{};
    if (view_.len % static_cast<Py_ssize_t>(sizeof(T)) ||
        reinterpret_cast<std::uintptr_t>(view_.buf) % alignof(T)) {
      PyBuffer_Release(&view_);
      throw std::invalid_argument("an array has the wrong item size or alignment");
    }
  }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  ~Values() { PyBuffer_Release(&view_); }
  const T* data() const { return static_cast<const T*>(view_.buf); }
  std::size_t size() const { return static_cast<std::size_t>(view_.len) / sizeof(T); }

 private:
  Py_buffer view_;
};

// Offsets of n items: n + 1 rising int64 values from 0 to the length of what they divide.
class Offsets {
 public:
  Offsets(PyObject* object, std::size_t length) : values_(object) {
    if (values_.size() == 0) throw std::invalid_argument("offsets must have one value at least");
    std::int64_t last = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (values_.data()[i] < last) throw std::invalid_argument("offsets must rise from 0");
      last = values_.data()[i];
    }
    if (static_cast<std::size_t>(last) > length)
      throw std::invalid_argument("offsets reach beyond the data");
  }
  std::size_t count() const { return values_.size() - 1; }
  std::size_t operator[](std::size_t i) const { return static_cast<std::size_t>(values_.data()[i]); }

 private:
  Values<std::int64_t> values_;
};

// Texts as a list of str or bytes, or as a pair (UTF-8 buffer, int64 offsets): Arrow's layout.
// A str is encoded once, bytes and buffers are read where they lie.
class Texts {
 public:
  explicit Texts(PyObject* object) {
    if (PyTuple_Check(object) && PyTuple_Size(object) == 2) {
      buffer_ = std::make_unique<Values<u8>>(PyTuple_GetItem(object, 0));
      const Offsets offsets(PyTuple_GetItem(object, 1), buffer_->size());
      for (std::size_t i = 0; i < offsets.count(); ++i)
        add(buffer_->data() + offsets[i], offsets[i + 1] - offsets[i]);
      return;
    }
    if (!PyList_Check(object))
      throw std::invalid_argument("texts must be a list, or a pair (buffer, offsets)");
    for (Py_ssize_t i = 0; i < PyList_Size(object); ++i) {
      PyObject* item = PyList_GetItem(object, i);
      if (PyUnicode_Check(item)) {
        item = PyUnicode_AsEncodedString(item, "utf-8", "surrogatepass");
        if (!item) fail();
      } else if (PyBytes_Check(item)) {
        Py_INCREF(item);
      } else {
        release();
        throw std::invalid_argument("texts must be str or bytes");
      }
      held_.push_back(item);
      char* data = nullptr;
      Py_ssize_t size = 0;
      if (PyBytes_AsStringAndSize(item, &data, &size)) fail();
      add(reinterpret_cast<const u8*>(data), static_cast<std::size_t>(size));
    }
  }
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  ~Texts() { release(); }
  std::size_t size() const { return texts_.size(); }
  const Text& operator[](std::size_t i) const { return texts_[i]; }

 private:
  void add(const u8* data, std::size_t size) {
    if (size > 0xFFFFFFF0u) {
      release();
      throw std::invalid_argument("a text is longer than 4 GiB");
    }
    texts_.push_back({data, size});
  }
  [[noreturn]] void fail() {
    release();
    throw PythonError{};
  }
  void release() {
    for (PyObject* item : held_) Py_DECREF(item);
    held_.clear();
  }
  std::unique_ptr<Values<u8>> buffer_;
  std::vector<PyObject*> held_;
  std::vector<Text> texts_;
};

// Runs `work` without the GIL and rethrows in front of it what it throws.
template <class F>
void without_gil(F&& work) {
  PyThreadState* state = PyEval_SaveThread();
  try {
    work();
  } catch (...) {
    PyEval_RestoreThread(state);
    throw;
  }
  PyEval_RestoreThread(state);
}

}  // namespace dedup::binding
