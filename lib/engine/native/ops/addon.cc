// The entry for Node: `start(threads)` registers our operations with the TensorFlow of this process.
#include <node_api.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <exception>

#include "parallel.h"
#include "vector.h"

namespace mnn {
void registerBatchNorm();
void registerPatches();
void registerUpdates();
void registerWinograd();
}  // namespace mnn

namespace {

// Whether the processor has the vectors that this was compiled for.
bool fitsProcessor() {
#if defined(__AVX512F__)
  return __builtin_cpu_supports("avx512f");
#elif defined(__AVX2__)
  return __builtin_cpu_supports("avx2");
#elif defined(__AVX__)
  return __builtin_cpu_supports("avx");
#else
  return true;
#endif
}

// Freed tensors stay with the process for the next of their size. Returned to the system they would come back page by
// page, which takes longer than most operations that fill them.
void keepFreedMemory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

napi_value start(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  int32_t threads = 1;
  napi_get_value_int32(env, argument, &threads);
  if (!fitsProcessor()) {
    napi_throw_error(env, nullptr, "the kernels were compiled for another processor");
    return nullptr;
  }
  try {
    keepFreedMemory();
    mnn::setThreads(threads);
    mnn::registerBatchNorm();
    mnn::registerPatches();
    mnn::registerUpdates();
    mnn::registerWinograd();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
  napi_value length;
  napi_create_int32(env, mnn::vectorLength, &length);
  return length;
}

napi_value init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "start", NAPI_AUTO_LENGTH, start, nullptr, &function);
  napi_set_named_property(env, exports, "start", function);
  return exports;
}

}  // namespace

NAPI_MODULE(mnn_kernels, init)
