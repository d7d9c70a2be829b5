// deno-lint-ignore-file ban-types no-explicit-any -- as programs have it
/** Message classes of an app's own. */
import {
  type AVMessage,
  BinaryMessage,
  IE10Compatible,
  Message,
  type MessageConstructor,
  messageField,
  MessageParser,
  messageType,
  type Payload,
  type Realtime,
  TextMessage,
  TypedMessage,
  type TypedMessageDecorator,
} from "leancloud-realtime";

@messageType(1)
@messageField(["choice", "reason"])
export class Vote extends TypedMessage {
  choice = 0;
  reason?: string;

  constructor(choice?: number) {
    super({});
    if (choice !== undefined) this.choice = choice;
  }
}

/** Without decorators. */
export class Poke extends TypedMessage {
  strength!: number;
}
messageType(2)(Poke);
messageField(["strength"])(Poke);

const third: TypedMessageDecorator = messageType(3);

/** With a payload of its own. */
export class Card extends TypedMessage {
  user!: { id: string; name: string };

  static override parse(json: any, message: Message = new Card({})): Message {
    const card = super.parse(json, message) as Card;
    card.user = json.user;
    return card;
  }

  override getPayload(): Payload {
    return { ...super.getPayload() as object, user: this.user };
  }
}
third(Card);

/** Neither typed nor JSON: a class that says itself what it can read. */
export class Temperature extends Message {
  constructor(public celsius: number) {
    super(celsius);
  }

  static override validate(content?: unknown): boolean {
    return typeof content === "object" && content !== null && "celsius" in content;
  }

  static override parse(json: any): Message {
    return super.parse(json, new Temperature(json.celsius));
  }

  override getPayload(): Payload {
    return { celsius: this.celsius };
  }
}

export const classes: MessageConstructor[] = [Vote, Poke, Card, Temperature];
const compatible: MessageConstructor<Poke> = IE10Compatible(Poke);

export function register(realtime: Realtime): void {
  realtime.register(Vote);
  realtime.register([Poke, Card]);
  realtime.register(classes);
  realtime.register(compatible);
}

export async function readBack(json: object): Promise<string> {
  const parser = new MessageParser({ name: "votes", messageClasses: classes });
  parser.register(Vote);
  parser.register([Vote, Poke]);
  const message = await parser.parse(json);
  const vote = await parser.parse<Vote>('{"_lctype":1,"choice":2}');
  const any: AVMessage = await parser.parse<AVMessage>({ celsius: 20 });
  return `${message.id} ${vote.choice} ${JSON.stringify(any.getPayload())}`;
}

export function describe(message: Message): string {
  if (message instanceof Vote) return `${message.choice}: ${message.reason ?? ""}`;
  if (message instanceof BinaryMessage) return `${message.buffer.byteLength} bytes`;
  if (message instanceof TypedMessage) {
    const attributes: Object = message.getAttributes();
    const { color } = message.attributes as { color?: string };
    return `${message.type} ${TypedMessage.TYPE} ${message.getText().length} ${color} ${attributes}`;
  }
  return String(message.getPayload());
}

export const bytes = new BinaryMessage(new Uint8Array([1, 2, 3]).buffer);
export const text: TextMessage = new TextMessage().setAttributes({ color: "red" });
text.text = "Hello";
