#include "host/run/inject.h"

#include <fmt/format.h>

#include <cstdio>

#include "host/base/error.h"
#include "injectors/apply.h"
#include "injectors/nan.h"

namespace softbeam::run {

void strike(backend::Backend& backend, const at::Tensor& tensor, injectors::DType dtype,
            const std::string& site, std::span<const injectors::Strike> strikes,
            std::span<injectors::Effect> effects) {
  backend.corrupt(tensor, strikes, effects);
  const int width = injectors::bits(dtype);
  const std::uint64_t all = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    const std::uint64_t planned = injectors::apply(strikes[i].masks, effects[i].before) & all;
    if (effects[i].after != planned) {
      throw RunError(fmt::format(
          "injection check failed at site '{}', word {}: {:#x} became {:#x} where {:#x} was "
          "planned (the injector or the memory is at fault; nothing of this chunk was recorded)",
          site, strikes[i].offset, effects[i].before, effects[i].after, planned));
    }
  }
}

void strike_computed(backend::Backend& backend, const at::Tensor& tensor, injectors::DType dtype,
                     const std::string& site, std::span<const injectors::Strike> strikes,
                     std::span<injectors::Effect> effects) {
  strike(backend, tensor, dtype, site, strikes, effects);
  std::vector<injectors::Strike> again;
  for (std::size_t i = 0; i < strikes.size(); ++i) {
    if (!injectors::is_nan(dtype, effects[i].before)) {
      continue;
    }
    const std::uint64_t before = injectors::canonical_nan(dtype);
    const std::uint64_t after = injectors::apply(strikes[i].masks, before);
    again.push_back({strikes[i].offset, {0, after == before ? effects[i].before : after}});
    effects[i] = {before, after};
  }
  if (again.empty()) {
    return;
  }
  std::vector<injectors::Effect> written(again.size());
  strike(backend, tensor, dtype, site, again, written);
}

injectors::Effect ParameterGuard::strike(const at::Tensor& tensor, injectors::DType dtype,
                                         const std::string& site, injectors::Strike strike) {
  injectors::Effect effect;
  // Read first: whatever happens to the write, there is something to put back.
  backend_.corrupt(tensor, std::array{injectors::Strike{strike.offset, {~std::uint64_t{0}, 0}}},
                   std::span(&effect, 1));
  struck_.push_back({tensor, dtype, site, strike.offset, effect.before});
  run::strike(backend_, tensor, dtype, site, std::span(&strike, 1), std::span(&effect, 1));
  return effect;
}

void ParameterGuard::restore() {
  while (!struck_.empty()) {
    const Struck last = std::move(struck_.back());
    struck_.pop_back();
    const injectors::Strike back{last.offset, {0, last.before}};
    injectors::Effect effect;
    run::strike(backend_, last.tensor, last.dtype, last.site, std::span(&back, 1),
                std::span(&effect, 1));
  }
}

ParameterGuard::~ParameterGuard() {
  while (!struck_.empty()) {
    try {
      restore();
    } catch (const std::exception& error) {
      std::fputs(fmt::format("softbeam: a parameter was not put back: {}\n", error.what()).c_str(),
                 stderr);
    }
  }
}

}  // namespace softbeam::run
