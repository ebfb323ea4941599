import type { ZodType } from 'zod';
import type { SectionName } from '../core/config/load.ts';
import type { Container, Surroundings } from '../core/container.ts';

/** One of the three containers as the command line sees it. */
export interface Kind<Config = unknown> {
  readonly name: KindName;
  readonly section: SectionName;
  readonly schema: ZodType<Config>;
  create(config: Config, surroundings: Surroundings): Container<Config>;
}

export const kindNames = ['log-tail', 'ambassador', 'adapter'] as const;
export type KindName = (typeof kindNames)[number];

const sections: Readonly<Record<KindName, SectionName>> = {
  'log-tail': 'logTail',
  ambassador: 'ambassador',
  adapter: 'adapter',
};

export function kindOfSection(section: SectionName): KindName {
  return kindNames.find((name) => sections[name] === section) ?? 'adapter';
}

export function sectionOfKind(name: KindName): SectionName {
  return sections[name];
}

/** Hands the kind to `use`; each is loaded only when asked for, so that none pays for the others. */
export async function withKind<R>(
  name: KindName,
  use: <Config>(kind: Kind<Config>) => R | Promise<R>,
): Promise<R> {
  const section = sections[name];
  switch (name) {
    case 'log-tail': {
      const { createLogTail, logTailSchema } = await import('../log-tail/index.ts');
      return use({ name, section, schema: logTailSchema, create: createLogTail });
    }
    case 'ambassador': {
      const { createAmbassador, ambassadorSchema } = await import('../ambassador/index.ts');
      return use({ name, section, schema: ambassadorSchema, create: createAmbassador });
    }
    case 'adapter': {
      const { createAdapter, adapterSchema } = await import('../adapter/index.ts');
      return use({ name, section, schema: adapterSchema, create: createAdapter });
    }
  }
}
