#include "host/run/device/window_proofs.h"

namespace softbeam::run {

std::vector<SwitchedOff> WindowProofs::switched_off() const {
  std::vector<SwitchedOff> off;
  for (std::size_t s = 0; s < states_.size(); ++s) {
    if (states_[s] == State::inexact) {
      off.push_back({.node = model::describe(program_.graph->node(program_.steps[s].nodes.front())),
                     .form = Form::canvas,
                     .shape = "windows side by side",
                     .why = "another result than in the whole image"});
    }
  }
  return off;
}

}  // namespace softbeam::run
