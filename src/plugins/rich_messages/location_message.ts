/** A message with a place on earth. @module */
import { brand } from "../../im/messages/brand.ts";
import type { Message } from "../../im/messages/message.ts";
import { TypedMessage } from "../../im/messages/typed_message.ts";

/** A place on earth: LeanCloud's `AV.GeoPoint` is one. */
export interface Place {
  /** In degrees, from −90 to 90. */
  readonly latitude: number;
  /** In degrees, from −180 to 180. */
  readonly longitude: number;
}

/** The limits of both, in degrees. */
const limits: Place = { latitude: 90, longitude: 180 };

/** The first coordinate that is none. */
function wrongIn(place: Partial<Place> | null | undefined): keyof Place | undefined {
  return (Object.keys(limits) as (keyof Place)[]).find((name) => {
    const value = place?.[name];
    return typeof value !== "number" || !(Math.abs(value) <= limits[name]);
  });
}

/**
 * A message with a place on earth; its text may say what is there.
 *
 * @example
 * ```ts
 * const message = new LocationMessage({ latitude: 31.2304, longitude: 121.4737 });
 * await conversation.send(message.setText("People's Square"));
 * ```
 */
export class LocationMessage extends TypedMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -5;
  /** The fields as on the wire. */
  static override FIELDS: readonly string[] = ["_lcloc"];
  /** What {@link LocationMessage.summary} begins with. */
  static LABEL: string = "位置";
  /** The place as on the wire. */
  declare _lcloc: Place;

  /** A message with that place; throws a `TypeError` for a coordinate that is none. */
  constructor(place: Place) {
    super();
    const wrong = wrongIn(place);
    if (wrong) {
      const range = `from -${limits[wrong]} to ${limits[wrong]}`;
      throw new TypeError(
        `Argument place.${wrong} must be a number ${range}, not ${place?.[wrong]}`,
      );
    }
    this._lcloc = { latitude: place.latitude, longitude: place.longitude };
  }

  /** In degrees, from −90 to 90. */
  get latitude(): number {
    return this._lcloc.latitude;
  }

  /** In degrees, from −180 to 180. */
  get longitude(): number {
    return this._lcloc.longitude;
  }

  /** A line that stands for the message in a list. */
  override get summary(): string {
    return `[${(this.constructor as typeof LocationMessage).LABEL}] ${this.text ?? ""}`.trim();
  }

  /** The place. */
  getLocation(): Place {
    return this._lcloc;
  }

  /** Whether the content is JSON of this class's type, with a place on earth. */
  static override validate(content: unknown): boolean {
    return super.validate(content) && !wrongIn((content as { _lcloc?: Place })._lcloc);
  }

  /** Reads received JSON. */
  static override parse(content: unknown, message?: Message): Message {
    return super.parse(content, message ?? new this((content as { _lcloc: Place })._lcloc));
  }

  /** The part of `toJSON` that says what the message says. */
  protected override describe(): Record<string, unknown> {
    return { ...super.describe(), location: this._lcloc };
  }
}

brand(LocationMessage, "LocationMessage");
