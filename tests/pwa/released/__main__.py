"""`python -m tests.pwa.released`: keeps today's database of the phone as the fixture of its version.

To be run at each release that changes the database or the declarations, as `v<database>-<declarations>.json`; what a
version has left on phones never changes afterwards.
"""

import subprocess
import tempfile
from pathlib import Path

from pwa.bundles import ROOT
from tests.pwa.bundled import bundle

with tempfile.TemporaryDirectory() as work:
    module = bundle(Path(__file__).parent / "make.ts", Path(work) / "make.mjs")
    subprocess.run(["node", str(module)], check=True, cwd=ROOT)
