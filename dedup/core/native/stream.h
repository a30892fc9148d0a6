// The letters of a text with zero bytes between words: what the block kernels write, and here
// the same for any code point. Letters are UTF-8 and never zero. Marks that are dropped leave
// nothing behind, so a word may be shorter than it was.
#pragma once
#include "buffer.h"
#include "latin.h"

namespace dedup {

struct Stream {
  Buffer<u8> bytes;
  // The last token is a character that stands alone: only a mark joins it.
  bool alone = false;
  // There are tokens that weigh less than a word; such a token is known by its first letter.
  bool weighted = false;

  // A code point folds to at most 18 (U+FDFA), which with separators is less than this.
  static constexpr std::size_t kMostBytes = 128;

  void clear() {
    bytes.cut(0);
    alone = weighted = false;
  }

  // Adds one code point of `text` and moves `i` behind it. Says whether a block kernel would
  // have done the same.
  bool add(const Text& text, std::size_t& i) {
    u8* const begin = bytes.room(kMostBytes);
    out_ = begin;
    open_ = bytes.size() && begin[-1];
    const u8 byte = text.data[i];
    const bool easy = byte < 0x80;
    if (easy) {
      ++i;
      if (alone) separate();
      const u8 letter = kLatin.ascii[byte];
      open_ = letter;
      *out_++ = letter;
    } else {
      fold_code(decode_multibyte(text, i), [this](u32 code, u32 tag) { unit(code, tag); });
    }
    bytes.add(static_cast<std::size_t>(out_ - begin));
    return easy;
  }

 private:
  void separate() {
    if (open_) *out_++ = 0;
    open_ = alone = false;
  }

  void unit(u32 code, u32 tag) {
    switch (tag) {
      case kIgnored:
      case kDroppedMark:
        return;
      case kWord:
        if (alone) separate();
        break;
      case kHan:
      case kChar:
        separate();
        alone = weighted = true;
        break;
      case kMark:
        break;
      default:
        separate();
        return;
    }
    out_ = encode(code, out_);
    open_ = true;
  }

  u8* out_ = nullptr;
  bool open_ = false;
};

// Weight of a token, by its first letter; no character of two bytes weighs less than a word.
inline u8 weight_of(const u8* token) {
  if (token[0] < 0xE0) return kWeightWord;
  u32 code = token[0] & 0x0Fu;
  const unsigned length = token[0] >= 0xF0 ? 4 : 3;
  for (unsigned n = 1; n < length; ++n) code = code << 6 | (token[n] & 0x3Fu);
  const u32 tag = fold_entry(code) & 0xFF;
  return tag == kHan ? kWeightHan : tag == kChar ? kWeightChar : kWeightWord;
}

}  // namespace dedup
