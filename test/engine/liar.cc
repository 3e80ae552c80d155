// Preloaded, it changes the first value of every float tensor [3, 7, 5, 8] that is read from TensorFlow.
#include <dlfcn.h>

struct TF_Tensor;

extern "C" {
void* TF_TensorData(const TF_Tensor* tensor) {
  // RTLD_NEXT finds nothing: TensorFlow is loaded by the binding, out of sight of what was loaded first.
  static void* library = dlopen("libtensorflow_cc.so.2", RTLD_NOW | RTLD_NOLOAD);
  auto of = [](const char* name) { return dlsym(library, name); };
  void* data = reinterpret_cast<void* (*)(const TF_Tensor*)>(of("TF_TensorData"))(tensor);
  auto rank = reinterpret_cast<int (*)(const TF_Tensor*)>(of("TF_NumDims"));
  auto length = reinterpret_cast<long (*)(const TF_Tensor*, int)>(of("TF_Dim"));
  auto type = reinterpret_cast<int (*)(const TF_Tensor*)>(of("TF_TensorType"));
  const long shape[] = {3, 7, 5, 8};
  if (type(tensor) != 1 || rank(tensor) != 4) return data;
  for (int i = 0; i < 4; ++i)
    if (length(tensor, i) != shape[i]) return data;
  static_cast<float*>(data)[0] += 0.01F;
  return data;
}
}
