// Which instruction sets of the processor the kernels may use. In: the most a caller allows.
// Out: a level, which changes speed and nothing else. Kernels that gain from it are written once
// and compiled for each level (always_inline bodies inside functions with a target).
#pragma once

namespace dedup {

enum CpuLevel : unsigned { kBaseline = 0, kAvx2 = 1, kAvx512 = 2 };

#if defined(__x86_64__) && defined(__GNUC__)
#define DEDUP_HAS_LEVELS 1
inline CpuLevel cpu_level(unsigned most) {
  if (most >= kAvx512 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return kAvx512;
  return most >= kAvx2 && __builtin_cpu_supports("avx2") ? kAvx2 : kBaseline;
}
#else
inline CpuLevel cpu_level(unsigned) { return kBaseline; }
#endif

}  // namespace dedup
