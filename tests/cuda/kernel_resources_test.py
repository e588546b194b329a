"""scripts/kernel_resources.py on a report of ptxas, and its table in docs/cuda.md against the sources."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import kernel_resources  # noqa: E402

REPORT = """ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_Zstrike' for 'sm_75'
ptxas info    : Function properties for _Zstrike
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 18 registers, used 0 barriers, 376 bytes cmem[0]
ptxas info    : Compiling entry function '_Ztop' for 'sm_90'
ptxas info    : Function properties for _Ztop
    64 bytes stack frame, 8 bytes spill stores, 16 bytes spill loads
ptxas info    : Used 22 registers, used 1 barriers, 64 bytes cumulative stack size, 2048 bytes smem
"""


class KernelResources(unittest.TestCase):
    def test_reads_registers_stack_and_spills(self):
        self.assertEqual(list(kernel_resources.parse(REPORT)), [
            kernel_resources.Kernel("_Zstrike", "75", registers=18),
            kernel_resources.Kernel("_Ztop", "90", registers=22, stack=64, spilled=24, shared=2048)])

    def test_names_are_short_and_only_ours(self):
        for demangled, short in [
            ("void softbeam::gpu::(anonymous namespace)::strike_kernel<unsigned int>(int*)",
             "strike<uint32_t>"),
            ("void softbeam::gpu::_GLOBAL__N__1::top_k_kernel<softbeam::injectors::Float16>(int)",
             "top_k<Float16>"),
            ("softbeam::gpu::(anonymous namespace)::clear_census_kernel(int)", "clear_census"),
            ("void cub::detail::DeviceScanKernel<softbeam::gpu::Differs>(int)", ""),
        ]:
            self.assertEqual(kernel_resources.short_name(demangled), short)

    def test_the_document_lists_exactly_the_kernels_of_the_sources(self):
        sources = "".join(path.read_text() for path in sorted((ROOT / "cuda").rglob("*.cu")))
        kernels = set(re.findall(r"__global__ void (\w+)_kernel\(", sources))
        rows = kernel_resources.DOCUMENT.read_text().partition(kernel_resources.BEGIN)[2]
        listed = set(re.findall(r"^\| `(\w+)", rows, re.M))
        self.assertEqual(listed, kernels)


if __name__ == "__main__":
    unittest.main()
