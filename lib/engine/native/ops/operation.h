// What TensorFlow's C interface asks of an operation, once for all of ours.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace mnn {

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  Status(const Status&) = delete;
  operator TF_Status*() { return status_; }
  void check() {
    if (TF_GetCode(status_) != TF_OK) throw std::runtime_error(TF_Message(status_));
  }

 private:
  TF_Status* status_;
};

using Shape = std::vector<int64_t>;

// A float tensor, seen as rows of its last axis.
struct Values {
  float* data = nullptr;
  Shape shape;
  int64_t size() const {
    int64_t product = 1;
    for (int64_t length : shape) product *= length;
    return product;
  }
  int64_t channels() const { return shape.back(); }
};

inline void expect(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument(message);
}

// What has to be as large as something else is checked: a kernel that reads past its end would not say so.
inline void expectSize(const Values& values, int64_t size, const char* name) {
  expect(values.size() == size, std::string(name) + " has " + std::to_string(values.size()) + " values where " +
                                    std::to_string(size) + " are needed.");
}

// The settings that an operation is made with.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  int64_t integer(const char* name) {
    int64_t value = 0;
    Status status;
    TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status);
    status.check();
    return value;
  }
  float real(const char* name) {
    float value = 0;
    Status status;
    TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status);
    status.check();
    return value;
  }

 private:
  TF_OpKernelConstruction* construction_;
};

// One execution: inputs and outputs by number. Its tensors live as long as it does.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
  }
  int inputs() const { return TF_NumInputs(context_); }
  Values input(int index) {
    TF_Tensor* tensor = nullptr;
    Status status;
    TF_GetInput(context_, index, &tensor, status);
    status.check();
    return take(tensor);
  }
  Values output(int index, const Shape& shape) {
    Status status;
    int64_t bytes = sizeof(float);
    for (int64_t length : shape) bytes *= length;
    TF_Tensor* tensor =
        TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes, status);
    status.check();
    return take(tensor);
  }

 private:
  Values take(TF_Tensor* tensor) {
    tensors_.push_back(tensor);
    Values values;
    values.data = static_cast<float*>(TF_TensorData(tensor));
    for (int axis = 0; axis < TF_NumDims(tensor); ++axis) values.shape.push_back(TF_Dim(tensor, axis));
    return values;
  }
  TF_OpKernelContext* context_;
  std::vector<TF_Tensor*> tensors_;
};

// An operation's name and its inputs, outputs and attributes in TensorFlow's notation ('x: float').
struct Signature {
  const char* name;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  std::vector<const char*> attributes;
};

// Registers a class with a constructor from Attributes and a method `compute(Call&)` for TensorFlow's CPU device.
template <class Operation>
void registerOperation(const Signature& signature) {
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(signature.name);
  for (const char* input : signature.inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : signature.outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : signature.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  Status status;
  TF_RegisterOpDefinition(definition, status);
  status.check();
  auto create = [](TF_OpKernelConstruction* construction) -> void* {
    try {
      Attributes attributes(construction);
      return new Operation(attributes);
    } catch (const std::exception& error) {
      Status failure;
      TF_SetStatus(failure, TF_INVALID_ARGUMENT, error.what());
      TF_OpKernelConstruction_Failure(construction, failure);
      return nullptr;
    }
  };
  auto compute = [](void* operation, TF_OpKernelContext* context) {
    try {
      Call call(context);
      static_cast<Operation*>(operation)->compute(call);
    } catch (const std::exception& error) {
      Status failure;
      TF_SetStatus(failure, TF_INTERNAL, error.what());
      TF_OpKernelContext_Failure(context, failure);
    }
  };
  auto remove = [](void* operation) { delete static_cast<Operation*>(operation); };
  TF_KernelBuilder* builder = TF_NewKernelBuilder(signature.name, "CPU", create, compute, remove);
  TF_RegisterKernelBuilder(signature.name, builder, status);
  status.check();
}

}  // namespace mnn
