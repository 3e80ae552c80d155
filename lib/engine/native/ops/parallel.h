// A small pool of threads for the kernels of a training step.
#pragma once
#include <cstdint>
#include <functional>

namespace mnn {

// Sets how many threads compute, the calling one among them. Call it once, before anything else.
void setThreads(int threads);

int threadCount();

// Calls work(i) for every i below count, on all threads, in any order; returns when all are done. Calls that
// come while another runs wait for it.
void parallelFor(int64_t count, const std::function<void(int64_t)>& work);

}  // namespace mnn
