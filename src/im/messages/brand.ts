/**
 * `instanceof` for classes of which a program may hold two copies: one package installed twice, or
 * bundled twice.
 *
 * @module
 */

/** Makes `instanceof Class` true also for the instances of another copy of the class. */
export function brand(Class: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`curlew.${name}`);
  Object.defineProperty(Class.prototype, mark, { value: true });
  Object.defineProperty(Class, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      // A subclass inherits this; only the class itself is known by its mark.
      return this === Class
        ? (value as Record<symbol, unknown> | null | undefined)?.[mark] === true
        : Function.prototype[Symbol.hasInstance].call(this, value);
    },
  });
}
