/**
 * `curlew doctor`: examines a server from where its clients are, and says how to mend what is wrong.
 *
 * @module
 */
import process from "node:process";
import { readFlags } from "../flags.ts";
import { systemClock } from "@curlew/realtime/environment";
import { version } from "../version.ts";
import { examine } from "./examine.ts";
import { DEFAULT_APP, type Finding } from "./finding.ts";

/** The text of `--help`. */
const help = [
  "curlew doctor URL: examines the server at the address that clients are given, from this machine",
  "",
  "  --help          prints this",
  "  --version       prints the version",
  "  --app ID        the app whose clients they are (curlew-dev)",
  "  --idle SECONDS  how long links are left silent to see whether they are cut (70)",
  "",
  "It ends with 1 when something is wrong.",
].join("\n");

const options = {
  help: { type: "boolean" },
  version: { type: "boolean" },
  app: { type: "string" },
  idle: { type: "string" },
} as const;

/** The address that was given, with a path that ends with a slash. */
function readAddress(text: string): URL {
  const full = /^\w+:\/\//.test(text) ? text : `https://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) {
    throw new Error(`The address must look like https://chat.example.com, not "${text}"`);
  }
  url.pathname = url.pathname.replace(/\/*$/, "/");
  return url;
}

/** One line for the terminal, whatever a server answered: it may be anybody's. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();

/** The lines that tell of a finding. */
export function linesOf(check: string, finding: Finding): string {
  const label = { ok: "ok", failed: "FAILED", skipped: "-" }[finding.state];
  const line = `${label.padEnd(7)} ${check.padEnd(14)}  ${plain(finding.says)}`;
  if (finding.state !== "failed") return line;
  return `${line}\n${" ".repeat(25)}${plain(finding.remedy)}`;
}

/** Examines a server, and prints what it finds. */
export async function doctorCommand(args: readonly string[]): Promise<void> {
  const { values, positionals: [address, ...more] } = readFlags(args, options, true);
  if (values.help) return console.log(help);
  if (values.version) return console.log(version);
  if (address === undefined || more.length) {
    throw new Error("curlew doctor takes one address, such as https://chat.example.com");
  }
  const { app = DEFAULT_APP, idle = "70" } = values;
  if (!/^\d{1,4}$/.test(idle)) {
    throw new Error(`--idle must be a number of seconds, not "${idle}"`);
  }
  const url = readAddress(address);
  console.log(`Curlew examines ${url.href} for the app ${app}, which takes over ${idle} s`);
  let broken = 0;
  await examine(
    { url, app, idle: Number(idle) * 1_000, clock: systemClock },
    (check, finding) => {
      if (finding.state === "failed") broken++;
      console.log(linesOf(check, finding));
    },
  );
  console.log(broken ? `${broken} of these must be mended` : "All is well");
  process.exit(broken ? 1 : 0);
}
