// Convolutions of any size and stride as products of the patches under the filter with the filter, and their
// gradients.
#include <algorithm>

#include "matrix.h"
#include "operation.h"
#include "parallel.h"
#include "scratch.h"

namespace mnn {
namespace {

// Output pixels that are worked on together, at least: enough to make use of the filter each time it is read.
constexpr int64_t blockPixels = 96;

// A convolution of x [batch, height, width, ins] with a square filter of `size` to [batch, rows, columns, outs].
struct Geometry {
  int64_t batch, height, width, ins, rows, columns, outs, size, stride, padding;

  Geometry(const Shape& x, const Shape& filter, int64_t stride, int64_t padding)
      : batch(x[0]),
        height(x[1]),
        width(x[2]),
        ins(x[3]),
        rows((x[1] + 2 * padding - filter[0]) / stride + 1),
        columns((x[2] + 2 * padding - filter[0]) / stride + 1),
        outs(filter[3]),
        size(filter[0]),
        stride(stride),
        padding(padding) {
    expect(outs % channelMultiple == 0, "Output channels have to be a multiple of " + std::to_string(channelMultiple) +
                                            ", not " + std::to_string(outs) + ".");
    expect(batch > 0 && rows > 0 && columns > 0, "A convolution needs images that are as large as its filter.");
  }

  // Values of a patch: [size, size, ins].
  int64_t depth() const { return size * size * ins; }
  int64_t pixels() const { return rows * columns; }
  // Images whose pixels are worked on together.
  int64_t images() const { return (blockPixels + pixels() - 1) / pixels(); }

  // Calls work(row of x, column of x, place in the patch) for the taps of an output pixel that lie in the image.
  template <class Work>
  void overTaps(int64_t pixel, const Work& work) const {
    const int64_t top = pixel / columns * stride - padding, left = pixel % columns * stride - padding;
    for (int64_t y = 0; y < size; ++y) {
      if (top + y < 0 || top + y >= height) continue;
      for (int64_t x = 0; x < size; ++x) {
        if (left + x < 0 || left + x >= width) continue;
        work(((top + y) * width + left + x) * ins, (y * size + x) * ins);
      }
    }
  }
};

// Writes the patch of each output pixel of an image as a row, with zeros around the image.
void writePatches(const float* image, const Geometry& g, float* patches) {
  const int64_t across = g.size * g.ins;
  for (int64_t pixel = 0; pixel < g.pixels(); ++pixel) {
    const int64_t top = pixel / g.columns * g.stride - g.padding, left = pixel % g.columns * g.stride - g.padding;
    const int64_t from = std::max<int64_t>(0, -left), to = std::min(g.size, g.width - left);
    for (int64_t y = 0; y < g.size; ++y, patches += across) {
      const bool inside = top + y >= 0 && top + y < g.height && from < to;
      if (!inside || to - from < g.size) std::fill_n(patches, across, 0.f);
      if (!inside) continue;
      const float* row = image + ((top + y) * g.width + left) * g.ins;
      std::copy(row + from * g.ins, row + to * g.ins, patches + from * g.ins);
    }
  }
}

// Adds the gradients of patches to the gradient of their image.
void addPatches(const float* patches, const Geometry& g, float* image) {
  for (int64_t pixel = 0; pixel < g.pixels(); ++pixel) {
    const float* patch = patches + pixel * g.depth();
    g.overTaps(pixel, [&](int64_t to, int64_t from) {
      for (int64_t c = 0; c < g.ins; ++c) image[to + c] += patch[from + c];
    });
  }
}

// Rows [rows, columns] in panels.
template <int lanes>
void writePanels(const float* matrix, int64_t rows, int64_t columns, float* panels) {
  for (int64_t column = 0; column < columns; column += tileColumns<lanes>) {
    const int64_t width = std::min<int64_t>(tileColumns<lanes>, columns - column);
    for (int64_t row = 0; row < rows; ++row, panels += width) {
      std::copy_n(matrix + row * columns + column, width, panels);
    }
  }
}

// x, filter -> y.
class Convolution {
 public:
  explicit Convolution(Attributes& attributes)
      : stride_(attributes.integer("stride")), padding_(attributes.integer("padding")) {}

  void compute(Call& call) {
    const Values x = call.input(0), filter = call.input(1);
    const Geometry g(x.shape, filter.shape, stride_, padding_);
    expectSize(filter, g.depth() * g.outs, "The filter");
    float* y = call.output(0, {g.batch, g.rows, g.columns, g.outs}).data;
    withLanes(g.outs, g.outs, [&](auto lanes) { convolve<lanes()>(x, filter, g, y); });
  }

 private:
  template <int lanes>
  static void convolve(const Values& x, const Values& filter, const Geometry& g, float* y) {
    const Memory weightMemory(filter.size());
    float* weights = weightMemory.data();
    writePanels<lanes>(filter.data, g.depth(), g.outs, weights);
    parallelFor((g.batch + g.images() - 1) / g.images(), [&](int64_t block) {
      const int64_t first = block * g.images(), count = std::min(g.images(), g.batch - first);
      static thread_local Scratch patchScratch;
      float* patches = patchScratch.take(g.images() * g.pixels() * g.depth());
      for (int64_t i = 0; i < count; ++i) {
        writePatches(x.data + (first + i) * g.height * g.width * g.ins, g, patches + i * g.pixels() * g.depth());
      }
      multiply<lanes>({patches, g.depth(), 1}, weights, y + first * g.pixels() * g.outs, count * g.pixels(), g.outs,
                      g.outs, g.depth(), false);
    });
  }

  int64_t stride_, padding_;
};

// dy, filter -> dx, whose height and width are attributes: they do not follow from dy.
class InputGradient {
 public:
  explicit InputGradient(Attributes& attributes)
      : stride_(attributes.integer("stride")),
        padding_(attributes.integer("padding")),
        height_(attributes.integer("height")),
        width_(attributes.integer("width")) {}

  void compute(Call& call) {
    const Values dy = call.input(0), filter = call.input(1);
    const Geometry g({dy.shape[0], height_, width_, filter.shape[2]}, filter.shape, stride_, padding_);
    expectSize(dy, g.batch * g.pixels() * g.outs, "The gradient");
    expect(g.depth() % channelMultiple == 0,
           "Input channels have to be a multiple of " + std::to_string(channelMultiple) + ".");
    float* dx = call.output(0, {g.batch, g.height, g.width, g.ins}).data;
    withLanes(g.depth(), g.depth(), [&](auto lanes) { differentiate<lanes()>(dy, filter, g, dx); });
  }

 private:
  template <int lanes>
  static void differentiate(const Values& dy, const Values& filter, const Geometry& g, float* dx) {
    const Memory weightMemory(filter.size());
    float* weights = weightMemory.data();
    // The filter [depth, outs], transposed.
    parallelFor(g.depth(), [&](int64_t row) {
      for (int64_t out = 0; out < g.outs; ++out) {
        weights[panelPlace<lanes>(g.outs, g.depth(), out, row)] = filter.data[row * g.outs + out];
      }
    });
    parallelFor((g.batch + g.images() - 1) / g.images(), [&](int64_t block) {
      const int64_t first = block * g.images(), count = std::min(g.images(), g.batch - first);
      static thread_local Scratch patchScratch;
      float* patches = patchScratch.take(g.images() * g.pixels() * g.depth());
      multiply<lanes>({dy.data + first * g.pixels() * g.outs, g.outs, 1}, weights, patches, count * g.pixels(),
                      g.depth(), g.depth(), g.outs, false);
      const int64_t size = g.height * g.width * g.ins;
      std::fill(dx + first * size, dx + (first + count) * size, 0.f);
      for (int64_t i = 0; i < count; ++i) {
        addPatches(patches + i * g.pixels() * g.depth(), g, dx + (first + i) * size);
      }
    });
  }

  int64_t stride_, padding_, height_, width_;
};

// x, dy -> gradient of the filter [size, size, ins, outs].
class FilterGradient {
 public:
  explicit FilterGradient(Attributes& attributes)
      : stride_(attributes.integer("stride")),
        padding_(attributes.integer("padding")),
        size_(attributes.integer("size")) {}

  void compute(Call& call) {
    const Values x = call.input(0), dy = call.input(1);
    const Geometry g(x.shape, {size_, size_, x.channels(), dy.channels()}, stride_, padding_);
    expectSize(dy, g.batch * g.pixels() * g.outs, "The gradient");
    float* gradient = call.output(0, {size_, size_, g.ins, g.outs}).data;
    withLanes(g.outs, g.outs, [&](auto lanes) { differentiate<lanes()>(x, dy, g, gradient); });
  }

 private:
  template <int lanes>
  static void differentiate(const Values& x, const Values& dy, const Geometry& g, float* gradient) {
    const int64_t size = g.depth() * g.outs, parts = sumParts(size, g.batch);
    const Memory sumMemory(parts * size);
    float* sums = sumMemory.data();
    parallelFor(parts, [&](int64_t part) {
      sumImages<lanes>(x, dy, g, part * g.batch / parts, (part + 1) * g.batch / parts, sums + part * size);
    });
    parallelFor(g.depth(), [&](int64_t row) {
      for (int64_t i = row * g.outs; i < (row + 1) * g.outs; i += lanes) {
        store<lanes>(gradient + i, sumOfParts<lanes>(sums + i, parts, size));
      }
    });
  }

  template <int lanes>
  static void sumImages(const Values& x, const Values& dy, const Geometry& g, int64_t from, int64_t to, float* sums) {
    static thread_local Scratch rowScratch, patchScratch, gradientScratch;
    const int64_t most = g.images() * g.pixels();
    float* rows = rowScratch.take(most * g.depth());
    float* patches = patchScratch.take(most * g.depth());
    float* gradients = gradientScratch.take(most * g.outs);
    for (int64_t first = from; first < to; first += g.images()) {
      const int64_t count = std::min(g.images(), to - first), pixels = count * g.pixels();
      for (int64_t i = 0; i < count; ++i) {
        writePatches(x.data + (first + i) * g.height * g.width * g.ins, g, rows + i * g.pixels() * g.depth());
      }
      writePanels<lanes>(rows, pixels, g.depth(), patches);
      writePanels<lanes>(dy.data + first * g.pixels() * g.outs, pixels, g.outs, gradients);
      multiplyTransposed<lanes>(patches, gradients, sums, g.depth(), g.outs, pixels, first > from);
    }
  }

  int64_t stride_, padding_, size_;
};

}  // namespace

void registerPatches() {
  registerOperation<Convolution>(
      {"MnnPatches", {"x: float", "filter: float"}, {"y: float"}, {"stride: int", "padding: int"}});
  registerOperation<InputGradient>({"MnnPatchesInputGradient",
                                    {"dy: float", "filter: float"},
                                    {"dx: float"},
                                    {"stride: int", "padding: int", "height: int", "width: int"}});
  registerOperation<FilterGradient>({"MnnPatchesFilterGradient",
                                     {"x: float", "dy: float"},
                                     {"gradient: float"},
                                     {"stride: int", "padding: int", "size: int"}});
}

}  // namespace mnn
