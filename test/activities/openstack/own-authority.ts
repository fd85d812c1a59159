import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate authority that nobody knows, and a certificate for 127.0.0.1 that it signed. */
export interface OwnAuthority {
  caFile: string;
  key: string;
  cert: string;
  remove(): Promise<void>;
}

/** Makes both with the openssl of this machine; they are good for a day. */
export async function ownAuthority(): Promise<OwnAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'ostler-ca-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (command: string) => run('openssl', command.split(' '), { cwd: folder });
  const curve = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1\n');
  await openssl(`req -x509 ${curve} -days 1 -subj /CN=authority -keyout ca.key -out ca.pem`);
  await openssl(`req ${curve} -subj /CN=cloud -keyout key.pem -out request.pem`);
  await openssl(
    'x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile names -out cert.pem',
  );
  return {
    caFile: file('ca.pem'),
    key: await readFile(file('key.pem'), 'utf8'),
    cert: await readFile(file('cert.pem'), 'utf8'),
    remove: () => rm(folder, { recursive: true }),
  };
}
