// 3x3 convolutions of stride 1 and padding 1, and their gradients, by Winograd's algorithm.
#include "winograd.h"

#include "parallel.h"
#include "scratch.h"

namespace mnn {
namespace {

// A filter [3, 3, ins, outs] as [frequencies] panels of [ins, outs]; turned by 180 degrees and with ins and outs
// exchanged, as panels of [outs, ins], for the gradient of the input.
template <int lanes>
void transformWholeFilter(const Values& filter, bool turned, float* result) {
  const int64_t ins = filter.shape[2], outs = filter.shape[3], size = ins * outs;
  parallelFor(ins / lanes, [&](int64_t part) {
    const int64_t first = part * lanes;
    for (int64_t out = 0; out < outs; out += lanes) {
      Vector<lanes> transformed[frequencies][lanes];
      for (int i = 0; i < lanes; ++i) {
        transformBoth<FilterTransform, lanes>(
            [&](int y, int x) {
              const int64_t tap = turned ? 8 - (y * 3 + x) : y * 3 + x;
              return load<lanes>(filter.data + (tap * ins + first + i) * outs + out);
            },
            [&](int y, int x, Vector<lanes> value) { transformed[y * tileIn + x][i] = value; });
      }
      for (int f = 0; f < frequencies; ++f) {
        float* matrix = result + f * size;
        for (int i = 0; i < lanes; ++i) {
          if (!turned) {
            store<lanes>(matrix + panelPlace<lanes>(ins, outs, first + i, out), transformed[f][i]);
          } else {
            Vector<lanes> column;
            for (int lane = 0; lane < lanes; ++lane) column[lane] = transformed[f][lane][i];
            store<lanes>(matrix + panelPlace<lanes>(outs, ins, out + i, first), column);
          }
        }
      }
    }
  });
}

void checkChannels(int64_t ins, int64_t outs) {
  expect(ins % channelMultiple == 0 && outs % channelMultiple == 0,
         "Channels have to be multiples of " + std::to_string(channelMultiple) + ", not " + std::to_string(ins) +
             " and " + std::to_string(outs) + ".");
}

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
    withLanes(ins, outs, [&](auto lanes) { convolve<lanes()>(x, filter, y); });
  }

 private:
  template <int lanes>
  void convolve(const Values& x, const Values& filter, const Values& y) const {
    const int64_t ins = x.channels(), outs = y.channels(), most = blockTiles(ins, outs);
    const Memory weightMemory(frequencies * ins * outs);
    float* weights = weightMemory.data();
    transformWholeFilter<lanes>(filter, turned_, weights);
    const Tiling tiling(x.shape);
    parallelFor((tiling.tiles + most - 1) / most, [&](int64_t number) {
      const int64_t first = number * most;
      const Block block{first, std::min(most, tiling.tiles - first)};
      static thread_local Scratch inScratch, outScratch;
      float* transformed = inScratch.take(frequencies * block.step(ins));
      float* products = outScratch.take(frequencies * block.step(outs));
      transformTiles<InputTransform, lanes>(x.data, tiling, ins, block, transformed,
                                            [&](int64_t tile, int64_t c) { return tile * ins + c; });
      for (int f = 0; f < frequencies; ++f) {
        multiply<lanes>({transformed + f * block.step(ins), ins, 1}, weights + f * ins * outs,
                        products + f * block.step(outs), block.count, outs, outs, ins, false);
      }
      writeTiles<lanes>(products, tiling, outs, block, y.data);
    });
  }

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
    float* filter = call.output(0, {3, 3, ins, outs}).data;
    withLanes(ins, outs, [&](auto lanes) { differentiate<lanes()>(x, dy, filter); });
  }

 private:
  template <int lanes>
  static void differentiate(const Values& x, const Values& dy, float* filter) {
    const Tiling tiling(x.shape);
    const int64_t ins = x.channels(), outs = dy.channels(), size = frequencies * ins * outs;
    const int64_t parts = sumParts(size, tiling.tiles);
    const Memory sumMemory(parts * size);
    float* sums = sumMemory.data();
    parallelFor(parts, [&](int64_t part) {
      const int64_t from = part * tiling.tiles / parts, to = (part + 1) * tiling.tiles / parts;
      sumTiles<lanes>(x, dy, tiling, from, to, sums + part * size);
    });
    writeFilter<lanes>(sums, parts, ins, outs, filter);
  }

  template <int lanes>
  static void sumTiles(const Values& x, const Values& dy, const Tiling& tiling, int64_t from, int64_t to, float* sums) {
    const int64_t ins = x.channels(), outs = dy.channels(), most = blockTiles(ins, outs);
    static thread_local Scratch inScratch, outScratch;
    float* images = inScratch.take(frequencies * Block{0, most}.step(ins));
    float* gradients = outScratch.take(frequencies * Block{0, most}.step(outs));
    for (int64_t first = from; first < to; first += most) {
      const Block block{first, std::min(most, to - first)};
      const int64_t count = block.count;
      transformTiles<InputTransform, lanes>(x.data, tiling, ins, block, images, [&](int64_t tile, int64_t c) {
        return panelPlace<lanes>(count, ins, tile, c);
      });
      transformTiles<OutputAdjoint, lanes>(dy.data, tiling, outs, block, gradients, [&](int64_t tile, int64_t c) {
        return panelPlace<lanes>(count, outs, tile, c);
      });
      for (int f = 0; f < frequencies; ++f) {
        multiplyTransposed<lanes>(images + f * block.step(ins), gradients + f * block.step(outs), sums + f * ins * outs,
                                  ins, outs, count, first > from);
      }
    }
  }

  template <int lanes>
  static void writeFilter(const float* sums, int64_t parts, int64_t ins, int64_t outs, float* filter) {
    parallelFor(ins, [&](int64_t in) {
      for (int64_t out = 0; out < outs; out += lanes) {
        transformBoth<FilterAdjoint, lanes>(
            [&](int y, int x) {
              const int64_t place = ((y * tileIn + x) * ins + in) * outs + out;
              return sumOfParts<lanes>(sums + place, parts, frequencies * ins * outs);
            },
            [&](int y, int x, Vector<lanes> value) {
              store<lanes>(filter + ((y * 3 + x) * ins + in) * outs + out, value);
            });
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
