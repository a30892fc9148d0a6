"""`dedup bands`: the cut of the signatures and its S-curve."""

from __future__ import annotations

import click

from dedup.settings import Settings

_DEFAULTS = Settings()


@click.command("bands")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=_DEFAULTS.band_threshold,
    show_default=True, help="Resemblance of shingle sets from which pairs are wanted.",
)  # fmt: skip
@click.option(
    "--recall", type=click.FloatRange(0, 0.999999), default=_DEFAULTS.band_recall,
    show_default=True, help="Share of the pairs at the threshold that must be found.",
)  # fmt: skip
@click.option(
    "--num-perm", type=click.IntRange(16, 1024), default=_DEFAULTS.num_perm,
    show_default=True, help="Slots of a signature.",
)  # fmt: skip
def command(threshold: float, recall: float, num_perm: int) -> None:
    """Show how signatures are cut into bands, and what that finds.

    The probability that a pair shares a band, 1 - (1 - J^rows)^bands, by its resemblance J.
    Pairs that share 12 words in a row are found by their fingerprints whatever this says.

    \b
    Example:  dedup bands --threshold 0.7 --recall 0.99

    Exit status: 0 done; 2 wrong usage.
    """
    from dedup.index import choose_bands

    Settings(band_threshold=threshold, band_recall=recall, num_perm=num_perm)  # checks them
    cut = choose_bands(num_perm, threshold, recall)
    click.echo(f"{cut.bands} bands of {cut.rows} rows ({num_perm} slots)")
    reached = cut.probability(threshold)
    note = "" if reached >= recall else f", short of the wanted {recall}"
    click.echo(f"at {threshold:g}: {reached:.4f}{note}")
    for step in range(1, 20):
        share = cut.probability(step / 20)
        click.echo(f"{step / 20:.2f}  {share:.4f}  {'#' * round(40 * share)}".rstrip())
