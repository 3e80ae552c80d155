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

}  // namespace mnn
