#include "parallel.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace mnn {
namespace {

// Idle threads look for work this often before they sleep: an operation follows the last within microseconds.
constexpr int spins = 2000;

class Pool {
 public:
  void start(int threads) {
    for (; threads_ < threads; ++threads_) std::thread([this] { serve(); }).detach();
  }

  int threads() const { return threads_; }

  void run(int64_t count, const std::function<void(int64_t)>& work) {
    std::lock_guard<std::mutex> one(caller_);
    if (count <= 1 || threads_ == 1) {
      for (int64_t i = 0; i < count; ++i) work(i);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      count_ = count;
      next_ = 0;
      busy_ = threads_ - 1;
      ++turn_;
    }
    wake_.notify_all();
    take();
    while (busy_.load(std::memory_order_acquire) > 0) std::this_thread::yield();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  void serve() {
    for (uint64_t seen = 0;;) {
      for (int i = 0; i < spins && turn_.load(std::memory_order_acquire) == seen; ++i) std::this_thread::yield();
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return turn_.load() != seen; });
        seen = turn_.load();
      }
      take();
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  // An exception ends the work of all threads, and reaches whoever asked for it.
  void take() {
    try {
      for (int64_t i; (i = next_.fetch_add(1)) < count_;) (*work_)(i);
    } catch (...) {
      next_ = count_;
      std::lock_guard<std::mutex> lock(mutex_);
      failure_ = std::current_exception();
    }
  }

  int threads_ = 1;
  std::mutex caller_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> turn_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  int64_t count_ = 0;
  const std::function<void(int64_t)>* work_ = nullptr;
  std::exception_ptr failure_;
};

// Never destroyed: its threads are still waiting in it when the process ends.
Pool& pool() {
  static Pool* pool = new Pool;
  return *pool;
}

}  // namespace

void setThreads(int threads) { pool().start(threads); }

int threadCount() { return pool().threads(); }

void parallelFor(int64_t count, const std::function<void(int64_t)>& work) { pool().run(count, work); }

}  // namespace mnn
