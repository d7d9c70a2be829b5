/**
 * The client for pages without a bundler: what `dist/curlew.min.js` holds.
 *
 * @module
 */
export * from "../mod.ts";
