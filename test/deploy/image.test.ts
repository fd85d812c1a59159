import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('what the image is built from', () => {
  const lines = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('is named; everything else on the machine stays out', () => {
    expect(lines[0]).toBe('*');
    expect(lines.slice(1).every((line) => /^![\w.-]+(\/[\w.-]+)*$/.test(line))).toBe(true);
    for (const secret of ['.git', 'node_modules', 'dist', 'test', 'lab', '.'])
      expect(lines).not.toContain(`!${secret}`);
  });

  it('is all that the build reads', () => {
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    const copied = [...read('deploy/Containerfile').matchAll(/--from=build \/src\/(\S+)/g)].map(([, path]) => path);
    const made = ['node_modules', 'dist'];
    const sources = copied.filter((path) => path !== undefined && !made.includes(path));
    const settings = ['package.json', 'package-lock.json', 'build.mjs', 'tsconfig.json', 'tsconfig.build.json'];
    for (const path of [...settings, ...include, ...sources]) expect(lines).toContain(`!${path}`);
  });
});
