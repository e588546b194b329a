#include "host/record/file_system.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>

namespace softbeam::record {
namespace {

// Numbers of linux/magic.h, statfs(2) and the file systems' own sources.
constexpr std::array<std::uint32_t, 19> network_magics{
    0x00006969,  // NFS
    0x0000517B,  // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x0BD00BD0,  // Lustre
    0x00C36400,  // Ceph
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0xAAD7AAEA,  // PanFS
    0x20030528,  // OrangeFS
    0x013111A8,  // IBRIX
    0x7461636F,  // OCFS2
    0x01161970,  // GFS2
    0x5346414F,  // AFS
    0x6B414653,  // kAFS
    0x73757245,  // Coda
    0x0000564C,  // NCP
    0x01021997,  // 9P
    0x65735546,  // FUSE: sshfs, GlusterFS and others cannot be told apart
};

}  // namespace

bool is_network_file_system(std::uint32_t magic) {
  return std::find(network_magics.begin(), network_magics.end(), magic) != network_magics.end();
}

bool is_on_network(const std::string& path) {
  struct statfs status {};
  if (statfs(path.c_str(), &status) != 0) return true;
  return is_network_file_system(static_cast<std::uint32_t>(status.f_type));
}

}  // namespace softbeam::record
