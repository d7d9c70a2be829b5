/**
 * Calling what plugins have to say, in their order.
 *
 * @module
 */
import { RealtimeError } from "../../protocol/mod.ts";
import type { Log } from "../../environment/mod.ts";

/**
 * Some function of a plugin, or several that are called one after the other.
 *
 * One that fails keeps nothing from the app: that is logged with the plugin's name, and it goes on as
 * if that one had not been asked. What comes later waits for what a function returns, so that the order
 * stays, and there is no limit to that: a function that may wait for long has to set one itself.
 */
export type Hook<F> = F | readonly F[];

/** What a hook says of something that is to be dispatched: `false` keeps it from being so. */
export type Verdict = boolean | void | Promise<boolean | void>;

/**
 * Uses what plugins have under a name, one after the other, until `use` gives `false`; says whether it
 * came to the end. A failure is logged with the plugin's name; without a log, it is thrown.
 */
export async function each<Name extends string, F>(
  plugins: readonly ({ readonly name?: string } & { readonly [N in Name]?: Hook<F> })[],
  name: Name,
  use: (item: F) => unknown,
  log?: Log,
  failed = "PLUGIN_FAILED",
  what = `run ${name}`,
): Promise<boolean> {
  for (const plugin of plugins) {
    for (const item of [plugin[name] ?? []].flat() as F[]) {
      try {
        if (await use(item) === false) return false;
      } catch (cause) {
        const error = new RealtimeError(
          failed,
          `Plugin ${plugin.name ?? "(unnamed)"} could not ${what}`,
          { cause },
        );
        if (!log) throw error;
        log.error(error.message, { error });
      }
    }
  }
  return true;
}

/** Tells plugins of something new; one that fails is logged by its name, and the others are told. */
export function tellOfNew<Name extends string, New>(
  plugins: readonly ({ readonly name?: string } & { readonly [N in Name]?: (item: New) => void })[],
  name: Name,
  item: New,
  log: Log,
): void {
  for (const plugin of plugins) {
    try {
      plugin[name]?.(item);
    } catch (error) {
      log.error(`Plugin ${plugin.name ?? "(unnamed)"} could not run ${name}`, { error });
    }
  }
}
