/** What a figure is: a ratio against an anchor measured in the same run. @module */

/** One figure. */
export interface Row {
  /** What was measured, and against what. */
  readonly what: string;
  /** The figure: a ratio, or a plain number with its unit in `unit`. */
  readonly ratio: number;
  /** The unit of a figure that is no ratio. */
  readonly unit?: string;
  /** What must hold; a figure without a floor stands there for comparison. */
  readonly floor?: number;
  /** Where we are going. */
  readonly target?: number;
  /** Whether less is better. */
  readonly less?: boolean;
  /** The two sides as they were measured. */
  readonly detail: string;
}

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? NaN;
}

/** Thousands a second, for `detail`. */
export function rate(figure: number): string {
  return `${(figure / 1000).toFixed(1)} k/s`;
}

/** Measures both sides in turn, `rounds` times, so that what the machine does hits both. */
export async function paired(
  rounds: number,
  ours: () => Promise<number>,
  anchor: () => Promise<number>,
): Promise<{ ours: number; anchor: number; ratio: number }> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    theirs.push(await anchor());
    mine.push(await ours());
  }
  return {
    ours: median(mine),
    anchor: median(theirs),
    ratio: median(mine.map((figure, round) => figure / (theirs[round] ?? NaN))),
  };
}

/** Prints figures as a table; returns how many floors do not hold. */
export function print(rows: readonly Row[]): number {
  let broken = 0;
  for (const { what, ratio, unit, floor, target, less, detail } of rows) {
    const bound = less ? "≤" : "≥";
    const holds = floor === undefined || (less ? ratio <= floor : ratio >= floor);
    if (!holds) broken++;
    const figure = unit ? `${ratio.toFixed(1)} ${unit}` : `${ratio.toFixed(2)} ×`;
    const bounds = floor === undefined
      ? "for comparison"
      : `floor ${bound} ${floor}, target ${bound} ${target}`;
    console.log(
      `${holds ? "ok  " : "LOW "} ${figure.padStart(10)}  (${bounds})  ${what}: ${detail}`,
    );
  }
  return broken;
}
