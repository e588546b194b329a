#include "host/model/load.h"

#include "host/model/exported/read.h"
#include "host/model/format.h"
#include "host/model/torchscript/read.h"

namespace softbeam::model {

std::shared_ptr<const Graph> load_model(const std::string& path) {
  return tell_format(path) == Format::exported ? exported::read(path) : torchscript::read(path);
}

}  // namespace softbeam::model
