// Batch normalization in groups of samples, with a residual sum and a ReLU, forward and backward.
#include <algorithm>
#include <cmath>

#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace mnn {
namespace {

// Channels that a thread takes at a time where a tensor has more; a multiple of every vector's length.
constexpr int64_t channelBlock = 256;

// A batch [batch, ..., channels] divided as BatchGroups in kernels.ts says.
struct Grouping {
  int64_t positions, channels, splits, groups, samples;

  Grouping(const Values& x, int64_t views, int64_t splits)
      : positions(x.size() / std::max<int64_t>(1, x.shape[0]) / x.channels()),
        channels(x.channels()),
        splits(splits),
        groups(views * splits),
        samples(x.shape[0] / groups) {
    expect(samples > 0 && samples * groups == x.shape[0],
           "A batch of " + std::to_string(x.shape[0]) + " samples does not divide into " + std::to_string(views) +
               " views of " + std::to_string(splits) + " splits.");
  }

  // Where sample i of a group begins.
  int64_t offset(int64_t group, int64_t i) const {
    const int64_t view = group / splits, split = group % splits;
    return ((view * samples + i) * splits + split) * positions * channels;
  }

  int64_t count() const { return samples * positions; }

  // Calls work(group, first channel, channels) for parts of the whole, on all threads.
  template <class Work>
  void parts(const Work& work) const {
    const int64_t blocks = (channels + channelBlock - 1) / channelBlock;
    parallelFor(groups * blocks, [&](int64_t part) {
      const int64_t first = part % blocks * channelBlock;
      work(part / blocks, first, std::min(channelBlock, channels - first));
    });
  }
};

// Channels that stay in registers while rows pass.
template <int vectorCount, int laneCount>
struct Columns {
  static constexpr int vectors = vectorCount, lanes = laneCount, channels = vectors * lanes;
  using V = Vector<lanes>;

  static void read(const float* from, V* values) {
    for (int v = 0; v < vectors; ++v) values[v] = load<lanes>(from + v * lanes);
  }
  static void write(float* to, const V* values) {
    for (int v = 0; v < vectors; ++v) store<lanes>(to + v * lanes, values[v]);
  }
};

// Calls work(Columns, first channel) for all of `count` channels.
template <class Work>
inline void overColumns(int64_t count, const Work& work) {
  using Wide = Columns<4, vectorLength>;
  using Narrow = Columns<1, vectorLength>;
  int64_t c = 0;
  for (; c + Wide::channels <= count; c += Wide::channels) work(Wide(), c);
  for (; c + Narrow::channels <= count; c += Narrow::channels) work(Narrow(), c);
  for (; c < count; ++c) work(Columns<1, 1>(), c);
}

// Values where a mask is positive, else 0.
template <class V>
inline V maskedBy(V mask, V values) {
  return mask > 0 ? values : V{};
}

// Mean of some channels of a sample, and the sum of squares around it.
template <class C>
inline void sampleMoments(const float* sample, const Grouping& g, float* mean, float* squares) {
  typename C::V average[C::vectors] = {}, sum[C::vectors] = {};
  for (int64_t p = 0; p < g.positions; ++p) {
    for (int v = 0; v < C::vectors; ++v) average[v] += load<C::lanes>(sample + p * g.channels + v * C::lanes);
  }
  for (int v = 0; v < C::vectors; ++v) average[v] /= static_cast<float>(g.positions);
  for (int64_t p = 0; p < g.positions; ++p) {
    for (int v = 0; v < C::vectors; ++v) {
      const auto centered = load<C::lanes>(sample + p * g.channels + v * C::lanes) - average[v];
      sum[v] += centered * centered;
    }
  }
  C::write(mean, average);
  C::write(squares, sum);
}

// Mean and biased variance of a part, from each sample's mean and squares combined (Chan, Golub, LeVeque).
void moments(const float* x, const Grouping& g, int64_t group, int64_t first, int64_t count, float* mean,
             float* variance) {
  double average[channelBlock] = {}, squares[channelBlock] = {};
  float sampleMean[channelBlock], sampleSquares[channelBlock];
  for (int64_t i = 0; i < g.samples; ++i) {
    const float* sample = x + g.offset(group, i) + first;
    overColumns(count, [&](auto columns, int64_t c) {
      using C = decltype(columns);
      sampleMoments<C>(sample + c, g, sampleMean + c, sampleSquares + c);
    });
    const double before = static_cast<double>(i) / (i + 1) * g.positions;
    for (int64_t c = 0; c < count; ++c) {
      const double difference = sampleMean[c] - average[c];
      average[c] += difference / (i + 1);
      squares[c] += sampleSquares[c] + difference * difference * before;
    }
  }
  for (int64_t c = 0; c < count; ++c) {
    mean[c] = static_cast<float>(average[c]);
    variance[c] = static_cast<float>(squares[c] / g.count());
  }
}

// y = factor * x + shift, plus the residual, clipped at 0 where there is a ReLU, for `rows` rows that lie `step` apart.
template <bool withResidual, bool relu>
void transformRows(const float* x, const float* residual, const float* factors, const float* shifts, float* y,
                   int64_t rows, int64_t step, int64_t count) {
  overColumns(count, [&](auto columns, int64_t c) {
    using C = decltype(columns);
    using V = typename C::V;
    V factor[C::vectors], shift[C::vectors];
    C::read(factors + c, factor);
    C::read(shifts + c, shift);
    for (int64_t at = c; at < c + rows * step; at += step) {
      for (int v = 0; v < C::vectors; ++v) {
        const int64_t place = at + v * C::lanes;
        V value = load<C::lanes>(x + place) * factor[v] + shift[v];
        if (withResidual) value += load<C::lanes>(residual + place);
        if (relu) value = value < 0 ? V{} : value;
        store<C::lanes>(y + place, value);
      }
    }
  });
}

using TransformRows = void (*)(const float*, const float*, const float*, const float*, float*, int64_t, int64_t,
                               int64_t);

TransformRows transformFor(bool withResidual, bool relu) {
  if (withResidual) return relu ? transformRows<true, true> : transformRows<true, false>;
  return relu ? transformRows<false, true> : transformRows<false, false>;
}

// The values of a tensor that has to be as large as another.
const float* likeOther(const Values& values, const Values& other, const char* name) {
  expectSize(values, other.size(), name);
  return values.data;
}

// Scale and offset, or 1 and 0 where there are none (a tensor without values).
float at(const Values& values, int64_t c, float otherwise) { return values.size() > 0 ? values.data[c] : otherwise; }

// Factor and shift that normalize with a mean and a variance.
void affineTransform(const float* mean, const float* variance, const Values& scale, const Values& offset, float epsilon,
                     int64_t first, int64_t count, float* factor, float* shift) {
  for (int64_t c = 0; c < count; ++c) {
    factor[c] = at(scale, first + c, 1) / std::sqrt(variance[c] + epsilon);
    shift[c] = at(offset, first + c, 0) - mean[c] * factor[c];
  }
}

// x, scale, offset, residual (if any) -> y, mean and variance [groups, channels].
class BatchNorm {
 public:
  explicit BatchNorm(Attributes& attributes)
      : views_(attributes.integer("views")),
        splits_(attributes.integer("splits")),
        epsilon_(attributes.real("epsilon")),
        relu_(attributes.integer("relu") != 0) {}

  void compute(Call& call) {
    const Values x = call.input(0), scale = call.input(1), offset = call.input(2);
    const bool withResidual = call.inputs() > 3;
    const float* residual = withResidual ? likeOther(call.input(3), x, "The residual") : nullptr;
    const Grouping g(x, views_, splits_);
    float* y = call.output(0, x.shape).data;
    float* means = call.output(1, {g.groups, g.channels}).data;
    float* variances = call.output(2, {g.groups, g.channels}).data;
    const TransformRows transform = transformFor(withResidual, relu_);
    g.parts([&](int64_t group, int64_t first, int64_t count) {
      float* mean = means + group * g.channels + first;
      float* variance = variances + group * g.channels + first;
      moments(x.data, g, group, first, count, mean, variance);
      float factor[channelBlock], shift[channelBlock];
      affineTransform(mean, variance, scale, offset, epsilon_, first, count, factor, shift);
      // Backwards: the samples that were read last are still in the cache.
      for (int64_t i = g.samples - 1; i >= 0; --i) {
        const int64_t at = g.offset(group, i) + first;
        transform(x.data + at, residual + at, factor, shift, y + at, g.positions, g.channels, count);
      }
    });
  }

 private:
  int64_t views_, splits_;
  float epsilon_;
  bool relu_;
};

// x, scale, offset, mean, variance, residual (if any) -> y, normalized with given statistics.
class BatchNormInference {
 public:
  explicit BatchNormInference(Attributes& attributes)
      : epsilon_(attributes.real("epsilon")), relu_(attributes.integer("relu") != 0) {}

  void compute(Call& call) {
    const Values x = call.input(0), scale = call.input(1), offset = call.input(2);
    const Values mean = call.input(3), variance = call.input(4);
    const bool withResidual = call.inputs() > 5;
    const float* residual = withResidual ? likeOther(call.input(5), x, "The residual") : nullptr;
    const int64_t channels = x.channels();
    float* y = call.output(0, x.shape).data;
    std::vector<float> factor(channels), shift(channels);
    affineTransform(mean.data, variance.data, scale, offset, epsilon_, 0, channels, factor.data(), shift.data());
    const TransformRows transform = transformFor(withResidual, relu_);
    const int64_t perSample = x.size() / std::max<int64_t>(1, x.shape[0]);
    parallelFor(x.shape[0], [&](int64_t i) {
      const int64_t at = i * perSample;
      transform(x.data + at, residual + at, factor.data(), shift.data(), y + at, perSample / channels, channels,
                channels);
    });
  }

 private:
  float epsilon_;
  bool relu_;
};

// The gradient that arrives: where `masked`, it counts only where y is positive. It is written to `kept` where
// `keep` says so. Sums g and g * (x - mean) of `rows` rows that lie `step` apart.
template <bool masked, bool keep>
void sumRows(const float* dy, const float* x, const float* y, const float* means, float* kept, float* sums,
             float* products, int64_t rows, int64_t step, int64_t count) {
  overColumns(count, [&](auto columns, int64_t c) {
    using C = decltype(columns);
    using V = typename C::V;
    V mean[C::vectors], sum[C::vectors] = {}, product[C::vectors] = {};
    C::read(means + c, mean);
    for (int64_t at = c; at < c + rows * step; at += step) {
      for (int v = 0; v < C::vectors; ++v) {
        const int64_t place = at + v * C::lanes;
        V g = load<C::lanes>(dy + place);
        if (masked) g = maskedBy(load<C::lanes>(y + place), g);
        if (keep) store<C::lanes>(kept + place, g);
        sum[v] += g;
        product[v] += g * (load<C::lanes>(x + place) - mean[v]);
      }
    }
    C::write(sums + c, sum);
    C::write(products + c, product);
  });
}

using SumRows = void (*)(const float*, const float*, const float*, const float*, float*, float*, float*, int64_t,
                         int64_t, int64_t);

// What a batch normalization's gradient is made of, for each channel of a part.
struct Slopes {
  float factor[channelBlock], gradientMean[channelBlock], slope[channelBlock];
};

// dx = factor * (g - its mean - (x - mean) * slope), for `rows` rows that lie `step` apart.
template <bool masked>
void differentiateRows(const float* gradient, const float* y, const float* x, const float* means, const Slopes& slopes,
                       float* dx, int64_t rows, int64_t step, int64_t count) {
  overColumns(count, [&](auto columns, int64_t c) {
    using C = decltype(columns);
    using V = typename C::V;
    V mean[C::vectors], factor[C::vectors], gradientMean[C::vectors], slope[C::vectors];
    C::read(means + c, mean);
    C::read(slopes.factor + c, factor);
    C::read(slopes.gradientMean + c, gradientMean);
    C::read(slopes.slope + c, slope);
    for (int64_t at = c; at < c + rows * step; at += step) {
      for (int v = 0; v < C::vectors; ++v) {
        const int64_t place = at + v * C::lanes;
        V g = load<C::lanes>(gradient + place);
        if (masked) g = maskedBy(load<C::lanes>(y + place), g);
        const V centered = load<C::lanes>(x + place) - mean[v];
        store<C::lanes>(dx + place, factor[v] * (g - gradientMean[v] - centered * slope[v]));
      }
    }
  });
}

// dy, x, scale, mean, variance, y (where a ReLU was applied) -> dx, dScale, dOffset, and the residual's gradient
// (without values where `keep` is 0).
class BatchNormGradient {
 public:
  explicit BatchNormGradient(Attributes& attributes)
      : views_(attributes.integer("views")),
        splits_(attributes.integer("splits")),
        epsilon_(attributes.real("epsilon")),
        keep_(attributes.integer("keep") != 0) {}

  void compute(Call& call) {
    const Values dy = call.input(0), x = call.input(1), scale = call.input(2);
    const Values mean = call.input(3), variance = call.input(4);
    const float* y = call.inputs() > 5 ? likeOther(call.input(5), x, "The result") : nullptr;
    const Grouping g(x, views_, splits_);
    expectSize(dy, x.size(), "The gradient");
    expectSize(mean, g.groups * g.channels, "The mean");
    expectSize(variance, g.groups * g.channels, "The variance");
    float* dx = call.output(0, x.shape).data;
    float* dScale = call.output(1, {g.channels}).data;
    float* dOffset = call.output(2, {g.channels}).data;
    float* kept = call.output(3, keep_ ? x.shape : Shape{0}).data;
    std::vector<double> sums(2 * g.groups * g.channels);
    const SumRows sum = y ? (keep_ ? sumRows<true, true> : sumRows<true, false>)
                          : (keep_ ? sumRows<false, true> : sumRows<false, false>);
    g.parts([&](int64_t group, int64_t first, int64_t count) {
      const int64_t place = group * g.channels + first;
      // In float32 for a sample, and in double over the samples.
      double total[2][channelBlock] = {};
      float sample[2][channelBlock];
      for (int64_t i = 0; i < g.samples; ++i) {
        const int64_t at = g.offset(group, i) + first;
        sum(dy.data + at, x.data + at, y + at, mean.data + place, kept + at, sample[0], sample[1], g.positions,
            g.channels, count);
        for (int k = 0; k < 2; ++k) {
          for (int64_t c = 0; c < count; ++c) total[k][c] += sample[k][c];
        }
      }
      Slopes slopes;
      for (int64_t c = 0; c < count; ++c) {
        const double inverse = 1 / std::sqrt(static_cast<double>(variance.data[place + c]) + epsilon_);
        sums[2 * (place + c)] = total[0][c];
        sums[2 * (place + c) + 1] = total[1][c] * inverse;
        slopes.factor[c] = static_cast<float>(at(scale, first + c, 1) * inverse);
        slopes.gradientMean[c] = static_cast<float>(total[0][c] / g.count());
        slopes.slope[c] = static_cast<float>(total[1][c] * inverse * inverse / g.count());
      }
      const auto differentiate = keep_ || !y ? differentiateRows<false> : differentiateRows<true>;
      for (int64_t i = g.samples - 1; i >= 0; --i) {
        const int64_t at = g.offset(group, i) + first;
        differentiate((keep_ ? kept : dy.data) + at, y + at, x.data + at, mean.data + place, slopes, dx + at,
                      g.positions, g.channels, count);
      }
    });
    for (int64_t c = 0; c < g.channels; ++c) {
      double offset = 0, product = 0;
      for (int64_t group = 0; group < g.groups; ++group) {
        offset += sums[2 * (group * g.channels + c)];
        product += sums[2 * (group * g.channels + c) + 1];
      }
      dOffset[c] = static_cast<float>(offset);
      dScale[c] = static_cast<float>(product);
    }
  }

 private:
  int64_t views_, splits_;
  float epsilon_;
  bool keep_;
};

}  // namespace

void registerBatchNorm() {
  registerOperation<BatchNorm>({"MnnBatchNorm",
                                {"x: float", "scale: float", "offset: float", "residual: residuals * float"},
                                {"y: float", "mean: float", "variance: float"},
                                {"views: int", "splits: int", "epsilon: float", "relu: int", "residuals: int >= 0"}});
  registerOperation<BatchNormInference>(
      {"MnnBatchNormInference",
       {"x: float", "scale: float", "offset: float", "mean: float", "variance: float", "residual: residuals * float"},
       {"y: float"},
       {"epsilon: float", "relu: int", "residuals: int >= 0"}});
  registerOperation<BatchNormGradient>(
      {"MnnBatchNormGradient",
       {"dy: float", "x: float", "scale: float", "mean: float", "variance: float", "y: masks * float"},
       {"dx: float", "d_scale: float", "d_offset: float", "d_residual: float"},
       {"views: int", "splits: int", "epsilon: float", "keep: int", "masks: int >= 0"}});
}

}  // namespace mnn
