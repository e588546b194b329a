// Shares the windows of a step out among tensors of proved or promising shapes, the cheapest first.
// Used by the convolution step.
#pragma once

#include <span>
#include <vector>

#include "host/run/wave/conv_chunk.h"
#include "host/run/wave/conv_forms.h"
#include "host/run/wave/settings.h"

namespace softbeam::run {

struct ConvPlan {
  struct Piece {
    ConvShape shape;
    std::uint32_t first = 0;  // into order
    std::uint32_t count = 0;
  };
  std::vector<Piece> pieces;
  std::vector<std::uint32_t> order;  // windows
  std::vector<std::uint32_t> dense;  // windows that are cheapest, or only exact, as whole images
};

class ConvPlanner {
 public:
  // `chosen` are the windows to be planned, `choice` a form of the library's or the fastest of
  // them. The plan stays valid until the next call.
  const ConvPlan& plan(const ConvNode& node, const ConvLayer& layer, FormChoice choice,
                       std::span<const ConvWindow> windows, std::span<const std::uint32_t> chosen);

 private:
  struct Offer {
    ConvShape shape;
    std::int64_t capacity = 0;  // windows beside the sentinel; of pixels: pixels
    double seconds = 0;
    double each() const { return seconds / static_cast<double>(capacity); }
  };
  struct Bucket {
    std::int32_t height = 0;
    std::int32_t width = 0;
    std::vector<std::uint32_t> windows;
    std::vector<Offer> offers;
    double best = 0;  // seconds a window
  };

  void sort_into_buckets(const Convolution& geometry, std::span<const ConvWindow> windows,
                         std::span<const std::uint32_t> chosen);
  void make_offers(const ConvNode& node, const ConvLayer& layer, FormChoice choice, Bucket& bucket);
  // `count`: windows, or pixels, that the shape may serve now and share its first use.
  void offer(const ConvNode& node, const ConvLayer& layer, const ConvShape& shape,
             std::int64_t count, std::vector<Offer>& offers) const;
  void plan_buckets(std::size_t count);
  void share_out(Bucket& bucket);
  void take(const Offer& offer, Bucket& bucket, std::size_t count);
  void plan_pixels(const ConvNode& node, const ConvLayer& layer, FormChoice choice,
                   std::span<const ConvWindow> windows);

  ConvPlan plan_;
  std::vector<Bucket> buckets_;
  std::size_t used_ = 0;  // buckets
  std::vector<Offer> offers_;
  std::vector<double> cost_;          // of the first n windows
  std::vector<std::size_t> through_;  // the offer that ends there
};

// The largest tensor of windows that is planned, with what comes out of it.
std::uint64_t most_window_bytes(const Convolution& geometry);

// The next size of the ladder of window sizes.
std::int32_t size_class(std::int32_t size, std::int32_t most);

}  // namespace softbeam::run
