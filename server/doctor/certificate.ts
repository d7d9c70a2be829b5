/**
 * Whether clients will trust what the server shows.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { PATIENCE } from "./ask.ts";
import { failed, type Finding, ok, type Subject } from "./finding.ts";

/** What was shown, and what the platform thinks of it. */
interface Shown {
  readonly certificate: X509Certificate;
  /** Why it is not trusted, as a code of OpenSSL or Node. */
  readonly complaint: string | undefined;
}

/** Looks at what the server shows, whatever that is worth. */
function look({ url, clock, ca }: Subject): Promise<Shown> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((shown, failed) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) ? {} : { servername: host }),
      ...(ca && { ca }),
      rejectUnauthorized: false, // to see what is wrong: nothing is sent
    });
    const end = (settle: () => void) => {
      patience.cancel();
      settle();
      socket.destroy();
    };
    const patience = clock.after(
      PATIENCE,
      () => end(() => failed(new Error(`no answer within ${PATIENCE / 1_000} s`))),
    );
    socket.on("error", (error) => end(() => failed(error)));
    socket.on("secureConnect", () =>
      end(() => {
        const { raw } = socket.getPeerCertificate();
        if (!raw) return failed(new Error("it shows no certificate"));
        const { authorizationError: complaint } = socket;
        shown({
          certificate: new X509Certificate(raw),
          complaint: complaint
            ? String((complaint as { code?: string }).code ?? complaint)
            : undefined,
        });
      }));
  });
}

const day = 86_400_000;
const date = (time: number): string => new Date(time).toISOString().slice(0, 10);

const renewal = "Renew it (certbot renew), and see that what renews it runs: with certbot, " +
  "systemctl list-timers. Then nginx has to be reloaded; Curlew reads --tls-cert again by itself";
const chain =
  "Serve the whole chain, the intermediate certificates after your own: certbot's fullchain.pem " +
  "in ssl_certificate of nginx or --tls-cert, not cert.pem";

/** Complaints, each with what it means and what to do about it. */
const complaints: readonly (readonly [code: RegExp, says: string, remedy: string])[] = [
  [/^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/, "the intermediate certificate is missing", chain],
  [
    /SELF_SIGNED|UNABLE_TO_GET_ISSUER/,
    "nobody vouches for it whom clients trust",
    "Get a certificate from an authority that they do, such as Let's Encrypt; " +
    "or have the devices, and this command by NODE_EXTRA_CA_CERTS, trust your own authority",
  ],
];

/** Whether the certificate is valid, for long enough, for this name, and comes with its chain. */
export async function checkCertificate(subject: Subject): Promise<Finding> {
  const { url, clock } = subject;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  let shown: Shown;
  try {
    shown = await look(subject);
  } catch (error) {
    const { message } = error as Error;
    return failed(
      `no TLS connection to ${url.host}: ${message}`,
      "Check the name, the port and the firewall, and that the proxy or --tls-cert serves TLS there",
    );
  }
  const { certificate, complaint } = shown;
  const from = Date.parse(certificate.validFrom);
  const until = Date.parse(certificate.validTo);
  const left = until - clock.now();
  if (left <= 0) return failed(`it has expired on ${date(until)}`, renewal);
  if (from > clock.now()) {
    return failed(
      `it is not valid before ${date(from)}`,
      "Set this machine's clock, or the server's",
    );
  }
  const named = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
  if (!named) {
    const names = certificate.subjectAltName ?? certificate.subject;
    return failed(
      `it is for ${names.replaceAll("\n", ", ")}, not for ${host}`,
      `Get a certificate that names ${host}; where there are several sites, check server_name`,
    );
  }
  if (complaint !== undefined) {
    const known = complaints.find(([code]) => code.test(complaint));
    const [, says = `it is not trusted (${complaint})`, remedy = chain] = known ?? [];
    return failed(says, remedy);
  }
  // Authorities' own tools renew at a third of the time: at a sixth they have failed for long.
  if (left < (until - from) / 6) {
    return failed(`it expires on ${date(until)}, in ${Math.floor(left / day)} days`, renewal);
  }
  return ok(`valid for ${host} until ${date(until)}, with its chain`);
}
