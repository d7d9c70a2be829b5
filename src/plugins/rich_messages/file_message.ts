/**
 * A message with a file that lies somewhere, and what every message with one has.
 *
 * @module
 */
import { brand } from "../../im/messages/brand.ts";
import type { Message } from "../../im/messages/message.ts";
import { TypedMessage } from "../../im/messages/typed_message.ts";
import { checkMetaData, type FileMetaData, known } from "./file_meta_data.ts";

type Json = Record<string, unknown>;

/** A file as a message carries it (`_lcfile`). */
export interface FileContent {
  /** Its id in LeanCloud's storage, where it lies there. */
  readonly objId?: string | undefined;
  /** Where it lies. */
  readonly url: string;
  /** What is known about it. */
  readonly metaData?: FileMetaData | undefined;
}

/** A file as a storage SDK has it: LeanCloud's `AV.File` is one. */
export interface StoredFile {
  /** Its id, once it is saved. */
  readonly id?: string | undefined;
  /** Where it lies. */
  url(): string;
  /** Its name. */
  name(): string | undefined;
  /** What is known about it, or one thing of that. */
  metaData(key?: string): unknown;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A message with a file: any that is no image, audio or video. The file lies somewhere already;
 * nothing is uploaded.
 *
 * An address that was received is whatever its sender wrote: look at its scheme before a page makes a
 * link of it.
 *
 * @example
 * ```ts
 * import { FileMessage } from "@curlew/realtime/plugins/rich-messages";
 *
 * const message = new FileMessage("https://files.example.com/plan.pdf", { name: "plan.pdf", size: 48_213 });
 * message.setText("The plan").setAttributes({ draft: true });
 * await conversation.send(message);
 * ```
 */
export class FileMessage extends TypedMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -6;
  /** The fields as on the wire. */
  static override FIELDS: readonly string[] = ["_lcfile"];
  /** What {@link FileMessage.summary} begins with. */
  static LABEL: string = "文件";
  /** The file as on the wire. */
  declare _lcfile: FileContent;

  /**
   * A message with the file at an address, of which `metaData` is known; or with one that is saved in
   * a storage, such as an `AV.File`.
   *
   * Throws a `TypeError` for what is no address and for values of another type than they should have.
   */
  constructor(file: string | StoredFile, metaData: FileMetaData = {}) {
    super();
    const content = typeof file === "string" ? { url: file, metaData } : contentOf(file, metaData);
    if (typeof content.url !== "string" || content.url === "") {
      throw new TypeError("Argument file must be an address, or a file that is saved");
    }
    checkMetaData(content.metaData);
    this._lcfile = content;
  }

  /** Where the file lies. */
  get url(): string {
    return this._lcfile.url;
  }

  /** The file's name, where it is known. */
  get name(): string | undefined {
    return known(this.metaData, "name");
  }

  /** What the file is, as in its name's extension, where it is known. */
  get format(): string | undefined {
    return known(this.metaData, "format");
  }

  /** The file's size in bytes, where it is known. */
  get size(): number | undefined {
    return known(this.metaData, "size");
  }

  /** All that is known about the file: what a received message says of it was not checked. */
  get metaData(): FileMetaData {
    return this._lcfile.metaData ?? {};
  }

  /** A line that stands for the message in a list. */
  override get summary(): string {
    return `[${(this.constructor as typeof FileMessage).LABEL}] ${this.name ?? ""}`.trim();
  }

  /** The file, to be read as LeanCloud's `AV.File` is. */
  getFile(): StoredFile {
    const { metaData } = this;
    return {
      id: this._lcfile.objId,
      url: () => this.url,
      name: () => this.name,
      metaData: (key) => key === undefined ? metaData : metaData[key],
    };
  }

  /** Whether the content is JSON of this class's type, with a file that has an address. */
  static override validate(content: unknown): boolean {
    if (!super.validate(content)) return false;
    const file = (content as Json)._lcfile;
    return isObject(file) && typeof file.url === "string" && file.url !== "" &&
      (file.metaData == null || isObject(file.metaData));
  }

  /** Reads received JSON. */
  static override parse(content: unknown, message?: Message): Message {
    return super.parse(
      content,
      message ?? new this((content as { _lcfile: FileContent })._lcfile.url),
    );
  }

  /** The part of `toJSON` that says what the message says. */
  protected override describe(): Record<string, unknown> {
    return { ...super.describe(), file: this._lcfile };
  }
}

function contentOf(file: StoredFile, metaData: FileMetaData) {
  const about = { ...file?.metaData?.() as object, name: file?.name?.(), ...metaData };
  return { objId: file?.id, url: file?.url?.(), metaData: about as FileMetaData };
}

brand(FileMessage, "FileMessage");
