// 3x3 convolutions of stride 1 and padding 1, and their gradients, by Winograd's minimal filtering F(4x4, 3x3)
// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016): 36 products where the direct way
// takes 144. The filter gradient is the adjoint of the same algorithm.
#include <algorithm>

#include "matrix.h"
#include "operation.h"
#include "parallel.h"
#include "scratch.h"

namespace mnn {
namespace {

constexpr int tileOut = 4, tileIn = 6, frequencies = tileIn * tileIn;

// The transforms of one dimension, for the points 0, +-r, +-2r and infinity, r = sqrt(1/2): with them float32 loses
// less than with the usual 0, +-1, +-2. `in` and `out` are `step` vectors apart.
constexpr float r = 0.70710678118654752f;

// Input: 6 -> 6.
inline void transformInput(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector d1 = in[inStep], d2 = in[2 * inStep], d3 = in[3 * inStep], d4 = in[4 * inStep];
  const Vector even = d4 - 2 * d2, odd = r * d3 - 2 * r * d1;
  const Vector even2 = d4 - .5f * d2, odd2 = 2 * r * d3 - r * d1;
  out[0] = in[0] - 2.5f * d2 + d4;
  out[outStep] = even + odd;
  out[2 * outStep] = even - odd;
  out[3 * outStep] = even2 + odd2;
  out[4 * outStep] = even2 - odd2;
  out[5 * outStep] = d1 - 2.5f * d3 + in[5 * inStep];
}

// Output: 6 -> 4.
inline void transformOutput(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector sum = in[inStep] + in[2 * inStep], difference = in[inStep] - in[2 * inStep];
  const Vector sum2 = in[3 * inStep] + in[4 * inStep], difference2 = in[3 * inStep] - in[4 * inStep];
  out[0] = in[0] + sum + sum2;
  out[outStep] = r * difference + 2 * r * difference2;
  out[2 * outStep] = .5f * sum + 2 * sum2;
  out[3 * outStep] = .5f * r * difference + 4 * r * difference2 + in[5 * inStep];
}

// The adjoint of the output's: 4 -> 6.
inline void spreadOutput(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector y0 = in[0], y1 = in[inStep], y2 = in[2 * inStep], y3 = in[3 * inStep];
  const Vector even = y0 + .5f * y2, odd = r * y1 + .5f * r * y3;
  const Vector even2 = y0 + 2 * y2, odd2 = 2 * r * y1 + 4 * r * y3;
  out[0] = y0;
  out[outStep] = even + odd;
  out[2 * outStep] = even - odd;
  out[3 * outStep] = even2 + odd2;
  out[4 * outStep] = even2 - odd2;
  out[5 * outStep] = y3;
}

// Filter: 3 -> 6.
inline void transformFilter(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector g0 = in[0], g1 = in[inStep], g2 = in[2 * inStep];
  const Vector even = g0 * (-2.f / 3) - g2 * (1.f / 3), odd = g1 * (-2.f / 3 * r);
  const Vector even2 = g0 * (1.f / 6) + g2 * (1.f / 3), odd2 = g1 * (1.f / 3 * r);
  out[0] = g0;
  out[outStep] = even + odd;
  out[2 * outStep] = even - odd;
  out[3 * outStep] = even2 + odd2;
  out[4 * outStep] = even2 - odd2;
  out[5 * outStep] = g2;
}

// The adjoint of the filter's: 6 -> 3.
inline void gatherFilter(const Vector* in, int inStep, Vector* out, int outStep) {
  const Vector sum = in[inStep] + in[2 * inStep], difference = in[inStep] - in[2 * inStep];
  const Vector sum2 = in[3 * inStep] + in[4 * inStep], difference2 = in[3 * inStep] - in[4 * inStep];
  out[0] = in[0] - sum * (2.f / 3) + sum2 * (1.f / 6);
  out[outStep] = difference2 * (1.f / 3 * r) - difference * (2.f / 3 * r);
  out[2 * outStep] = (sum2 - sum) * (1.f / 3) + in[5 * inStep];
}

// A transform of one dimension, applied to rows and columns: ins x ins -> outs x outs.
template <int ins, int outs, void (*transform)(const Vector*, int, Vector*, int)>
inline void transformBoth(const Vector* in, Vector* out) {
  Vector half[outs * ins];
  for (int column = 0; column < ins; ++column) transform(in + column, ins, half + column, ins);
  for (int row = 0; row < outs; ++row) transform(half + row * ins, 1, out + row * outs, 1);
}

// How pictures [batch, height, width, channels] divide into tiles of 4 x 4.
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

// Reads a square of pixels with zeros around the picture, one vector of channels each.
template <int size>
inline void readSquare(const float* sample, const Tiling& tiling, int64_t channels, int64_t top, int64_t left,
                       Vector* square) {
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const int64_t row = top + y, column = left + x;
      const bool inside = row >= 0 && row < tiling.height && column >= 0 && column < tiling.width;
      square[y * size + x] = inside ? load(sample + (row * tiling.width + column) * channels) : Vector{};
    }
  }
}

// Transforms a block of tiles of x (size 6, from one pixel up and left) or of dy (size 4); `place` tells where the
// vector of a frequency, tile and channel goes.
template <int size, void (*transform)(const Vector*, int, Vector*, int), class Place>
void transformTiles(const Values& x, const Tiling& tiling, Block block, float* out, const Place& place) {
  const int64_t channels = x.channels(), margin = (size - tileOut) / 2;
  const int64_t perSample = tiling.height * tiling.width * channels;
  for (int64_t i = 0; i < block.count; ++i) {
    const auto [sample, row, column] = tiling.place(block.first + i);
    for (int64_t c = 0; c < channels; c += vectorLength) {
      Vector square[size * size], transformed[frequencies];
      readSquare<size>(x.data + sample * perSample + c, tiling, channels, row - margin, column - margin, square);
      transformBoth<size, tileIn, transform>(square, transformed);
      float* first = out + place(i, c);
      for (int f = 0; f < frequencies; ++f) store(first + f * block.step(channels), transformed[f]);
    }
  }
}

// Transforms products back to pixels.
void writeTiles(const float* products, const Tiling& tiling, Block block, const Values& y) {
  const int64_t channels = y.channels(), perSample = tiling.height * tiling.width * channels;
  for (int64_t i = 0; i < block.count; ++i) {
    const auto [sample, top, left] = tiling.place(block.first + i);
    const int64_t rows = std::min<int64_t>(tileOut, tiling.height - top);
    const int64_t columns = std::min<int64_t>(tileOut, tiling.width - left);
    for (int64_t c = 0; c < channels; c += vectorLength) {
      Vector product[frequencies], square[tileOut * tileOut];
      for (int f = 0; f < frequencies; ++f) product[f] = load(products + f * block.step(channels) + i * channels + c);
      transformBoth<tileIn, tileOut, transformOutput>(product, square);
      float* out = y.data + sample * perSample + c;
      for (int64_t row = 0; row < rows; ++row) {
        for (int64_t column = 0; column < columns; ++column) {
          store(out + ((top + row) * tiling.width + left + column) * channels, square[row * tileOut + column]);
        }
      }
    }
  }
}

// A filter [3, 3, ins, outs] as [frequencies] panels of [ins, outs]; turned by 180 degrees and with ins and outs
// exchanged, as panels of [outs, ins], for the gradient of the input.
void transformWholeFilter(const Values& filter, bool turned, float* result) {
  const int64_t ins = filter.shape[2], outs = filter.shape[3], size = ins * outs;
  parallelFor(ins / vectorLength, [&](int64_t part) {
    for (int64_t out = 0; out < outs; out += vectorLength) {
      Vector transformed[vectorLength][frequencies];
      const int64_t first = part * vectorLength;
      for (int i = 0; i < vectorLength; ++i) {
        Vector taps[9];
        for (int tap = 0; tap < 9; ++tap) {
          taps[turned ? 8 - tap : tap] = load(filter.data + (tap * ins + first + i) * outs + out);
        }
        transformBoth<3, tileIn, transformFilter>(taps, transformed[i]);
      }
      for (int f = 0; f < frequencies; ++f) {
        for (int i = 0; i < vectorLength; ++i) {
          if (!turned) {
            store(result + f * size + panelPlace(ins, outs, first + i, out), transformed[i][f]);
          } else {
            Vector column;
            for (int lane = 0; lane < vectorLength; ++lane) column[lane] = transformed[lane][f][i];
            store(result + f * size + panelPlace(outs, ins, out + i, first), column);
          }
        }
      }
    }
  });
}

void checkChannels(int64_t ins, int64_t outs) {
  expect(ins % vectorLength == 0 && outs % vectorLength == 0,
         "Channels have to be multiples of " + std::to_string(vectorLength) + ", not " + std::to_string(ins) + " and " +
             std::to_string(outs) + ".");
}

// Tiles that a thread works on together: few enough for its cache, and enough to make use of each filter that is read.
constexpr int64_t blockTiles = 48;

// x [batch, height, width, ins], filter [3, 3, ins, outs] -> y. With `turned`: dy and the filter -> dx.
class Convolution {
 public:
  explicit Convolution(Attributes& attributes) : turned_(attributes.integer("turned") != 0) {}

  void compute(Call& call) {
    const Values x = call.input(0), filter = call.input(1);
    const int64_t ins = x.channels(), outs = filter.shape[turned_ ? 2 : 3];
    checkChannels(ins, outs);
    expectSize(filter, 9 * ins * outs, "The filter");
    const Values y = call.output(0, {x.shape[0], x.shape[1], x.shape[2], outs});
    const Memory weightMemory(frequencies * ins * outs);
    float* weights = weightMemory.data();
    transformWholeFilter(filter, turned_, weights);
    const Tiling tiling(x.shape);
    parallelFor((tiling.tiles + blockTiles - 1) / blockTiles, [&](int64_t number) {
      const int64_t first = number * blockTiles;
      const Block block{first, std::min(blockTiles, tiling.tiles - first)};
      static thread_local Scratch inScratch, outScratch;
      float* transformed = inScratch.take(frequencies * block.step(ins));
      float* products = outScratch.take(frequencies * block.step(outs));
      transformTiles<tileIn, transformInput>(x, tiling, block, transformed,
                                             [&](int64_t tile, int64_t c) { return tile * ins + c; });
      for (int f = 0; f < frequencies; ++f) {
        multiply({transformed + f * block.step(ins), ins, 1}, weights + f * ins * outs,
                 products + f * block.step(outs), block.count, outs, ins, false);
      }
      writeTiles(products, tiling, block, y);
    });
  }

 private:
  bool turned_;
};

// x, dy -> gradient of the filter [3, 3, ins, outs].
class FilterGradient {
 public:
  explicit FilterGradient(Attributes&) {}

  void compute(Call& call) {
    const Values x = call.input(0), dy = call.input(1);
    const int64_t ins = x.channels(), outs = dy.channels();
    checkChannels(ins, outs);
    expectSize(dy, x.size() / ins * outs, "The gradient");
    const Tiling tiling(x.shape);
    const int64_t parts = sumParts(frequencies * ins * outs, tiling.tiles);
    const Memory sumMemory(parts * frequencies * ins * outs);
    float* sums = sumMemory.data();
    parallelFor(parts, [&](int64_t part) {
      const int64_t from = part * tiling.tiles / parts, to = (part + 1) * tiling.tiles / parts;
      sumTiles(x, dy, tiling, from, to, sums + part * frequencies * ins * outs);
    });
    writeFilter(sums, parts, ins, outs, call.output(0, {3, 3, ins, outs}).data);
  }

 private:
  static void sumTiles(const Values& x, const Values& dy, const Tiling& tiling, int64_t from, int64_t to, float* sums) {
    const int64_t ins = x.channels(), outs = dy.channels();
    static thread_local Scratch inScratch, outScratch;
    float* pictures = inScratch.take(frequencies * Block{0, blockTiles}.step(ins));
    float* gradients = outScratch.take(frequencies * Block{0, blockTiles}.step(outs));
    for (int64_t first = from; first < to; first += blockTiles) {
      const Block block{first, std::min(blockTiles, to - first)};
      const int64_t count = block.count;
      transformTiles<tileIn, transformInput>(x, tiling, block, pictures, [&](int64_t tile, int64_t c) {
        return panelPlace(count, ins, tile, c);
      });
      transformTiles<tileOut, spreadOutput>(dy, tiling, block, gradients, [&](int64_t tile, int64_t c) {
        return panelPlace(count, outs, tile, c);
      });
      for (int f = 0; f < frequencies; ++f) {
        multiplyTransposed(pictures + f * block.step(ins), gradients + f * block.step(outs), sums + f * ins * outs, ins,
                           outs, count, first > from);
      }
    }
  }

  static void writeFilter(const float* sums, int64_t parts, int64_t ins, int64_t outs, float* filter) {
    parallelFor(ins, [&](int64_t in) {
      for (int64_t out = 0; out < outs; out += vectorLength) {
        Vector sum[frequencies], taps[9];
        for (int f = 0; f < frequencies; ++f) {
          sum[f] = sumOfParts(sums + (f * ins + in) * outs + out, parts, frequencies * ins * outs);
        }
        transformBoth<tileIn, 3, gatherFilter>(sum, taps);
        for (int tap = 0; tap < 9; ++tap) store(filter + (tap * ins + in) * outs + out, taps[tap]);
      }
    });
  }
};

}  // namespace

void registerWinograd() {
  registerOperation<Convolution>({"MnnWinograd", {"x: float", "filter: float"}, {"y: float"}, {"turned: int"}});
  registerOperation<FilterGradient>(
      {"MnnWinogradFilterGradient", {"x: float", "dy: float"}, {"gradient: float"}, {}});
}

}  // namespace mnn
