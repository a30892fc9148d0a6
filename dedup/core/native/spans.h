// Where the words of a folded text stand in the text as given. Only words at the ends of passages
// are ever asked for, so reading notes where a block began, and the code points from there on are
// tokenized again for a word that is asked for. In: a text, its words, waypoints. Out: code points.
#pragma once
#include <algorithm>
#include <vector>

#include "kernel.h"
#include "tokenize.h"

namespace dedup {

class Spans {
 public:
  // Keeps `text`, copies the rest.
  void start(const Text& text, const Words& words) {
    text_ = text;
    edges_.assign(words.edges, words.edges + 2 * words.count);
    waypoints_.assign(words.waypoints, words.waypoints + words.num_waypoints);
    positions_.clear();
  }

  // The code point at which token `i` begins, and the one behind its last.
  u32 begin(u32 i) { return find(i, edges_[2 * i]).first; }
  u32 end(u32 i) { return find(i, edges_[2 * i + 1] - 1).second; }

  // Where the letters of token `i` stand in the stream.
  u32 first_letter(std::size_t i) const { return edges_[2 * i]; }
  u32 letters_end(std::size_t i) const { return edges_[2 * i + 1]; }

  std::size_t bytes() const { return edges_.size() * 4 + waypoints_.size() * 16; }

 private:
  using Span = std::pair<u32, u32>;

  // Span of token `i`, right from the letter at `place` of the stream on.
  Span find(u32 i, u32 place) {
    if (positions_.empty()) count_positions();
    const auto later = [](u32 at, const Waypoint& w) { return at < w.stream; };
    const std::size_t n = static_cast<std::size_t>(
        std::upper_bound(waypoints_.begin(), waypoints_.end(), place, later) - waypoints_.begin() - 1);
    const Waypoint& from = waypoints_[n];
    u32 token = first_token(from.stream);
    Span span{0, 0};
    bool found = false;
    letters_.clear();
    const auto sink = [&](std::size_t, std::size_t, u32 begin, u32 end, u8) {
      if (token++ == i) {
        span = {begin, end};
        found = true;
      }
      letters_.clear();
    };
    Tokenizer<decltype(sink)> tokenizer(letters_, sink);
    if (token > 0 && edges_[2 * token - 1] > from.stream) {  // a word goes on behind the waypoint
      --token;
      tokenizer.resume(!from.alone);
    }
    u32 position = positions_[n];
    for (std::size_t at = from.text; !found && at < text_.size; ++position)
      tokenizer.step(text_, at, position);
    if (!found) tokenizer.close();
    return span;
  }

  // The first token that begins at `place` of the stream or later.
  u32 first_token(u32 place) const {
    u32 low = 0, high = static_cast<u32>(edges_.size() / 2);
    while (low < high) {
      const u32 middle = (low + high) / 2;
      if (edges_[2 * middle] < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // Code points before each waypoint: bytes that do not continue one.
  void count_positions() {
    positions_.resize(waypoints_.size());
    u32 count = 0;
    std::size_t at = 0;
    for (std::size_t n = 0; n < waypoints_.size(); ++n) {
      const std::size_t end = waypoints_[n].text;
      for (; at + 8 <= end; at += 8) {
        const u64 bytes = load64(text_.data + at);
        const u64 begins = (~bytes >> 7 | bytes >> 6) & 0x0101010101010101u;
        count += static_cast<u32>(begins * 0x0101010101010101u >> 56);
      }
      for (; at < end; ++at) count += (text_.data[at] & 0xC0) != 0x80;
      positions_[n] = count;
    }
  }

  Text text_{nullptr, 0};
  std::vector<u32> edges_;  // where each token begins and ends in the stream, in turn
  std::vector<Waypoint> waypoints_;
  std::vector<u32> positions_;
  Letters letters_;
};

}  // namespace dedup
