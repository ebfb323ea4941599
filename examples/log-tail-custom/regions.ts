import { defineTransform } from 'podmates/log-tail';

/** The region of a country, as `region: [countries]`. */
type Options = Readonly<Record<string, readonly string[]>>;

/** Says of each invoice which region it went to, and leaves out those of test customers. */
export default defineTransform<Options>({
  name: 'regions',
  transform(record, regions) {
    const country = record.fields?.['country'];
    if (country === 'test') return undefined;
    if (typeof country !== 'string') return record;
    const region = Object.keys(regions).find((name) => regions[name]?.includes(country));
    return { ...record, fields: { ...record.fields, region: region ?? 'elsewhere' } };
  },
});
