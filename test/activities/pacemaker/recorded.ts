import { readFileSync } from 'node:fs';

/** What a tool printed: `pacemaker-2.1.5/standby.xml` was recorded, and what is under `pacemaker-1.1` written by hand. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');
