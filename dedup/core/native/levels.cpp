// The list of levels that were compiled. A new one is a file level_NAME.cpp and a row here.
#include "level_x86.h"

namespace dedup {

extern const Level kScalarLevel, kAvx2Level, kAvx512Level;

const Level* find_level(std::size_t i) {
  static constexpr const Level* compiled[] = {
      &kScalarLevel,
#ifdef DEDUP_X86_LEVELS
      &kAvx2Level,
      &kAvx512Level,
#endif
  };
  return i < sizeof compiled / sizeof *compiled ? compiled[i] : nullptr;
}

}  // namespace dedup
