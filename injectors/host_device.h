// The only dual-compilation macro: bodies marked SB_HD compile for the host and for the device.
// Used by every header of injectors/ whose code also runs in a kernel.
#pragma once

#ifdef __CUDACC__
#define SB_HD __host__ __device__
#else
#define SB_HD
#endif
