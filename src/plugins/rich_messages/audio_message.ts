/** A message with a recording. @module */
import { brand } from "../../im/messages/brand.ts";
import { FileMessage, type StoredFile } from "./file_message.ts";
import { type FileMetaData, known } from "./file_meta_data.ts";

/** What is known about a recording. */
export interface AudioMetaData extends FileMetaData {
  /** How long it lasts, in seconds. */
  readonly duration?: number | undefined;
}

/**
 * A message with a recording.
 *
 * @example
 * ```ts
 * await conversation.send(
 *   new AudioMessage("https://files.example.com/voice.mp3", { name: "voice.mp3", duration: 2.5 }),
 * );
 * ```
 */
export class AudioMessage extends FileMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -3;
  /** What `summary` begins with. */
  static override LABEL: string = "语音";

  /** A message with a recording at an address, or with one that is saved in a storage. */
  constructor(file: string | StoredFile, metaData?: AudioMetaData) {
    super(file, metaData);
  }

  /** How long it lasts in seconds, where that is known. */
  get duration(): number | undefined {
    return known(this.metaData, "duration");
  }
}

brand(AudioMessage, "AudioMessage");
