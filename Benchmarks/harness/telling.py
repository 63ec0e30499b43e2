"""Figures out of what was measured, as a table and as JSON."""

import statistics

from .works import ROWS

PERCENTILES = (50, 90, 99, 99.9, 100)


def spread(rounds):
    """How far a half of the rounds lies apart, as a part of the median."""
    if len(rounds) < 2:
        return 0
    low, middle, high = statistics.quantiles(rounds, n=4)
    return (high - low) / middle if middle else 0


def percentiles(latencies):
    return {f"p{percent:g}": latencies.get_value_at_percentile(percent) for percent in PERCENTILES}


def figures(outcomes, names):
    """One for each row and implementation, in the order of the rows."""
    pairs = [(row, name) for row in ROWS for name in names if (row, name) in outcomes]
    return [figure(row, name, outcomes) for row, name in pairs]


def figure(row, name, outcomes):
    outcome = outcomes[row, name]
    median = statistics.median(outcome.rounds)
    limits = outcomes.get((row, "limit"))
    limit = statistics.median(limits.rounds) if limits else 0  # of an allocation, say
    told = {
        "row": row, "impl": name, "median": round(median, 3), "unit": outcome.unit,
        "ratio_to_limit": round(median / limit, 3) if limit else None,
        "spread": round(spread(outcome.rounds), 3), "best": round(min(outcome.rounds), 3),
        "rounds": len(outcome.rounds),
    }
    if outcome.elapsed:
        told["elapsed"] = round(statistics.median(outcome.elapsed), 3)
    if outcome.latencies:
        told["percentiles"] = percentiles(outcome.latencies)
    return told


def show(found, left_out):
    print(f"{'row':<26}{'impl':<10}{'median':>12} {'unit':<13}{'ratio':>7}{'spread':>8}"
          f"{'best':>12}   elapsed or percentiles")
    for each in found:
        times = {"elapsed": each["elapsed"]} if "elapsed" in each else each.get("percentiles", {})
        told = "  ".join(f"{name} {value:.0f}" for name, value in times.items())
        ratio = "-" if each["ratio_to_limit"] is None else f"{each['ratio_to_limit']:.2f}"
        print(f"{each['row']:<26}{each['impl']:<10}{each['median']:>12.2f} {each['unit']:<13}"
              f"{ratio:>7}{each['spread']:>8.0%}{each['best']:>12.2f}   {told}".rstrip())
    for (row, name), reason in sorted(left_out.items()):
        print(f"left out: {row} of {name}: {reason}")
