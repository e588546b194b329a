// Checks of the user's code ("if x.dim() != 4: raise ...") whose condition is known only when the
// model runs: they become nodes that throw. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <cstdint>
#include <string>

#include "host/model/torchscript/context.h"
#include "host/model/torchscript/emitter.h"

namespace softbeam::model::torchscript {

// What these nodes are called; they have no result.
inline constexpr const char* assert_target = "softbeam::assert";

// True if nothing but raising an exception can come of the block.
bool always_raises(const torch::jit::Block& block);

// The text of the exception as the source has it; its numbers are known only when it is raised.
std::string raised_message(const torch::jit::Block& block);
std::string raised_message(const torch::jit::Node& raise);

// A node that throws RunError with `message` unless the condition has the value `expected`.
void emit_check(Emitter& emitter, const torch::jit::Node& at, const Context& context,
                const Abstract& condition, bool expected, const std::string& message);

// A node that throws RunError unless the tensor has so many dimensions.
void emit_rank_check(Emitter& emitter, const torch::jit::Node& at, const Context& context,
                     ValueId tensor, std::int64_t rank);

// True if the block only compares numbers of dimensions and the like, so that it may be computed
// even where the user's code would not ("x.dim() == 2 or x.dim() == 3").
bool only_compares(const torch::jit::Block& block);

// A node that gives `yes` or `no`, both numbers.
Abstract emit_select(Emitter& emitter, const torch::jit::Node& at, const Context& context,
                     const Abstract& condition, const Abstract& yes, const Abstract& no);

}  // namespace softbeam::model::torchscript
