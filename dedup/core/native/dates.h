// Dates in their two most common forms to seconds; all others are left to the reader of dates.
// Rules: read_dates in core/__init__.py; twin: core/pure_read.py.
#pragma once
#include <limits>

#include "tokenize.h"

namespace dedup {

constexpr std::int64_t kNoDate = std::numeric_limits<std::int64_t>::min();

// Days from 1970-01-01 to a day of the Gregorian calendar, years above 0.
inline std::int64_t count_days(int year, int month, int day) {
  // Years begin in March, so that a leap day is the last of its year.
  const int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
  return std::int64_t{365} * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
}

inline int days_of(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

class DateReader {
 public:
  std::int64_t read(const Text& text) {
    p_ = text.data;
    end_ = text.data + text.size;
    if ((text.size == 9 || text.size == 10 || text.size == 13) && end_ - skip_digits(p_) == 0)
      return count(text.data, static_cast<int>(text.size)) / (text.size == 13 ? 1000 : 1);
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (!take(4, year) || !take('-') || !take(2, month) || !take('-') || !take(2, day))
      return kNoDate;
    std::int64_t offset = 0;
    if (p_ < end_) {
      if (!(take('T') || take(' ')) || !take(2, hour) || !take(':') || !take(2, minute))
        return kNoDate;
      if (take(':')) {
        if (!take(2, second)) return kNoDate;
        if (take('.')) {
          const u8* first = p_;
          p_ = skip_digits(p_);
          if (p_ == first || p_ - first > 9) return kNoDate;
        }
      }
      if (!take('Z') && p_ < end_ && !zone(offset)) return kNoDate;
    }
    const bool is_date = p_ == end_ && year >= 1001 && year <= 9998 && month >= 1 && month <= 12 &&
                         day >= 1 && day <= days_of(year, month) && hour < 24 && minute < 60 &&
                         second < 60;
    if (!is_date) return kNoDate;
    return count_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
  }

 private:
  bool zone(std::int64_t& offset) {
    const bool is_west = *p_ == '-';
    int hours, minutes;
    if (!(take('+') || take('-')) || !take(2, hours)) return false;
    take(':');
    if (!take(2, minutes) || hours > 23 || minutes > 59) return false;
    offset = (hours * 60 + minutes) * (is_west ? -60 : 60);
    return true;
  }
  const u8* skip_digits(const u8* p) const {
    while (p < end_ && static_cast<u8>(*p - '0') < 10) ++p;
    return p;
  }
  static std::int64_t count(const u8* p, int size) {
    std::int64_t value = 0;
    for (int n = 0; n < size; ++n) value = value * 10 + (p[n] - '0');
    return value;
  }
  bool take(int size, int& value) {
    if (skip_digits(p_) - p_ < size) return false;
    value = static_cast<int>(count(p_, size));
    p_ += size;
    return true;
  }
  bool take(char byte) {
    if (p_ == end_ || *p_ != static_cast<u8>(byte)) return false;
    ++p_;
    return true;
  }

  const u8* p_ = nullptr;
  const u8* end_ = nullptr;
};

}  // namespace dedup
