"""The checks of check_tree.py on small trees: a good one passes, each planted mistake is found."""

import tempfile
import unittest
from pathlib import Path

from check_tree import check_tree

HEADER = "// Does a thing.\n#pragma once\n"
GOOD = {
    "injectors/host_device.h": HEADER + "#ifdef __CUDACC__\n#endif\n",
    "injectors/word.h": HEADER + '#include "injectors/host_device.h"\n',
    "cuda/check.h": "// Checked calls. Private to cuda/.\n#pragma once\n#include <cuda_runtime.h>\n",
    "cuda/inject.h": HEADER,
    "cuda/inject.cu": '#include "cuda/check.h"\n#include "injectors/word.h"\n',
    "host/base/error.h": HEADER,
    "host/backend/cuda_backend.cpp": '#include "cuda/inject.h"\n#include <ATen/ATen.h>\n',
    "host/model/graph.h": HEADER + "#include <ATen/ATen.h>\n",
    "host/plan/plan.h": HEADER + '#include "host/base/error.h"\n',
    "host/record/store.h": HEADER + '#include "host/plan/plan.h"\n',
    "host/campaign.h": HEADER + '#include "host/record/store.h"\n',
    "host/campaign/loop.cpp": '#include "host/campaign.h"\n',
    "host/cli/run.cpp": '#include "host/campaign.h"\n',
    "host/main.cpp": '#include "host/cli/cli.h"\n#include "host/base/version.h"\n',
    "host/base/version.h.in": HEADER,
    "host/cli/cli.h": HEADER,
    "tests/run/run_test.cpp": '#include "host/campaign.h"\n#include "cuda/inject.h"\n',
    "tests/support/oracle.h": HEADER,
    "benchmarks/bench.cpp": '#include "host/model/graph.h"\n',
}
PLANTED = {
    "injectors after cuda": ("injectors/word.cpp", '#include "cuda/inject.h"'),
    "injectors after host": ("injectors/word.cpp", '#include "host/base/error.h"'),
    "cuda after host": ("cuda/conv.cpp", '#include "host/base/error.h"'),
    "host after tests": ("host/run/wave.cpp", '#include "tests/support/oracle.h"'),
    "benchmarks after tests": ("benchmarks/b.cpp", '#include "tests/support/oracle.h"'),
    "a stage to the right": ("host/plan/draw.cpp", '#include "host/record/store.h"'),
    "a stage after campaign": ("host/report/x.cpp", '#include "host/campaign.h"'),
    "campaign after cli": ("host/campaign/x.cpp", '#include "host/cli/cli.h"'),
    "cuda from elsewhere in host": ("host/run/wave.cpp", '#include "cuda/inject.h"'),
    "cuda from another backend file": ("host/backend/b.cpp", '#include "cuda/inject.h"'),
    "an unknown stage": ("host/misc/x.cpp", ""),
    "torch in injectors": ("injectors/x.cpp", "#include <c10/core/ScalarType.h>"),
    "torch in a kernel": ("tests/cuda/x.cu", "#include <ATen/ATen.h>"),
    "torch in a plan header": ("host/plan/x.h", "#pragma once\n#include <torch/script.h>"),
    "spaces in the directive": ("injectors/x.cpp", '  #  include  "host/base/error.h"'),
    "a compiler switch": ("host/run/x.cpp", "#if defined(__CUDACC__)\n#endif"),
    "no pragma once": ("host/run/x.h", "int f();"),
    "not from the root": ("host/plan/x.cpp", '#include "plan.h"'),
    "angle brackets": ("host/plan/x.cpp", "#include <host/plan/plan.h>"),
    "no such file": ("host/plan/x.cpp", '#include "host/plan/gone.h"'),
    "a private header": ("host/backend/cuda_backend.cpp", '#include "cuda/check.h"'),
}


class CheckTree(unittest.TestCase):
    def problems(self, files: dict[str, str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check_tree(Path(folder))

    def test_accepts_a_good_tree(self):
        self.assertEqual(self.problems(GOOD), [])

    def test_finds_each_planted_mistake(self):
        for what, (path, text) in PLANTED.items():
            with self.subTest(what):
                found = self.problems(GOOD | {path: text + "\n"})
                self.assertEqual([problem.split(":")[0] for problem in found], [path])

    def test_refuses_an_empty_tree(self):
        self.assertEqual(len(self.problems({"README.md": ""})), 1)


if __name__ == "__main__":
    unittest.main()
