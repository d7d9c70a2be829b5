/**
 * Calling what plugins have to say, in their order.
 *
 * @module
 */
import { RealtimeError } from "../../protocol/mod.ts";

/** Some function of a plugin, or several that are called one after the other. */
export type Hook<F> = F | readonly F[];

/** What a hook says of something that is to be dispatched: `false` keeps it from being so. */
export type Verdict = boolean | void | Promise<boolean | void>;

/**
 * Uses what plugins have under a name, one after the other, until `use` gives `false`; says whether it
 * came to the end. What it rejects with names the plugin.
 */
export async function each<Name extends string, F>(
  plugins: readonly ({ readonly name?: string } & { readonly [N in Name]?: Hook<F> })[],
  name: Name,
  use: (item: F) => unknown,
  failed: readonly [error: string, what: string] = ["PLUGIN_FAILED", `run ${name}`],
): Promise<boolean> {
  for (const plugin of plugins) {
    for (const item of [plugin[name] ?? []].flat() as F[]) {
      try {
        if (await use(item) === false) return false;
      } catch (cause) {
        const [error, what] = failed;
        const who = plugin.name ?? "(unnamed)";
        throw new RealtimeError(error, `Plugin ${who} could not ${what}`, { cause });
      }
    }
  }
  return true;
}
