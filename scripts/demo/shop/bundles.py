"""Join the shop's scripts and styles with what they import from node_modules, in memory."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from flaghoist_cli.build.node import environment, node, script
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.terminal.failure import CommandFailed

FOLDER = Path(__file__).parent
ESBUILD = "esbuild/bin/esbuild"
BUNDLE_SECONDS = 60
ALWAYS = ("--bundle", "--minify", "--legal-comments=none", "--log-level=warning", "--external:/fonts/*")

Entries = Mapping[str, tuple[Path, tuple[str, ...]]]

ENTRIES: Entries = {
    "/first.js": (FOLDER / "first" / "first.mjs", ("--format=iife",)),
    "/live.js": (FOLDER / "live" / "live.mjs", ("--format=esm",)),
    "/shop.css": (FOLDER / "style" / "shop.css", ()),
}
FONTS: Mapping[str, str] = {
    "/fonts/besley.woff2": "@fontsource/besley/files/besley-latin-600-normal.woff2",
    "/fonts/hanken-grotesk.woff2": ("@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2"),
}


def bundles(entries: Entries = ENTRIES) -> Mapping[str, bytes]:
    """Return every generated part and every part from node_modules, by path; CommandFailed names what is missing."""
    made = {path: _bundle(entry, options) for path, (entry, options) in entries.items()}
    return made | {path: script(file).read_bytes() for path, file in FONTS.items()}


def _bundle(entry: Path, options: tuple[str, ...]) -> bytes:
    command = [str(node()), str(script(ESBUILD)), str(entry), *ALWAYS, *options]
    root = checkout()
    done = subprocess.run(
        command, cwd=root, env=environment(), capture_output=True, timeout=BUNDLE_SECONDS, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(f"{entry.relative_to(root)} could not be bundled:\n{done.stderr.decode()}")
    return done.stdout
