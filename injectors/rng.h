// Random numbers as a pure function of (seed, trial, purpose, draw index).
// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
// SC'11), from the library Random123.
#pragma once

#include <array>
#include <cstdint>

namespace softbeam::injectors {

// One block of the generator: the function under every draw.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

// Streams of different purposes are independent even for equal ids.
enum class Purpose : std::uint32_t { fault = 1, sample = 2, verify = 3, probe = 4 };

// The draws that belong to one id (a fault or a trial): the key is the seed, the counter holds
// (block, purpose, id). Two streams made from equal arguments give equal draws, anywhere.
class Stream {
 public:
  Stream(std::uint64_t seed, std::uint64_t id, Purpose purpose);

  std::uint32_t next32();
  std::uint64_t next64();
  // Uniform in [0, n), without bias (rejection); precondition: n > 0.
  std::uint64_t below(std::uint64_t n);

 private:
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace softbeam::injectors
