// Everything is in the library; see host/cli/app.h.
#include <malloc.h>

#include <cstdlib>

#include "host/cli/app.h"

int main(int argc, char** argv) {
  // Activations come and go with every chunk: memory that goes back to the system each time costs
  // a page fault for every page of every chunk. One arena, kept.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_ARENA_MAX, 1);
  // Every shape of window is a kernel of its own: the default of 1,024 is soon full.
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16384", /*overwrite=*/0);
  return softbeam::cli::run({argv + 1, argv + argc});
}
