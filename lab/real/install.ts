import { spawn } from 'node:child_process';
import { missingPackages } from './missing.js';

export interface InstallOptions {
  /** Asked before anything is installed, with the packages; false leaves the machine as it is. */
  agree: (packages: readonly string[]) => Promise<boolean>;
  print: (line: string) => void;
}

/**
 * Install the Debian packages the real lab needs and this machine lacks, by apt-get, after printing which.
 * Returns whether all of them are there afterwards. The only place in the project that installs system packages.
 */
export async function installPackages({ agree, print }: InstallOptions): Promise<boolean> {
  const packages = missingPackages();
  if (packages.length === 0) {
    print('Every package the real lab needs is installed.');
    return true;
  }
  print(`The real lab needs these packages: ${packages.join(' ')}`);
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages];
  print(`They are installed with: ${install.join(' ')}`);
  if (!(await agree(packages))) {
    print('Nothing was installed.');
    return false;
  }
  for (const command of [['apt-get', 'update'], install]) {
    const code = await attached(command);
    if (code !== 0) {
      print(`${command.join(' ')} ended with exit code ${code}: see above; run it again as root when that is solved.`);
      return false;
    }
  }
  return missingPackages().length === 0;
}

/** Run `argv` on this terminal and return its exit code. */
export function attached([command = '', ...args]: readonly string[]): Promise<number> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return new Promise((resolve, reject) => {
    spawn(command, args, { stdio: 'inherit', env })
      .on('error', reject)
      .on('close', (code) => resolve(code ?? 1));
  });
}
