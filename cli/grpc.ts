import { EXIT, type ExitCode } from './exit.js';

/** gRPC status codes, which are numbers on the wire (grpc/status.h). */
export const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** An answer of the server other than OK. */
export interface GrpcError extends Error {
  code: number;
  /** What the server said; a worker's connection leaves it out. */
  details?: unknown;
}

/** Tells a gRPC error by its shape, as this needs no Temporal package. Other errors have numbers for codes too. */
export const isGrpc = (error: Error): error is GrpcError =>
  typeof (error as Partial<GrpcError>).code === 'number' && 'details' in error;

/** What the server said about an error. */
export const saidBy = ({ details, message }: GrpcError): string =>
  typeof details === 'string' && details !== '' ? details : message;

/** What a status means for the operator: an exit code, what happened in our words, and what to try. */
interface Meaning {
  exitCode: ExitCode;
  what: string;
  tryNext: string;
}

const tryLater = 'a running operation is not touched by this; try again when the server is back';
const noAnswer = { exitCode: EXIT.unavailable, what: 'the Temporal server does not answer', tryNext: tryLater };
const refusal = { exitCode: EXIT.usage, what: 'Temporal refuses the request', tryNext: 'see --help' };
const noAccess = {
  exitCode: EXIT.usage,
  what: 'Temporal refuses access',
  tryNext: 'check the API key, certificate and namespace of temporal.toml or TEMPORAL_*',
};
const meanings: Readonly<Record<number, Meaning>> = {
  [GRPC.INVALID_ARGUMENT]: refusal,
  [GRPC.DEADLINE_EXCEEDED]: noAnswer,
  [GRPC.NOT_FOUND]: {
    exitCode: EXIT.usage,
    what: 'Temporal does not know that',
    tryNext: 'see `ostler runs`, --namespace',
  },
  [GRPC.ALREADY_EXISTS]: { exitCode: EXIT.refused, what: 'Temporal has that already', tryNext: 'see `ostler runs`' },
  [GRPC.PERMISSION_DENIED]: noAccess,
  [GRPC.RESOURCE_EXHAUSTED]: {
    exitCode: EXIT.unavailable,
    what: 'the Temporal server is asked for more than it allows',
    tryNext: 'a running operation is not touched by this; try again in a minute',
  },
  [GRPC.OUT_OF_RANGE]: refusal,
  [GRPC.UNIMPLEMENTED]: {
    exitCode: EXIT.usage,
    what: 'what answers is no Temporal server, or one too old for Ostler',
    tryNext: 'check --address, TEMPORAL_ADDRESS or temporal.toml',
  },
  [GRPC.UNAVAILABLE]: noAnswer,
  [GRPC.UNAUTHENTICATED]: noAccess,
};

/** What an answer other than OK means; one without a meaning of its own is trouble of the server. */
export const meaningOf = ({ code }: GrpcError): Meaning =>
  meanings[code] ?? { exitCode: EXIT.unavailable, what: 'the Temporal server is in trouble', tryNext: tryLater };
