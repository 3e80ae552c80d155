// Updates of many tensors in one operation: SGD, moving averages, running statistics.
#include <algorithm>
#include <cmath>

#include "operation.h"
#include "parallel.h"

namespace mnn {
namespace {

// Values that a thread takes at a time.
constexpr int64_t stretch = 1 << 16;

// Calls work(tensor, from, to) for stretches of all tensors, on all threads.
template <class Work>
void overStretches(const std::vector<Values>& tensors, const Work& work) {
  struct Stretch {
    int tensor;
    int64_t from, to;
  };
  std::vector<Stretch> stretches;
  for (size_t tensor = 0; tensor < tensors.size(); ++tensor) {
    const int64_t size = tensors[tensor].size();
    for (int64_t from = 0; from < size; from += stretch) {
      stretches.push_back({static_cast<int>(tensor), from, std::min(size, from + stretch)});
    }
  }
  parallelFor(stretches.size(), [&](int64_t i) { work(stretches[i].tensor, stretches[i].from, stretches[i].to); });
}

std::vector<Values> inputs(Call& call, int from, int to) {
  std::vector<Values> all;
  for (int i = from; i < to; ++i) all.push_back(call.input(i));
  return all;
}

void expectSizes(const std::vector<Values>& values, const std::vector<Values>& models, const char* name) {
  for (size_t i = 0; i < models.size(); ++i) expectSize(values[i], models[i].size(), name);
}

std::vector<Values> outputsLike(Call& call, int from, const std::vector<Values>& models) {
  std::vector<Values> all;
  for (size_t i = 0; i < models.size(); ++i) all.push_back(call.output(from + static_cast<int>(i), models[i].shape));
  return all;
}

// settings [4]: learning rate, momentum, weight decay, 1 for Nesterov's rule; then `count` each of parameters,
// gradients and buffers -> `count` each of new parameters and buffers. PyTorch's rule.
class Sgd {
 public:
  explicit Sgd(Attributes& attributes) : count_(static_cast<int>(attributes.integer("count"))) {}

  void compute(Call& call) {
    const float* settings = call.input(0).data;
    const float lr = settings[0], momentum = settings[1], decay = settings[2];
    const bool nesterov = settings[3] != 0;
    const auto parameters = inputs(call, 1, 1 + count_);
    const auto gradients = inputs(call, 1 + count_, 1 + 2 * count_);
    const auto buffers = inputs(call, 1 + 2 * count_, 1 + 3 * count_);
    expectSizes(gradients, parameters, "A gradient");
    expectSizes(buffers, parameters, "A buffer");
    const auto newParameters = outputsLike(call, 0, parameters);
    const auto newBuffers = outputsLike(call, count_, buffers);
    overStretches(parameters, [&](int tensor, int64_t from, int64_t to) {
      const float* parameter = parameters[tensor].data;
      const float* gradient = gradients[tensor].data;
      const float* buffer = buffers[tensor].data;
      float* __restrict newParameter = newParameters[tensor].data;
      float* __restrict newBuffer = newBuffers[tensor].data;
      for (int64_t i = from; i < to; ++i) {
        const float decayed = gradient[i] + decay * parameter[i];
        const float moved = momentum * buffer[i] + decayed;
        newBuffer[i] = moved;
        newParameter[i] = parameter[i] - lr * (nesterov ? decayed + momentum * moved : moved);
      }
    });
  }

 private:
  int count_;
};

// momentum [1]; then `count` each of targets and sources -> momentum * target + (1 - momentum) * source.
class MovingAverage {
 public:
  explicit MovingAverage(Attributes& attributes) : count_(static_cast<int>(attributes.integer("count"))) {}

  void compute(Call& call) {
    const float momentum = call.input(0).data[0];
    const auto targets = inputs(call, 1, 1 + count_);
    const auto sources = inputs(call, 1 + count_, 1 + 2 * count_);
    expectSizes(sources, targets, "A source");
    const auto moved = outputsLike(call, 0, targets);
    overStretches(targets, [&](int tensor, int64_t from, int64_t to) {
      const float* target = targets[tensor].data;
      const float* source = sources[tensor].data;
      float* __restrict out = moved[tensor].data;
      for (int64_t i = from; i < to; ++i) out[i] = momentum * target[i] + (1 - momentum) * source[i];
    });
  }

 private:
  int count_;
};

// Running mean and variance [channels] and a batch's statistics [views * splits, channels] -> the moved ones.
class MoveRunningStatistics {
 public:
  explicit MoveRunningStatistics(Attributes& attributes)
      : views_(attributes.integer("views")),
        splits_(attributes.integer("splits")),
        momentum_(attributes.real("momentum")),
        unbiased_(attributes.real("unbiased")) {}

  void compute(Call& call) {
    for (int i = 0; i < 2; ++i) move(call.input(i), call.input(2 + i), i == 0 ? 1 : unbiased_, call, i);
  }

 private:
  void move(const Values& running, const Values& statistic, float factor, Call& call, int output) {
    const Values moved = call.output(output, running.shape);
    const int64_t channels = running.size();
    for (int64_t c = 0; c < channels; ++c) {
      double value = running.data[c];
      for (int64_t view = 0; view < views_; ++view) {
        double sum = 0;
        for (int64_t split = 0; split < splits_; ++split) sum += statistic.data[(view * splits_ + split) * channels + c];
        value = (1 - momentum_) * value + momentum_ * factor * sum / splits_;
      }
      moved.data[c] = static_cast<float>(value);
    }
  }
  int64_t views_, splits_;
  double momentum_;
  float unbiased_;
};

}  // namespace

void registerUpdates() {
  registerOperation<Sgd>({"MnnSgd",
                          {"settings: float", "parameters: count * float", "gradients: count * float",
                           "buffers: count * float"},
                          {"new_parameters: count * float", "new_buffers: count * float"},
                          {"count: int >= 1"}});
  registerOperation<MovingAverage>({"MnnMovingAverage",
                                    {"momentum: float", "targets: count * float", "sources: count * float"},
                                    {"moved: count * float"},
                                    {"count: int >= 1"}});
  registerOperation<MoveRunningStatistics>(
      {"MnnMoveRunningStatistics",
       {"running_mean: float", "running_variance: float", "mean: float", "variance: float"},
       {"moved_mean: float", "moved_variance: float"},
       {"views: int", "splits: int", "momentum: float", "unbiased: float"}});
}

}  // namespace mnn
