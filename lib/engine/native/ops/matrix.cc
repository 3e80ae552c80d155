#include "matrix.h"

#include <algorithm>
#include <utility>

#include "parallel.h"

namespace mnn {
namespace {

template <int rows, int vectors>
void multiplyTile(Matrix a, const float* b, int64_t bStep, float* out, int64_t outStep, int64_t depth,
                  bool accumulate) {
  Vector sums[rows][vectors] = {};
  for (int64_t k = 0; k < depth; ++k) {
    Vector columns[vectors];
    for (int v = 0; v < vectors; ++v) columns[v] = load(b + k * bStep + v * vectorLength);
    for (int r = 0; r < rows; ++r) {
      const Vector factor = broadcast(a.data[r * a.rowStep + k * a.columnStep]);
      for (int v = 0; v < vectors; ++v) sums[r][v] += factor * columns[v];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) {
      float* place = out + r * outStep + v * vectorLength;
      store(place, accumulate ? load(place) + sums[r][v] : sums[r][v]);
    }
  }
}

using Tile = void (*)(Matrix, const float*, int64_t, float*, int64_t, int64_t, bool);

// Tiles of 1 to tileRows rows.
template <int vectors, int... rows>
Tile tileOf(int64_t wanted, std::integer_sequence<int, rows...>) {
  static const Tile tiles[] = {multiplyTile<rows + 1, vectors>...};
  return tiles[wanted - 1];
}

}  // namespace

void multiply(Matrix a, const float* b, float* out, int64_t rows, int64_t columns, int64_t depth, bool accumulate) {
  const auto heights = std::make_integer_sequence<int, tileRows>{};
  for (int64_t column = 0; column < columns; column += tileColumns) {
    const bool whole = columns - column >= tileColumns;
    const int64_t width = whole ? tileColumns : vectorLength;
    for (int64_t row = 0; row < rows; row += tileRows) {
      const int64_t height = std::min<int64_t>(tileRows, rows - row);
      const Tile tile = whole ? tileOf<tileVectors>(height, heights) : tileOf<1>(height, heights);
      const Matrix part{a.data + row * a.rowStep, a.rowStep, a.columnStep};
      tile(part, b + column * depth, width, out + row * columns + column, columns, depth, accumulate);
    }
  }
}

void multiplyTransposed(const float* a, const float* b, float* out, int64_t rows, int64_t columns, int64_t depth,
                        bool accumulate) {
  for (int64_t row = 0; row < rows; row += tileColumns) {
    const int64_t width = std::min<int64_t>(tileColumns, rows - row);
    multiply({a + row * depth, 1, width}, b, out + row * columns, width, columns, depth, accumulate);
  }
}

int64_t sumParts(int64_t size, int64_t items) {
  constexpr int64_t mostValues = 64 << 20;
  return std::max<int64_t>(1, std::min({static_cast<int64_t>(threadCount()), mostValues / size, items}));
}

}  // namespace mnn
