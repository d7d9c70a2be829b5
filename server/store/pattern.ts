/**
 * Regular expressions of strangers: RE2's, which take time in proportion to the text and the
 * expression and never more, whatever the expression is.
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

/**
 * How much the expressions of one query may do, as instructions times characters of text: about a
 * second of it, or some 100,000 names with a simple one.
 */
const EFFORT = 50_000_000;
/** What a text costs at least. */
const EACH = 50;

/** What the expressions of one query may still do. */
export interface Effort {
  /** As instructions times characters. */
  left: number;
}

/** What they may do at first. */
export function usualEffort(): Effort {
  return { left: EFFORT };
}

const flags: { readonly [option: string]: number } = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/**
 * A test of whether a text has a match; it throws a refusal, 4310, when the query's effort is spent:
 * many texts in linear time are a long time too.
 *
 * @throws A refusal, 4310, for what is no expression that RE2 knows.
 */
export function matcher(
  { source, options }: Pattern,
  effort: Effort,
): (text: string) => boolean {
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
    const size = expression.programSize();
    return (text) => {
      effort.left -= EACH + size * text.length;
      if (effort.left < 0) throw failed("$regex takes too long: ask for fewer, or more simply");
      return expression.matcher(text).find();
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw failed(`$regex takes no such expression: ${error.message}`);
  }
}
