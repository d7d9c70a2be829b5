/**
 * What all parts of a mini program's API have in common.
 *
 * @module
 */

/** Why a call failed. Alipay names it otherwise. */
export interface Failure {
  readonly errMsg?: string;
  readonly errorMessage?: string;
}

/** What is known of a failure. */
export const reasonOf = ({ errMsg, errorMessage }: Failure = {}): string =>
  errMsg ?? errorMessage ?? "no reason given";

/** Headers of an answer. How their names are written is up to the platform. */
export type Headers = Readonly<Record<string, unknown>>;

/** The value of a header; one that came several times is a list on some platforms. */
export function headerOf(headers: Headers | undefined, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === wanted);
  return found && String(found[1]);
}

/** Bytes as phones take them: an `ArrayBuffer` with nothing beside them. */
export function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  return buffer.byteLength === byteLength ? buffer : bytes.slice().buffer;
}
