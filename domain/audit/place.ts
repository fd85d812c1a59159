/** The node of the inventory that a host of an API's row is, where it is certainly one. */
export type NodeOf = (host: string) => string | undefined;

/** Where a finding about a thing on a host stands. */
export interface Place {
  node?: string;
  about: string;
  /** The host in a sentence. */
  where: string;
}

/** On the node where the host is one, else in the cloud, with the host as a part of what it is about. */
export function placeOf(nodeOf: NodeOf, host: string, thing: string): Place {
  const node = nodeOf(host);
  if (node !== undefined) return { node, about: thing, where: node };
  return host === ''
    ? { about: `${thing} of no host`, where: 'no host' }
    : { about: `${thing} on ${host}`, where: `${host}, which is no node of the inventory,` };
}
