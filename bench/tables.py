"""Printing what a suite found."""

from __future__ import annotations

from typing import Any


def show(suite: str, run: dict[str, Any]) -> None:
    """Print one run as a table."""
    print(f"\n{suite} · {run['database']}")
    if "error" in run:
        print(f"  failed: {run['error']}")
        return
    for name, value in run.items():
        if name not in ("database", "pages"):
            print(f"  {name.replace('_', ' '):<34} {_said(value)}")
    if "pages" in run:
        _pages(run["pages"])


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _pages(pages: list[dict[str, Any]]) -> None:
    print(f"\n  {'page':<34}{'status':>7}{'queries':>9}{'ms':>9}{'of it db':>10}{'KB':>7}")
    for page in pages:
        print(
            f"  {page['page']:<34}{page['status']:>7}{page['queries']:>9}{page['ms']:>9.1f}{page['database_ms']:>10.1f}"
            f"{page['kilobytes']:>7}"
        )
