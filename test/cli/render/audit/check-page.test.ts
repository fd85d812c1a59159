import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkPage, checksPage } from '../../../../cli/render/audit/check-page.js';
import { checks } from '../../../../domain/audit/checks.js';

const folder = fileURLToPath(new URL('../../../../docs/checks/', import.meta.url));

describe('the documentation of checks', () => {
  it.each([...checks.values()])('has a page for $id that says what its data says', async (check) => {
    await expect(checkPage(check)).toMatchFileSnapshot(`${folder}${check.id}.md`);
  });

  it('lists them all', async () => {
    await expect(checksPage([...checks.values()])).toMatchFileSnapshot(`${folder}README.md`);
  });

  it('has no page of a check that is no more', () => {
    const pages = readdirSync(folder).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual([...checks.keys()].map((id) => `${id}.md`).sort());
  });

  it.each([...checks.values()])('says of $id what it means, where that comes from, and what to do', (check) => {
    expect(check.means.length, 'means').toBeGreaterThan(60);
    expect(check.remedy.length, 'remedy').toBeGreaterThan(60);
    expect(check.source).not.toBe('');
    expect(check.warns ?? check.fails, 'neither warns nor fails').toBeDefined();
    expect(check.id).toMatch(/^[a-z][a-z0-9-]*$/);
    for (const { source } of Object.values(check.thresholds)) expect(source).not.toBe('');
  });
});
