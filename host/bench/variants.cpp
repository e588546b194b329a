#include "host/bench/variants.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <exception>

#include "host/base/error.h"
#include "host/bench/frozen.h"

namespace softbeam::bench {
namespace {

constexpr auto channels_last = at::MemoryFormat::ChannelsLast;

at::Tensor in_channels_last(const at::Tensor& tensor) {
  return tensor.dim() == 4 ? tensor.contiguous(channels_last) : tensor;
}

// Shared memory is shared no longer, which a fault-free run does not notice.
std::shared_ptr<const model::Graph> with_parameters_in_channels_last(const model::Graph& graph) {
  auto copy = std::make_shared<model::Graph>(graph);
  for (model::Stored& stored : copy->stored) {
    if (stored.content.isTensor()) {
      stored.content = in_channels_last(stored.content.toTensor());
    }
  }
  return copy;
}

at::Tensor answers(execute::Executor& executor, const at::Tensor& batch) {
  execute::Hooks none;
  return executor.run(batch, none).front();
}

void refuse_other_answers(const at::Tensor& expected, const at::Tensor& found) {
  const at::Tensor a = expected.to(at::kDouble);
  const at::Tensor b = found.to_dense().to(at::kDouble);
  if (!a.sizes().equals(b.sizes()) ||
      !at::allclose(a, b, 1e-2, 1e-3 * a.abs().max().item().toDouble())) {
    throw RunError("its answers are others");
  }
}

template <class Measure>
Variant attempt(const std::string& name, Measure measure) {
  Variant variant{name, std::nullopt, ""};
  try {
    variant.best = measure();
  } catch (const Stopped&) {
    throw;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    variant.problem = text.substr(0, text.find('\n'));
  } catch (const std::exception& error) {
    const std::string text = error.what();
    variant.problem = text.substr(0, text.find('\n'));
  }
  return variant;
}

}  // namespace

std::vector<Variant> measure_variants(const campaign::Subject& subject, Images& images,
                                      const Setting& best) {
  const c10::InferenceMode inference;
  const auto settings = settings_near(subject, best);
  std::vector<std::uint32_t> first{0};
  const at::Tensor few = run::gather(subject.data, first, subject.graph->static_batch.value_or(4),
                                     subject.backend->device());
  const at::Tensor expected = answers(*subject.executors.front(), few);
  return {
      attempt("channels_last",
              [&] {
                const auto graph = with_parameters_in_channels_last(*subject.graph);
                std::vector<std::unique_ptr<execute::Executor>> executors;
                for (std::size_t e = 0; e < subject.executors.size(); ++e) {
                  executors.push_back(std::make_unique<execute::Executor>(graph, *subject.backend));
                }
                refuse_other_answers(expected, answers(*executors.front(), in_channels_last(few)));
                const auto run = [&](std::size_t instance, const at::Tensor& batch) {
                  answers(*executors[instance], in_channels_last(batch));
                };
                return best_of(images.measure("channels_last", run, settings));
              }),
      attempt("frozen", [&] {
        const Frozen frozen(*subject.graph);
        refuse_other_answers(expected, frozen.run(few));
        const auto run = [&](std::size_t, const at::Tensor& batch) { frozen.run(batch); };
        return best_of(images.measure("frozen", run, settings));
      })};
}

}  // namespace softbeam::bench
