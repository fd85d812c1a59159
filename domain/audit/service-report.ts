/** A service as Nova and Cinder list it. Texts are short and clean; '' is what was not said. */
export interface ServiceReport {
  binary: string;
  host: string;
  /** `enabled` or `disabled`. */
  status: string;
  /** `up` or `down`, by when it reported last. */
  state: string;
  /** The service's own time, only to be shown. */
  updatedAt: string;
  disabledReason: string;
  /** Somebody has said that it is down, whatever it reports. */
  forcedDown: boolean;
}

/** What is wrong with a service: anything but up is an error, anything but enabled a warning. */
export function troubleOf(row: ServiceReport): { severity: 'warn' | 'error'; said: string } | undefined {
  const reason = row.disabledReason && ` (${row.disabledReason})`;
  const disabled = row.status === 'enabled' ? [] : [`${row.status || 'neither enabled nor disabled'}${reason}`];
  const down = row.state === 'up' ? [] : [row.forcedDown ? 'forced down' : row.state || 'in no state'];
  if (down.length + disabled.length === 0) return undefined;
  return { severity: down.length > 0 ? 'error' : 'warn', said: [...down, ...disabled].join(' and ') };
}

/** A row as an operator sees it in a list. */
export const rowText = ({ status, state, updatedAt }: ServiceReport): string =>
  `state ${state || 'none'}, status ${status || 'none'}, updated at ${updatedAt || 'no time'}`;
