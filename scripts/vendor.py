"""Copies the front-end files that pages use from node_modules to static/vendor, under names that never change."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    # What PDF files are printed with: Noto Sans, whose licence (OFL) lets it be embedded.
    "fonts/NotoSansHans-Regular.otf": "@embedpdf/fonts-sc/fonts/NotoSansHans-Regular.otf",
}
ICONS = Path(__file__).with_name("icons.txt")


def copy(source: Path, target: Path) -> None:
    """Copy one file; a line that points to a source map we do not ship is dropped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix in (".js", ".css"):
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        target.write_text("".join(line for line in lines if "sourceMappingURL=" not in line), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def main() -> None:
    """Fill static/vendor anew."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for name, source in FILES.items():
        copy(MODULES / source, VENDOR / name)
    icons = [line.strip() for line in ICONS.read_text(encoding="utf-8").splitlines() if line.strip()]
    for icon in icons:
        copy(MODULES / "bootstrap-icons" / "icons" / f"{icon}.svg", VENDOR / "icons" / f"{icon}.svg")


if __name__ == "__main__":
    main()
