import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import root from "../deno.json" with { type: "json" };
import server from "../server/deno.json" with { type: "json" };
import { type BuildOptions, realtimePackage, serverPackage } from "../npm_build.ts";
import {
  bare,
  filesBelow,
  findCircle,
  type Module,
  reached,
  readModules,
  repository,
} from "./kit/modules.ts";

/** The floors of the house, top to bottom: a file imports from its own and from those below. */
const floors: Readonly<Record<"client" | "server", readonly (readonly string[])[]>> = {
  client: [
    ["src/browser.ts"],
    ["mod.ts", "src/testing/"],
    ["src/realtime.ts", "src/options.ts", "src/endpoints.ts"],
    ["src/plugins/"],
    ["src/im/", "transports/"],
    ["src/connection/"],
    ["src/codecs/"],
    ["src/protocol/"],
    ["src/environment/"],
  ],
  server: [
    ["server/main.ts", "server/curlew.ts"],
    ["server/start.ts", "server/command_line.ts", "server/page_files.ts", "server/doctor/"],
    ["server/program.ts", "server/flags.ts"],
    ["server/runtimes/"],
    ["server/mod.ts"],
    ["server/http/"],
    ["server/gateway/"],
    ["server/service/"],
    ["server/store/", "server/bus/", "server/apps.ts", "server/version.ts"],
  ],
};

/** What the server may take of the client, by its exported name. */
const shared = ["src/codecs/", "src/protocol/", "src/environment/"];

/** Where the server package is a client, and dials as one. */
const dialling = ["server/doctor/"];

/** The files of the server that may know the platform; the rest of it runs anywhere. */
const platform = [
  "server/main.ts",
  "server/curlew.ts",
  "server/start.ts",
  "server/command_line.ts",
  "server/page_files.ts",
  "server/program.ts",
  "server/flags.ts",
  "server/doctor/",
  "server/runtimes/",
  "server/store/node_sqlite.ts",
];

/** What a platform may lack, and so the client does not use. */
const absent: readonly RegExp[] = [
  /\bsetImmediate\b/,
  /\bglobal\b(?!This|\s*:)/,
  /\b(?:process|Buffer|Deno)\./,
  /\brequire\(/,
  /\beval\(/,
  /\bnew Function\b/,
  /\bAbortSignal\.(?:timeout|any)\b/,
];

/** What a platform may lack, and so only `src/environment/` touches, with a fallback. */
const rare: readonly RegExp[] = [
  /\bnew (?:URL|URLSearchParams|TextEncoder|TextDecoder|AbortController)\b/,
  /\brandomUUID\b/,
  /\bstructuredClone\b/,
  /\blocalStorage\b/,
];

const isIn = (path: string, places: readonly string[]): boolean =>
  places.some((place) => place.endsWith("/") ? path.startsWith(place) : path === place);

const floorOf = (path: string, house: keyof typeof floors): number =>
  floors[house].findIndex((places) => isIn(path, places));

const houseOf = (path: string): keyof typeof floors =>
  path.startsWith("server/") ? "server" : "client";

const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, repository));

let files: readonly string[];
let built: readonly string[]; // what the two packages are made of
let modules: readonly Module[];

before(async () => {
  files = (await filesBelow()).filter((path) => path.endsWith(".ts"));
  built = files.filter((path) => /^(?:mod\.ts$|src\/|transports\/|server\/)/.test(path));
  modules = (await readModules(built)).filter(({ path }) => built.includes(path));
});

/** Fails with every breach, one a line. */
function none(breaches: readonly string[]): void {
  assert.equal(breaches.join("\n"), "");
}

describe("the direction of imports", () => {
  it("is downwards: each file has a floor, and imports from it and from those below", () => {
    none(modules.flatMap(({ path, imports }) => {
      const house = houseOf(path);
      const floor = floorOf(path, house);
      if (floor < 0) return [`${path} is on no floor`];
      return imports.filter(({ target }) => built.includes(target)).flatMap(({ target }) => {
        if (houseOf(target) === house) {
          return floorOf(target, house) >= floor ? [] : [`${path} imports ${target} above it`];
        }
        if (house === "client") return [`${path} imports ${target} of the server`];
        const known = isIn(path, dialling) ? [...shared, "transports/"] : shared;
        return isIn(target, known) ? [] : [`${path} imports ${target}: not the server's to know`];
      });
    }));
  });

  it("has no circle", () => {
    assert.deepEqual(findCircle(modules) ?? [], []);
  });

  it("lets src/realtime.ts and the bundle for pages alone name a transport", () => {
    const may = ["src/realtime.ts", "src/browser.ts", "src/testing/"];
    none(
      modules.flatMap(({ path, imports }) =>
        path.startsWith("src/") && !isIn(path, may)
          ? imports.filter(({ target }) => target.startsWith("transports/"))
            .map(({ target }) => `${path} imports ${target}`)
          : []
      ),
    );
  });

  it("crosses from the server to the client by exported names alone", () => {
    none(
      modules.flatMap(({ path, imports }) =>
        imports.filter(({ specifier, target }) =>
          built.includes(target) && houseOf(target) !== houseOf(path) && specifier.startsWith(".")
        ).map(({ specifier }) => `${path} imports ${specifier}`)
      ),
    );
  });

  it("brings no module that nothing needs", () => {
    const entries = [
      ...Object.values(root.exports).map((path) => path.slice(2)),
      ...Object.values(server.exports).map((path) => path.replace("./", "server/")),
      ...Object.values(serverPackage.bin).map((path) => path.replace("./", "server/")),
      realtimePackage.bundled!.slice(2),
      ...root.tasks.start.split(" ").filter((word) => word.startsWith("server/")),
    ];
    const needed = new Set(entries.flatMap((entry) => [...reached(entry, modules)]));
    none(built.filter((path) => !needed.has(path)));
  });
});

describe("what is imported from outside", () => {
  it("comes from npm by name, through the import maps", async () => {
    const all = await readModules(files);
    none(
      all.flatMap(({ path, imports }) =>
        imports.filter(({ specifier }) => /^(?:jsr:|npm:|https?:)/.test(specifier))
          .map(({ specifier }) => `${path} imports ${specifier}`)
      ),
    );
  });

  it("is pinned to one version of each package", async () => {
    const pinned = new Map<string, string>();
    const members = ["./", ...root.workspace.map((member) => `${member}/`)];
    for (const member of members) {
      const { imports = {} } = JSON.parse(await read(`${member}deno.json`));
      for (const [name, specifier] of Object.entries<string>(imports)) {
        assert.match(specifier, /^npm:(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(?:-[\w.]+)?(?:\/|$)/);
        assert.equal(pinned.get(name) ?? specifier, specifier);
        pinned.set(name, specifier);
      }
    }
  });
});

describe("the client", () => {
  const client = () => modules.filter(({ path }) => houseOf(path) === "client");

  it("imports nothing of Node's", () => {
    none(
      client().flatMap(({ path, imports }) =>
        imports.filter(({ target }) => target.startsWith("node:"))
          .map(({ target }) => `${path} imports ${target}`)
      ),
    );
  });

  it("uses nothing that a platform may lack", async () => {
    const breaches: string[] = [];
    for (const { path } of client()) {
      const code = bare(await read(path));
      const forbidden = path.startsWith("src/environment/") ? absent : [...absent, ...rare];
      for (const pattern of forbidden) {
        const found = pattern.exec(code);
        if (found) breaches.push(`${path} uses ${found[0]}`);
      }
    }
    none(breaches);
  });

  it("keeps nothing that changes at the top level of a module", async () => {
    const breaches: string[] = [];
    for (const { path } of client()) {
      const found = /^(?:export )?(?:let|var) .*/m.exec(bare(await read(path)));
      if (found) breaches.push(`${path}: ${found[0]}`);
    }
    none(breaches);
  });
});

describe("the server", () => {
  it("knows its platform in runtimes, drivers and the command line alone", () => {
    none(
      modules.flatMap(({ path, imports }) =>
        houseOf(path) === "server" && !isIn(path, platform)
          ? imports.filter(({ target }) => target.startsWith("node:"))
            .map(({ target }) => `${path} imports ${target}`)
          : []
      ),
    );
  });

  it("loads node:sqlite for the SQLite store alone", () => {
    for (const entry of Object.values(server.exports)) {
      const needs = reached(entry.replace("./", "server/"), modules).has("node:sqlite");
      assert.equal(needs, entry === "./store/sqlite.ts", entry);
    }
  });
});

describe("files", () => {
  it("have snake_case names", () => {
    none(
      files.filter((path) => !path.split("/").every((name) => /^[a-z0-9_]+(?:\.ts)?$/.test(name))),
    );
  });

  it("are named for what they hold", () => {
    none(files.filter((path) => /(?:^|\/|_)(?:utils?|helpers?|misc|manager|common)\b/.test(path)));
  });

  it("are short enough to read: 400 lines at most, and 600 where it is test after test", async () => {
    const lines = async (path: string) => (await read(path)).split("\n").length - 1;
    const long: string[] = [];
    for (const path of files) {
      const most = path.endsWith("_test.ts") ? 600 : 400;
      if (await lines(path) > most) long.push(path);
    }
    none(long);
  });
});

describe("the lists of what is exported", () => {
  const packages: readonly (readonly [BuildOptions, Readonly<Record<string, string>>])[] = [
    [realtimePackage, root.exports],
    [serverPackage, server.exports],
  ];

  it("agree between deno.json and npm_build.ts", () => {
    for (const [{ entryPoints, package: { name } }, exports] of packages) {
      const stated = Object.fromEntries(entryPoints.map((entry) => [entry.name, entry.path]));
      assert.deepEqual(stated, exports, name);
    }
  });

  it("agree with what CONTRIBUTING.md lists", async () => {
    const text = await read("CONTRIBUTING.md");
    const listed = [...text.matchAll(/^\| `(@curlew\/[^`]+)` +\|/gm)].map(([, name]) => name);
    const exported = packages.flatMap(([{ entryPoints, package: { name } }]) =>
      entryPoints.map((entry) => name + entry.name.slice(1))
    );
    assert.deepEqual(listed, exported);
  });

  it("point at modules that say what they are", async () => {
    for (const [{ folder, entryPoints }] of packages) {
      for (const { path } of entryPoints) {
        assert.match(await read(folder + path), /^\/\*\*[\s\S]*?@module/, folder + path);
      }
    }
  });
});
