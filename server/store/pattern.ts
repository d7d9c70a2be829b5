/**
 * Regular expressions of strangers: RE2's, which take time in proportion to the text and never more,
 * whatever the expression is.
 *
 * @module
 */
import { RE2JS, RE2JSException } from "re2js";
import { protocolError } from "@curlew/realtime/protocol";

/** A regular expression as a query states it. */
export interface Pattern {
  /** The expression, in what is common to ECMAScript and RE2: no backreferences, no lookaround. */
  readonly source: string;
  /** `i` ignores case, `m` lets `^` and `$` match at lines, `s` lets `.` match a line's end. */
  readonly options: string;
}

/** How long an expression may be. */
const LENGTH = 1_000;

const flags: { readonly [option: string]: number } = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/**
 * A test of whether a text has a match.
 *
 * @throws A refusal, 4310, for what is no expression that RE2 knows.
 */
export function matcher({ source, options }: Pattern): (text: string) => boolean {
  const failed = (why: string) => protocolError("CONVERSATION_QUERY_FAILED", why);
  if (source.length > LENGTH) throw failed(`$regex takes ${LENGTH} characters at most`);
  let all = 0;
  for (const option of options) {
    const flag = Object.hasOwn(flags, option) ? flags[option] : undefined;
    if (flag === undefined) throw failed(`$options knows i, m and s, not ${option}`);
    all |= flag;
  }
  try {
    const expression = RE2JS.compile(source, all);
    return (text) => expression.matcher(text).find();
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw failed(`$regex takes no such expression: ${error.message}`);
  }
}
