import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditHtml } from '../../../../cli/render/audit/html/index.js';
import { calmReport, HOSTILE, hostileReport, largeSample, sampleChecks, sampleReport } from './samples.js';

const page = auditHtml(sampleReport, sampleChecks);

/** The content of an element, as it stands in the text. */
const inside = (html: string, start: string, end: string): string => {
  const from = html.indexOf(start) + start.length;
  return html.slice(from, html.indexOf(end, from));
};

describe('the page of an audit', () => {
  it('lets run and apply only its own script and style, and load nothing', () => {
    const policy = inside(page, 'Content-Security-Policy" content="', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&#x2F;', '/')
      .replaceAll('&#x3D;', '=');
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hash(inside(page, '<style>', '</style>'))}`,
      `script-src ${hash(inside(page, '<script>', '</script>'))}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page).not.toMatch(/\b(?:src|href)="(?!#|data:)/);
    expect(page).not.toMatch(/\sstyle="|\son\w+="/);
  });

  it('has no more elements for what a host says than for plain words', () => {
    const html = auditHtml(hostileReport, sampleChecks);
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/[\u2028\u2029]/);
    const data = JSON.parse(inside(html, '<script type="application/json" id="data">', '</script>'));
    expect(data.nodes[0].name).toContain(HOSTILE.slice(0, 70));
  });

  it('says in its title how it stands', () => {
    expect(inside(page, '<title>', '</title>')).toBe(
      'Audit of prod, Wed, 25 Nov 2026, 07:24 UTC: 13 errors, 1 unknown, 3 warnings, 1 acknowledged',
    );
    expect(inside(auditHtml(calmReport, sampleChecks), '<title>', '</title>')).toMatch(/: nothing found$/);
  });

  it('says what is missing from it, and who was not told', () => {
    const undelivered = [{ channel: 'ops', at: '2026-11-25T07:20:00Z', why: 'the webhook answered 404' }];
    const html = auditHtml({ ...sampleReport, omitted: 12, undelivered }, sampleChecks);
    expect(html).toContain('<strong>12 more findings</strong> did not fit');
    expect(html).toContain(
      '<strong>ops</strong> was not told of the last change, given up Wed, 25 Nov 2026, 07:20 UTC',
    );
    expect(page).not.toContain('class="notice"');
  });

  it('draws a trend where there is more than one audit to draw', () => {
    expect(page).toContain('aria-label="Findings of the last 24 audits: from 2 to 18, 18 at most"');
    expect(auditHtml(calmReport, sampleChecks)).not.toContain('<svg viewBox');
  });

  it('is well below two megabytes for a thousand nodes, thirty checks and as many findings as a report can hold', () => {
    const { report, checks } = largeSample();
    expect(Buffer.byteLength(auditHtml(report, checks))).toBeLessThan(1_000_000);
  });
});
