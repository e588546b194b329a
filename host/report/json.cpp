// Reports as JSON: keys that are here stay, more may come.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "host/report/report.h"

namespace softbeam::report {
namespace {

using Json = nlohmann::ordered_json;

Json rate_json(const Rate& rate) {
  Json json{{"count", rate.count},    {"trials", rate.trials},    {"rate", nullptr},
            {"low", rate.bounds.low}, {"high", rate.bounds.high}, {"confidence", rate.confidence},
            {"method", rate.method}};
  if (rate.rate) json["rate"] = *rate.rate;
  if (!rate.independent) json["independent"] = false;
  if (!rate.note.empty()) json["note"] = rate.note;
  return json;
}

Json rates_json(const std::map<std::string, Rate>& rates) {
  Json json = Json::object();
  for (const auto& [key, rate] : rates) json[key] = rate_json(rate);
  return json;
}

void put_tally(Json& json, const Tally& tally) {
  json["trials"] = tally.trials;
  json["activated"] = tally.activated;
  json["outcomes"] = tally.outcomes;
  json["rates"] = rates_json(tally.rates);
  json["rates_activated"] = rates_json(tally.rates_activated);
}

// Versions are JSON already; a store that another program filled may hold any text.
Json parse_or_text(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(text) : json;
}

Json campaign_json(const Report& report) {
  const record::CampaignRow& row = report.campaign;
  Json json{{"id", row.id},
            {"label", row.label},
            {"planned", row.planned},
            {"confidence", row.confidence},
            {"clustered", row.clustered},
            {"samples", row.samples},
            {"samples_met", report.samples_met},
            {"faults", report.faults},
            {"class_answer", report.class_answer},
            {"drawn", report.drawn},
            {"deterministic", report.deterministic},
            {"frame", row.frame},
            {"started", row.started},
            {"versions", parse_or_text(row.versions)},
            {"config", row.config},
            {"record", row.aggregate ? "aggregate" : "trials"}};
  if (report.kept) json["kept"] = *report.kept;
  if (!report.drawn) json["note"] = not_drawn;
  if (!report.deterministic) {
    json["note"] =
        report.drawn ? not_deterministic : std::string(not_drawn) + "; " + not_deterministic;
  }
  json["fingerprint"] = Json::object();
  for (const auto& [key, value] : row.fingerprint) json["fingerprint"][key] = value;
  json["sites"] = Json::array();
  for (const record::FrameSite& entry : row.sites) {
    json["sites"].push_back({{"name", entry.site.name},
                             {"op", entry.site.op},
                             {"kind", std::string(name(entry.site.kind))},
                             {"dtype", std::string(name(entry.site.dtype))},
                             {"elements", entry.site.elements},
                             {"draw_share", entry.draw_share},
                             {"element_share", entry.element_share}});
  }
  return json;
}

Json group_json(const Group& group) {
  Json json;
  json["by"] = Json::object();
  for (const auto& [key, value] : group.by) {
    const bool number = key == "bit" && std::all_of(value.begin(), value.end(), [](char c) {
                          return std::isdigit(static_cast<unsigned char>(c)) != 0;
                        });
    json["by"][key] = number ? Json(std::stoi(value)) : Json(value);
  }
  put_tally(json, group.tally);
  return json;
}

Json accuracy_json(const Accuracy& accuracy) {
  const auto share = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  Json json{{"golden", share(accuracy.golden)},
            {"faulty", share(accuracy.faulty)},
            {"labelled", accuracy.labelled},
            {"golden_all", accuracy.golden_all},
            {"labelled_samples", accuracy.labelled_samples}};
  if (!accuracy.note.empty()) json["note"] = accuracy.note;
  return json;
}

// {"mode": null, "notes": []} before the end of the first run.
Json execution_json(const record::Notes& notes) {
  Json json{{"mode", nullptr}, {"notes", Json::array()}};
  for (const auto& [key, value] : notes) {
    if (key == "mode") {
      json["mode"] = value;
    } else {
      json["notes"].push_back({{"key", key}, {"value", value}});
    }
  }
  return json;
}

Json report_json(const Report& report) {
  Json json;
  json["campaign"] = campaign_json(report);
  put_tally(json, report.overall);
  json["accuracy"] = nullptr;
  if (report.accuracy) {
    json["accuracy"] = accuracy_json(*report.accuracy);
  }
  json["execution"] = execution_json(report.notes);
  if (!report.by.empty()) {
    json["groups"] = Json::array();
    for (const Group& group : report.groups) json["groups"].push_back(group_json(group));
  }
  return json;
}

// Names come from users' files and need not be UTF-8.
std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const Report& report) { return dump(report_json(report)); }

std::string compare_json(const std::vector<Report>& reports) {
  Json json;
  json["campaigns"] = Json::array();
  for (const Report& report : reports) json["campaigns"].push_back(report_json(report));
  return dump(json);
}

}  // namespace softbeam::report
