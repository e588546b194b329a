// softbeam doctor
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>

#include "host/backend/backend.h"
#include "host/backend/cuda_backend.h"
#include "host/base/version.h"
#include "host/cli/commands.h"
#include "host/cli/streams.h"
#include "injectors/rng.h"

namespace softbeam::cli {
namespace {

struct Check {
  std::string name;
  bool passed;
};

// Philox's published answer for key and counter zero (Random123's kat_vectors).
bool philox_answers() {
  injectors::Stream stream(0, 0, static_cast<injectors::Purpose>(0));
  constexpr std::array<std::uint32_t, 4> known{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  bool equal = true;
  for (const std::uint32_t word : known) {
    equal = stream.next32() == word && equal;
  }
  return equal;
}

// Flips the sign bit of 1.0 in a tensor's memory and reads it back.
bool injector_answers(backend::Backend& backend) {
  const at::Tensor tensor =
      at::ones({4}, at::TensorOptions().dtype(at::kFloat)).to(backend.device());
  injectors::Effect effect;
  const injectors::Strike strike{2, {0xffffffff, 0x80000000}};
  backend.corrupt(tensor, std::span(&strike, 1), std::span(&effect, 1));
  return effect.before == 0x3f800000 && effect.after == 0xbf800000 &&
         tensor.sum().item<float>() == 2.0F;
}

// A 3x3 convolution of ones over ones counts the pixels that each window covers.
bool convolution_answers(backend::Backend& backend) {
  const auto options = at::TensorOptions().dtype(at::kFloat);
  const at::Tensor input = at::ones({2, 1, 4, 4}, options).to(backend.device());
  const at::Tensor weight = at::ones({1, 1, 3, 3}, options).to(backend.device());
  const at::Tensor output = at::conv2d(input, weight, {}, 1, 1).cpu();
  return output[0][0][0][0].item<float>() == 4.0F && output[1][0][1][1].item<float>() == 9.0F &&
         output[1][0][3][1].item<float>() == 6.0F;
}

std::string to_text(const backend::Backend& backend, std::span<const Check> checks) {
  std::string text = fmt::format("device    {}\n", backend.description());
  for (const Check& check : checks) {
    text += fmt::format("{}  {}\n", check.passed ? "pass" : "FAIL", check.name);
  }
  return text;
}

std::string to_json(const backend::Backend& backend, std::span<const Check> checks, bool passed) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Check& check : checks) {
    list.push_back({{"name", check.name}, {"passed", check.passed}});
  }
  return nlohmann::ordered_json{{"softbeam", version},
                                {"torch", TORCH_VERSION},
                                {"threads", std::thread::hardware_concurrency()},
                                {"cuda", backend::describe_cuda()},
                                {"device", backend.description()},
                                {"passed", passed},
                                {"checks", list}}
             .dump(2) +
         "\n";
}

}  // namespace

void add_doctor(Commands& commands) {
  CLI::App* command =
      commands.app.add_subcommand("doctor", "say what is installed and whether it works");
  auto device = std::make_shared<std::string>("cpu");
  command->add_option("--device", *device, "test this device (default cpu)")
      ->type_name("cpu|cuda|cuda:N");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "print JSON for scripts");
  command->footer("Example: softbeam doctor --device cuda");
  commands.actions.emplace_back(command, [=] {
    if (!*json) {
      print_out(fmt::format("softbeam  {}\ntorch     {}\nthreads   {} cores\ncuda      {}\n",
                            version, TORCH_VERSION, std::thread::hardware_concurrency(),
                            backend::describe_cuda()));
    }
    const auto backend = backend::make_backend(*device);
    const std::array checks{
        Check{"random numbers (Philox's known answer)", philox_answers()},
        Check{"injector (a sign bit in memory)", injector_answers(*backend)},
        Check{"convolution (counts of a window)", convolution_answers(*backend)}};
    const bool all =
        std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
    print_out(*json ? to_json(*backend, checks, all) : to_text(*backend, checks));
    return all ? 0 : 1;
  });
}

}  // namespace softbeam::cli
