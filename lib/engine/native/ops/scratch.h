// Memory for intermediate values.
#pragma once
#include <cstdint>
#include <memory>

namespace mnn {

// Floats for the time of a call. Their values are whatever was left there.
class Memory {
 public:
  explicit Memory(int64_t size) : memory_(new float[size]) {}
  float* data() const { return memory_.get(); }

 private:
  std::unique_ptr<float[]> memory_;
};

// Floats that a thread keeps from call to call, for blocks that fit its cache.
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
