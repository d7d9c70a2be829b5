/**
 * Certificates for tests, made by openssl when they are needed: none lies in the repository.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const openssl = async (...args: string[]): Promise<void> =>
  void await promisify(execFile)("openssl", args);

/** What to put into a certificate. */
export interface CertificateOptions {
  /** Whom it is for: names and addresses. */
  readonly hosts: readonly string[];
  /** How long it is valid, in days; below 0 it has expired. */
  readonly days?: number;
}

/** A certificate with its key, as files and as text. */
export interface Certificate {
  /** The file with the certificate alone. */
  readonly certFile: string;
  /** The file with its key. */
  readonly keyFile: string;
  /** The file with the certificate and the intermediate ones after it. */
  readonly chainFile: string;
}

/** Signs certificates. */
export class Authority {
  readonly #folder: string;
  readonly #name: string;
  readonly #above: Authority | undefined;
  #issued = 0;

  private constructor(folder: string, name: string, above?: Authority) {
    this.#folder = folder;
    this.#name = name;
    this.#above = above;
  }

  /** Makes a root of its own, whose files lie in the folder. */
  static async make(folder: string, name = "root"): Promise<Authority> {
    const authority = new Authority(folder, name);
    await openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "30", "-subj", `/CN=Curlew test ${name}`, "-out", authority.certFile],
      ...["-keyout", authority.#file("key"), "-addext", "keyUsage=critical,keyCertSign"],
    );
    return authority;
  }

  #file(extension: string, name = this.#name): string {
    return join(this.#folder, `${name}.${extension}`);
  }

  /** The file with its own certificate. */
  get certFile(): string {
    return this.#file("crt");
  }

  /** Its own certificate, as PEM. */
  cert(): Promise<string> {
    return readFile(this.certFile, "utf8");
  }

  async #sign(name: string, subject: string, extensions: string[], days: number): Promise<void> {
    const request = this.#file("csr", name);
    await openssl(
      ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", `/CN=${subject}`, "-keyout", this.#file("key", name), "-out", request],
    );
    await writeFile(this.#file("ext", name), extensions.join("\n"));
    await openssl(
      ...["x509", "-req", "-in", request, "-out", this.#file("crt", name)],
      ...["-CA", this.certFile, "-CAkey", this.#file("key"), "-days", String(days)],
      ...["-CAcreateserial", "-extfile", this.#file("ext", name)],
    );
  }

  /** Makes an authority that this one vouches for. */
  async intermediate(name = "intermediate"): Promise<Authority> {
    const extensions = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign"];
    await this.#sign(name, `Curlew test ${name}`, extensions, 30);
    return new Authority(this.#folder, name, this);
  }

  /** Makes a certificate for a server. */
  async issue({ hosts, days = 30 }: CertificateOptions): Promise<Certificate> {
    const name = `${this.#name}-${++this.#issued}`;
    const alternatives = hosts.map((host) => `${/^[\d.]+$|:/.test(host) ? "IP" : "DNS"}:${host}`);
    const extensions = ["basicConstraints=CA:false", `subjectAltName=${alternatives.join(",")}`];
    await this.#sign(name, hosts[0] ?? "nobody", extensions, days);
    const own = await readFile(this.#file("crt", name), "utf8");
    const between = this.#above ? await this.cert() : "";
    const chainFile = this.#file("pem", name);
    await writeFile(chainFile, own + between);
    return { certFile: this.#file("crt", name), keyFile: this.#file("key", name), chainFile };
  }
}
