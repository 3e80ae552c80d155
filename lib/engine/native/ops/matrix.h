// The matrix product that convolutions are made of, blocked for registers and the cache. Everything here comes for
// vectors of `lanes` floats.
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>

#include "vector.h"

namespace mnn {

// Columns of the product that stay in registers at a time.
template <int lanes>
constexpr int tileColumns = 2 * lanes;

// Rows of the product that stay in registers at a time: a processor with AVX-512 has 32 registers, others 16.
template <int vectors>
constexpr int tileRows = vectorLength == 16 ? (vectors == 2 ? 12 : 16) : (vectors == 2 ? 6 : 8);

// Products that are summed one after the other; such sums are then added up. Errors grow with the length of a sum, and
// this much of the second factor stays in the first cache.
constexpr int64_t sumLength = 128;

// Where a matrix lies: element (row, column) at data[row * rowStep + column * columnStep].
struct Matrix {
  const float* data;
  int64_t rowStep, columnStep;
};

// The second factor of a product lies in panels of tileColumns columns (the last may be narrower), one after the
// other, each row by row: where the value of a row and column is.
template <int lanes>
inline int64_t panelPlace(int64_t rows, int64_t columns, int64_t row, int64_t column) {
  const int64_t first = column / tileColumns<lanes> * tileColumns<lanes>;
  const int64_t width = std::min<int64_t>(tileColumns<lanes>, columns - first);
  return first * rows + row * width + column - first;
}

template <int lanes, int rows, int vectors>
inline void multiplyTile(Matrix a, const float* b, float* out, int64_t outStep, int64_t depth, bool accumulate) {
  Vector<lanes> sums[rows][vectors] = {};
  for (int64_t k = 0; k < depth; ++k, b += vectors * lanes) {
    Vector<lanes> columns[vectors];
    for (int v = 0; v < vectors; ++v) columns[v] = load<lanes>(b + v * lanes);
    for (int r = 0; r < rows; ++r) {
      const float factor = a.data[r * a.rowStep + k * a.columnStep];
      for (int v = 0; v < vectors; ++v) sums[r][v] += factor * columns[v];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int v = 0; v < vectors; ++v) {
      float* place = out + r * outStep + v * lanes;
      store<lanes>(place, accumulate ? load<lanes>(place) + sums[r][v] : sums[r][v]);
    }
  }
}

// The rows that are left over by whole tiles.
template <int lanes, int vectors, int... less>
inline void multiplyRest(int64_t rows, std::integer_sequence<int, less...>, Matrix a, const float* b, float* out,
                         int64_t outStep, int64_t depth, bool accumulate) {
  using Tile = void (*)(Matrix, const float*, float*, int64_t, int64_t, bool);
  static constexpr Tile tiles[] = {multiplyTile<lanes, less + 1, vectors>...};
  tiles[rows - 1](a, b, out, outStep, depth, accumulate);
}

template <int lanes, int vectors>
void multiplyPanel(Matrix a, const float* b, float* out, int64_t rows, int64_t outStep, int64_t depth,
                   bool accumulate) {
  constexpr int most = tileRows<vectors>;
  int64_t row = 0;
  for (; row + most <= rows; row += most) {
    multiplyTile<lanes, most, vectors>({a.data + row * a.rowStep, a.rowStep, a.columnStep}, b, out + row * outStep,
                                       outStep, depth, accumulate);
  }
  if (row < rows) {
    multiplyRest<lanes, vectors>(rows - row, std::make_integer_sequence<int, most - 1>{},
                                 {a.data + row * a.rowStep, a.rowStep, a.columnStep}, b, out + row * outStep, outStep,
                                 depth, accumulate);
  }
}

// out[rows, columns] (+)= a[rows, depth] * b[depth, columns], with b in panels and out row by row (from one row to the
// next `outStep`). Columns are a multiple of `lanes`.
template <int lanes>
void multiply(Matrix a, const float* b, float* out, int64_t rows, int64_t columns, int64_t outStep, int64_t depth,
              bool accumulate) {
  for (int64_t k = 0; k < depth; k += sumLength) {
    const int64_t length = std::min(sumLength, depth - k);
    const Matrix part{a.data + k * a.columnStep, a.rowStep, a.columnStep};
    const bool add = accumulate || k > 0;
    int64_t column = 0;
    for (; column + 2 * lanes <= columns; column += 2 * lanes) {
      multiplyPanel<lanes, 2>(part, b + column * depth + k * 2 * lanes, out + column, rows, outStep, length, add);
    }
    if (column < columns) {
      multiplyPanel<lanes, 1>(part, b + column * depth + k * lanes, out + column, rows, outStep, length, add);
    }
  }
}

// out[rows, columns] (+)= a^T * b with a [depth, rows] and b [depth, columns], both in panels.
template <int lanes>
void multiplyTransposed(const float* a, const float* b, float* out, int64_t rows, int64_t columns, int64_t depth,
                        bool accumulate) {
  for (int64_t row = 0; row < rows; row += tileColumns<lanes>) {
    const int64_t width = std::min<int64_t>(tileColumns<lanes>, rows - row);
    multiply<lanes>({a + row * depth, 1, width}, b, out + row * columns, width, columns, columns, depth, accumulate);
  }
}

// A filter gradient is a sum over all pixels, which threads share out in parts: how many parts of `size` values, so
// that they do not take too much memory, and no more than there are `items`.
int64_t sumParts(int64_t size, int64_t items);

// The sum of a vector over parts that lie `step` apart.
template <int lanes>
inline Vector<lanes> sumOfParts(const float* first, int64_t parts, int64_t step) {
  Vector<lanes> sum = load<lanes>(first);
  for (int64_t part = 1; part < parts; ++part) sum += load<lanes>(first + part * step);
  return sum;
}

}  // namespace mnn
