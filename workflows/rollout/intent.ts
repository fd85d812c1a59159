import { uuid4 } from '@temporalio/workflow';

/** 16 hexadecimal digits that name one act, or one step of it, for ever (design, rule 1). */
export const newIntent = (): string => uuid4().replaceAll('-', '').slice(0, 16);
