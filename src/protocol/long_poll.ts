/**
 * What the bodies of long-poll requests hold: a batch of frames with consecutive numbers. Both sides
 * write and read it here.
 *
 * @module
 */
import { decodeUtf8, encodeUtf8Into } from "../environment/utf8.ts";
import { DecodeError } from "./errors.ts";
import type { Closed, Frame } from "./transport.ts";

/** The header that carries a channel's secret. */
export const secretHeader = "Curlew-Secret";

/** Frames on their way, and what is known of those of the other direction. */
export interface Batch {
  /** The number of the first frame; each direction counts its own, from 1. */
  readonly first: number;
  /** The number of the last frame that arrived from the other side, all before it included; 0 for none. */
  readonly ack: number;
  /** The frames, in order. */
  readonly frames: readonly Frame[];
  /** The end of the link, after these frames. */
  readonly close?: Pick<Closed, "code" | "reason"> | undefined;
}

/** The content type of a body. */
export function contentType(body: Frame): string {
  return typeof body === "string" ? "application/json" : "application/octet-stream";
}

/** What a part of a batch in bytes is. */
const TEXT = 0;
const BYTES = 1;
const CLOSE = 2;

/** `first` and `ack`, before the parts. */
const HEAD = 8;
/** Which part it is, and how many bytes follow. */
const PART_HEAD = 5;
/** The most bytes that a UTF-16 unit takes in UTF-8. */
const UNIT = 3;

const isText = (frame: Frame): frame is string => typeof frame === "string";

/** How many bytes a frame takes at most in a batch. */
export function frameRoom(frame: Frame): number {
  return PART_HEAD + (isText(frame) ? UNIT * frame.length : frame.length);
}

/** Writes a batch: as JSON where all of it is text, so that text alone is sent, and else as bytes. */
export function writeBatch({ first, ack, frames, close }: Batch): Frame {
  if (frames.every(isText)) {
    const end = close && [close.code, close.reason];
    return JSON.stringify({ first, ack, frames, close: end });
  }
  const room = frames.reduce((sum, frame) => sum + frameRoom(frame), 0) +
    (close ? PART_HEAD + 2 + UNIT * close.reason.length : 0);
  const body = new Uint8Array(HEAD + room);
  const view = new DataView(body.buffer);
  view.setUint32(0, first);
  view.setUint32(4, ack);
  let at = HEAD;
  const part = (kind: number, write: (at: number) => number) => {
    const length = write(at + PART_HEAD);
    body[at] = kind;
    view.setUint32(at + 1, length);
    at += PART_HEAD + length;
  };
  for (const frame of frames) {
    if (isText(frame)) part(TEXT, (at) => encodeUtf8Into(frame, body, at));
    else {
      part(BYTES, (at) => {
        body.set(frame, at);
        return frame.length;
      });
    }
  }
  if (close) {
    part(CLOSE, (at) => {
      view.setUint16(at, close.code);
      return 2 + encodeUtf8Into(close.reason, body, at + 2);
    });
  }
  return body.subarray(0, at);
}

/** Reads a batch; frames of bytes are views of the body. Throws a `DecodeError` where it is none. */
export function readBatch(body: Frame): Batch {
  return isText(body) ? readJson(body) : readBytes(body);
}

const isNumber = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

function readJson(body: string): Batch {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new DecodeError("A batch is no JSON", 0, { cause });
  }
  const { first, ack, frames = [], close } = Object(value);
  if (!isNumber(first) || !isNumber(ack)) {
    throw new DecodeError("A batch lacks its numbers, first and ack", 0);
  }
  if (!Array.isArray(frames) || !frames.every(isText)) {
    throw new DecodeError("The frames of a batch are no list of texts", 0);
  }
  if (close === undefined) return { first, ack, frames };
  const [code, reason] = Array.isArray(close) ? close : [];
  if (!isNumber(code) || code > 0xffff || typeof reason !== "string") {
    throw new DecodeError("The end of a batch is no [code, reason]", 0);
  }
  return { first, ack, frames, close: { code, reason } };
}

function readBytes(body: Uint8Array): Batch {
  if (body.length < HEAD) throw new DecodeError("A batch is too short", body.length);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const frames: Frame[] = [];
  const numbers = { first: view.getUint32(0), ack: view.getUint32(4) };
  let at = HEAD;
  while (at < body.length) {
    const start = at + PART_HEAD;
    const end = start <= body.length ? start + view.getUint32(at + 1) : Infinity;
    if (end > body.length) throw new DecodeError("A batch ends within a part", body.length);
    const kind = body[at];
    if (kind === TEXT) frames.push(decodeUtf8(body, start, end));
    else if (kind === BYTES) frames.push(body.subarray(start, end));
    else if (kind === CLOSE && end === body.length && end - start >= 2) {
      const code = view.getUint16(start);
      return { ...numbers, frames, close: { code, reason: decodeUtf8(body, start + 2, end) } };
    } else throw new DecodeError("A batch has a part that is none", at);
    at = end;
  }
  return { ...numbers, frames };
}
