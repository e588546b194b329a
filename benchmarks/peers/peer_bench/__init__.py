"""softbeam beside other fault injectors: the same model, the same kind of fault, one run."""

import sys
from pathlib import Path

# Models, data and errors are those of tools/.
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
