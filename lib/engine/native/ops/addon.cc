// The entry for Node: `start(threads)` registers our operations with the TensorFlow of this process.
#include <node_api.h>
#if defined(__linux__)
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#endif

#include <exception>
#include <mutex>

#include "parallel.h"
#include "vector.h"

namespace mnn {
void registerBatchNorm();
void registerPatches();
void registerUpdates();
void registerWinograd();
}  // namespace mnn

namespace {

// Freed tensors stay with the process for the next of their size. Returned to the system they would come back page by
// page, which takes longer than most operations that fill them.
void keepFreedMemory() {
#if defined(__linux__) && defined(M_MMAP_MAX)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

// Loading TensorFlow leaves 300 MB of its library in memory, most of which training never looks at again. The pages are
// unchanged parts of a file: what is needed comes back by itself.
void releaseLibraryPages() {
#if defined(__linux__)
  auto release = [](dl_phdr_info* library, size_t, void*) {
    if (!std::strstr(library->dlpi_name, "libtensorflow")) return 0;
    const ElfW(Addr) page = sysconf(_SC_PAGESIZE);
    for (int i = 0; i < library->dlpi_phnum; ++i) {
      const auto& part = library->dlpi_phdr[i];
      if (part.p_type != PT_LOAD || part.p_flags & PF_W) continue;
      const ElfW(Addr) from = (library->dlpi_addr + part.p_vaddr) & ~(page - 1);
      madvise(reinterpret_cast<void*>(from), library->dlpi_addr + part.p_vaddr + part.p_memsz - from, MADV_DONTNEED);
    }
    return 0;
  };
  dl_iterate_phdr(release, nullptr);
#endif
}

napi_value start(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  int32_t threads = 1;
  napi_get_value_int32(env, argument, &threads);
  try {
    keepFreedMemory();
    releaseLibraryPages();
    mnn::setThreads(threads);
    // TensorFlow ends the process that registers an operation twice.
    static std::once_flag once;
    std::call_once(once, [] {
      mnn::registerBatchNorm();
      mnn::registerPatches();
      mnn::registerUpdates();
      mnn::registerWinograd();
    });
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
  napi_value multiple;
  napi_create_int32(env, mnn::channelMultiple, &multiple);
  return multiple;
}

napi_value init(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "start", NAPI_AUTO_LENGTH, start, nullptr, &function);
  napi_set_named_property(env, exports, "start", function);
  return exports;
}

}  // namespace

NAPI_MODULE(mnn_kernels, init)
