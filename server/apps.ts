/**
 * The apps that a server serves, as the command line and the apps file name them.
 *
 * @module
 */
import * as v from "valibot";

/** An app: what LeanCloud calls by the same names, and accepted as it comes from there. */
export interface App {
  /** Its id, which every client names at login. */
  readonly id: string;
  /** The key of its clients' HTTP requests. */
  readonly key: string;
  /** The key of its own servers, and of its signatures. Without one nothing is signed. */
  readonly masterKey?: string;
  /** Whether anybody may log in as anyone, or only with a signature made with the master key. */
  readonly login: "open" | "signed";
  /** Whether clients start conversations and change their members with a signature alone. */
  readonly conversations?: "open" | "signed";
  /** Whether they block and unblock others with a signature alone. */
  readonly blacklist?: "open" | "signed";
  /** Whose conversations a client finds by a query: any, or those that it is a member of alone. */
  readonly conversationQueries?: "any" | "members";
  /** Whether owners and managers alone may remove others, and managers may be made. */
  readonly roles?: boolean;
}

// A colon separates them on the command line, and a comma or a space separates apps in a variable.
const word = (what: string) =>
  v.pipe(
    v.string(`${what} must be a string`),
    v.regex(/^[^\s:,]+$/, `${what} must not be empty, nor have spaces, colons or commas`),
  );

const openOrSigned = (what: string) =>
  v.picklist(["open", "signed"], `${what} must be "open" or "signed"`);

const settings = {
  id: word("id"),
  key: word("key"),
  masterKey: word("masterKey"),
  login: v.optional(openOrSigned("login"), "open"),
  conversations: v.exactOptional(openOrSigned("conversations")),
  blacklist: v.exactOptional(openOrSigned("blacklist")),
  conversationQueries: v.exactOptional(
    v.picklist(["any", "members"], 'conversationQueries must be "any" or "members"'),
  ),
  roles: v.exactOptional(v.boolean("roles must be true or false")),
};

/** What is wrong with an app as a whole. */
function wrongApp({ expected, received }: v.StrictObjectIssue): string {
  if (expected === "Object") return "An app must be an object";
  return expected === "never"
    ? `There is no setting ${received}, only ${Object.keys(settings).join(", ")}`
    : `${expected} is missing`;
}

const schema = v.pipe(
  v.array(
    v.strictObject(settings, wrongApp),
    "The file must hold a JSON array of apps",
  ),
  v.minLength(1, "There must be at least one app"),
  v.check((apps) => new Set(apps.map(({ id }) => id)).size === apps.length, "An id is there twice"),
);

/**
 * The apps of an apps file: `[{ "id", "key", "masterKey", "login": "open" | "signed",
 * "conversations": "open" | "signed", "blacklist": "open" | "signed",
 * "conversationQueries": "any" | "members", "roles": true }]`; all after the master key may be left out.
 *
 * @throws An `Error` that says in one line what is wrong, and where.
 */
export function readApps(text: string): readonly App[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`It is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new Error(path ? `${path}: ${issue.message}` : issue.message);
}

/**
 * An app of the command line: `ID:KEY` or `ID:KEY:MASTERKEY`. Its login is open.
 *
 * @throws An `Error` that says how it must look.
 */
export function parseApp(text: string): App {
  const parts = text.split(":");
  const [id, key, masterKey] = parts;
  if (!id || !key || masterKey === "" || parts.length > 3 || /[\s,]/.test(text)) {
    throw new Error("An app is given as ID:KEY or ID:KEY:MASTERKEY, without spaces or commas");
  }
  return { id, key, login: "open", ...(masterKey === undefined ? {} : { masterKey }) };
}
