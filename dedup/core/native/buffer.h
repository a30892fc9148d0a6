// Memory that is used again: grows, never shrinks, and is not filled with zeros, since every
// byte of a batch is written once anyway. For plain numbers only.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace dedup {

template <class T>
class Buffer {
  static_assert(std::is_trivial_v<T>);

 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  // The place behind the last item, with room for `n` more.
  T* room(std::size_t n) {
    if (capacity_ - size_ < n) grow(size_ + n);
    return data_ + size_;
  }
  // Counts the next `n` items, which have been written, as its own.
  void add(std::size_t n) { size_ += n; }
  void push(T item) {
    *room(1) = item;
    ++size_;
  }
  void cut(std::size_t size) { size_ = size; }

 private:
  void grow(std::size_t least) {
    const std::size_t wanted = capacity_ + capacity_ / 2 + 64;
    const std::size_t capacity = wanted > least ? wanted : least;
    // Large blocks move by their page tables, not by copying.
    void* moved = std::realloc(data_, capacity * sizeof(T));
    if (!moved) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace dedup
