/**
 * What the compiler says of programs, by whatever declarations.
 *
 * @module
 */
import { repository } from "../kit/modules.ts";

/** Options of the compiler. */
export type CompilerOptions = Readonly<Record<string, unknown>>;

/** How apps are compiled: what Deno asks for beyond `strict`, they seldom ask for. */
const usual: CompilerOptions = { strict: true, noImplicitOverride: false, lib: ["dom", "esnext"] };

/** Curlew's declarations. */
export const curlew = new URL("mod.ts", repository);

/** LeanCloud's by their versions: as files, so that nothing is asked for that is not installed. */
export const official = {
  "4.3.1": new URL("../realtime.d.ts", import.meta.resolve("leancloud-realtime-4")),
  "5.0.0-rc.8": new URL("../realtime.d.ts", import.meta.resolve("leancloud-realtime-5")),
} as const;

/** Programs in a folder of their own, where no settings of this repository reach them. */
export class Programs {
  readonly #folder: string;
  /** The names of their files. */
  readonly names: readonly string[];

  private constructor(folder: string, names: readonly string[]) {
    this.#folder = folder;
    this.names = names;
  }

  /** These, by the names of their files. */
  static async of(texts: Readonly<Record<string, string>>): Promise<Programs> {
    const folder = await Deno.makeTempDir();
    for (const [name, text] of Object.entries(texts)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    return new Programs(folder, Object.keys(texts).sort());
  }

  /** Those in a folder. */
  static async copyOf(folder: URL): Promise<Programs> {
    const texts: Record<string, string> = {};
    for await (const { name } of Deno.readDir(folder)) {
      texts[name] = await Deno.readTextFile(new URL(name, folder));
    }
    return await Programs.of(texts);
  }

  /** What the compiler complains about, where what they import under that name is declared there. */
  async complaints(
    name: string,
    declarations: URL,
    options?: CompilerOptions,
    files: readonly string[] = this.names,
  ): Promise<string> {
    const config = await Deno.makeTempFile({ dir: this.#folder, suffix: ".json" });
    const adapters = new URL("../@leancloud/adapter-types/types.d.ts", declarations);
    const settings = {
      compilerOptions: { ...usual, ...options },
      imports: { [name]: declarations, "@leancloud/adapter-types": adapters },
      lock: false,
    };
    await Deno.writeTextFile(config, JSON.stringify(settings));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", config, ...files],
      cwd: this.#folder,
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(120_000),
    }).output();
    return success
      ? ""
      : new TextDecoder().decode(stderr).replaceAll(`file://${this.#folder}/`, "");
  }

  /** Removes the folder. */
  async remove(): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
