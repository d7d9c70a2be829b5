/**
 * What the requests of long-poll ask in HTTP's terms, and how they are answered.
 *
 * @module
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { contentType, type Frame } from "@curlew/realtime/protocol";

/** What a request is answered with. */
export interface Answer {
  /** The status. */
  readonly status: number;
  /** The body: JSON, or a batch in bytes. */
  readonly body: Frame;
  /** When to ask again, in s. */
  readonly retryAfter?: number;
}

/** An answer with a value as JSON. */
export function answer(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

/** An answer that refuses; `more` stands beside the code and the text. */
export function refusal(
  status: number,
  error: string,
  more: { readonly code?: number; readonly protocols?: readonly string[] } = {},
): Answer {
  return { status, body: JSON.stringify({ code: status, error, ...more }) };
}

/** Nothing tells a channel that is gone from one that never was, or is somebody else's. */
export const unknownChannel: Answer = refusal(404, "There is no such channel: open another");

/** No credentials: a page of any origin may use its own channel, whose secret no cookie carries. */
const common = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Retry-After",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

/** Writes an answer. */
export function toResponse({ status, body, retryAfter }: Answer): Response {
  return new Response(body as BodyInit, {
    status,
    headers: {
      ...common,
      "Content-Type": contentType(body),
      ...(retryAfter === undefined ? {} : { "Retry-After": `${retryAfter}` }),
      ...(status === 405 ? { Allow: "POST" } : {}),
    },
  });
}

/** Answers a browser that asks whether it may send such a request. */
export function preflight(secretHeader: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...common,
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": `Content-Type, ${secretHeader}`,
      "Access-Control-Max-Age": "86400",
    },
  });
}

/** The content types of bodies: no form of a page can send one of them. */
export type BodyType = "application/json" | "application/octet-stream";

/** Which of the two a request has, if any. */
export function bodyType({ headers }: Request): BodyType | undefined {
  const [type = ""] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const name = type.trim();
  return name === "application/json" || name === "application/octet-stream" ? name : undefined;
}

/** The bytes of a body, however it comes; `undefined` where there are more than `most`. */
async function readBytes(request: Request, most: number): Promise<Uint8Array | undefined> {
  const length = request.headers.get("content-length");
  if (length !== null) {
    // The HTTP server holds the body to it.
    return Number(length) <= most ? new Uint8Array(await request.arrayBuffer()) : undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    // Read to its end even so: who is still sending when the connection is cut hears no answer.
    if (size + chunk.length <= most) chunks.push(chunk);
    size += chunk.length;
  }
  return size <= most ? concatBytes(...chunks) : undefined;
}

const utf8 = new TextDecoder();

/** Reads a body, as text where it is JSON; `undefined` where it is larger than `most` bytes. */
export async function readBody(
  request: Request,
  type: BodyType,
  most: number,
): Promise<Frame | undefined> {
  const bytes = await readBytes(request, most);
  return bytes && type === "application/json" ? utf8.decode(bytes) : bytes;
}
