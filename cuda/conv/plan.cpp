#include "cuda/conv/plan.h"

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "cuda/check.h"
#include "cuda/conv/descriptors.h"
#include "cuda/error.h"

namespace softbeam::gpu {

struct BuiltPlan {
  cudnn_frontend::ExecutionPlan plan;
};

void DestroyBuiltPlan::operator()(BuiltPlan* plan) const noexcept { delete plan; }

namespace {

namespace fe = cudnn_frontend;

fe::OperationGraph graph_of(CudnnHandle& handle, const fe::Operation& operation) {
  std::array<const fe::Operation*, 1> operations = {&operation};
  return fe::OperationGraphBuilder()
      .setHandle(handle.get())
      .setOperationGraph(1, operations.data())
      .build();
}

// Calls work() and turns what cudnn-frontend throws into an error that names the convolution.
template <class Work>
auto named(const ConvGeometry& geometry, Work work) {
  try {
    return work();
  } catch (const fe::cudnnException& error) {
    throw GpuError(error.error_status,
                   std::string(error.what()) + " (convolution " + text(geometry) + ")");
  }
}

constexpr std::pair<cudnnBackendNumericalNote_t, EngineNote> numerical_notes[] = {
    {CUDNN_NUMERICAL_NOTE_TENSOR_CORE, EngineNote::tensor_core},
    {CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS, EngineNote::down_convert_inputs},
    {CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION, EngineNote::reduced_precision_reduction},
    {CUDNN_NUMERICAL_NOTE_FFT, EngineNote::fft},
    {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, EngineNote::nondeterministic},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD, EngineNote::winograd},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4, EngineNote::winograd_tile_4x4},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6, EngineNote::winograd_tile_6x6},
    {CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13, EngineNote::winograd_tile_13x13},
    {CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP, EngineNote::strict_nan_propagation}};

constexpr std::pair<cudnnBackendBehaviorNote_t, EngineNote> behavior_notes[] = {
    {CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION, EngineNote::runtime_compilation}};

// Reads one list of notes of an engine, which has at most `most` of them.
template <class Note, std::size_t Known>
void read_notes(cudnnBackendDescriptor_t engine, cudnnBackendAttributeName_t attribute,
                cudnnBackendAttributeType_t type, Note most,
                const std::pair<Note, EngineNote> (&known)[Known], EngineNotes& notes) {
  std::vector<Note> found(static_cast<std::size_t>(most));
  std::int64_t count = 0;
  SB_CUDNN_CHECK(cudnnBackendGetAttribute(engine, attribute, type, most, &count, found.data()));
  found.resize(static_cast<std::size_t>(count));
  for (const Note note : found) {
    for (const auto& [theirs, ours] : known) {
      if (theirs == note) notes.insert(ours);
    }
  }
}

Engine engine_of(const fe::ManagedOpaqueDescriptor& configuration) {
  const fe::ManagedOpaqueDescriptor engine =
      fe::make_shared_backend_pointer(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  cudnnBackendDescriptor_t descriptor = engine->get_backend_descriptor();
  std::int64_t count = 0;
  SB_CUDNN_CHECK(cudnnBackendGetAttribute(configuration->get_backend_descriptor(),
                                          CUDNN_ATTR_ENGINECFG_ENGINE,
                                          CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &descriptor));
  std::int64_t number = 0;
  SB_CUDNN_CHECK(cudnnBackendGetAttribute(descriptor, CUDNN_ATTR_ENGINE_GLOBAL_INDEX,
                                          CUDNN_TYPE_INT64, 1, &count, &number));
  Engine found;
  found.name = "engine " + std::to_string(number);
  read_notes(descriptor, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
             CUDNN_NUMERICAL_NOTE_TYPE_COUNT, numerical_notes, found.notes);
  read_notes(descriptor, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE,
             CUDNN_BEHAVIOR_NOTE_TYPE_COUNT, behavior_notes, found.notes);
  return found;
}

void check_alignment(const char* name, int alignment, int needed) {
  if (alignment >= needed) return;
  throw std::invalid_argument(std::string("the ") + name + " of a convolution is aligned to " +
                              std::to_string(alignment) + " bytes (its plan was built for " +
                              std::to_string(needed) + "); ask for a plan of this alignment");
}

}  // namespace

// The graph stays for as long as its configurations may be built.
struct ConvCandidates::Configurations {
  Configurations(CudnnHandle& handle, const PlanKey& key)
      : operation(describe_operation(key)), graph(graph_of(handle, operation)) {
    // What the heuristics do not know, the list of fallbacks may: no convolution is left without.
    const std::vector<fe::HeurMode_t> modes = {fe::HeurMode_t::A, fe::HeurMode_t::FALLBACK};
    fe::get_heuristics_list(modes, graph, fe::AllowAll, list, true);
  }
  fe::Operation operation;
  fe::OperationGraph graph;
  fe::EngineConfigList list;
};

Alignments alignments_of(const ConvTensors& tensors, injectors::DType dtype) {
  return {.input = alignment_of(tensors.input, dtype),
          .weight = alignment_of(tensors.weight, dtype),
          .output = alignment_of(tensors.output, dtype)};
}

ConvPlan::ConvPlan(const PlanKey& key, Engine engine,
                   std::unique_ptr<BuiltPlan, DestroyBuiltPlan> built)
    : key_(key), engine_(std::move(engine)), built_(std::move(built)) {}

void ConvPlan::run(CudnnHandle& handle, const ConvTensors& tensors, void* workspace,
                   StreamRef stream) const {
  const Alignments given = alignments_of(tensors, geometry().dtype);
  check_alignment("input", given.input, key_.alignments.input);
  check_alignment("weight", given.weight, key_.alignments.weight);
  check_alignment("output", given.output, key_.alignments.output);
  // cuDNN's interface takes all pointers as writable; it reads the first two.
  std::array<void*, 3> pointers = {const_cast<void*>(tensors.input),
                                   const_cast<void*>(tensors.weight), tensors.output};
  std::array<std::int64_t, 3> ids = {input_id, weight_id, output_id};
  handle.use(stream);
  named(geometry(), [&] {
    const fe::VariantPack pack = fe::VariantPackBuilder()
                                     .setWorkspacePointer(workspace)
                                     .setDataPointers(3, pointers.data())
                                     .setUids(3, ids.data())
                                     .build();
    SB_CUDNN_CHECK(
        cudnnBackendExecute(handle.get(), built_->plan.get_raw_desc(), pack.get_raw_desc()));
  });
}

ConvCandidates::ConvCandidates(CudnnHandle& handle, const PlanKey& key) : key_(key) {
  check(key.geometry);
  configurations_ =
      named(key.geometry, [&] { return std::make_unique<Configurations>(handle, key); });
  for (const fe::ManagedOpaqueDescriptor& configuration : configurations_->list) {
    engines_.push_back(engine_of(configuration));
  }
}

ConvCandidates::~ConvCandidates() = default;

std::unique_ptr<ConvPlan> ConvCandidates::build(std::size_t candidate) const {
  return named(key_.geometry, [&] {
    std::unique_ptr<BuiltPlan, DestroyBuiltPlan> built(new BuiltPlan{
        fe::ExecutionPlanBuilder()
            .setEngineConfig(configurations_->list[candidate], configurations_->graph.getTag())
            .build()});
    Engine engine = engines_[candidate];
    engine.name = built->plan.getTag();
    engine.workspace_bytes = built->plan.getWorkspaceSize();
    return std::make_unique<ConvPlan>(key_, std::move(engine), std::move(built));
  });
}

}  // namespace softbeam::gpu
