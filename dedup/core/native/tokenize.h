// Fold and tokenize: UTF-8 in, words (or characters of scripts without spaces) out, each with
// its folded letters, its span in code points of the text as given, and its weight.
// Rules: docs/method.md, "Fold and tokens"; twin: core/pure.py.
#pragma once
#include <vector>

#include "hash.h"
#include "unicode_tables.h"

namespace dedup {

struct Text {
  const u8* data;
  std::size_t size;
};

// Thrown when a text is not UTF-8 (lone surrogates of three bytes are accepted).
struct InvalidText {
  std::size_t offset;
};

enum Tag : u32 { kSeparator, kIgnored, kDroppedMark, kWord, kHan, kChar, kMark, kMapped,
                 kExpanded, kHangul };

// Weights in quarter-words.
constexpr u8 kWeightWord = 4, kWeightHan = 2, kWeightChar = 1;

inline u32 fold_entry(u32 code) {
  const u32 block = kFoldStage1[code >> kFoldShift];
  return kFoldStage2[(block << kFoldShift) + (code & ((1u << kFoldShift) - 1))];
}

// Decodes one code point that begins with a byte >= 0x80 and moves `i` behind it.
inline u32 decode_multibyte(const Text& text, std::size_t& i) {
  const u8 lead = text.data[i];
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + length > text.size) throw InvalidText{i};
  u32 code = lead & (0x7Fu >> length);
  for (std::size_t n = 1; n < length; ++n) {
    const u8 byte = text.data[i + n];
    if ((byte & 0xC0) != 0x80) throw InvalidText{i};
    code = code << 6 | (byte & 0x3Fu);
  }
  if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)))
    throw InvalidText{i};
  i += length;
  return code;
}

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
    if (code < 0x80) return append_byte(static_cast<u8>(code));
    if (code < 0x800) {
      append_byte(static_cast<u8>(0xC0 | code >> 6));
    } else {
      if (code < 0x10000) {
        append_byte(static_cast<u8>(0xE0 | code >> 12));
      } else {
        append_byte(static_cast<u8>(0xF0 | code >> 18));
        append_byte(static_cast<u8>(0x80 | (code >> 12 & 0x3F)));
      }
      append_byte(static_cast<u8>(0x80 | (code >> 6 & 0x3F)));
    }
    append_byte(static_cast<u8>(0x80 | (code & 0x3F)));
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
    for (std::size_t i = 0; i < text.size; ++position) {
      const u8 byte = text.data[i];
      if (byte < 0x80) {
        ++i;
        ascii(byte, position);
      } else {
        any(decode_multibyte(text, i), position);
      }
    }
    close();
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

  void any(u32 code, u32 position) {
    const u32 entry = fold_entry(code), payload = entry >> 8;
    switch (entry & 0xFF) {
      case kIgnored:
        break;
      case kDroppedMark:
        if (open_) end_ = position + 1;
        break;
      case kMapped:
        unit(payload, fold_entry(payload), position);
        break;
      case kExpanded:
        for (u32 n = 0; n < (payload & 31); ++n) {
          const u32 part = kFoldPool[(payload >> 5) + n];
          unit(part, fold_entry(part), position);
        }
        break;
      case kHangul: {  // Unicode 15.1, section 3.12: arithmetic decomposition of syllables.
        const u32 s = code - 0xAC00;
        unit(0x1100 + s / 588, kWord, position);
        unit(0x1161 + s % 588 / 28, kWord, position);
        if (s % 28) unit(0x11A7 + s % 28, kWord, position);
        break;
      }
      default:
        unit(code, entry, position);
    }
  }

  // One folded code point that is itself: separator, letter, character or mark.
  void unit(u32 code, u32 tag, u32 position) {
    switch (tag) {
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

  void close() {
    if (!open_) return;
    open_ = false;
    letters_.pad();
    sink_(first_, letters_.size(), begin_, end_, weight_);
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
