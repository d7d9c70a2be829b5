/**
 * Reads the flags of a command.
 *
 * @module
 */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** The flags of a command, as `parseArgs` takes them. */
type Flags = NonNullable<ParseArgsConfig["options"]>;

type Parsed<T extends Flags, P extends boolean> = ReturnType<
  typeof parseArgs<{ strict: true; allowPositionals: P; options: T }>
>;

/**
 * Reads arguments by a table of flags.
 *
 * @throws An `Error` whose message is one line that names the argument.
 */
export function readFlags<const T extends Flags, const P extends boolean>(
  args: readonly string[],
  options: T,
  allowPositionals: P,
): Parsed<T, P> {
  try {
    return parseArgs({ args: [...args], strict: true, allowPositionals, options });
  } catch (error) {
    // Only the first sentence: the rest explains how to escape positional arguments.
    const [what] = (error as Error).message.split(/\. |\n/);
    throw new Error(`${what}; --help lists the flags`, { cause: error });
  }
}
