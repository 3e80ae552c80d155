// Winograd's minimal filtering F(4x4, 3x3) for convolutions of stride 1 and padding 1 (Lavin and Gray, "Fast Algorithms
// for Convolutional Neural Networks", CVPR 2016): 36 products where the direct way takes 144. The filter gradient is
// the adjoint of the same algorithm.
#pragma once
#include <algorithm>

#include "matrix.h"
#include "operation.h"

namespace mnn {

constexpr int tileOut = 4, tileIn = 6, frequencies = tileIn * tileIn;

// The transforms of one dimension, for the points 0, +-r, +-2r and infinity, r = sqrt(1/2): with them float32 loses
// less than with the usual 0, +-1, +-2.
constexpr float r = 0.70710678118654752f;

struct InputTransform {
  static constexpr int ins = tileIn, outs = tileIn;
  template <class V>
  static void apply(const V* in, V* out) {
    const V even = in[4] - 2 * in[2], odd = r * in[3] - 2 * r * in[1];
    const V even2 = in[4] - .5f * in[2], odd2 = 2 * r * in[3] - r * in[1];
    out[0] = in[0] - 2.5f * in[2] + in[4];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = in[1] - 2.5f * in[3] + in[5];
  }
};

struct OutputTransform {
  static constexpr int ins = tileIn, outs = tileOut;
  template <class V>
  static void apply(const V* in, V* out) {
    const V sum = in[1] + in[2], difference = in[1] - in[2];
    const V sum2 = in[3] + in[4], difference2 = in[3] - in[4];
    out[0] = in[0] + sum + sum2;
    out[1] = r * difference + 2 * r * difference2;
    out[2] = .5f * sum + 2 * sum2;
    out[3] = .5f * r * difference + 4 * r * difference2 + in[5];
  }
};

struct OutputAdjoint {
  static constexpr int ins = tileOut, outs = tileIn;
  template <class V>
  static void apply(const V* in, V* out) {
    const V even = in[0] + .5f * in[2], odd = r * in[1] + .5f * r * in[3];
    const V even2 = in[0] + 2 * in[2], odd2 = 2 * r * in[1] + 4 * r * in[3];
    out[0] = in[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = in[3];
  }
};

struct FilterTransform {
  static constexpr int ins = 3, outs = tileIn;
  template <class V>
  static void apply(const V* in, V* out) {
    const V even = in[0] * (-2.f / 3) - in[2] * (1.f / 3), odd = in[1] * (-2.f / 3 * r);
    const V even2 = in[0] * (1.f / 6) + in[2] * (1.f / 3), odd2 = in[1] * (1.f / 3 * r);
    out[0] = in[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = in[2];
  }
};

struct FilterAdjoint {
  static constexpr int ins = tileIn, outs = 3;
  template <class V>
  static void apply(const V* in, V* out) {
    const V sum = in[1] + in[2], difference = in[1] - in[2];
    const V sum2 = in[3] + in[4], difference2 = in[3] - in[4];
    out[0] = in[0] - sum * (2.f / 3) + sum2 * (1.f / 6);
    out[1] = difference2 * (1.f / 3 * r) - difference * (2.f / 3 * r);
    out[2] = (sum2 - sum) * (1.f / 3) + in[5];
  }
};

// A transform of one dimension, applied to columns and rows. `read(row, column)` gives a vector, `write(row, column,
// vector)` takes one.
template <class Transform, int lanes, class Read, class Write>
[[gnu::always_inline]] inline void transformBoth(const Read& read, const Write& write) {
  constexpr int ins = Transform::ins, outs = Transform::outs;
  Vector<lanes> half[outs][ins];
#pragma GCC unroll 6
  for (int column = 0; column < ins; ++column) {
    Vector<lanes> in[ins], out[outs];
#pragma GCC unroll 6
    for (int row = 0; row < ins; ++row) in[row] = read(row, column);
    Transform::apply(in, out);
#pragma GCC unroll 6
    for (int row = 0; row < outs; ++row) half[row][column] = out[row];
  }
#pragma GCC unroll 6
  for (int row = 0; row < outs; ++row) {
    Vector<lanes> out[outs];
    Transform::apply(half[row], out);
#pragma GCC unroll 6
    for (int column = 0; column < outs; ++column) write(row, column, out[column]);
  }
}

// How images [batch, height, width, channels] divide into tiles of 4 x 4.
struct Tiling {
  int64_t height, width, across, down, tiles;

  explicit Tiling(const Shape& shape)
      : height(shape[1]),
        width(shape[2]),
        across((width + tileOut - 1) / tileOut),
        down((height + tileOut - 1) / tileOut),
        tiles(shape[0] * down * across) {}

  struct Place {
    int64_t sample, row, column;
  };

  // First output pixel of a tile.
  Place place(int64_t tile) const {
    const int64_t inSample = tile % (down * across);
    return {tile / (down * across), inSample / across * tileOut, inSample % across * tileOut};
  }
};

// A stretch of tiles that are worked on together, [frequencies][tiles][channels].
struct Block {
  int64_t first, count;

  // From one frequency to the next. A power of two would put all frequencies of a tile into the same cache lines.
  int64_t step(int64_t channels) const { return count * channels + vectorLength; }
};

// Tiles that a thread works on together: few enough for its cache, and enough to make use of each filter that is read.
inline int64_t blockTiles(int64_t ins, int64_t outs) { return std::clamp<int64_t>((ins + outs) / 2, 48, 192) / 48 * 48; }

// Transforms a block of tiles of x [batch, height, width, channels] (InputTransform, from one pixel up and left) or of
// dy (OutputAdjoint); `place` tells where the vector of a tile and channel goes.
template <class Transform, int lanes, class Place>
void transformTiles(const float* x, const Tiling& tiling, int64_t channels, Block block, float* out,
                    const Place& place) {
  constexpr int size = Transform::ins;
  const int64_t margin = (size - tileOut) / 2, rowStep = tiling.width * channels, step = block.step(channels);
  static const float zeros[lanes] = {};
  for (int64_t i = 0; i < block.count; ++i) {
    const auto [sample, row, column] = tiling.place(block.first + i);
    const int64_t top = row - margin, left = column - margin;
    const bool inside = top >= 0 && left >= 0 && top + size <= tiling.height && left + size <= tiling.width;
    const float* corner = x + ((sample * tiling.height + top) * tiling.width + left) * channels;
    for (int64_t c = 0; c < channels; c += lanes, corner += lanes) {
      float* first = out + place(i, c);
      const auto write = [=](int y, int x, Vector<lanes> value) {
        store<lanes>(first + (y * tileIn + x) * step, value);
      };
      if (inside) {
        transformBoth<Transform, lanes>(
            [=](int y, int x) { return load<lanes>(corner + y * rowStep + x * channels); }, write);
      } else {
        // Zeros around the image; a choice of address costs less than a jump.
        const int64_t height = tiling.height, width = tiling.width;
        transformBoth<Transform, lanes>(
            [=](int y, int x) {
              const bool there = (static_cast<uint64_t>(top + y) < static_cast<uint64_t>(height)) &
                                 (static_cast<uint64_t>(left + x) < static_cast<uint64_t>(width));
              return load<lanes>(there ? corner + y * rowStep + x * channels : zeros);
            },
            write);
      }
    }
  }
}

// Transforms products back to pixels of y.
template <int lanes>
void writeTiles(const float* products, const Tiling& tiling, int64_t channels, Block block, float* y) {
  const int64_t rowStep = tiling.width * channels, step = block.step(channels);
  for (int64_t i = 0; i < block.count; ++i) {
    const auto [sample, top, left] = tiling.place(block.first + i);
    const int64_t rows = tiling.height - top, columns = tiling.width - left;
    float* corner = y + ((sample * tiling.height + top) * tiling.width + left) * channels;
    for (int64_t c = 0; c < channels; c += lanes) {
      const float* first = products + i * channels + c;
      const auto read = [=](int y, int x) { return load<lanes>(first + (y * tileIn + x) * step); };
      if (rows >= tileOut && columns >= tileOut) {
        transformBoth<OutputTransform, lanes>(read, [=](int y, int x, Vector<lanes> value) {
          store<lanes>(corner + y * rowStep + x * channels + c, value);
        });
      } else {
        transformBoth<OutputTransform, lanes>(read, [=](int y, int x, Vector<lanes> value) {
          if (y < rows && x < columns) store<lanes>(corner + y * rowStep + x * channels + c, value);
        });
      }
    }
  }
}

}  // namespace mnn
