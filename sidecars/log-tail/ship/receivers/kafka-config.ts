import * as z from 'zod';
import { duration, hostAndPort } from '../../../core/config/fields.ts';
import { secret } from '../../../core/config/secret.ts';
import { tlsFields } from '../../../core/http/target.ts';

/** What a kafka output takes beside what all outputs that go over the network take. */
export const kafkaFields = {
  brokers: z
    .array(hostAndPort('kafka:9092'))
    .min(1)
    .describe('HOST:PORT of one or more brokers to begin with.'),
  topic: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'expected up to 249 letters, digits, dots, _ and -')
    .describe('The topic, which must be there.'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe('The field or label whose value is the key; without it a file keeps its partition.'),
  clientId: z.string().min(1).default('podmates').describe('The name in quotas and broker logs.'),
  acks: z
    .enum(['all', 'leader'])
    .default('all')
    .describe('Who must have a record: all replicas in sync, or only their leader.'),
  compress: z
    .enum(['none', 'gzip', 'zstd'])
    .default('none')
    .describe('How batches are compressed.'),
  tls: tlsFields.optional().describe('TLS towards the brokers; {} trusts the usual authorities.'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('As the broker has.'),
      username: z.string().min(1),
      password: secret(),
    })
    .optional()
    .describe('Who we are.'),
  timeout: duration()
    .prefault('30s')
    .describe('Upper bound for one batch, with connecting and finding the leader.'),
};
