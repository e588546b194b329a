#include "host/execute/hidden_state.h"

#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/execute/executor.h"

namespace softbeam::execute {

void check_hidden_state(const model::Node& node, const torch::jit::Stack& stack) {
  constexpr std::array recurrent{"lstm", "gru", "rnn_tanh", "rnn_relu"};
  if (std::find(recurrent.begin(), recurrent.end(), node.op) == recurrent.end()) {
    return;
  }
  // (input, hidden state or states, weights, ..., batch_first); packed sequences have another form.
  if (stack.size() < 3 || !stack[0].isTensor() || !stack.back().isBool()) {
    return;
  }
  const at::Tensor& input = stack[0].toTensor();
  const at::Tensor state = stack[1].isTensorList() ? stack[1].toTensorList().get(0)
                           : stack[1].isTensor()   ? stack[1].toTensor()
                                                   : at::Tensor();
  if (!state.defined() || input.dim() != 3 || state.dim() != 3) {
    return;
  }
  const std::int64_t batch = input.size(stack.back().toBool() ? 0 : 1);
  if (state.size(1) != batch) {
    throw OperatorError(
        fmt::format("{} cannot run (its hidden state was exported for a batch of {}, and it met "
                    "one of {}); set "
                    "run.batch to {}, or make the hidden state from the input and export again",
                    model::describe(node), state.size(1), batch, state.size(1)));
  }
}

}  // namespace softbeam::execute
