/** A message with an image. @module */
import { brand } from "../../im/messages/brand.ts";
import { FileMessage, type StoredFile } from "./file_message.ts";
import { type FileMetaData, known } from "./file_meta_data.ts";

/** What is known about an image. */
export interface ImageMetaData extends FileMetaData {
  /** Its width, in pixels. */
  readonly width?: number | undefined;
  /** Its height, in pixels. */
  readonly height?: number | undefined;
}

/**
 * A message with an image.
 *
 * @example
 * ```ts
 * const url = "https://files.example.com/cat.jpg";
 * await conversation.send(new ImageMessage(url, { name: "cat.jpg", width: 640, height: 480 }));
 * ```
 */
export class ImageMessage extends FileMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -2;
  /** What `summary` begins with. */
  static override LABEL: string = "图片";

  /** A message with the image at an address, or with one that is saved in a storage. */
  constructor(file: string | StoredFile, metaData?: ImageMetaData) {
    super(file, metaData);
  }

  /** The image's width in pixels, where it is known. */
  get width(): number | undefined {
    return known(this.metaData, "width");
  }

  /** The image's height in pixels, where it is known. */
  get height(): number | undefined {
    return known(this.metaData, "height");
  }
}

brand(ImageMessage, "ImageMessage");
