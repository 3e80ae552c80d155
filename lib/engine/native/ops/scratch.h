// Memory for intermediate values.
#pragma once
#include <cstdint>
#include <memory>

namespace mnn {

// Memory that is kept from call to call, since fresh memory costs more than what is done in it. Its values are
// whatever was left there.
class Scratch {
 public:
  float* take(int64_t size) {
    if (size > size_) {
      memory_.reset();
      memory_.reset(new float[size]);
      size_ = size;
    }
    return memory_.get();
  }

 private:
  std::unique_ptr<float[]> memory_;
  int64_t size_ = 0;
};

}  // namespace mnn
