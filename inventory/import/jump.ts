import type { Jump } from './hosts.js';

/** `user@host:port` and `ssh://user@host:port`, each part but the host optional; an IPv6 address with a port is in brackets. */
const DESTINATION =
  /^(?:ssh:\/\/)?(?:(?<user>[^@,\s]+)@)?(?:\[(?<bracketed>[^\],\s]+)\]|(?<host>[^@:,\s]+))(?::(?<port>\d{1,5}))?$/;

/** A ProxyCommand that does what ProxyJump does: `ssh -W %h:%p -q bastion`, with the destination at either end. */
const COMMAND = /^ssh\s+(?:-q\s+)?(?:-W\s+\[?%h\]?:%p\s+(?:-q\s+)?(\S+)|(\S+)\s+-W\s+\[?%h\]?:%p)$/;

/** Reads the value of a ProxyJump or a ProxyCommand; undefined for all but one bastion: chains, and other commands. */
export function parseJump(text: string): Jump | undefined {
  const [, atEnd, atBegin] = COMMAND.exec(text.trim()) ?? [];
  const { user, bracketed, host, port } = DESTINATION.exec(atEnd ?? atBegin ?? text)?.groups ?? {};
  const address = bracketed ?? host;
  if (address === undefined) return undefined;
  return { address, ...(port !== undefined && { port: Number(port) }), ...(user !== undefined && { user }) };
}
