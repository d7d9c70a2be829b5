/**
 * What `deno task start` and `curlew start` do: open what the flags name, and serve.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type App, parseApp, readApps } from "./apps.ts";
import { isPublic, readCommandLine, type Settings } from "./command_line.ts";
import { createServer } from "./mod.ts";
import { readPage } from "./page_files.ts";
import { complain } from "./program.ts";
import { nodeEnvironment as environment, serveNode } from "./runtimes/node.ts";
import { openSqliteStore } from "./store/sqlite.ts";
import type { Store } from "./store/store.ts";
import { version } from "./version.ts";

/** Reads something, and names it in the error where that fails. */
async function reading<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

/** The apps that were given; none where the development app is to stand in. */
async function givenApps(settings: Settings): Promise<readonly App[]> {
  const { apps, appsFile: file } = settings;
  const named = await reading("--app", () => apps.map(parseApp));
  const filed = file === undefined
    ? []
    : await reading(`--apps ${file}`, async () => readApps(await readFile(file, "utf8")));
  const all = [...named, ...filed];
  const ids = new Set(all.map((app) => app.id));
  if (ids.size < all.length) throw new Error("An app's id is given twice");
  return all;
}

/** The app of a server that was given none. Its master key is as old as the database. */
async function developmentApp(store: Store): Promise<App> {
  const make = () => Buffer.from(environment.secret(18)).toString("base64url");
  const { value, made } = await store.setting("development-master-key", make);
  if (made) console.log(`The development app's master key, shown only now: ${value}`);
  return { id: "curlew-dev", key: "dev-key", masterKey: value, login: "open" };
}

/** Opens what the settings name and serves; returns what ends it. */
async function start(settings: Settings): Promise<() => Promise<void>> {
  const { host, db, publicUrl } = settings;
  const given = await givenApps(settings);
  const store = await openSqliteStore({ ...environment, path: db });
  try {
    const apps = given.length ? given : [await developmentApp(store)];
    const local = !isPublic(settings);
    const open = apps.filter((app) => app.login === "open");
    const [app] = open;
    const page = local && app ? await readPage({ appId: app.id, appKey: app.key }) : undefined;
    const server = await createServer({
      apps,
      store,
      version,
      localOnly: given.length === 0,
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(page === undefined ? {} : { page }),
    }, environment);
    const served = await serveNode(server, {
      ...settings,
      ...environment,
      paths: ["/", ...(publicUrl === undefined ? [] : [new URL(publicUrl).pathname])],
    });

    if (!local && open.length) {
      const ids = open.map((app) => app.id).join(", ");
      console.warn(
        `Warning: anyone who knows an app's id can log in as anyone where its login is "open", ` +
          `as that of ${ids}; "signed" in --apps FILE asks for a signature`,
      );
    }
    const scheme = settings.tls ? "https" : "http";
    const listening = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${served.port}`;
    const lines = [`Curlew listening on ${listening}`];
    if (page) lines.push(`Open this in two windows and chat: ${listening}/`);
    const shown = app ?? apps[0];
    if (shown) {
      const options = { appId: shown.id, appKey: shown.key, server: publicUrl ?? listening };
      const parts = Object.entries(options).map(([name, value]) =>
        `${name}: ${JSON.stringify(value)}`
      );
      lines.push(`Connect a client: new Realtime({ ${parts.join(", ")} })`);
    }
    console.log(lines.join("\n"));
    return async () => {
      await served.close();
      await store.close();
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * How long further signals are taken for the first one, in ms: what is pressed once arrives from
 * the terminal, from npx and from the task runner.
 */
const SAME_PRESS = 300;

/** `curlew start`: serves until it is told to end. */
export async function startCommand(args: readonly string[]): Promise<void> {
  const asked = readCommandLine(args, (name) => process.env[name]);
  if (asked.kind === "print") return console.log(asked.text);
  const started = start(asked.settings);
  let since: number | undefined;
  const signalled = async () => {
    if (since !== undefined) {
      if (Date.now() - since > SAME_PRESS) process.exit(1);
      return;
    }
    since = Date.now();
    const stop = await started;
    await stop();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => signalled().catch(complain));
  }
  await started;
}
