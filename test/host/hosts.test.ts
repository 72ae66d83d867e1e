import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildHosts, findIp, listNamespaces, removeHosts } from '../../src/host/hosts.ts';
import { describeKernel } from '../setup/kernel-gate.ts';

const name = `splice-test-${process.pid}-hosts`;
const ours = () => listNamespaces().filter((namespace) => namespace.startsWith(name));
const links = () => readdirSync('/sys/class/net');
const node = (namespace: string, script: string) => ['netns', 'exec', namespace, process.execPath, '-e', script];

describeKernel('the two hosts', () => {
  test('reach each other over a bridge, and leave the namespace of the machine as it was', async () => {
    const before = links();
    try {
      const { a, b } = buildHosts(name);
      expect(ours().sort()).toEqual([a.namespace, b.namespace, `${name}-switch`]);
      expect(links()).toEqual(before);

      const listen = `.listen(5000, () => process.stdout.write('ready'))`;
      const greet = `(socket) => { socket.end('hello ' + socket.remoteAddress); server.close(); }`;
      const server = spawn(
        findIp(),
        node(b.namespace, `const server = require('net').createServer(${greet})${listen}`),
      );
      await once(server.stdout, 'data');
      const read = `require('net').connect(5000, '${b.address}').on('data', (data) => process.stdout.write(data))`;
      expect(execFileSync(findIp(), node(a.namespace, read), { encoding: 'utf8' })).toBe(`hello ::ffff:${a.address}`);
      await once(server, 'close');

      const ports = ['netns', 'exec', `${name}-switch`, 'ls', '/sys/class/net/bridge/brif'];
      expect(execFileSync(findIp(), ports, { encoding: 'utf8' })).toBe('to-a\nto-b\n');
    } finally {
      removeHosts(name);
    }
    expect(ours()).toEqual([]);
    expect(links()).toEqual(before);
  });
});
