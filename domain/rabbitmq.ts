/** A RabbitMQ cluster as one of its nodes sees it. Nodes have their own names: `rabbit@node-1`. */
export interface RabbitmqView {
  members: string[];
  running: string[];
  /** Who lost sight of whom, in words; empty when all is well. */
  partitions: string[];
  /** What blocks publishers: memory, disk. */
  alarms: string[];
}

/** The host of one of its nodes: `node-1` of `rabbit@node-1`. */
export const hostOf = (node: string): string => node.slice(node.indexOf('@') + 1);
