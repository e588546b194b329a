// What bench measured, as a table and as JSON (see docs/bench.md).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "host/bench/bench.h"

namespace softbeam::bench {
namespace {

using nlohmann::ordered_json;

std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

// Four digits at least, as far as measurements carry.
std::string speed(double per_second) {
  return per_second < 1000 ? fmt::format("{:.1f}", per_second)
                           : grouped(static_cast<std::uint64_t>(per_second + 0.5));
}

std::string describe(const Setting& setting) {
  return fmt::format("batch {}, {} instance{} of {} thread{}", setting.batch, setting.instances,
                     setting.instances == 1 ? "" : "s", setting.threads_each,
                     setting.threads_each == 1 ? "" : "s");
}

std::string samples_of(const campaign::Subject& subject) {
  return subject.config.data.file.empty()
             ? fmt::format("{} made-up samples", subject.data.samples)
             : fmt::format("{} samples of {}", subject.data.samples,
                           std::filesystem::path(subject.config.data.file).filename().string());
}

double over_all_workers(const campaign::Subject& subject, const Trials& trials) {
  return trials.seconds * static_cast<double>(subject.executors.size());
}

std::string line(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
  return text;
}

std::string row(const std::string& name, const std::string& number, const std::string& unit,
                const std::string& remark) {
  return line(fmt::format("  {:<22} {:>12} {:<9} {}", name, number, unit, remark));
}

std::string speeds(const Result& result) {
  std::string text = row("eager LibTorch", speed(result.best.images_per_second), "images/s",
                         describe(result.best.setting));
  for (const Variant& variant : result.variants) {
    text +=
        variant.best
            ? row(fmt::format("  {}", variant.name), speed(variant.best->images_per_second),
                  "images/s", describe(variant.best->setting))
            : row(fmt::format("  {}", variant.name), "-", "", "not possible: " + variant.problem);
  }
  const double eager = result.best.images_per_second;
  const double wave = result.wave.per_second();
  const double plain = result.plain.per_second();
  text += row("plain", speed(plain), "trials/s",
              fmt::format("{:.2f} x eager; {} trials in {:.1f} s", plain / eager,
                          grouped(result.plain.result.added), result.plain.seconds));
  text += row("wave", speed(wave), "trials/s",
              fmt::format("{:.2f} x eager, {:.2f} x the fastest, {:.2f} x plain; {} trials in "
                          "{:.1f} s",
                          wave / eager, wave / result.fastest(), wave / plain,
                          grouped(result.wave.result.added), result.wave.seconds));
  return text;
}

std::string times(const campaign::Subject& subject, const Result& result) {
  const auto& seconds = result.wave.result.counters.seconds;
  const double whole = over_all_workers(subject, result.wave);
  std::string text = fmt::format(
      "Time of the wave by kind of node, of {:.1f} s on {} thread{} ({:.1f} s; the process had "
      "{:.1f} "
      "s of CPU):\n",
      result.wave.seconds, subject.executors.size(), subject.executors.size() == 1 ? "" : "s",
      whole, result.wave.cpu_seconds);
  double left = whole;
  for (std::size_t kind = 0; kind < run::work_kinds; ++kind) {
    if (seconds[kind] > 0) {
      text += row(std::string(run::name(static_cast<run::Work>(kind))),
                  fmt::format("{:.1f}", 100 * seconds[kind] / whole), "%",
                  fmt::format("{:.2f} s", seconds[kind]));
      left -= seconds[kind];
    }
  }
  return text + row("rest", fmt::format("{:.1f}", 100 * std::max(left, 0.0) / whole), "%",
                    "golden, set-up, planning, comparing, recording, waiting");
}

std::string layers(const Result& result) {
  const auto& all = result.wave.result.layers;
  if (all.empty()) {
    return "";
  }
  std::size_t width = 5;
  for (const campaign::LayerWork& layer : all) width = std::max(width, layer.name.size());
  std::string text = fmt::format(
      "Layers, with rows by form (windows by our own kernel, as crops or on canvases; whole "
      "images):\n"
      "  {:<{}} {:>9} {:>14}",
      "layer", width, "seconds", "mega mult-adds");
  for (std::size_t f = 0; f < run::form_kinds; ++f) {
    text += fmt::format(" {:>12}", run::name(static_cast<run::Form>(f)));
  }
  text += "\n";
  for (const campaign::LayerWork& layer : all) {
    std::string columns = fmt::format("  {:<{}} {:>9.3f} {:>14}", layer.name, width, layer.seconds,
                                      layer.macs > 0 ? grouped(layer.macs / 1000000) : "");
    for (const std::uint64_t rows : layer.by_form) {
      columns += fmt::format(" {:>12}", rows > 0 ? grouped(rows) : "");
    }
    text += line(std::move(columns));
  }
  return text;
}

ordered_json to_json(const Rate& rate) {
  return {{"images_per_second", rate.images_per_second},
          {"batch", rate.setting.batch},
          {"instances", rate.setting.instances},
          {"threads_each", rate.setting.threads_each}};
}

ordered_json to_json(const Trials& trials) {
  ordered_json notes = ordered_json::array();
  for (const auto& [name, text] : trials.notes) notes.push_back({{"note", name}, {"text", text}});
  return {{"trials", trials.result.added},
          {"seconds", trials.seconds},
          {"trials_per_second", trials.per_second()},
          {"cpu_seconds", trials.cpu_seconds},
          {"golden_seconds", trials.golden_seconds},
          {"setup_seconds", trials.result.setup_s},
          {"notes", notes}};
}

ordered_json or_null(double number) {
  return number > 0 ? ordered_json(number) : ordered_json(nullptr);
}

}  // namespace

std::string to_text(const campaign::Subject& subject, const Result& result) {
  const auto& profile = subject.profile;
  std::string text = fmt::format(
      "{} on {}, {} thread{}\n{} [{}], {} multiply-adds each\n\n",
      std::filesystem::path(subject.config.model.file).filename().string(),
      subject.backend->description(), subject.executors.size(),
      subject.executors.size() == 1 ? "" : "s", samples_of(subject),
      fmt::join(subject.data.shape, ", "), profile.macs > 0 ? grouped(profile.macs) : "unknown");
  text += speeds(result);
  text += "\n";
  const double share = result.share_of_macs(subject);
  const bool known = share > 0;
  text += row("multiply-adds done", known ? fmt::format("{:.1f}", 100 * share) : "-", "%",
              "of those of full inferences");
  text += row("efficiency", known ? fmt::format("{:.2f}", result.efficiency(subject)) : "-", "",
              "1: the multiply-adds left are done as fast as eager's");
  text += row("golden, twice", fmt::format("{:.2f}", result.wave.golden_seconds), "s", "");
  text += row("set-up", fmt::format("{:.2f}", result.wave.result.setup_s), "s",
              "compiling, proofs, zero-fault wave");
  text += row("peak memory",
              fmt::format("{:.2f}", static_cast<double>(result.peak_bytes) / (1U << 30U)), "GiB",
              result.peak_of_the_wave ? "while the wave ran" : "of the whole process");
  text += fmt::format("\n{}\n{}", times(subject, result), layers(result));
  for (const auto& [name, note] : result.wave.notes) {
    if (name != "mode") text += fmt::format("{}: {}\n", name, note);
  }
  return text;
}

std::string to_json(const campaign::Subject& subject, const Result& result) {
  const double eager = result.best.images_per_second;
  ordered_json json{
      {"model",
       {{"file", subject.config.model.file},
        {"format", subject.graph->format},
        {"digest", subject.graph->digest},
        {"input_shape", subject.data.shape},
        {"macs", subject.profile.macs}}},
      {"data", {{"file", subject.config.data.file}, {"samples", subject.data.samples}}},
      {"machine",
       {{"device", subject.backend->description()}, {"threads", subject.executors.size()}}}};
  json["eager"] = to_json(result.best);
  json["eager"]["repeats"] = {result.before, result.after};
  json["eager"]["settings"] = ordered_json::array();
  for (const Rate& rate : result.eager) json["eager"]["settings"].push_back(to_json(rate));
  json["variants"] = ordered_json::array();
  for (const Variant& variant : result.variants) {
    ordered_json entry{{"name", variant.name}};
    entry.update(variant.best
                     ? to_json(*variant.best)
                     : ordered_json{{"images_per_second", nullptr}, {"problem", variant.problem}});
    json["variants"].push_back(entry);
  }
  json["fastest_images_per_second"] = result.fastest();
  const double wave = result.wave.per_second();
  const double plain = result.plain.per_second();
  json["plain"] = to_json(result.plain);
  json["plain"]["ratio_to_eager"] = plain / eager;
  json["wave"] = to_json(result.wave);
  json["wave"]["ratio_to_eager"] = wave / eager;
  json["wave"]["ratio_to_fastest"] = wave / result.fastest();
  json["wave"]["ratio_to_plain"] = wave / plain;
  json["wave"]["share_of_macs"] = or_null(result.share_of_macs(subject));
  json["wave"]["efficiency"] = or_null(result.efficiency(subject));
  for (std::size_t kind = 0; kind < run::work_kinds; ++kind) {
    json["wave"]["seconds_by_kind"][std::string(run::name(static_cast<run::Work>(kind)))] =
        result.wave.result.counters.seconds[kind];
  }
  json["wave"]["layers"] = ordered_json::array();
  for (const campaign::LayerWork& layer : result.wave.result.layers) {
    ordered_json rows;
    for (std::size_t f = 0; f < run::form_kinds; ++f) {
      rows[std::string(run::name(static_cast<run::Form>(f)))] = layer.by_form[f];
    }
    json["wave"]["layers"].push_back(
        {{"layer", layer.name}, {"seconds", layer.seconds}, {"macs", layer.macs}, {"rows", rows}});
  }
  json["wave"]["peak_bytes"] = result.peak_bytes;
  json["wave"]["peak_of"] = result.peak_of_the_wave ? "wave" : "process";
  return json.dump(2) + "\n";
}

}  // namespace softbeam::bench
