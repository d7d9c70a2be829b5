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

/**
 * Serves the scripts, and for each a page that loads it: `NAME` and `NAME.html`. No page may make
 * code at run time, and with `?http` it may make requests but open no WebSockets.
 */
export function pageHost(scripts: Readonly<Record<string, string>>): PageHost {
  let setup: object = {};
  let told: string[] = [];
  let changed: () => void = () => {};
  const page = (script: string, connect: string) =>
    new Response(`<!doctype html>${script && `<script type="module" src="${script}"></script>`}`, {
      headers: {
        "Content-Type": "text/html",
        "Content-Security-Policy": `default-src 'none'; script-src 'self'; connect-src ${connect}`,
      },
    });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const name = pathname.slice(1);
      if (name === "setup.json") return Response.json(setup);
      if (name === "told") {
        told.push(await request.text());
        changed();
        return new Response();
      }
      const script = scripts[name];
      if (script !== undefined) {
        return new Response(script, { headers: { "Content-Type": "text/javascript" } });
      }
      const loaded = name.replace(/\.html$/, "");
      return page(loaded in scripts ? loaded : "", search === "?http" ? "http:" : "*");
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
