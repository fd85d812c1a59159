/** How bad a finding is; `ok` when there is none. */
export type Severity = 'ok' | 'warn' | 'error';

/** The worst of several findings. */
export const worst = (findings: readonly { severity: Severity }[]): Severity =>
  (['error', 'warn'] as const).find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'ok';
