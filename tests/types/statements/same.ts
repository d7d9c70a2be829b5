/** Says that two types are one and the same. */

/** `true` where they are. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2)
  ? true
  : false;

/** Compiles where it is told `true`. */
export function same<_Same extends true>(): void {}
