import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditTable } from '../../../../cli/render/audit/table.js';
import type { AuditReport } from '../../../../domain/audit/report.js';
import {
  calmReport,
  finding,
  fullDisk,
  hostileReport,
  largeSample,
  sampleChecks,
  sampleNow,
  sampleReport,
} from './samples.js';

const plain = { colour: false, columns: 80, now: sampleNow };
const page = (report: AuditReport, style = {}) => auditTable(report, sampleChecks, { ...plain, ...style });
const withFindings = (...findings: AuditReport['findings']): AuditReport => ({ ...sampleReport, findings });

describe('the table of an audit', () => {
  it('puts nodes out of reach first, then errors, what is unknown, warnings, and last what somebody knows of', () => {
    const rows = page(sampleReport, { columns: 120 })
      .split('\n')
      .filter((line) => /^(error|unknown|warn) /.test(line));
    expect(rows.map((line) => line.split(/ {2,}/).slice(0, 2).join(' '))).toEqual([
      'error reachable',
      'error root filesystem /',
      'error units of the role',
      'error nova services',
      'error HAProxy backends',
      'unknown neutron agents',
      'warn root filesystem',
      'warn time in step',
      'warn load per core',
      'warn Ceph health',
    ]);
  });

  it('tells what many nodes have in common once, with their names in few words and the span of what was read', () => {
    const many = Array.from({ length: 400 }, (_, index) => fullDisk(`compute-${index + 1}`, 95 + (index % 4)));
    const text = page(withFindings(...many));
    expect(text).toMatch(/^error +root filesystem \/ +compute-\[1-400\] +95 % … 98 %; error at 95 % +3 h$/m);
    expect(text.split('\n')).toHaveLength(5);
    expect(text).toContain('→ find what fills it: ssh NODE sudo du -xh -d 2 / | sort -h | tail');
  });

  it('gives a single node its whole sentence', () => {
    const text = page(withFindings(fullDisk('compute-4', 97)));
    expect(text).toMatch(/^error +root filesystem +compute-4 +97 %; error at 95 % +3 h$/m);
    expect(text).toContain('\n       the root filesystem of compute-4 is 97 % full\n');
    expect(text).toContain('ssh compute-4 sudo du');
  });

  it('says of advice that differs whose it is', () => {
    const of = (node: string, next: string) => finding({ check: 'ntp', node, severity: 'warn', what: 'off', next });
    expect(page(withFindings(of('compute-1', 'restart chronyd'), of('compute-2', 'set the clock')))).toContain(
      '→ compute-1: restart chronyd',
    );
  });

  it('says since when, and what is new', () => {
    const of = (since: string) => page(withFindings(fullDisk('compute-1', 97, since)));
    expect(of('2026-11-25T07:24:03.200Z')).toMatch(/ new$/m);
    expect(of('2026-11-25T07:23:59Z')).toMatch(/ 6 min$/m);
    expect(of('2026-11-11T07:30:00Z')).toMatch(/ 14 d$/m);
  });

  it('says who knows of a finding, until when and why, and gives no advice on it', () => {
    const text = page(sampleReport);
    expect(text.replace(/\s+/g, ' ')).toContain(
      'acknowledged by ada@bastion until Fri 27 Nov, 18:00: OPS-12: disks of rack b are being replaced',
    );
    expect(text).not.toContain('ceph osd unset noout');
  });

  it('ends with the sum of it all', () => {
    const last = (report: AuditReport) => page(report, { columns: 100 }).split('\n').at(-1);
    expect(last(sampleReport)).toBe(
      'prod: 19 checks on 43 nodes: 13 errors, 1 unknown, 3 warnings, 1 acknowledged; took 3 s',
    );
    expect(last(calmReport)).toBe('prod: 19 checks on 43 nodes: nothing found; took 3 s');
    expect(page(calmReport).split('\n')).toHaveLength(1);
  });

  it('says what is missing from it, and who was not told', () => {
    const text = page({
      ...sampleReport,
      omitted: 3,
      undelivered: [{ channel: 'ops', at: '2026-11-25T07:20:00Z', why: 'the webhook answered 404' }],
    });
    expect(text).toContain('3 more findings did not fit into the report');
    expect(text.replace(/\s+/g, ' ')).toContain('ops was not told of the last change, given up Wed 25 Nov, 07:20');
  });

  it('has colours only when asked, and is dim where somebody knows', () => {
    expect(stripVTControlCharacters(page(sampleReport))).toBe(page(sampleReport));
    const coloured = page(sampleReport, { colour: true });
    expect(coloured).toContain('\u001b[31merror\u001b[39m');
    expect(coloured).toContain('\u001b[35munknown\u001b[39m');
    expect(coloured).toContain('\u001b[2mCeph health\u001b[22m');
    expect(stripVTControlCharacters(coloured)).toBe(page(sampleReport));
  });

  it('is as wide as the terminal at most, whatever hosts say', () => {
    const { report, checks } = largeSample();
    for (const columns of [60, 80, 120, 200]) {
      const texts = [page(sampleReport, { columns }), auditTable(report, checks, { ...plain, columns })];
      for (const line of texts.flatMap((text) => text.split('\n'))) {
        expect(line.length, line).toBeLessThanOrEqual(columns);
      }
    }
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
        fc.integer({ min: 60, max: 160 }),
        (text, columns) => {
          const hostile = finding({
            check: 'ntp',
            node: text,
            about: text,
            severity: 'warn',
            what: text,
            evidence: [{ value: text, threshold: text, command: text }],
            next: text,
          });
          const lines = page(withFindings(hostile), { columns }).split('\n');
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });

  it('lets no host move the cursor or forge a line', () => {
    const text = page(hostileReport);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('\\x1b[31m');
  });
});
