// Memory that is used again: grows, never shrinks, and is not filled with zeros, since every
// byte of a batch is written once anyway. For plain numbers only.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace dedup {

// Asks for large pages under a large block: where memory is new, a page of 4 KiB costs 2 to 3 us
// before its first byte is written, a hundred times what writing it costs.
inline void want_large_pages(void* block, std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t kLarge = std::size_t{2} << 20;
  const std::size_t place = reinterpret_cast<std::size_t>(block);
  const std::size_t first = (place + kLarge - 1) & ~(kLarge - 1), end = (place + bytes) & ~(kLarge - 1);
  if (first < end) (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#else
  (void)block;
  (void)bytes;
#endif
}

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
    want_large_pages(moved, capacity * sizeof(T));
    data_ = static_cast<T*>(moved);
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace dedup
