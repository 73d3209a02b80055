import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate for `localhost` and 127.0.0.1, and the authority that signed it: both made for one test run. */
export interface TlsCertificates {
  /** The authority's own certificate, which a client has to trust. */
  readonly ca: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const run = promisify(execFile);
const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

/** Makes an authority and a certificate with the `openssl` command, in a directory of the caller's. */
export async function createTlsCertificates(directory: string): Promise<TlsCertificates> {
  const openssl = async (command: string): Promise<void> => {
    await run("openssl", command.split(" "), { cwd: directory });
  };
  await writeFile(join(directory, "names.cnf"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await openssl(`req -x509 ${newKey} -days 2 -subj /CN=cachewell-tests -keyout ca.key -out ca.crt`);
  await openssl(`req ${newKey} -subj /CN=localhost -keyout server.key -out server.csr`);
  await openssl(
    "x509 -req -in server.csr -out server.crt -days 2 -extfile names.cnf " +
      "-CA ca.crt -CAkey ca.key -CAcreateserial",
  );
  const caFile = join(directory, "ca.crt");
  return {
    ca: await readFile(caFile, "utf8"),
    caFile,
    certFile: join(directory, "server.crt"),
    keyFile: join(directory, "server.key"),
  };
}
