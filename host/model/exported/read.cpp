#include "host/model/exported/read.h"

#include <optional>
#include <utility>

#include "host/base/digest.h"
#include "host/model/builder.h"
#include "host/model/exported/archive.h"
#include "host/model/exported/nodes.h"
#include "host/model/exported/signature.h"
#include "host/model/exported/weights.h"

namespace softbeam::model::exported {

std::shared_ptr<const Graph> read(const std::string& path) {
  const std::string record = "models/model.json";
  Archive archive(path);
  const Json program = archive.json(record);
  Weights weights(archive);
  GraphBuilder builder;
  std::optional<std::int64_t> static_batch;
  archive.reading(record, [&] {
    const Json& graph_module = member(program, "graph_module");
    Scope scope;
    static_batch = read_inputs(graph_module, weights, path, builder, scope);
    NodeReader(path, builder).read(member(graph_module, "graph"), scope);
    read_outputs(graph_module, path, builder, scope);
  });
  return builder.finish("torch.export", digest_file(path), static_batch);
}

}  // namespace softbeam::model::exported
