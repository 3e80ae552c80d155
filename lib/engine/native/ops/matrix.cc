#include "matrix.h"

#include "parallel.h"

namespace mnn {

int64_t sumParts(int64_t size, int64_t items) {
  constexpr int64_t mostValues = 64 << 20;
  return std::max<int64_t>(1, std::min({static_cast<int64_t>(threadCount()), mostValues / size, items}));
}

}  // namespace mnn
