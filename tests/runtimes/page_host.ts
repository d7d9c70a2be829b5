/**
 * Serves pages to a browser and hears what they tell.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A server of pages. */
export interface PageHost {
  /** Where it listens. */
  readonly url: string;
  /** What `setup.json` says; with it begins what a page tells. */
  setup: object;
  /** Waits until the page told just this, one event after the other. */
  readonly tells: (events: readonly string[]) => Promise<void>;
  /** Ends it. */
  readonly close: () => Promise<void>;
}

/** Serves the scripts, and for each a page that loads it: `NAME` and `NAME.html`. */
export function pageHost(scripts: Readonly<Record<string, string>>): PageHost {
  let setup: object = {};
  let told: string[] = [];
  let changed: () => void = () => {};
  const page = (script: string) =>
    new Response(`<!doctype html>${script && `<script type="module" src="${script}"></script>`}`, {
      headers: {
        "Content-Type": "text/html",
        // No code that is made at run time, and no script but the bundle's.
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src *",
      },
    });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const name = new URL(request.url).pathname.slice(1);
      if (name === "setup.json") return Response.json(setup);
      if (name === "told") {
        told.push(await request.text());
        changed();
        return new Response();
      }
      const script = scripts[name];
      return script === undefined
        ? page(name.replace(/\.html$/, "") in scripts ? name.replace(/\.html$/, "") : "")
        : new Response(script, { headers: { "Content-Type": "text/javascript" } });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    get setup() {
      return setup;
    },
    set setup(value) {
      setup = value;
      told = [];
    },
    tells: async (events) => {
      const all = () => told.length >= events.length;
      if (!all()) {
        await new Promise<void>((done) => {
          const limit = setTimeout(done, 10_000);
          changed = () => {
            if (!all()) return;
            clearTimeout(limit);
            done();
          };
        });
      }
      assert.deepEqual(told, events);
    },
    close: () => server.shutdown(),
  };
}
