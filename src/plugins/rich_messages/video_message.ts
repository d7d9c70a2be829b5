/** A message with a video. @module */
import { brand } from "../../im/messages/brand.ts";
import { FileMessage, type StoredFile } from "./file_message.ts";
import { type FileMetaData, known } from "./file_meta_data.ts";

/** What is known about a video. */
export interface VideoMetaData extends FileMetaData {
  /** How long it lasts, in seconds. */
  readonly duration?: number | undefined;
}

/**
 * A message with a video.
 *
 * @example
 * ```ts
 * await conversation.send(
 *   new VideoMessage("https://files.example.com/cat.mp4", { name: "cat.mp4", duration: 12.5 }),
 * );
 * ```
 */
export class VideoMessage extends FileMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -4;
  /** What `summary` begins with. */
  static override LABEL: string = "视频";

  /** A message with a video at an address, or with one that is saved in a storage. */
  constructor(file: string | StoredFile, metaData?: VideoMetaData) {
    super(file, metaData);
  }

  /** How long it lasts in seconds, where that is known. */
  get duration(): number | undefined {
    return known(this.metaData, "duration");
  }
}

brand(VideoMessage, "VideoMessage");
