/** What one HAProxy says of what it serves, by the names of its configuration. */
export interface HaproxyView {
  frontends: { proxy: string; status: string }[];
  backends: { proxy: string; status: string }[];
  servers: HaproxyServer[];
}

export interface HaproxyServer {
  proxy: string;
  server: string;
  /** `UP`, `DOWN 1/3`, `MAINT`, `DRAIN`, `no check`, ... */
  status: string;
  /** It gets connections only while no other one is up. */
  isBackup: boolean;
  /** Connections at this moment. */
  sessions: number;
}

/** Up for good: not on its way up or down. Without a check it is believed up. */
export const isUp = ({ status }: Pick<HaproxyServer, 'status'>): boolean => status === 'UP' || status === 'no check';

/** It may get new connections, as far as its HAProxy knows. */
export const isTaking = ({ status }: Pick<HaproxyServer, 'status'>): boolean => /^(?:UP|no check)/.test(status);

/** Somebody took it out of service: it gets no new connections, whatever its check says. */
export const isDrained = ({ status }: Pick<HaproxyServer, 'status'>): boolean => /^(?:MAINT|DRAIN)/.test(status);
