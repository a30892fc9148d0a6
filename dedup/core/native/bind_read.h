// The binding of the kernels that read; only module.cpp includes it, behind its Tuple.
#pragma once
#include "dates.h"
#include "json_fields.h"

namespace dedup::binding {

inline PyObject* py_find_fields(PyObject* module, PyObject* args) {
  PyObject *block, *list, *columns, *kinds;
  unsigned long long longest;
  if (!PyArg_ParseTuple(args, "OOOOK", &block, &list, &columns, &kinds, &longest))
    throw PythonError{};
  const Values<u8> lines(block), accepted(kinds);
  const Texts names(list);
  const Offsets starts(columns, names.size());
  if (starts.count() == 0 || starts.count() != accepted.size())
    throw std::invalid_argument("each column must say what it accepts");
  Wanted wanted;
  for (std::size_t n = 0; n < names.size(); ++n)
    wanted.names.emplace_back(reinterpret_cast<const char*>(names[n].data), names[n].size);
  for (std::size_t n = 0; n <= starts.count(); ++n) wanted.starts.push_back(starts[n]);
  wanted.accepted.assign(accepted.data(), accepted.data() + accepted.size());
  FoundFields out;
  without_gil([&] {
    FieldFinder finder(wanted, static_cast<std::size_t>(longest));
    finder.find(lines.data(), lines.size(), out);
  });
  Tuple found(module, static_cast<Py_ssize_t>(2 + 3 * out.columns.size()));
  found << out.starts << out.taken;
  for (Column& column : out.columns) found << column.values << column.offsets << column.kinds;
  return found.take();
}

inline PyObject* py_read_dates(PyObject* module, PyObject* args) {
  PyObject* list;
  if (!PyArg_ParseTuple(args, "O", &list)) throw PythonError{};
  const Texts texts(list);
  std::vector<std::int64_t> seconds;
  without_gil([&] {
    DateReader reader;
    for (std::size_t n = 0; n < texts.size(); ++n) seconds.push_back(reader.read(texts[n]));
  });
  return (Tuple(module, 1) << seconds).take();
}

}  // namespace dedup::binding
