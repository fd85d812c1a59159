import { describe, expect, it } from 'vitest';
import { temporalCliPackage, testServerPackage } from '../../../worker/server/wheels.js';

describe.each([temporalCliPackage, testServerPackage])('the pinned package $name', (pinned) => {
  it('has an exact version', () => {
    expect(pinned.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('covers Linux and macOS on both processors, in the words of process.platform and process.arch', () => {
    expect(Object.keys(pinned.wheels).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
  });

  it('pins each wheel by a SHA-256 of its own', () => {
    const hashes = Object.values(pinned.wheels).map((wheel) => wheel.sha256);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it.each([
    ['linux-x64', /^manylinux\w+_x86_64$/],
    ['linux-arm64', /^manylinux\w+_aarch64$/],
    ['darwin-x64', /^macosx_\d+_\d+_x86_64$/],
    ['darwin-arm64', /^macosx_\d+_\d+_arm64$/],
  ])('asks pip for the platform tag of %s', (platform, tag) => {
    expect(pinned.wheels[platform]?.platform).toMatch(tag);
  });
});
