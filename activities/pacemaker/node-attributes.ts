import { z } from 'zod';
import { element, parseXml } from './xml.js';

const nodesDocument = z.object({
  nodes: element({
    node: z
      .array(
        element({
          uname: z.string().optional(),
          instance_attributes: z
            .array(
              element({ nvpair: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]) }),
            )
            .default([]),
        }),
      )
      .default([]),
  }),
});

/** The permanent attributes of each node, by Pacemaker's name of it, of what `cibadmin -Q -onodes` printed. */
export const nodeAttributes = (xml: string): Record<string, Record<string, string>> =>
  Object.fromEntries(
    parseXml(xml, nodesDocument, 'what cibadmin printed of the nodes').nodes.node.map(
      ({ uname = '', instance_attributes: sets }) => [
        uname,
        Object.fromEntries(sets.flatMap(({ nvpair }) => nvpair).map(({ name, value = '' }) => [name, value])),
      ],
    ),
  );
