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
    print(f"\n  {'page':<34}{'status':>7}{'queries':>9}{'ms':>9}{'cpu ms':>9}{'again':>9}{'of it db':>10}{'KB':>7}")
    for page in pages:
        # Not every suite measures the processor's time.
        cpu, again = (f"{page[name]:.1f}" if name in page else "–" for name in ("cpu_ms", "warm_cpu_ms"))
        print(
            f"  {page['page']:<34}{page['status']:>7}{page['queries']:>9}{page['ms']:>9.1f}{cpu:>9}{again:>9}"
            f"{page['database_ms']:>10.1f}{page['kilobytes']:>7}"
        )


def show_realtime(found: dict[str, Any]) -> None:
    """Print the realtime suite as a table."""
    print("\nper second of the servers' processor time (PostgreSQL's included where it is used)")
    head = f"  {'':<34}{'in flight':>10}{'deliveries':>12}{'messages':>10}{'answer p50':>12}{'p95':>8}{'p99 ms':>9}"
    print(head + f"{'KB/socket':>11}")
    for row in found["rows"]:
        for load, run in row["loads"].items():
            answer = run["answer_ms"] or run["delivery_ms"]
            idle = f"{row['idle_kb']:>11.1f}" if "idle_kb" in row else ""
            print(
                f"  {row['key']:<34}{load:>10}{run['deliveries_per_cpu_second']:>12,.0f}"
                f"{run['messages_per_cpu_second']:>10,.0f}{answer['p50']:>12.1f}{answer['p95']:>8.1f}"
                f"{answer['p99']:>9.1f}{idle}"
            )
    print("\nratios, both sides of this run: the median of the turns, the lowest and the highest")
    for name, ratio in found["ratios"].items():
        lowest, highest = found["spreads"].get(name, (0.0, 0.0))
        told = "skipped" if ratio is None else f"{ratio:.2f}"
        print(f"  {name:<44}{told:>10}{f'{lowest:.2f} – {highest:.2f}' if ratio else '':>18}")
    for words in found["skipped"]:
        print(f"  SKIPPED {words}")
