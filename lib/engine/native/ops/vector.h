// Vectors of floats in the width of the processor that this is compiled for.
#pragma once
#include <cstdint>

namespace mnn {

#if defined(__AVX512F__)
constexpr int vectorLength = 16;
#elif defined(__AVX__)
constexpr int vectorLength = 8;
#else
constexpr int vectorLength = 4;
#endif

// Alignment 4: tensors start anywhere.
typedef float Vector __attribute__((vector_size(vectorLength * 4), aligned(4), may_alias));

inline Vector load(const float* at) { return *reinterpret_cast<const Vector*>(at); }

inline void store(float* at, Vector values) { *reinterpret_cast<Vector*>(at) = values; }

inline Vector broadcast(float value) { return value - Vector{}; }

}  // namespace mnn
