"""TypeScript of the phone, bundled for Node by the same esbuild that builds the app."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pwa import bundles


def bundle(entry: Path, target: Path) -> Path:
    """Bundle *entry* into *target*, a module that Node can run."""
    bundles.generate()
    command = [
        *bundles._esbuild(),
        str(entry),
        "--bundle",
        "--loader:.txt=text",
        "--platform=node",
        "--format=esm",
        "--sourcemap=inline",
        f"--outfile={target}",
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=bundles.ROOT)
    return target
