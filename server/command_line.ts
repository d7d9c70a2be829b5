/**
 * What the command line and the environment ask for.
 *
 * @module
 */
import { isIPv4 } from "node:net";
import { readFlags } from "./flags.ts";
import { trustRanges } from "./runtimes/peer.ts";
import type { TlsFiles } from "./runtimes/tls.ts";
import { version } from "./version.ts";

/** How the server is to be started, checked as far as that goes without touching anything. */
export interface Settings {
  /** Where to listen. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The database file, or `:memory:`. */
  readonly db: string;
  /** Apps as `ID:KEY[:MASTERKEY]`. */
  readonly apps: readonly string[];
  /** A JSON file with more of them. */
  readonly appsFile?: string;
  /** Where clients reach the server. */
  readonly publicUrl?: string;
  /** The certificate and its key, where the server ends TLS itself. */
  readonly tls?: TlsFiles;
  /** The proxies whose headers are believed. */
  readonly trustProxy: readonly string[];
}

/** What the command line asks for: to serve, or to print something and be done. */
export type Asked =
  | { readonly kind: "serve"; readonly settings: Settings }
  | { readonly kind: "print"; readonly text: string };

/** The flags that take a value; each is also an environment variable, which the flag overrides. */
const flags = {
  "port": { value: "NUMBER", says: "where to listen; 0 picks a free one (8450)" },
  "host": { value: "ADDRESS", says: "where to listen (127.0.0.1)" },
  "db": { value: "PATH", says: "the database file, or :memory: (./curlew.db)" },
  "app": {
    value: "ID:KEY[:MASTERKEY]",
    says: "an app, for development, since arguments show in ps; repeatable\n" +
      "(in CURLEW_APP several, separated by spaces or commas)",
  },
  "apps": {
    value: "FILE",
    says: 'apps as JSON: [{ "id", "key", "masterKey", "login": "open" | "signed" }]',
  },
  "public-url": {
    value: "URL",
    says: "where clients reach this server; required when it listens beyond loopback",
  },
  "tls-cert": {
    value: "FILE",
    says: "serves https: the certificate with the intermediate ones, as PEM;\n" +
      "read again when it changes",
  },
  "tls-key": { value: "FILE", says: "the private key of that certificate, as PEM" },
  "trust-proxy": {
    value: "CIDR[,…]",
    says: "the proxies whose X-Forwarded-For, -Host and -Proto are believed",
  },
} as const;

type Flag = keyof typeof flags;

const variable = (flag: string): string => `CURLEW_${flag.toUpperCase().replaceAll("-", "_")}`;

/** The text of `--help`. */
export function help(): string {
  const rows = Object.entries(flags).map(([flag, { value, says }]) => {
    const indented = says.replaceAll("\n", "\n" + " ".repeat(8));
    return `  --${flag} ${value}  [${variable(flag)}]\n        ${indented}`;
  });
  return [
    "Curlew: a realtime messaging server",
    "",
    "  --help       prints this",
    "  --version    prints the version",
    ...rows,
    "",
    "A flag overrides its environment variable. Without an app there is one for development,",
    "curlew-dev, for this machine alone.",
  ].join("\n");
}

/** Whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

/** Whether others than this machine are to reach the server, itself or through a proxy. */
export const isPublic = ({ host, publicUrl }: Pick<Settings, "host" | "publicUrl">): boolean =>
  !isLoopback(host) ||
  (publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname.replace(/^\[|\]$/g, "")));

/** Whether it is an address that clients can be told: http or https, nothing after its path. */
function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash, username } = new URL(text);
  return /^https?:$/.test(protocol) && !search && !hash && !username;
}

/** What each flag takes, for the parser. */
const options = {
  "help": { type: "boolean" },
  "version": { type: "boolean" },
  "port": { type: "string" },
  "host": { type: "string" },
  "db": { type: "string" },
  "app": { type: "string", multiple: true },
  "apps": { type: "string" },
  "public-url": { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  "trust-proxy": { type: "string" },
} as const;

/**
 * Reads arguments and environment variables.
 *
 * @throws An `Error` whose message is one line that names the flag and says what is wrong.
 */
export function readCommandLine(
  args: readonly string[],
  environment: (name: string) => string | undefined,
): Asked {
  const { values } = readFlags(args, options, false);
  if (values.help) return { kind: "print", text: help() };
  if (values.version) return { kind: "print", text: version };

  const given = (flag: Exclude<Flag, "app">): string | undefined =>
    values[flag] ?? (environment(variable(flag)) || undefined);
  const list = (text: string | undefined): string[] => text?.split(/[\s,]+/).filter(Boolean) ?? [];

  const host = given("host") ?? "127.0.0.1";
  const port = given("port") ?? "8450";
  const apps = values.app ?? list(environment(variable("app")));
  const appsFile = given("apps");
  const publicUrl = given("public-url");
  const cert = given("tls-cert");
  const key = given("tls-key");
  const trustProxy = list(given("trust-proxy"));

  const empty = Object.entries(values).find(([, value]) => value === "");
  if (empty) throw new Error(`--${empty[0]} needs a value`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`--port must be a number from 0 to 65535, not "${port}"`);
  }
  if (publicUrl !== undefined && !isPublicUrl(publicUrl)) {
    throw new Error(`--public-url must look like https://chat.example.com, not "${publicUrl}"`);
  }
  try {
    trustRanges(trustProxy);
  } catch (error) {
    throw new Error(`--trust-proxy: ${(error as Error).message}`, { cause: error });
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [has, lacks] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw new Error(`--tls-${has} needs --tls-${lacks}: a certificate and its key go together`);
  }
  const settings: Settings = {
    host,
    port: Number(port),
    db: given("db") ?? "./curlew.db",
    apps,
    ...(appsFile === undefined ? {} : { appsFile }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
    trustProxy,
  };
  if (isPublic(settings) && apps.length === 0 && appsFile === undefined) {
    throw new Error(
      "The development app is for this machine alone: to let others reach the server, give an " +
        "app with --apps or --app",
    );
  }
  if (!isLoopback(host) && publicUrl === undefined) {
    throw new Error(`--host ${host} needs --public-url: where clients reach this server`);
  }
  return { kind: "serve", settings };
}
