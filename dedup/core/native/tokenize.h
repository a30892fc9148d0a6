// Tokenize: UTF-8 in, words (or characters of scripts without spaces) out, each with its folded
// letters, its span in code points of the text as given, and its weight.
// Rules: docs/method.md, "Fold and tokens"; twin: core/pure.py.
#pragma once
#include <vector>

#include "fold.h"

namespace dedup {

// Folded letters of one token after the other, with 16 zero bytes behind the last.
class Letters {
 public:
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  const u8* data() const { return bytes_.data(); }
  void append_byte(u8 byte) {
    if (size_ + 32 > bytes_.size()) bytes_.resize(bytes_.size() * 2 + 256);
    bytes_[size_++] = byte;
  }
  void append(u32 code) {
    if (size_ + 32 > bytes_.size()) bytes_.resize(bytes_.size() * 2 + 256);
    size_ = static_cast<std::size_t>(encode(code, bytes_.data() + size_) - bytes_.data());
  }
  // Zeros behind the token that ends here, up to what hash_word reads.
  void pad() {
    if (bytes_.size() < size_ + 16) bytes_.resize(size_ + 272);
    std::memset(bytes_.data() + size_, 0, 16);
  }

 private:
  std::vector<u8> bytes_;
  std::size_t size_ = 0;
};

// Calls sink(first letter, end of letters, begin, end, weight) for every token of `text`; the
// letters are positions in `letters`, which the sink may clear; begin and end count code points.
template <class Sink>
class Tokenizer {
 public:
  Tokenizer(Letters& letters, Sink& sink) : letters_(letters), sink_(sink) {}

  void run(const Text& text) {
    u32 position = 0;
    for (std::size_t i = 0; i < text.size; ++position) step(text, i, position);
    close();
  }

  // Takes the code point at byte `i`, moves `i` behind it.
  void step(const Text& text, std::size_t& i, u32 position) {
    const u8 byte = text.data[i];
    if (byte < 0x80) {
      ++i;
      ascii(byte, position);
    } else {
      fold_code(decode_multibyte(text, i), [&](u32 code, u32 tag) { unit(code, tag, position); });
    }
  }

  // Begins inside a token, of which only the end will be right.
  void resume(bool word) { open(0, word, kWeightWord); }

  void close() {
    if (!open_) return;
    open_ = false;
    letters_.pad();
    sink_(first_, letters_.size(), begin_, end_, weight_);
  }

 private:
  void ascii(u8 byte, u32 position) {
    const bool upper = static_cast<u8>(byte - 'A') < 26;
    if (upper || static_cast<u8>(byte - 'a') < 26 || static_cast<u8>(byte - '0') < 10) {
      if (!open_ || !word_) open(position, true, kWeightWord);
      letters_.append_byte(upper ? static_cast<u8>(byte | 0x20) : byte);
      end_ = position + 1;
    } else {
      close();
    }
  }

  void unit(u32 code, u32 tag, u32 position) {
    switch (tag) {
      case kIgnored:
        return;
      case kDroppedMark:
        if (open_) end_ = position + 1;
        return;
      case kWord:
        if (!open_ || !word_) open(position, true, kWeightWord);
        break;
      case kHan:
        open(position, false, kWeightHan);
        break;
      case kChar:
        open(position, false, kWeightChar);
        break;
      case kMark:
        if (!open_) open(position, true, kWeightWord);
        break;
      default:
        close();
        return;
    }
    letters_.append(code);
    end_ = position + 1;
  }

  void open(u32 position, bool word, u8 weight) {
    close();
    open_ = true;
    word_ = word;
    weight_ = weight;
    begin_ = position;
    first_ = letters_.size();
  }

  Letters& letters_;
  Sink& sink_;
  bool open_ = false, word_ = false;
  u8 weight_ = 0;
  u32 begin_ = 0, end_ = 0;
  std::size_t first_ = 0;
};

template <class Sink>
void tokenize(const Text& text, Letters& letters, Sink&& sink) {
  Tokenizer<Sink> tokenizer(letters, sink);
  tokenizer.run(text);
}

}  // namespace dedup
