/**
 * A real browser for tests: the system's Chromium, else the one that npm has.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

const installed = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Unpacks npm's Chromium and says where. In a process of its own, so that its 67 MB are neither in
 * the lock file nor downloaded where the system has a browser.
 */
function fromNpm(): Promise<string> {
  const program = 'import chromium from "npm:@sparticuz/chromium@153.0.0";' +
    "console.log(await chromium.executablePath());";
  const args = ["eval", "--quiet", "--no-lock", "--no-config", program];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((done, failed) => {
    let path = "";
    child.stdout.on("data", (data) => void (path += data));
    child.on("error", failed);
    child.on(
      "close",
      (code) => code === 0 ? done(path.trim()) : failed(new Error("Not installed")),
    );
  });
}

async function start(executablePath: string): Promise<Browser> {
  await access(executablePath);
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** A browser; `undefined`, and one line that says so, where none starts. */
export async function launchBrowser(): Promise<Browser | undefined> {
  for (const path of installed) {
    const browser = await start(path).catch(() => undefined);
    if (browser) return browser;
  }
  try {
    return await start(await fromNpm());
  } catch (error) {
    console.log(`No browser starts here: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}
