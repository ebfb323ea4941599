import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** PHP-FPM, which speaks FastCGI only, with its status page behind nginx. */
export async function startPhpFpm(): Promise<Program> {
  const [web = 0, fastCgi = 0] = await freePorts(2);
  const nginx = await startNginx(web, fastCgi);
  try {
    const fpm = await startFpm(fastCgi, nginx.url);
    return {
      url: nginx.url,
      stop: async () => {
        await fpm.stop();
        await nginx.stop();
      },
    };
  } catch (error) {
    await nginx.stop();
    throw error;
  }
}

async function startNginx(port: number, fastCgi: number): Promise<Program> {
  const directory = await temporaryDirectory('nginx');
  const config = join(directory, 'nginx.conf');
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${join(directory, kind)};`)
    .join('\n');
  await writeFile(
    config,
    `daemon off;
pid ${join(directory, 'nginx.pid')};
error_log stderr;
worker_processes 1;
events {}
http {
  access_log off;
${folders}
  server {
    listen 127.0.0.1:${port};
    location = /alive { return 200; }
    location = /status {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_NAME /status;
      fastcgi_param SCRIPT_FILENAME /status;
      fastcgi_pass 127.0.0.1:${fastCgi};
    }
  }
}
`,
  );
  const url = `http://127.0.0.1:${port}`;
  const args = ['-p', directory, '-c', config, '-e', 'stderr'];
  return startProgram({ command: 'nginx', args, directory, url, ready: `${url}/alive` });
}

/** @param web where nginx passes on to it */
async function startFpm(port: number, web: string): Promise<Program> {
  const directory = await temporaryDirectory('php-fpm');
  const config = join(directory, 'fpm.conf');
  await writeFile(
    config,
    `[global]
error_log = ${join(directory, 'fpm.log')}
daemonize = no
[www]
user = www-data
group = www-data
listen = 127.0.0.1:${port}
pm = dynamic
pm.max_children = 5
pm.start_servers = 2
pm.min_spare_servers = 1
pm.max_spare_servers = 3
pm.status_path = /status
`,
  );
  return startProgram({
    command: 'php-fpm8.2',
    args: ['--nodaemonize', '--force-stderr', '--fpm-config', config],
    directory,
    url: web,
    ready: `${web}/status?json`,
  });
}
