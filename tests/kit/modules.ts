/**
 * The repository's modules and what they import, as Deno resolves it.
 *
 * @module
 */

/** Where the repository lies. */
export const repository = new URL("../../", import.meta.url);

/** One import, type-only ones too. */
export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** A path in the repository, or an `npm:` or `node:` specifier. */
  readonly target: string;
}

/** One module. */
export interface Module {
  /** Relative to the repository. */
  readonly path: string;
  readonly imports: readonly Import[];
}

const apart = ["node_modules", "npm", "dist", ".git"];

/** The paths of all files below a folder of the repository, relative to the repository. */
export async function filesBelow(folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, repository))) {
    if (apart.includes(name)) continue;
    if (isDirectory) files.push(...await filesBelow(`${folder}${name}/`));
    else files.push(folder + name);
  }
  return files.sort();
}

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string; readonly error?: string };
  readonly type?: { readonly specifier?: string; readonly error?: string };
}

/** Reads what the files and all that they import import. */
export async function readModules(files: readonly string[]): Promise<readonly Module[]> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((path) => `import ${JSON.stringify(new URL(path, repository).href)};`);
    await Deno.writeTextFile(entry, lines.join("\n"));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--frozen", entry],
      cwd: repository,
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
      readonly modules: readonly {
        readonly specifier: string;
        readonly dependencies?: readonly Dependency[];
      }[];
    };
    const local = (specifier: string) =>
      specifier.startsWith(repository.href)
        ? decodeURIComponent(specifier.slice(repository.href.length))
        : specifier;
    return modules.filter(({ specifier }) => specifier.startsWith(repository.href))
      .map(({ specifier, dependencies = [] }) => {
        const imports = dependencies.flatMap((dependency) =>
          [dependency.code, dependency.type].filter((found) => found !== undefined).map((
            found,
          ) => ({
            specifier: dependency.specifier,
            target: local(found.specifier ?? dependency.specifier),
          }))
        );
        return { path: local(specifier), imports };
      });
  } finally {
    await Deno.remove(entry);
  }
}

/** What a module reaches, itself included. */
export function reached(from: string, modules: readonly Module[]): ReadonlySet<string> {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { target } of byPath.get(path)?.imports ?? []) visit(target);
  };
  visit(from);
  return seen;
}

/** A circle of imports, as the paths along it; `undefined` where there is none. */
export function findCircle(modules: readonly Module[]): readonly string[] | undefined {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    const at = trail.indexOf(path);
    if (at >= 0) return [...trail.slice(at), path];
    if (done.has(path)) return undefined;
    for (const { target } of byPath.get(path)?.imports ?? []) {
      const circle = visit(target, [...trail, path]);
      if (circle) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of modules) {
    const circle = visit(path, []);
    if (circle) return circle;
  }
  return undefined;
}

/** The code without its comments and without what its strings say. */
export function bare(source: string): string {
  return source.replaceAll(
    /(["'`])(?:\\[\s\S]|(?!\1)[^\\])*\1|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, quote) => quote ? quote + quote : "",
  );
}
