// The tensors that a .pt2 archive stores, each built on first request. Private to
// host/model/exported.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <unordered_map>

#include "host/model/exported/archive.h"

namespace softbeam::model::exported {

class Weights {
 public:
  // Throws RunError if a config record is missing or malformed.
  explicit Weights(Archive& archive);

  // The parameter, buffer or constant of that name. Names that were views of one memory when the
  // model was saved share one storage again. Throws RunError, naming the weight, if there is none
  // or if sizes, strides and offset do not fit the stored bytes.
  at::Tensor tensor(const std::string& name);

 private:
  struct Payload {
    std::string record;
    const Json* meta;  // into configs_
    const std::string* config;
  };

  void add_config(const std::string& record, const std::string& folder);

  Archive& archive_;
  std::unordered_map<std::string, Json> configs_;  // by record
  std::unordered_map<std::string, Payload> payloads_;
  std::unordered_map<std::string, c10::Storage> storages_;  // by record
};

}  // namespace softbeam::model::exported
