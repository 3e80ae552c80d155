// The matrix product that convolutions are made of, blocked for registers.
#pragma once
#include <cstdint>

#include "vector.h"

namespace mnn {

// Rows and columns of the product that stay in registers at a time.
#if defined(__AVX512F__)
constexpr int tileRows = 8;
#else
constexpr int tileRows = 4;
#endif
constexpr int tileVectors = 2;
constexpr int tileColumns = tileVectors * vectorLength;

// Where a matrix lies: element (row, column) at data[row * rowStep + column * columnStep].
struct Matrix {
  const float* data;
  int64_t rowStep, columnStep;
};

// The second factor of a product lies in panels of tileColumns columns (the last may be narrower), one after the
// other, each row by row: where the value of a row and column is.
inline int64_t panelPlace(int64_t rows, int64_t columns, int64_t row, int64_t column) {
  const int64_t first = column / tileColumns * tileColumns;
  const int64_t width = columns - first < tileColumns ? columns - first : tileColumns;
  return first * rows + row * width + column - first;
}

// out[rows, columns] (+)= a[rows, depth] * b[depth, columns], with b in panels and out row by row. Columns are a
// multiple of vectorLength.
void multiply(Matrix a, const float* b, float* out, int64_t rows, int64_t columns, int64_t depth, bool accumulate);

// out[rows, columns] (+)= a^T * b with a [depth, rows] and b [depth, columns], both in panels.
void multiplyTransposed(const float* a, const float* b, float* out, int64_t rows, int64_t columns, int64_t depth,
                        bool accumulate);

// A filter gradient is a sum over all pixels, which threads share out in parts: how many parts of `size` values, so
// that they do not take too much memory, and no more than there are `items`.
int64_t sumParts(int64_t size, int64_t items);

// The sum of a vector over parts that lie `step` apart.
inline Vector sumOfParts(const float* first, int64_t parts, int64_t step) {
  Vector sum = load(first);
  for (int64_t part = 1; part < parts; ++part) sum += load(first + part * step);
  return sum;
}

}  // namespace mnn
