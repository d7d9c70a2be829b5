/** One end of a link, kept for a test to look at. @module */
export { Ear, ears } from "../../src/testing/ear.ts";
