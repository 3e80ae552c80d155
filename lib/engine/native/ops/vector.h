// Vectors of floats: in the width of the processor that this is compiled for, or narrower for few channels.
#pragma once
#include <cstdint>
#include <type_traits>

namespace mnn {

#if defined(__AVX512F__)
constexpr int vectorLength = 16;
#elif defined(__AVX__)
constexpr int vectorLength = 8;
#else
constexpr int vectorLength = 4;
#endif

// Channels have to be a multiple of this: half a vector's worth is computed in narrower vectors.
constexpr int channelMultiple = vectorLength > 4 ? vectorLength / 2 : 4;

template <int lanes>
struct VectorType {
  typedef float Aligned __attribute__((vector_size(lanes * 4)));
  // Alignment 4: tensors start anywhere.
  typedef float Anywhere __attribute__((vector_size(lanes * 4), aligned(4), may_alias));
};

template <int lanes>
using Vector = typename VectorType<lanes>::Aligned;

template <int lanes>
inline Vector<lanes> load(const float* at) {
  return *reinterpret_cast<const typename VectorType<lanes>::Anywhere*>(at);
}

template <int lanes>
inline void store(float* at, Vector<lanes> values) {
  *reinterpret_cast<typename VectorType<lanes>::Anywhere*>(at) = values;
}

template <int lanes>
using Lanes = std::integral_constant<int, lanes>;

// Calls work(Lanes<n>()) with the widest vectors that both numbers of channels are multiples of.
template <class Work>
inline auto withLanes(int64_t channels, int64_t others, const Work& work) {
  const bool whole = channels % vectorLength == 0 && others % vectorLength == 0;
  return whole ? work(Lanes<vectorLength>()) : work(Lanes<channelMultiple>());
}

}  // namespace mnn
