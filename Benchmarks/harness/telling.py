"""Figures out of what was measured, as a table and as JSON."""

import statistics

from .works import ROWS

PERCENTILES = (50, 90, 99, 99.9, 100)


def spread(rounds):
    """How far a half of the rounds lies apart, as a part of the median."""
    if len(rounds) < 2:
        return 0
    low, middle, high = statistics.quantiles(rounds, n=4)
    return (high - low) / middle


def percentiles(latencies):
    return {f"p{percent:g}": latencies.get_value_at_percentile(percent) for percent in PERCENTILES}


def figures(outcomes, names):
    """One for each row and implementation, in the order of the rows."""
    pairs = [(row, name) for row in ROWS for name in names if (row, name) in outcomes]
    return [figure(row, name, outcomes) for row, name in pairs]


def figure(row, name, outcomes):
    outcome = outcomes[row, name]
    median = statistics.median(outcome.rounds)
    limit = statistics.median(outcomes[row, "limit"].rounds)
    told = {
        "row": row, "impl": name, "median": round(median, 3), "unit": outcome.unit,
        "ratio_to_limit": round(median / limit, 3), "spread": round(spread(outcome.rounds), 3),
        "best": round(min(outcome.rounds), 3), "rounds": len(outcome.rounds),
    }
    if outcome.elapsed:
        told["elapsed"] = round(statistics.median(outcome.elapsed), 3)
    if outcome.latencies:
        told["percentiles"] = percentiles(outcome.latencies)
    return told


def show(found, left_out):
    print(f"{'row':<26}{'impl':<7}{'median':>12} {'unit':<13}{'ratio':>7}{'spread':>8}"
          f"{'best':>12}   percentiles")
    for each in found:
        latencies = "  ".join(f"{name} {value}" for name, value in each.get("percentiles", {}).items())
        print(f"{each['row']:<26}{each['impl']:<7}{each['median']:>12.2f} {each['unit']:<13}"
              f"{each['ratio_to_limit']:>7.2f}{each['spread']:>8.0%}"
              f"{each['best']:>12.2f}   {latencies}".rstrip())
    for (row, name), reason in sorted(left_out.items()):
        print(f"left out: {row} of {name}: {reason}")
