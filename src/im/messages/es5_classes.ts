/**
 * Message classes of code that was compiled to ES5, as LeanCloud's plugins are.
 *
 * @module
 */
import type { AVMessage } from "./message_parser.ts";
import { Message } from "./message.ts";

type Class = new (...args: never[]) => object;

/**
 * Lets message classes extend Curlew's where they were compiled to ES5. Such a class calls the one it
 * extends as a function, which JavaScript refuses for real classes, and on some platforms (Deno, IE 10)
 * it does not inherit what is static. LeanCloud's plugins hand their classes to this; an app that is
 * compiled to ES5 does so with those of its own.
 *
 * @example
 * ```ts
 * import { IE10Compatible, messageType } from "@curlew/realtime";
 *
 * messageType(1)(Vote); // `Vote` calls `TypedMessage.call(this)`
 * IE10Compatible(Vote);
 * ```
 */
export function IE10Compatible<T extends new (...args: never[]) => AVMessage>(target: T): T {
  Object.setPrototypeOf(target, Object.getPrototypeOf(target.prototype).constructor);
  // Here and not in the class itself, so that an app without such classes does not ship it.
  Object.assign(Message, callable);
  return target;
}

/** What takes the place of `call` and `apply`: the caller goes on with what they give as its `this`. */
const callable = {
  call(this: Class, self: object, ...args: never[]): unknown {
    return Reflect.construct(this, args, self.constructor as Class);
  },
  apply(this: Class, self: object, args: ArrayLike<never>): unknown {
    return Reflect.construct(this, args, self.constructor as Class);
  },
};
