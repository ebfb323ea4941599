import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '../install.ts';

const version = '3.9.1';

/** From Maven Central, once for all runs of a machine. @returns the folder */
export function resolveJars(): string {
  if (spawnSync('mvn', ['-v']).status !== 0) installPackages('default-jre-headless', 'maven');
  const folder = join(homedir(), '.cache', 'podmates-tests', `kafka-${version}`);
  const done = join(folder, 'done');
  if (existsSync(done)) return join(folder, 'jars');
  mkdirSync(folder, { recursive: true });
  const dependency = `<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>`;
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>podmates</groupId><artifactId>tests</artifactId>
<version>1</version><dependencies><dependency>${dependency}</dependency></dependencies></project>\n`,
  );
  const args = [
    '-q',
    '-B',
    'dependency:copy-dependencies',
    `-DoutputDirectory=${join(folder, 'jars')}`,
  ];
  const { status, stdout, error } = spawnSync('mvn', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 180_000,
  });
  if (status !== 0) {
    const why = error?.message ?? stdout.slice(0, 2000);
    throw new Error(`cannot get kafka ${version} from Maven Central, try again later: ${why}`);
  }
  writeFileSync(done, '');
  return join(folder, 'jars');
}
