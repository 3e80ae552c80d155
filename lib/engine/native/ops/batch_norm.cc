// Batch normalisation in groups of samples, with a residual sum and a ReLU, forward and backward.
#include <algorithm>
#include <cmath>

#include "operation.h"
#include "parallel.h"

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

// Sums of a stretch of rows, in float32 for a sample and in double over the samples.
struct Sums {
  float sample[2][channelBlock];
  double total[2][channelBlock];

  void clearSample(int64_t count) {
    for (auto& sums : sample) std::fill(sums, sums + count, 0.f);
  }
  void clear(int64_t count) {
    for (auto& sums : total) std::fill(sums, sums + count, 0.0);
  }
};

// Mean and biased variance of a part, from each sample's mean and squares combined (Chan, Golub, LeVeque).
void moments(const float* x, const Grouping& g, int64_t group, int64_t first, int64_t count, float* mean,
             float* variance) {
  Sums sums;
  sums.clear(count);
  double* average = sums.total[0];
  double* squares = sums.total[1];
  float sampleMean[channelBlock];
  for (int64_t i = 0; i < g.samples; ++i) {
    const float* sample = x + g.offset(group, i) + first;
    sums.clearSample(count);
    for (int64_t p = 0; p < g.positions; ++p) {
      const float* row = sample + p * g.channels;
      for (int64_t c = 0; c < count; ++c) sums.sample[0][c] += row[c];
    }
    for (int64_t c = 0; c < count; ++c) sampleMean[c] = sums.sample[0][c] / g.positions;
    for (int64_t p = 0; p < g.positions; ++p) {
      const float* row = sample + p * g.channels;
      for (int64_t c = 0; c < count; ++c) {
        const float centred = row[c] - sampleMean[c];
        sums.sample[1][c] += centred * centred;
      }
    }
    const double before = static_cast<double>(i) / (i + 1) * g.positions;
    for (int64_t c = 0; c < count; ++c) {
      const double difference = sampleMean[c] - average[c];
      average[c] += difference / (i + 1);
      squares[c] += sums.sample[1][c] + difference * difference * before;
    }
  }
  for (int64_t c = 0; c < count; ++c) {
    mean[c] = static_cast<float>(average[c]);
    variance[c] = static_cast<float>(squares[c] / g.count());
  }
}

// y = factor * x + shift, plus the residual, clipped at 0 where there is a ReLU.
template <bool withResidual, bool relu>
void transformRow(const float* x, const float* residual, const float* factor, const float* shift, float* __restrict y,
                  int64_t count) {
  for (int64_t c = 0; c < count; ++c) {
    float value = x[c] * factor[c] + shift[c];
    if (withResidual) value += residual[c];
    y[c] = relu ? std::max(value, 0.f) : value;
  }
}

using TransformRow = void (*)(const float*, const float*, const float*, const float*, float*, int64_t);

TransformRow transformFor(bool withResidual, bool relu) {
  if (withResidual) return relu ? transformRow<true, true> : transformRow<true, false>;
  return relu ? transformRow<false, true> : transformRow<false, false>;
}

// The values of a tensor that has to be as large as another.
const float* likeOther(const Values& values, const Values& other, const char* name) {
  expectSize(values, other.size(), name);
  return values.data;
}

// Scale and offset, or 1 and 0 where there are none (a tensor without values).
float at(const Values& values, int64_t c, float otherwise) { return values.size() > 0 ? values.data[c] : otherwise; }

// Factor and shift that normalise with a mean and a variance.
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
    const TransformRow transform = transformFor(withResidual, relu_);
    g.parts([&](int64_t group, int64_t first, int64_t count) {
      float* mean = means + group * g.channels + first;
      float* variance = variances + group * g.channels + first;
      moments(x.data, g, group, first, count, mean, variance);
      float factor[channelBlock], shift[channelBlock];
      affineTransform(mean, variance, scale, offset, epsilon_, first, count, factor, shift);
      // Backwards: the samples that were read last are still in the cache.
      for (int64_t i = g.samples - 1; i >= 0; --i) {
        int64_t row = g.offset(group, i) + first;
        for (int64_t p = 0; p < g.positions; ++p, row += g.channels) {
          transform(x.data + row, residual + row, factor, shift, y + row, count);
        }
      }
    });
  }

 private:
  int64_t views_, splits_;
  float epsilon_;
  bool relu_;
};

// x, scale, offset, mean, variance, residual (if any) -> y, normalised with given statistics.
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
    const TransformRow transform = transformFor(withResidual, relu_);
    const int64_t perSample = x.size() / std::max<int64_t>(1, x.shape[0]);
    parallelFor(x.shape[0], [&](int64_t i) {
      for (int64_t row = i * perSample; row < (i + 1) * perSample; row += channels) {
        transform(x.data + row, residual + row, factor.data(), shift.data(), y + row, channels);
      }
    });
  }

 private:
  float epsilon_;
  bool relu_;
};

// The gradient that arrives: where `masked`, it counts only where y is positive. It is written to `kept` where
// that is not null. Adds sum(g) and sum(g * (x - mean)) of a row to the sums.
template <bool masked, bool keep>
void sumRow(const float* dy, const float* x, const float* y, const float* mean, float* __restrict kept,
            float* __restrict sum, float* __restrict product, int64_t count) {
  for (int64_t c = 0; c < count; ++c) {
    const float g = masked ? (y[c] > 0 ? dy[c] : 0.f) : dy[c];
    if (keep) kept[c] = g;
    sum[c] += g;
    product[c] += g * (x[c] - mean[c]);
  }
}

using SumRow = void (*)(const float*, const float*, const float*, const float*, float*, float*, float*, int64_t);

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
    const SumRow sumRows = y ? (keep_ ? sumRow<true, true> : sumRow<true, false>)
                             : (keep_ ? sumRow<false, true> : sumRow<false, false>);
    g.parts([&](int64_t group, int64_t first, int64_t count) {
      const int64_t place = group * g.channels + first;
      Sums s;
      s.clear(count);
      for (int64_t i = 0; i < g.samples; ++i) {
        s.clearSample(count);
        int64_t row = g.offset(group, i) + first;
        for (int64_t p = 0; p < g.positions; ++p, row += g.channels) {
          sumRows(dy.data + row, x.data + row, y + row, mean.data + place, kept + row, s.sample[0], s.sample[1], count);
        }
        for (int k = 0; k < 2; ++k) {
          for (int64_t c = 0; c < count; ++c) s.total[k][c] += s.sample[k][c];
        }
      }
      float factor[channelBlock], gradientMean[channelBlock], slope[channelBlock];
      for (int64_t c = 0; c < count; ++c) {
        const double inverse = 1 / std::sqrt(static_cast<double>(variance.data[place + c]) + epsilon_);
        sums[2 * (place + c)] = s.total[0][c];
        sums[2 * (place + c) + 1] = s.total[1][c] * inverse;
        factor[c] = static_cast<float>(at(scale, first + c, 1) * inverse);
        gradientMean[c] = static_cast<float>(s.total[0][c] / g.count());
        slope[c] = static_cast<float>(s.total[1][c] * inverse * inverse / g.count());
      }
      for (int64_t i = g.samples - 1; i >= 0; --i) {
        int64_t row = g.offset(group, i) + first;
        for (int64_t p = 0; p < g.positions; ++p, row += g.channels) {
          const float* gradient = (keep_ ? kept : dy.data) + row;
          const float* mask = keep_ || !y ? nullptr : y + row;
          differentiateRow(gradient, mask, x.data + row, mean.data + place, factor, gradientMean, slope, dx + row,
                           count);
        }
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
  static void differentiateRow(const float* gradient, const float* mask, const float* x, const float* mean,
                               const float* factor, const float* gradientMean, const float* slope, float* __restrict dx,
                               int64_t count) {
    if (mask) {
      for (int64_t c = 0; c < count; ++c) {
        const float g = mask[c] > 0 ? gradient[c] : 0.f;
        dx[c] = factor[c] * (g - gradientMean[c] - (x[c] - mean[c]) * slope[c]);
      }
    } else {
      for (int64_t c = 0; c < count; ++c) {
        dx[c] = factor[c] * (gradient[c] - gradientMean[c] - (x[c] - mean[c]) * slope[c]);
      }
    }
  }

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
