#include "host/run/wave/conv_plan.h"

#include <algorithm>
#include <array>
#include <limits>

#include "host/run/wave/conv_cost.h"

namespace softbeam::run {
namespace {

constexpr std::array crop_batches{2, 4, 16, 64, 256};
constexpr std::array canvas_batches{2, 4, 8, 16};
constexpr std::array pixel_batches{2, 4, 16, 64};
constexpr std::array pixel_sides{8, 16};
// Larger tensors fall out of the caches without amortizing more.
constexpr std::int64_t most_bytes = 8 << 20;

bool small_enough(const ConvLayout& layout) {
  const std::int64_t elements = layout.input_elements() + layout.output_elements();
  return elements * static_cast<std::int64_t>(sizeof(float)) <= most_bytes;
}

}  // namespace

std::uint64_t most_window_bytes(const Convolution& geometry) {
  const auto bytes = [&](const ConvShape& shape) {
    const ConvLayout layout(geometry, shape);
    return static_cast<std::uint64_t>(layout.input_elements() + layout.output_elements()) *
           sizeof(float);
  };
  const ConvShape two{Form::crop, Packing::images, crop_batches.front(), geometry.y.out,
                      geometry.x.out};
  const ConvShape many{Form::crop, Packing::images, crop_batches.back(), geometry.y.out,
                       geometry.x.out};
  return std::max(bytes(two), std::min(bytes(many), static_cast<std::uint64_t>(most_bytes)));
}

std::int32_t size_class(std::int32_t size, std::int32_t most) {
  constexpr std::int32_t exact = 9;
  if (size <= exact) {
    return std::min(size, most);
  }
  std::int32_t step = exact;
  while (step < size) {
    step += 1 + step / 7;
  }
  return std::min(step, most);
}

const ConvPlan& ConvPlanner::plan(const ConvNode& node, const ConvLayer& layer, FormChoice choice,
                                  std::span<const ConvWindow> windows,
                                  std::span<const std::uint32_t> chosen) {
  plan_.pieces.clear();
  plan_.order.clear();
  plan_.dense.clear();
  if (choice == FormChoice::dense) {
    plan_.dense.assign(chosen.begin(), chosen.end());
  } else if (is_pointwise(layer.geometry)) {
    plan_.order.assign(chosen.begin(), chosen.end());
    plan_pixels(node, layer, choice, windows);
  } else {
    sort_into_buckets(layer.geometry, windows, chosen);
    for (std::size_t b = 0; b < used_; ++b) {
      make_offers(node, layer, choice, buckets_[b]);
    }
    plan_buckets(used_);
  }
  return plan_;
}

void ConvPlanner::sort_into_buckets(const Convolution& geometry,
                                    std::span<const ConvWindow> windows,
                                    std::span<const std::uint32_t> chosen) {
  used_ = 0;
  for (const std::uint32_t w : chosen) {
    const std::int32_t height = size_class(windows[w].outputs.height(), geometry.y.out);
    const std::int32_t width = size_class(windows[w].outputs.width(), geometry.x.out);
    std::size_t b = 0;
    while (b < used_ && (buckets_[b].height != height || buckets_[b].width != width)) {
      ++b;
    }
    if (b == used_) {
      if (++used_ > buckets_.size()) {
        buckets_.emplace_back();
      }
      buckets_[b].height = height;
      buckets_[b].width = width;
      buckets_[b].windows.clear();
    }
    buckets_[b].windows.push_back(w);
  }
  std::sort(buckets_.begin(), buckets_.begin() + static_cast<std::ptrdiff_t>(used_),
            [](const Bucket& a, const Bucket& b) {
              return std::pair(a.height * a.width, a.height) <
                     std::pair(b.height * b.width, b.height);
            });
}

void ConvPlanner::offer(const ConvNode& node, const ConvLayer& layer, const ConvShape& shape,
                        std::int64_t count, std::vector<Offer>& offers) const {
  const ConvLayout layout(layer.geometry, shape);
  if (!small_enough(layout) && shape.batch > crop_batches.front()) {
    return;
  }
  const bool pixels = shape.packing == Packing::pixels;
  const std::int64_t places =
      pixels ? layout.capacity(1, 1) : layout.capacity(shape.height, shape.width);
  const std::int64_t capacity = places - 1;  // the sentinel's
  const auto cost = capacity > 0 ? node.cost(layer, shape) : std::nullopt;
  if (!cost) {
    return;
  }
  const double calls = static_cast<double>((count + capacity - 1) / capacity);
  const double gathering = pixels ? 0  // the same for all of them
                                  : static_cast<double>(capacity) *
                                        gather_seconds(layer.geometry, shape.height, shape.width);
  offers.push_back({shape, capacity, cost->seconds + cost->first_use_seconds / calls + gathering});
}

void ConvPlanner::make_offers(const ConvNode& node, const ConvLayer& layer, FormChoice choice,
                              Bucket& bucket) {
  const auto count = static_cast<std::int64_t>(bucket.windows.size());
  const auto crops = [&] {
    for (const std::int32_t batch : crop_batches) {
      offer(node, layer, {Form::crop, Packing::images, batch, bucket.height, bucket.width}, count,
            bucket.offers);
    }
  };
  const auto canvases = [&] {
    for (const std::int32_t batch : canvas_batches) {
      offer(node, layer, {Form::canvas, Packing::cells, batch, bucket.height, bucket.width}, count,
            bucket.offers);
    }
  };
  bucket.offers.clear();
  if (choice != FormChoice::canvas) {
    crops();
  }
  if (choice == FormChoice::canvas || choice == FormChoice::fastest || bucket.offers.empty()) {
    canvases();
  }
  if (bucket.offers.empty() && choice == FormChoice::canvas) {
    crops();
  }
  if (choice == FormChoice::fastest || bucket.offers.empty()) {
    bucket.offers.push_back(
        {{.form = Form::dense}, 1, node.dense_seconds() + dense_row_seconds(layer.geometry)});
  }
  bucket.best = std::numeric_limits<double>::infinity();
  for (const Offer& o : bucket.offers) {
    bucket.best = std::min(bucket.best, o.each());
  }
}

void ConvPlanner::take(const Offer& offer, Bucket& bucket, std::size_t count) {
  count = std::min(count, bucket.windows.size());
  const auto first = bucket.windows.end() - static_cast<std::ptrdiff_t>(count);
  if (offer.shape.form == Form::dense) {
    plan_.dense.insert(plan_.dense.end(), first, bucket.windows.end());
  } else {
    plan_.pieces.push_back({offer.shape, static_cast<std::uint32_t>(plan_.order.size()),
                            static_cast<std::uint32_t>(count)});
    plan_.order.insert(plan_.order.end(), first, bucket.windows.end());
  }
  bucket.windows.erase(first, bucket.windows.end());
}

void ConvPlanner::share_out(Bucket& bucket) {
  // cost_[n]: the cheapest way to compute n windows, by way of one more tensor than for fewer.
  const std::size_t count = bucket.windows.size();
  cost_.assign(count + 1, std::numeric_limits<double>::infinity());
  through_.assign(count + 1, 0);
  cost_[0] = 0;
  for (std::size_t n = 1; n <= count; ++n) {
    for (std::size_t o = 0; o < bucket.offers.size(); ++o) {
      const auto capacity = static_cast<std::size_t>(bucket.offers[o].capacity);
      const double cost = bucket.offers[o].seconds + cost_[n - std::min(n, capacity)];
      if (cost < cost_[n]) {
        cost_[n] = cost;
        through_[n] = o;
      }
    }
  }
}

void ConvPlanner::plan_buckets(std::size_t count) {
  for (std::size_t b = 0; b < count; ++b) {
    Bucket& bucket = buckets_[b];
    const Offer& cheapest =
        *std::min_element(bucket.offers.begin(), bucket.offers.end(),
                          [](const Offer& x, const Offer& y) { return x.each() < y.each(); });
    const auto capacity = static_cast<std::size_t>(cheapest.capacity);
    while (bucket.windows.size() >= capacity) {
      take(cheapest, bucket, capacity);
    }
    if (bucket.windows.empty()) {
      continue;
    }
    share_out(bucket);
    // The rest may be cheaper in the tensors of larger windows, which are computed anyway.
    Bucket* host = nullptr;
    double least = cost_[bucket.windows.size()];
    for (std::size_t larger = b + 1; larger < count; ++larger) {
      Bucket& other = buckets_[larger];
      const double cost = other.best * static_cast<double>(bucket.windows.size());
      if (other.height >= bucket.height && other.width >= bucket.width && cost < least) {
        host = &other;
        least = cost;
      }
    }
    if (host != nullptr) {
      host->windows.insert(host->windows.end(), bucket.windows.begin(), bucket.windows.end());
      continue;
    }
    while (!bucket.windows.empty()) {
      const Offer& next = bucket.offers[through_[bucket.windows.size()]];
      take(next, bucket, static_cast<std::size_t>(next.capacity));
    }
  }
}

void ConvPlanner::plan_pixels(const ConvNode& node, const ConvLayer& layer, FormChoice choice,
                              std::span<const ConvWindow> windows) {
  const Convolution& geometry = layer.geometry;
  const auto area = [&](std::uint32_t w) { return windows[w].outputs.area(); };
  std::vector<std::uint32_t>& order = plan_.order;
  std::int64_t left = 0;
  for (const std::uint32_t w : order) {
    left += area(w);
  }
  offers_.clear();
  const auto crops = [&] {
    for (const std::int32_t side : pixel_sides) {
      for (const std::int32_t batch : pixel_batches) {
        if (side * side < geometry.y.out * geometry.x.out) {
          offer(node, layer, {Form::crop, Packing::pixels, batch, side, side}, left, offers_);
        }
      }
    }
  };
  if (choice != FormChoice::canvas) {
    crops();
  }
  if (choice != FormChoice::crop || offers_.empty()) {
    for (const std::int32_t batch : pixel_batches) {
      offer(node, layer, {Form::canvas, Packing::pixels, batch, geometry.y.out, geometry.x.out},
            left, offers_);
    }
  }
  if (offers_.empty()) {
    crops();
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return area(a) > area(b); });
  double best = std::numeric_limits<double>::infinity();
  for (const Offer& o : offers_) {
    best = std::min(best, o.each());
  }
  const double dense = node.dense_seconds() + dense_row_seconds(geometry);
  std::uint32_t next = 0;
  while (next < order.size()) {
    const std::int64_t size = area(order[next]);
    const Offer* chosen = nullptr;
    double least = std::numeric_limits<double>::infinity();
    for (const Offer& o : offers_) {
      const std::int64_t plane = std::int64_t{o.shape.height} * o.shape.width;
      // Whole windows an image; one place goes to the sentinel.
      const std::int64_t room = size > plane ? 0 : (plane / size * o.shape.batch - 1) * size;
      const double each = o.seconds / static_cast<double>(std::min(left, room));
      if (room > 0 && each < least) {
        least = each;
        chosen = &o;
      }
    }
    const bool dense_is_cheaper =
        choice == FormChoice::fastest && dense < best * static_cast<double>(size);
    if (chosen == nullptr || dense_is_cheaper) {
      plan_.dense.push_back(order[next++]);
      left -= size;
      continue;
    }
    ConvLayout layout(geometry, chosen->shape);
    const std::uint32_t first = next;
    layout.next(windows[order[first]].outputs);  // the sentinel
    while (next < order.size() && layout.next(windows[order[next]].outputs)) {
      left -= area(order[next++]);
    }
    plan_.pieces.push_back({chosen->shape, first, next - first});
  }
}

}  // namespace softbeam::run
