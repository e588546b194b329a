#include "host/model/torchscript/read.h"

#include <torch/csrc/jit/serialization/import.h>

#include <sstream>
#include <utility>

#include "host/base/digest.h"
#include "host/base/error.h"
#include "host/model/builder.h"
#include "host/model/torchscript/interpreter.h"
#include "host/model/torchscript/signature.h"

namespace softbeam::model::torchscript {

namespace {

std::string first_line(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line) && line.find_first_not_of(" \t:\r") == std::string::npos) {
  }
  return line.substr(0,
                     line.find(" This is an internal"));  // advice about PyTorch's own checkpoints
}

// `problem`: what LibTorch said when it read the file.
RunError unreadable(const std::string& path, const std::string& problem) {
  const std::string line = first_line(problem);
  const bool unknown_operator = line.find("Unknown builtin op") != std::string::npos ||
                                line.find("Unknown operator") != std::string::npos;
  return RunError(
      path + ": cannot be read as TorchScript (" + line + ") " +
      (unknown_operator
           ? "this LibTorch has no such operator; save the model without the steps that need it "
             "(of a detector: backbone and heads)"
           : "save it again with torch.jit.save, or export it with torch.export"));
}

torch::jit::Module load(const std::string& path) {
  try {
    return torch::jit::load(path, c10::Device(c10::kCPU));
  } catch (const c10::Error& error) {
    throw unreadable(path, error.what_without_backtrace());
  } catch (const std::exception& error) {
    throw unreadable(path, error.what());
  }
}

std::shared_ptr<const Graph> read_module(const torch::jit::Module& module, std::string digest) {
  const auto forward = module.find_method("forward");
  if (!forward) {
    throw RunError("the module has no method forward; save a module that has one");
  }
  const ObjectRef root{module._ivalue(), ""};
  GraphBuilder builder;
  std::vector<Abstract> inputs = add_inputs(builder, forward->function().getSchema());
  State state(builder, root);
  Interpreter interpreter(builder, state, root.object->compilation_unit());
  const Abstract result = interpreter.call_method(root, "forward", std::move(inputs));
  set_outputs(builder, result, forward->function().getSchema());
  return builder.finish("TorchScript", std::move(digest), std::nullopt);
}

}  // namespace

std::shared_ptr<const Graph> read(const std::string& path) {
  std::string digest = digest_file(path);
  const torch::jit::Module module = load(path);
  try {
    return read_module(module, std::move(digest));
  } catch (const RunError& error) {
    throw RunError(path + ": " + error.what());
  } catch (const c10::Error& error) {
    throw RunError(path + ": " + first_line(error.what_without_backtrace()) +
                   " (while reading the TorchScript program); export the model with torch.export");
  }
}

}  // namespace softbeam::model::torchscript
